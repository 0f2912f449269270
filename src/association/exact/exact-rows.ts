import { kernels } from '../../numerics/kernels.ts'
import { exp } from '../../numerics/special.ts'
import { tableRows } from '../../numerics/table-rows.ts'
import { TailRows } from '../../numerics/tail-rows.ts'
import { fisherLogs, prepareFisherLogs } from '../../statistics/exact/fisher-logs.ts'
import { TrendTables } from '../tables.ts'

/** Bytes that no tail is longer than: six whole numbers, seven numbers, a tab each, and the line feed. */
const longestTail = 6 * 11 + 7 * 26 + 1
/** Variants a call. */
export const mostExactRows = TailRows.most(longestTail)

const bitsOf = (people: number) => 32 - Math.clz32(people)

/**
 * Exact tests of variants as rows of text, from counts of cases and controls (4 a variant: no copy, one, two, no call): key
 * lines, each with the cells of `exactTable` behind the key. What a variant's row says depends on its table alone, so each
 * table is tested and written once as long as it is held. For one case group; make it outside any kernel scope.
 */
export class ExactRows {
  readonly #rows = new TailRows(longestTail)
  readonly #trend: TrendTables
  readonly #caseBits: number
  readonly #controlBits: number

  constructor(cases: number, controls: number) {
    prepareFisherLogs()
    this.#trend = new TrendTables(cases + controls)
    this.#caseBits = bitsOf(cases)
    this.#controlBits = bitsOf(controls)
  }

  /** At most `mostExactRows` variants; in `spare` where the rows fit. */
  rows(lines: Uint8Array, cases: Int32Array, controls: Int32Array, spare?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    const variants = cases.length / 4
    // Larger groups have no key: every row has a tail of its own.
    if (3 * (this.#caseBits + this.#controlBits) > 63) {
      const tails = new TextDecoder().decode(
        this.#tails(
          cases,
          controls,
          Uint32Array.from({ length: variants }, (_, v) => v),
        ),
      )
      const each = tails.split('\n')
      return this.#rows.byRow(lines, variants, (v) => `${each[v]}\n`)
    }
    const k = kernels()
    return k.scope(() => {
      const [casesAt, controlsAt] = [k.put(cases), k.put(controls)]
      return this.#rows.byKey(
        lines,
        variants,
        {
          find: (table, mask, { at, length }, misses) =>
            k.call.findGroupTails(
              casesAt,
              controlsAt,
              variants,
              this.#caseBits,
              this.#controlBits,
              table,
              mask,
              at,
              length,
              misses,
            ),
          make: (misses, missed, out) => {
            const which = k.u32(misses, 2 * missed).filter((_, i) => i % 2 === 0)
            const text = this.#tails(cases, controls, which)
            k.u8(out, text.length).set(text)
            k.call.keepTails(misses, missed, out)
            return text.length
          },
        },
        spare,
      )
    })
  }

  /** The tails of some variants, a line each. */
  #tails(cases: Int32Array, controls: Int32Array, which: Uint32Array): Uint8Array {
    const n = which.length
    const tables = new Int32Array(6 * n)
    const [least, trend, midp] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]
    for (let i = 0; i < n; i++) {
      const from = 4 * which[i]
      const to = 6 * i
      for (let g = 0; g < 3; g++) {
        tables[to + g] = cases[from + g]
        tables[to + 3 + g] = controls[from + g]
      }
      const c = cases[from] + cases[from + 1] + cases[from + 2]
      const null_ = this.#trend.get(
        cases[from] + controls[from],
        cases[from + 1] + controls[from + 1],
        cases[from + 2] + controls[from + 2],
        c,
      )
      const t = cases[from + 1] + 2 * cases[from + 2]
      least[i] = exp(null_.least)
      trend[i] = null_.logP[t]
      midp[i] = null_.logMidp[t]
    }
    return tableRows(
      [
        // An empty cell in front, so that a tab is.
        { kind: 'texts', codes: new Int32Array(n).fill(-1), texts: [] },
        { kind: 'wholes', values: tables, width: 6 },
        { kind: 'numbers', values: least },
        { kind: 'logs', values: trend },
        { kind: 'logs', values: midp },
        { kind: 'logs', values: fisherLogs(tables) },
      ],
      n,
      { missing: '', infinite: true },
    )
  }
}
