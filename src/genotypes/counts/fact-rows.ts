import { powersOfTen } from '../../numerics/decimal.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { TailRows } from '../../numerics/tail-rows.ts'
import { hardyWeinberg } from '../../statistics/exact/hardy-weinberg.ts'
import { type FactName, factCell, factNames, type VariantFacts } from './variant-facts.ts'

/** Bytes that no tail is longer than: eleven cells of a tab and at most 25 characters, and the line feed. */
const longestTail = 11 * 26 + 1
/** Rows a call. */
export const mostRows = TailRows.most(longestTail)
/** More people than this make no key of findTails. */
export const mostKeyed = (1 << 21) - 2

/** The cells of a row under these names, each behind a tab, and the line feed. */
export function tailText(facts: VariantFacts, names: readonly FactName[] = factNames): string {
  return `${names.map((name) => `\t${factCell[name](facts) ?? ''}`).join('')}\n`
}

interface Arena {
  /** Tables of hardyWeinbergLogs, and powers of ten for the numbers. */
  readonly tests: number
  readonly powers: number
}

// One a worker, taken for good.
const arenas = new WeakMap<Kernels, Arena>()

function arenaOf(k: Kernels): Arena {
  let arena = arenas.get(k)
  if (arena === undefined) {
    arena = { tests: k.allocate(k.call.hardyWeinbergTablesBytes()), powers: k.put(powersOfTen()) }
    k.call.hardyWeinbergTablesEmpty(arena.tests)
    arenas.set(k, arena)
  }
  return arena
}

/**
 * Facts of variants as rows of text: key lines, as they lie in a store, each with a tail of the facts under `names` (in the
 * order of `factNames`). At most `mostRows` variants a call. For one number of people; make it outside any kernel scope, one
 * at a time in a worker.
 */
export class FactRows {
  readonly #arena = arenaOf(kernels())
  readonly #rows = new TailRows(longestTail)
  readonly #names: readonly FactName[]
  readonly #cells: number

  constructor(names: readonly FactName[] = factNames) {
    this.#names = names
    this.#cells = names.reduce((cells, name) => cells | (1 << factNames.indexOf(name)), 0)
  }

  /**
   * Rows of variants on autosomes, of at most `mostKeyed` people, from 4 counts a variant. Variants with the same counts
   * have the same tail, which is made once: in a cohort of hundreds a million variants have some ten thousand.
   */
  ofCounts(lines: Uint8Array, counts: Int32Array, spare?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    const k = kernels()
    const variants = counts.length / 4
    return k.scope(() => {
      const countsAt = k.put(counts)
      const tests = k.allocate(16 * variants)
      return this.#rows.byKey(
        lines,
        variants,
        {
          find: (table, mask, { at, length }, misses) =>
            k.call.findTails(countsAt, variants, table, mask, at, length, misses),
          make: (misses, missed, out) => {
            this.#test(counts, countsAt, misses, missed, tests)
            return k.call.makeTails(countsAt, misses, missed, tests, this.#arena.powers, this.#cells, out)
          },
        },
        spare,
      )
    })
  }

  /** Rows of any variants, each with its own tail. */
  ofFacts(lines: Uint8Array, variants: number, factsOf: (v: number) => VariantFacts): Uint8Array<ArrayBuffer> {
    return this.#rows.byRow(lines, variants, (v) => tailText(factsOf(v), this.#names))
  }

  /** Log p and log mid-p, at `out`, of the variants that were missed. */
  #test(counts: Int32Array, countsAt: number, misses: number, missed: number, out: number): void {
    const k = kernels()
    const left = k.allocate(4 * missed)
    const unknown = k.call.hardyWeinbergLogs(countsAt, misses, missed, this.#arena.tests, out, left)
    for (const i of k.u32(left, unknown).slice()) {
      const c = 4 * k.u32(misses, 2 * missed)[2 * i]
      const [ref, het, alt] = counts.subarray(c, c + 3)
      if (ref + het + alt === 0) continue
      const { logP, logMidp } = hardyWeinberg(Math.min(ref, alt), het, Math.max(ref, alt))
      k.f64(out, 2 * missed).set([logP, logMidp], 2 * i)
    }
  }
}
