import { UpturnError } from '../../errors/index.ts'
import { type ExactResult, type GenotypeTable, margins } from '../exact/genotype-table.ts'
import { convolve, type LogDistribution, logSum, relativeLogChoose } from './distribution.ts'
import { orderedTest } from './ordered.ts'

const mostOutcomes = 20_000

/** The allele count of the cases of one stratum, T = 0 .. n1 + 2 n2, up to a factor; -Infinity where it cannot occur. */
function stratumDistribution({ n0, n1, n2, cases }: ReturnType<typeof margins>): LogDistribution {
  const share = cases / Math.max(1, n0 + n1 + n2)
  const [none, one, two] = [n0, n1, n2].map((n) => relativeLogChoose(n, share))
  const terms: number[][] = Array.from({ length: n1 + 2 * n2 + 1 }, () => [])
  for (let x2 = 0; x2 <= Math.min(n2, cases); x2++)
    for (let x1 = Math.max(0, cases - x2 - n0); x1 <= Math.min(n1, cases - x2); x1++)
      terms[x1 + 2 * x2].push(none[cases - x1 - x2] + one[x1] + two[x2])
  return { lowest: 0, logWeights: Float64Array.from(terms, (list) => logSum(list)) }
}

/**
 * The exact trend test over strata, each with its margins fixed: T, the cases' allele count in all strata, under every relabelling
 * within strata; p = P(|T' - E| >= |T - E|), compared in integers so that exact ties count. `labelNull` gives the same from
 * person-wise data for scans. No strata, or one outcome only: p = 1, mid-p = 1/2. Refuses more than 20,000 allele counts.
 */
export function stratifiedTrend(strata: readonly GenotypeTable[]): ExactResult {
  const all = strata.map(margins)
  if (all.reduce((sum, { n1, n2 }) => sum + n1 + 2 * n2, 1) > mostOutcomes)
    throw new UpturnError('BadArgument', `a stratified trend test takes at most ${mostOutcomes} allele counts`)
  const { logWeights } = all.map(stratumDistribution).reduce(convolve, { lowest: 0, logWeights: Float64Array.of(0) })
  let observed = 0
  for (const { caseHet, caseAlt } of strata) observed += caseHet + 2 * caseAlt
  // E = sum of cases (n1 + 2 n2) / n, as expected / common in integers
  let common = 1n
  let expected = 0n
  for (const { n0, n1, n2, cases } of all) {
    const n = BigInt(n0 + n1 + n2)
    if (n === 0n) continue
    expected = expected * n + common * BigInt(cases) * BigInt(n1 + 2 * n2)
    common *= n
  }
  const distances = Array.from(logWeights, (_, t) => {
    const d = common * BigInt(t) - expected
    return d < 0n ? -d : d
  })
  const possible = [...logWeights.keys()].filter((t) => logWeights[t] > Number.NEGATIVE_INFINITY)
  const farthest = possible.reduce((most, t) => (distances[t] > most ? distances[t] : most), -1n)
  const reached = distances[observed]
  const kept = Float64Array.from(possible, (t) => logWeights[t])
  return orderedTest(
    kept,
    (i) => (distances[possible[i]] > reached ? -1 : distances[possible[i]] === reached ? 0 : 1),
    logSum(kept, (i) => distances[possible[i]] === farthest),
  )
}
