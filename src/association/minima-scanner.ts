import { type Kernels, kernels } from '../numerics/kernels.ts'
import { log } from '../numerics/special.ts'
import { labelBlocks, setsPerBlock } from '../statistics/labels/blocks.ts'
import { casesOf, distributionScratchBytes, type LabelScheme, schemeMembers } from '../statistics/labels/index.ts'
import type { FamilySets, MinimaResult, MinimaSetup } from './minima-task.ts'
import { population } from './scan.ts'

/** Bytes for exact trend tables, and twice their largest number, a power of two. */
const trendBytesKept = 16 << 20
const trendSlots = 1 << 17

/** Room for one structure of kernels/assembly/minima.ts. */
const structureBytes = 128

/** Where the kernel keeps the minima of a family's label sets, and what it says of it: log p, record, pairs skipped. */
interface FamilyPlace {
  sets: number
  minima: number
  said: number
}

const equal = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.prototype.every.call(a, (v, i) => v === b[i])
const sameScheme = (a: FamilySets, b: FamilySets) =>
  equal(a.scheme.order, b.scheme.order) &&
  equal(a.scheme.p, b.scheme.p) &&
  equal(a.scheme.starts, b.scheme.starts) &&
  equal(a.scheme.cases, b.scheme.cases) &&
  equal(a.bits, b.bits)

/** Numbers of the families whose label sets have one law, the first family's first. */
function byLaw(families: readonly FamilySets[]): number[][] {
  const laws: number[][] = []
  families.forEach((family, f) => {
    const same = laws.find(([g]) => sameScheme(family, families[g]))
    if (same !== undefined) same.push(f)
    else laws.push([f])
  })
  return laws
}

/** All relabellings are equally likely. */
function isUniform({ cases, p }: LabelScheme): boolean {
  return cases.length === 1 && p.every((one) => one === p[0])
}

/** The most people left out by `casesWithout`. */
const mostLeftOut = 32

/**
 * Rows s = 0, 1 ... of cases + 1 doubles: P(cases - k of the people without the s likeliest to be cases are cases, and none of
 * these s), k = 0 .. cases, people independent.
 */
function casesWithout(p: Float64Array, cases: number): Float64Array {
  const rising = p.slice().sort()
  const rows = Math.min(mostLeftOut, p.length) + 1
  const out = new Float64Array(rows * (cases + 1))
  const law = new Float64Array(cases + 1)
  law[0] = 1
  let none = rising.subarray(p.length - rows + 1).reduce((product, one) => product * (1 - one), 1)
  for (let n = 0; ; n++) {
    const s = p.length - n
    if (s < rows) {
      for (let k = 0; k <= cases; k++) out[s * (cases + 1) + k] = law[cases - k] * none
      if (s === 0) return out
      none /= 1 - rising[n]
    }
    for (let k = cases; k > 0; k--) law[k] = law[k] * (1 - rising[n]) + law[k - 1] * rising[n]
    law[0] *= 1 - rising[n]
  }
}

const sameBytes = (a: Uint8Array | null, b: Uint8Array | null) => (a === null || b === null ? a === b : equal(a, b))

// Held for as long as memory is not wanted: what a scanner has made changes no result, only what is computed again.
let latest: WeakRef<MinimaScanner> | undefined

/** Kernels with all that a scan keeps from chunk to chunk: label sets by person, tables, masks. */
export class MinimaScanner {
  readonly #k: Kernels
  readonly #setup: MinimaSetup
  readonly #at: number
  readonly #families: FamilyPlace[] = []

  /** A scanner of this setup, whatever its ceilings: passes over the same label sets share one. */
  static of(setup: MinimaSetup): MinimaScanner {
    const known = latest?.deref()
    if (known?.scans(setup)) return known
    const made = new MinimaScanner(setup)
    latest = new WeakRef(made)
    return made
  }

  /** Whether this is a scanner of that setup, whatever its ceilings. */
  scans({ scan, families, observed }: MinimaSetup): boolean {
    const own = this.#setup
    return (
      scan.words === own.scan.words &&
      sameBytes(scan.included, own.scan.included) &&
      sameBytes(scan.males, own.scan.males) &&
      sameBytes(observed, own.observed) &&
      families.length === own.families.length &&
      families.every((family, f) => sameScheme(family, own.families[f]) && equal(family.planes, own.families[f].planes))
    )
  }

  /** `trendBytes`: for the exact trend tables that are kept; room for one there is in any case. */
  constructor(setup: MinimaSetup, trendBytes = trendBytesKept) {
    const { scan, families, observed } = setup
    const { words, included } = scan
    const k = kernels().another()
    this.#k = k
    this.#setup = setup
    this.#at = k.allocate(structureBytes)
    const people = population(included)
    const planes = k.put(Uint8Array.of(...included, ...(observed ?? [])))
    const laws = byLaw(families)
    const lawsAt = k.allocate(structureBytes * laws.length)
    const familiesAt = k.allocate(structureBytes * families.length)
    let [law, family] = [lawsAt, familiesAt]
    for (const members of laws) {
      const first = family
      const cases = casesOf(families[members[0]].scheme)
      for (const f of members) {
        const sets = families[f].planes.length / (8 * words)
        const count = Math.ceil(sets / setsPerBlock)
        const blocks = k.put(labelBlocks(families[f].planes, words))
        const place = { sets, minima: k.allocate(8 * (sets + 1)), said: k.allocate(24) }
        family = k.call.minimaFamily(
          family,
          blocks,
          count,
          sets,
          k.allocate(512 * 8 * Math.ceil(count / 8)),
          place.minima,
          place.said,
        )
        this.#families[f] = place
      }
      law = this.#writeLaw(law, first, members.length, families[members[0]], cases)
    }
    k.call.minimaSetup(
      this.#at,
      words,
      people,
      planes,
      k.put(scan.males),
      planes,
      observed === null ? 0 : population(observed),
      lawsAt,
      laws.length,
      this.#trendTables(people, trendBytes),
      k.allocate(40),
      k.allocate(4 * (64 * words + 12)),
    )
  }

  #writeLaw(at: number, families: number, count: number, { scheme, bits }: FamilySets, cases: number): number {
    const k = this.#k
    const { words } = this.#setup.scan
    const wanted = k.allocate(cases + 1)
    if (isUniform(scheme)) return k.call.minimaLaw(at, families, count, cases, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, wanted)
    const { members, p } = schemeMembers(scheme, bits, words)
    const without = scheme.cases.length === 1 ? casesWithout(scheme.p, cases) : new Float64Array(0)
    return k.call.minimaLaw(
      at,
      families,
      count,
      cases,
      0,
      scheme.cases.length,
      k.put(members),
      k.put(p),
      k.put(scheme.cases),
      k.allocate(distributionScratchBytes(cases, words)),
      k.allocate(8 * (cases + 1) * (2 * cases + 1)),
      k.allocate(8 * (8 * (cases + 1) + 5)),
      k.put(without),
      without.length / (cases + 1),
      wanted,
    )
  }

  #trendTables(people: number, leastBytes: number): number {
    const k = this.#k
    const at = k.allocate(structureBytes)
    const slots = k.put(new Int32Array(trendSlots))
    const outcomes = 2 * people + 1
    const bytes = Math.max(leastBytes, 8 * outcomes + 64)
    const start = k.allocate(bytes)
    const logFactorials = new Float64Array(people + 1)
    let lost = 0
    for (let i = 2; i <= people; i++) {
      const add = log(i) - lost
      logFactorials[i] = logFactorials[i - 1] + add
      lost = logFactorials[i] - logFactorials[i - 1] - add
    }
    k.call.minimaTrend(at, slots, trendSlots, start, start + bytes, k.allocate(8 * outcomes), k.put(logFactorials))
    return at
  }

  /**
   * `records`: of consecutive variants of the store from `first` on; `modes`: of `labelsPrepare`, 255 leaves a variant out;
   * `ceilings`: as in `MinimaSetup`.
   */
  scan(
    records: Uint8Array,
    modes: Uint8Array,
    first: number,
    ceilings: MinimaSetup['ceilings'] = this.#setup.ceilings,
  ): MinimaResult {
    const k = this.#k
    const variants = modes.length
    return k.scope(() => {
      const slotCount = 2 ** Math.ceil(Math.log2(2 * variants + 1))
      const recordsAt = k.put(records)
      const modesAt = k.put(modes)
      const slots = k.allocate(4 * slotCount)
      const tested = k.allocate(4 * variants)
      const digests = k.allocate(8 * variants)
      const least = k.allocate(8 * variants)
      k.u8(slots, 4 * slotCount).fill(0)
      this.#families.forEach(({ sets, minima, said }, f) => {
        k.f64(minima, sets)
          .fill(0)
          .set(ceilings?.[f] ?? [])
        k.f64(said, 3).set([0, -1, 0])
      })
      const count = k.call.minimaScan(this.#at, recordsAt, variants, modesAt, slots, slotCount, tested, digests, least)
      const said = this.#families.map((family) => k.f64(family.said, 3).slice())
      return {
        minima: this.#families.map(({ sets, minima }) => k.f64(minima, sets).slice()),
        skipped: said.map(([, , skipped]) => skipped),
        tested: k.i32(tested, count).map((row) => first + row),
        digests: k.u32(digests, 2 * count).slice(),
        least: this.#setup.observed === null ? new Float64Array(0) : k.f64(least, count).slice(),
        best: said.map(([logP, row]) => (row < 0 ? { index: -1, logP: 0 } : { index: first + row, logP })),
      }
    })
  }
}
