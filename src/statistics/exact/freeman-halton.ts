import { kernels } from '../../numerics/kernels.ts'
import { compareIntegers, compareOutcomes, integerChoose } from './comparison.ts'
import { type ExactResult, type GenotypeTable, margins } from './genotype-table.ts'

/**
 * Fisher's exact test of a 2 x 3 table (Freeman and Halton 1951): p is the probability of the tables with the same margins
 * that are no more likely than this one. Ties are found in integers; mid-p halves every tied table (as PLINK does).
 */
export function freemanHalton(table: GenotypeTable): ExactResult {
  const { n0, n1, n2, cases } = margins(table)
  const { caseRef, caseHet, caseAlt } = table
  // three columns in any order have one answer: the walk goes row by row of the smallest
  const columns = [
    { total: n0, cases: caseRef },
    { total: n1, cases: caseHet },
    { total: n2, cases: caseAlt },
  ].sort((a, b) => b.total - a.total)
  const weight = (x1: number, x2: number) =>
    integerChoose(columns[0].total, cases - x1 - x2) *
    integerChoose(columns[1].total, x1) *
    integerChoose(columns[2].total, x2)
  return compareOutcomes(
    (out) =>
      kernels().call.freemanHalton(
        columns[0].total,
        columns[1].total,
        columns[2].total,
        cases,
        columns[1].cases,
        columns[2].cases,
        out,
      ),
    (x1, x2) => compareIntegers(weight(x1, x2), weight(columns[1].cases, columns[2].cases)),
  )
}
