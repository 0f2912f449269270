import { UpturnError } from '../../errors/index.ts'
import { powersOfTen } from '../../numerics/decimal.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { hardyWeinberg } from '../../statistics/exact/hardy-weinberg.ts'
import { type FactName, factCell, factNames, type VariantFacts } from './variant-facts.ts'

/** Bytes that no tail is longer than: eleven cells of a tab and at most 25 characters, and the line feed. */
const longestTail = 11 * 26 + 1
/** Bytes of tails held; when they are full all are forgotten. */
const heldBytes = 10 << 20
/** Counts held; a slot is 16 bytes. */
const slots = 1 << 17
const mostHeld = 0.7 * slots
/** Rows a call, so that their tails surely fit. */
export const mostRows = Math.floor(heldBytes / longestTail / 2)
/** More people than this make no key of findTails. */
export const mostKeyed = (1 << 21) - 2

/** The cells of a row under these names, each behind a tab, and the line feed. */
export function tailText(facts: VariantFacts, names: readonly FactName[] = factNames): string {
  return `${names.map((name) => `\t${factCell[name](facts) ?? ''}`).join('')}\n`
}

interface Arena {
  /** Slots of findTails, the bytes of the tails, tables of hardyWeinbergLogs, and powers of ten for the numbers. */
  readonly table: number
  readonly bytes: number
  readonly tests: number
  readonly powers: number
}

// One a worker, taken for good.
const arenas = new WeakMap<Kernels, Arena>()

function arenaOf(k: Kernels): Arena {
  let arena = arenas.get(k)
  if (arena === undefined) {
    arena = {
      table: k.allocate(16 * slots),
      bytes: k.allocate(heldBytes + 16),
      tests: k.allocate(k.call.hardyWeinbergTablesBytes()),
      powers: k.put(powersOfTen()),
    }
    k.call.hardyWeinbergTablesEmpty(arena.tests)
    arenas.set(k, arena)
  }
  return arena
}

/** Where the end of each row of a group lies, as addresses of u32. */
interface TailPlaces {
  readonly at: number
  readonly length: number
}

/**
 * Facts of variants as rows of text: key lines, as they lie in a store, each with a tail of the facts under `names` (in the
 * order of `factNames`). At most `mostRows` variants a call. For one number of people; make it outside any kernel scope, one
 * at a time in a worker.
 */
export class FactRows {
  readonly #arena = arenaOf(kernels())
  readonly #names: readonly FactName[]
  readonly #cells: number
  #used = 0
  #held = 0

  constructor(names: readonly FactName[] = factNames) {
    this.#names = names
    this.#cells = names.reduce((cells, name) => cells | (1 << factNames.indexOf(name)), 0)
    this.#forget()
  }

  #forget(): void {
    this.#used = 0
    this.#held = 0
    kernels()
      .u8(this.#arena.table, 16 * slots)
      .fill(0)
  }

  /**
   * Rows of variants on autosomes, of at most `mostKeyed` people, from 4 counts a variant. Variants with the same counts
   * have the same tail, which is made once: in a cohort of hundreds a million variants have some ten thousand.
   */
  ofCounts(lines: Uint8Array, counts: Int32Array, spare?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    return rowsOf(lines, counts.length / 4, (tails) => this.#find(counts, tails), spare)
  }

  /** Rows of any variants, each with its own tail. */
  ofFacts(lines: Uint8Array, variants: number, factsOf: (v: number) => VariantFacts): Uint8Array<ArrayBuffer> {
    return rowsOf(lines, variants, ({ at, length }) => {
      this.#forget()
      const k = kernels()
      const texts = Array.from({ length: variants }, (_, v) => tailText(factsOf(v), this.#names))
      const lengths = k.u32(length, variants)
      const places = k.u32(at, variants)
      let used = this.#arena.bytes
      // Tails are ASCII.
      texts.forEach((text, v) => {
        places[v] = used
        lengths[v] = text.length
        used += text.length
      })
      k.u8(this.#arena.bytes, used - this.#arena.bytes).set(new TextEncoder().encode(texts.join('')))
    })
  }

  #find(counts: Int32Array, { at, length }: TailPlaces): void {
    const k = kernels()
    const { table, bytes, powers } = this.#arena
    const variants = counts.length / 4
    const countsAt = k.put(counts)
    const misses = k.allocate(8 * variants)
    const tests = k.allocate(16 * variants)
    if (this.#held + variants > mostHeld) this.#forget()
    const look = () => k.call.findTails(countsAt, variants, table, slots - 1, at, length, misses)
    let missed = look()
    if (this.#used + missed * longestTail > heldBytes) {
      this.#forget()
      missed = look()
    }
    if (missed === 0) return
    this.#held += missed
    this.#test(counts, countsAt, misses, missed, tests)
    this.#used += k.call.makeTails(countsAt, misses, missed, tests, powers, this.#cells, bytes + this.#used)
    look()
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

/** Lines with the tails that `find` puts in place, in `spare` where they fit. */
function rowsOf(
  lines: Uint8Array,
  variants: number,
  find: (tails: TailPlaces) => void,
  spare?: ArrayBuffer,
): Uint8Array<ArrayBuffer> {
  const k = kernels()
  return k.scope(() => {
    const tails = { at: k.allocate(4 * variants), length: k.allocate(4 * variants) }
    find(tails)
    let bytes = lines.length
    const lengths = k.u32(tails.length, variants)
    for (let v = 0; v < variants; v++) bytes += lengths[v]
    const linesAt = k.allocate(lines.length + 16)
    const out = k.allocate(bytes + 16)
    k.u8(linesAt, lines.length).set(lines)
    const written = k.call.appendTails(linesAt, lines.length, variants, tails.at, tails.length, out)
    if (written < 0) throw new UpturnError('Internal', `${variants} variants do not have ${variants} key lines`)
    const fits = spare !== undefined && spare.byteLength >= written
    // An eighth more, as the next may be a little longer.
    const rows = new Uint8Array(fits ? spare : new ArrayBuffer(written + (written >> 3)), 0, written)
    rows.set(k.u8(out, written))
    return rows
  })
}
