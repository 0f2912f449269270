import { chiSquareLogTail, exp, log, normalQuantile } from '../../numerics/special.ts'
import { requireCounts } from '../exact/counts.ts'
import type { TwoByTwoTable } from '../exact/genotype-table.ts'

export interface MantelHaenszel {
  /** Of the odds ratio: `one_sided` where one diagonal is empty in every stratum, `uninformative` where both are; errors and homogeneity are then NaN. */
  status: 'ok' | 'one_sided' | 'uninformative'
  /** Mantel and Haenszel's common odds ratio; 0 or Infinity where one diagonal is empty in every stratum, NaN where both are. */
  oddsRatio: number
  /** Of its logarithm (Robins, Breslow and Greenland 1986); NaN where the odds ratio is not finite and above 0. */
  standardError: number
  /** Its limits at the level asked for; 0 and Infinity where there is no standard error. */
  low: number
  high: number
  /** Of the odds ratio and its standard error (Wald). */
  logP: number
  /** Cochran, Mantel and Haenszel's chi-square, one degree of freedom; 0 where nothing can vary. */
  chiSquare: number
  chiSquareLogP: number
  /** With one half taken from the distance, at most all of it. */
  correctedChiSquare: number
  correctedLogP: number
  /** Homogeneity (Breslow and Day 1980) with Tarone's correction (1985); NaN without a finite odds ratio above 0. */
  breslowDay: number
  tarone: number
  /** Strata in which something can vary, less 1. */
  homogeneityDf: number
  taroneLogP: number
}

/** Expected cases having and its inverse variance at an odds ratio, with the margins fixed: Breslow and Day's quadratic. */
function expectedAt(table: TwoByTwoTable, ratio: number): { expected: number; information: number } {
  const cases = table.caseWith + table.caseWithout
  const controls = table.controlWith + table.controlWithout
  const having = table.caseWith + table.controlWith
  // (1 - ratio) x^2 + (controls - having + ratio (cases + having)) x - ratio cases having = 0, the root that is possible
  const a = 1 - ratio
  const b = controls - having + ratio * (cases + having)
  const c = -ratio * cases * having
  // -2c / (b + root) has no cancellation when b > 0, which it is for every possible table
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c))
  const x = b + root > 0 ? (-2 * c) / (b + root) : having / 2
  return { expected: x, information: 1 / x + 1 / (cases - x) + 1 / (having - x) + 1 / (controls - having + x) }
}

/**
 * Mantel and Haenszel's analysis of 2 x 2 tables over strata (1959): asymptotic, to stand beside `stratifiedExact`.
 * Strata without cases, without controls, or in which all or none have are left out.
 */
export function mantelHaenszel(strata: readonly TwoByTwoTable[], level = 0.95): MantelHaenszel {
  for (const t of strata) requireCounts(t.caseWith, t.caseWithout, t.controlWith, t.controlWithout)
  const informative = strata.filter(
    (t) =>
      t.caseWith + t.caseWithout > 0 &&
      t.controlWith + t.controlWithout > 0 &&
      t.caseWith + t.controlWith > 0 &&
      t.caseWithout + t.controlWithout > 0,
  )
  let r = 0
  let s = 0
  let pr = 0
  let ps = 0
  let qs = 0
  let distance = 0
  let variance = 0
  for (const { caseWith: a, caseWithout: b, controlWith: c, controlWithout: d } of informative) {
    const n = a + b + c + d
    const concordant = (a * d) / n
    const discordant = (b * c) / n
    const p = (a + d) / n
    r += concordant
    s += discordant
    pr += p * concordant
    ps += p * discordant + (1 - p) * concordant
    qs += (1 - p) * discordant
    distance += a - ((a + b) * (a + c)) / n
    variance += ((a + b) * (c + d) * (a + c) * (b + d)) / (n * n * (n - 1))
  }
  const oddsRatio = r / s
  const finite = r > 0 && s > 0
  const standardError = finite ? Math.sqrt(pr / (2 * r * r) + ps / (2 * r * s) + qs / (2 * s * s)) : Number.NaN
  const half = normalQuantile((1 + level) / 2) * standardError
  const chiSquareOf = (d: number) => (variance > 0 ? (d * d) / variance : 0)
  const chiSquare = chiSquareOf(distance)
  const corrected = chiSquareOf(Math.max(0, Math.abs(distance) - 0.5))
  let breslowDay = finite ? 0 : Number.NaN
  let excess = 0
  let spread = 0
  if (finite)
    for (const table of informative) {
      const { expected, information } = expectedAt(table, oddsRatio)
      const d = table.caseWith - expected
      breslowDay += d * d * information
      excess += d
      spread += 1 / information
    }
  const tarone = finite ? Math.max(0, breslowDay - (excess * excess) / spread) : Number.NaN
  const df = Math.max(0, informative.length - 1)
  const z = finite ? log(oddsRatio) / standardError : Number.NaN
  return {
    status: finite ? 'ok' : r > 0 || s > 0 ? 'one_sided' : 'uninformative',
    oddsRatio,
    standardError,
    low: finite ? oddsRatio * exp(-half) : 0,
    high: finite ? oddsRatio * exp(half) : Number.POSITIVE_INFINITY,
    logP: finite ? chiSquareLogTail(z * z, 1) : Number.NaN,
    chiSquare,
    chiSquareLogP: chiSquareLogTail(chiSquare, 1),
    correctedChiSquare: corrected,
    correctedLogP: chiSquareLogTail(corrected, 1),
    breslowDay,
    tarone,
    homogeneityDf: df,
    taroneLogP: df > 0 && finite ? chiSquareLogTail(tarone, df) : Number.NaN,
  }
}
