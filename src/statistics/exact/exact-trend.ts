import { kernels } from '../../numerics/kernels.ts'
import { exp } from '../../numerics/special.ts'
import { type ExactResult, type GenotypeTable, margins } from './genotype-table.ts'

/**
 * The Cochran-Armitage trend test under every relabelling with margins fixed: p = P(|T' - E| >= |T - E|), T the cases'
 * allele count, compared in integers so that exact ties count. Full distribution: `exactTrendNull`.
 */
export function exactTrend(table: GenotypeTable): ExactResult {
  const { n0, n1, n2, cases } = margins(table)
  const k = kernels()
  const length = n1 + 2 * n2 + 1
  const statistic = table.caseHet + 2 * table.caseAlt
  return k.scope(() => {
    const atP = k.allocate(length * 8)
    const atMidp = k.allocate(length * 8)
    const logMinAttainableP = k.call.exactTrendNull(n0, n1, n2, cases, atP, atMidp)
    const logP = k.f64(atP, length)[statistic]
    const logMidp = k.f64(atMidp, length)[statistic]
    return {
      p: exp(logP),
      logP,
      midp: exp(logMidp),
      logMidp,
      minAttainableP: exp(logMinAttainableP),
      logMinAttainableP,
    }
  })
}
