import { chiSquareLogTail, exp } from '../../numerics/special.ts'
import { type GenotypeTable, margins } from './genotype-table.ts'

export interface CochranArmitage {
  /** Signed: positive when cases carry more copies. */
  z: number
  chiSquare: number
  p: number
  logP: number
  /** Expectation and variance of the cases' allele count under relabelling (variance with N - 1). */
  expected: number
  variance: number
}

/**
 * The asymptotic trend test with scores 0, 1, 2 (Armitage 1955; variance with N). Not to be trusted with few cases: it
 * stands beside the exact test. Without variation z is 0 and p is 1.
 */
export function cochranArmitage(table: GenotypeTable): CochranArmitage {
  const { n0, n1, n2, cases } = margins(table)
  const n = n0 + n1 + n2
  const sum = n1 + 2 * n2
  const statistic = table.caseHet + 2 * table.caseAlt
  // cases (n - cases) (n S2 - S^2), exact in doubles up to ten thousand people and to 1e-15 beyond
  const spread = cases * (n - cases) * (n * (n1 + 4 * n2) - sum * sum)
  const difference = n * statistic - cases * sum
  const z = spread > 0 ? (difference * Math.sqrt(n)) / Math.sqrt(spread) : 0
  const chiSquare = z * z
  const logP = chiSquareLogTail(chiSquare, 1)
  return {
    z,
    chiSquare,
    p: exp(logP),
    logP,
    expected: n > 0 ? (cases * sum) / n : 0,
    variance: n > 1 ? spread / (n * n * (n - 1)) : 0,
  }
}
