import { log, logSumExp, normalLogTail } from '../../numerics/special.ts'
import { fisherTest } from '../exact/fisher.ts'
import { freemanHalton } from '../exact/freeman-halton.ts'
import {
  allelicTable,
  dominantTable,
  type GenotypeTable,
  recessiveTable,
  type TwoByTwoTable,
} from '../exact/genotype-table.ts'
import { exactTrendNull } from '../exact/trend-null.ts'
import { groupedFirthLogP } from './grouped-firth.ts'

/** Genotype counts of one group: 0, 1 and 2 copies. */
export type GenotypeCounts = readonly [number, number, number]

/** A test of a 2x3 table at a fixed level, for one pair of group sizes. */
export interface RejectionRule {
  /** Name of the p-value column whose test this is. */
  test: string
  /** Makes the rule for `cases` and `controls` people; it remembers the null distributions that it needed. */
  forSizes(cases: number, controls: number): (cases: GenotypeCounts, controls: GenotypeCounts) => boolean
}

/** Heterozygotes times homozygotes above which the normal approximation may settle what is far from alpha. */
const crowded = 20_000
/**
 * The exact conditional trend test: rejects when p (or mid-p) is at or below alpha, computed from the table's own null distribution. Only where
 * tables are crowded (hundreds of heterozygotes, many homozygotes) and the normal tails are far from alpha are those taken for the
 * answer; the distance asked for is several times their greatest error.
 */
export function trendRejection(test: 'trend_exact_p' | 'trend_midp', alpha: number): RejectionRule {
  // A p that equals alpha up to rounding counts as reached.
  const limit = log(alpha) + 1e-12
  return {
    test,
    forSizes(cases, controls) {
      const known = new Map<number, Float64Array | null>()
      return (a, b) => {
        const n1 = a[1] + b[1]
        const n2 = a[2] + b[2]
        if (n1 * n2 > crowded) {
          const t = a[1] + 2 * a[2]
          const near = normalTails(cases + controls, cases, n1, n2, t, test === 'trend_midp')
          if (Math.abs(near.logP - limit) > 0.02 + (0.5 * limit * limit) / near.variance) return near.logP < limit
        }
        const key = n1 * 67108864 + n2
        let logP = known.get(key)
        if (logP === undefined) {
          const nullOf = exactTrendNull(cases + controls - n1 - n2, n1, n2, cases)
          logP = test === 'trend_exact_p' ? nullOf.logP : nullOf.logMidp
          if (test === 'trend_exact_p' && nullOf.logMinAttainable > limit) logP = null
          known.set(key, logP)
        }
        return logP !== null && logP[a[1] + 2 * a[2]] <= limit
      }
    },
  }
}

const asTable = ([c0, c1, c2]: GenotypeCounts, [k0, k1, k2]: GenotypeCounts): GenotypeTable => ({
  caseRef: c0,
  caseHet: c1,
  caseAlt: c2,
  controlRef: k0,
  controlHet: k1,
  controlAlt: k2,
})

/** Freeman-Halton's exact test of the 2x3 table. */
function fisherRejection(alpha: number): RejectionRule {
  return tableRejection('fisher_p', alpha, (a, b) => freemanHalton(asTable(a, b)).logP)
}

const twoByTwo = { allelic_p: allelicTable, dominant_p: dominantTable, recessive_p: recessiveTable } as const

/** Fisher's exact test of the alleles, the carriers or the homozygotes; its p depends on one margin and one cell alone. */
function fisherTwoByTwo(test: keyof typeof twoByTwo, alpha: number): RejectionRule {
  const limit = log(alpha) + 1e-12
  const view: (table: GenotypeTable) => TwoByTwoTable = twoByTwo[test]
  return {
    test,
    forSizes() {
      const known = new Map<number, boolean>()
      return (a, b) => {
        const table = view(asTable(a, b))
        const key = table.caseWith * 67108864 + table.controlWith
        let rejected = known.get(key)
        if (rejected === undefined) {
          rejected = fisherTest(table).logP <= limit
          known.set(key, rejected)
        }
        return rejected
      }
    },
  }
}

/** Firth's penalised likelihood-ratio test of the copies, without covariates. */
function firthRejection(alpha: number): RejectionRule {
  return tableRejection('firth_p', alpha, groupedFirthLogP)
}

/** A test that is computed once for every distinct table. */
function tableRejection(
  test: string,
  alpha: number,
  logPOf: (cases: GenotypeCounts, controls: GenotypeCounts) => number,
): RejectionRule {
  const limit = log(alpha) + 1e-12
  return {
    test,
    forSizes() {
      const known = new Map<string, boolean>()
      return (a, b) => {
        if (a[1] + b[1] + a[2] + b[2] === 0) return false
        const key = `${a[1]} ${a[2]} ${b[1]} ${b[2]}`
        let rejected = known.get(key)
        if (rejected === undefined) {
          rejected = logPOf(a, b) <= limit
          known.set(key, rejected)
        }
        return rejected
      }
    },
  }
}

/** Tests of a genotype table whose power is known. */
export type PlannedTest =
  | 'trend_exact_p'
  | 'trend_midp'
  | 'fisher_p'
  | 'firth_p'
  | 'allelic_p'
  | 'dominant_p'
  | 'recessive_p'

/** The rule of a p-value column. */
export function rejectionRule(test: PlannedTest, alpha: number): RejectionRule {
  if (test === 'firth_p') return firthRejection(alpha)
  if (test === 'fisher_p') return fisherRejection(alpha)
  return test === 'trend_exact_p' || test === 'trend_midp' ? trendRejection(test, alpha) : fisherTwoByTwo(test, alpha)
}

/**
 * Two-sided log p of T from its mean and variance under relabelling: normal tails with half a step of continuity, the second from the next value at least as
 * far on the other side. Its error in log p is about log(p)^2 / variance / 3 at most.
 */
function normalTails(
  n: number,
  cases: number,
  n1: number,
  n2: number,
  t: number,
  mid: boolean,
): { logP: number; variance: number } {
  const copies = n1 + 2 * n2
  const mean = (cases * copies) / n
  const variance = ((cases * (n - cases)) / (n * (n - 1))) * (n1 + 4 * n2 - (copies * copies) / n)
  const away = Math.abs(t - mean)
  // Rounding must not move a value that ties.
  const other = (t > mean ? Math.ceil(away - mean - 1e-9) : Math.ceil(mean + away - 1e-9)) + (t > mean ? mean : -mean)
  const tied = Math.abs(other - away) < 1e-9
  const sd = Math.sqrt(variance)
  const tails = [normalLogTail((away - (mid ? 0 : 0.5)) / sd), normalLogTail((other - (mid && tied ? 0 : 0.5)) / sd)]
  return { logP: logSumExp(tails), variance }
}
