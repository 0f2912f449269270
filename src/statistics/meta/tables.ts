import { chiSquareLogTail, log } from '../../numerics/special.ts'
import { requireCounts } from '../exact/counts.ts'
import type { TwoByTwoTable } from '../exact/genotype-table.ts'
import { type PooledEffect, pooled } from './effects.ts'

/** A chi-square test. */
export interface ChiSquareTest {
  chiSquare: number
  df: number
  logP: number
}

const chiSquareTest = (chiSquare: number, df: number): ChiSquareTest => ({
  chiSquare,
  df,
  logP: chiSquareLogTail(chiSquare, df),
})

/** Mean and variance of the cases that have the factor, given the margins, and the table's total. */
interface Moments {
  n: number
  expected: number
  variance: number
}

function moments(t: TwoByTwoTable): Moments {
  requireCounts(t.caseWith, t.caseWithout, t.controlWith, t.controlWithout)
  const cases = t.caseWith + t.caseWithout
  const controls = t.controlWith + t.controlWithout
  const having = t.caseWith + t.controlWith
  const n = cases + controls
  if (n < 2) return { n, expected: n === 0 ? 0 : (cases * having) / n, variance: 0 }
  return {
    n,
    expected: (cases * having) / n,
    variance: (((cases / n) * controls) / n) * ((having * (n - having)) / (n - 1)),
  }
}

export interface Peto {
  /** One-step log odds ratio; null where no study is informative. */
  effect: PooledEffect | null
  /** Heterogeneity around it; null below two informative studies. */
  heterogeneity: ChiSquareTest | null
}

/**
 * Peto's one-step odds ratio (Yusuf and others 1985): sum of observed less expected over the sum of hypergeometric variances. Biased where
 * the odds ratio is far from 1 or groups are of very unequal size, as 22 cases among hundreds of controls are; shown for comparison.
 */
export function peto(strata: readonly TwoByTwoTable[], level = 0.95): Peto {
  const parts = strata
    .map((t) => ({ m: moments(t), caseWith: t.caseWith }))
    .filter(({ m }) => m.variance > 0)
    .map(({ m, caseWith }) => ({ difference: caseWith - m.expected, variance: m.variance }))
  if (parts.length === 0) return { effect: null, heterogeneity: null }
  const variance = parts.reduce((sum, p) => sum + p.variance, 0)
  const estimate = parts.reduce((sum, p) => sum + p.difference, 0) / variance
  const q = parts.reduce((sum, p) => sum + p.variance * (p.difference / p.variance - estimate) ** 2, 0)
  return {
    effect: pooled(estimate, 1 / Math.sqrt(variance), level),
    heterogeneity: parts.length < 2 ? null : chiSquareTest(q, parts.length - 1),
  }
}

/**
 * Log odds ratio and standard error of a table (Woolf), one half added to every cell: where a cell is 0 (`only0`), or always (`all`). Null
 * for a table without people.
 */
export function woolf(t: TwoByTwoTable, half: 'only0' | 'all'): { estimate: number; standardError: number } | null {
  const cells = [t.caseWith, t.caseWithout, t.controlWith, t.controlWithout]
  requireCounts(...cells)
  if (cells.every((count) => count === 0)) return null
  const add = half === 'all' || cells.includes(0) ? 0.5 : 0
  const [a, b, c, d] = cells.map((count) => count + add)
  return { estimate: log((a * d) / (b * c)), standardError: Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) }
}
