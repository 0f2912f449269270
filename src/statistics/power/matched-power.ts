import { UpturnError } from '../../errors/index.ts'
import { RandomStream } from '../../numerics/random.ts'
import { log } from '../../numerics/special.ts'
import { MatchedFirth } from '../conditional-logistic/index.ts'
import { wilsonInterval } from '../proportions/index.ts'
import { fisherWithinSets, setCounts, trendWithinSets } from '../stratified/index.ts'
import { caseGenotypes, controlGenotypes, type GeneticModel } from './genotype-model.ts'
import type { PowerEstimate } from './table-power.ts'

/** How many matched sets have so many cases and controls. */
export interface SetSize {
  cases: number
  controls: number
  sets: number
}

/** Tests within matched sets whose power is known. */
export type MatchedTest = 'trend_exact_p' | 'trend_midp' | 'fisher_p' | 'firth_p'

/**
 * Power of a test within matched sets at level `alpha`, by simulation: cases and controls have the genotypes of the model, whichever set they are in (what was
 * matched on is unrelated to the genotype), nobody is missing, no covariates. The same random numbers (Philox, keyed by seed and replicate) serve every odds
 * ratio. Limits are Wilson's of the replicates. Refuses no sets, and sets without a case or a control.
 */
export function matchedPower(
  model: GeneticModel,
  sizes: readonly SetSize[],
  test: MatchedTest,
  alpha: number,
  options: { seed: number; replicates: number },
): PowerEstimate {
  if (sizes.length === 0 || sizes.some(({ cases, controls, sets }) => cases < 1 || controls < 1 || sets < 1))
    throw new UpturnError('BadArgument', 'power within matched sets needs sets of at least one case and one control')
  // A p that equals alpha up to rounding counts as reached.
  const limit = log(alpha) + 1e-12
  const ofCases = caseGenotypes(model)
  const ofControls = controlGenotypes(model)
  const firth = new MatchedFirth({ cases: [], sets: [], columns: [] })
  const total = sizes.reduce((sum, { sets }) => sum + sets, 0)
  let rejected = 0
  for (let r = 0; r < options.replicates; r++) {
    const random = new RandomStream(options.seed, 'statistics/matched power', r)
    const genotype = ([none, one]: readonly [number, number, number]) => {
      const u = random.uniform()
      return u < none ? 0 : u < none + one ? 1 : 2
    }
    const tables = new Int32Array(setCounts * total)
    let at = 0
    for (const { cases, controls, sets } of sizes)
      for (let s = 0; s < sets; s++, at += setCounts) {
        for (let i = 0; i < cases; i++) {
          const g = genotype(ofCases)
          tables[at + g]++
          tables[at + 3 + g]++
        }
        for (let i = 0; i < controls; i++) tables[at + genotype(ofControls)]++
      }
    if (logPOf(test, tables, total, firth) <= limit) rejected++
  }
  const { estimate, low, high } = wilsonInterval(rejected, options.replicates)
  return { power: estimate, low, high, method: 'simulation', tables: options.replicates }
}

/** 0 where no set tells anything. */
function logPOf(test: MatchedTest, tables: Int32Array, sets: number, firth: MatchedFirth): number {
  if (test === 'trend_exact_p') return trendWithinSets(tables, sets).logP
  if (test === 'trend_midp') return trendWithinSets(tables, sets).logMidp
  if (test === 'fisher_p') return fisherWithinSets(tables, sets)
  const { logP } = firth.testTables(tables, sets)
  return Number.isNaN(logP) ? 0 : logP
}
