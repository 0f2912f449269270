import { UpturnError } from '../errors/index.ts'
import type { Plan, PowerPoint } from '../results/planning.ts'
import {
  casesNeeded,
  type GeneticModel,
  type MatchedTest,
  matchedPower,
  type PlannedTest,
  type PowerEstimate,
  type PowerOptions,
  rejectionRule,
  tablePower,
} from '../statistics/power/index.ts'

/** One line of the next study's figure: the cases needed at an odds ratio, and power by size. */
export type PowerScenario = Plan['replication'][number]

export interface ScenarioOptions {
  alpha: number
  /** Controls a case. */
  ratio: number
  power: number
  maxCases: number
  /** Power of the test within matched sets, of one case and `ratio` controls each, in place of that of a table. */
  matched?: boolean
}

/** Power at a size, by the test of a table or within matched sets. */
function estimator(model: GeneticModel, test: PlannedTest, options: ScenarioOptions, power: PowerOptions) {
  const { alpha, ratio, matched } = options
  const rule = rejectionRule(test, alpha)
  const estimate = (cases: number, controls: number): PowerEstimate =>
    matched === true
      ? matchedPower(model, [{ cases: 1, controls: ratio, sets: cases }], matchedTest(test), alpha, power)
      : tablePower(model, cases, controls, rule, power)
  return { rule, estimate }
}

/** The same test within matched sets; refuses those that have no such form here. */
export function matchedTest(test: PlannedTest): MatchedTest {
  if (test === 'trend_exact_p' || test === 'trend_midp' || test === 'fisher_p' || test === 'firth_p') return test
  throw new UpturnError(
    'BadArgument',
    `the power of ${test} within matched sets is not known: take trend_exact_p or firth_p`,
  )
}

/** Sizes of a power curve, as multiples of the size needed. */
const curveFactors = [0.25, 0.4, 0.6, 0.8, 1, 1.25, 1.6, 2]
const hopelessFactors = [0.05, 0.1, 0.25, 0.5, 1]

/** Cases with the wanted power by a test, null when `maxCases` are not enough. */
export function scenarioCases(
  model: GeneticModel,
  test: PlannedTest,
  options: ScenarioOptions,
  power: PowerOptions,
): number | null {
  const { alpha, ratio, maxCases } = options
  const own = estimator(model, test, options, power)
  return casesNeeded({ model, ...own, alpha, ratio, power: options.power, maxCases }, power).cases
}

/** The cases needed, and a curve of power around them. */
export function powerScenario(
  model: GeneticModel,
  test: PlannedTest,
  options: ScenarioOptions,
  power: PowerOptions,
): PowerScenario {
  const { alpha, ratio, maxCases } = options
  const { estimate } = estimator(model, test, options, power)
  const cases = scenarioCases(model, test, options, power)
  const factors = cases === null ? hopelessFactors : curveFactors
  const sizes = new Set(factors.map((f) => Math.min(maxCases, Math.max(2, Math.round(f * (cases ?? maxCases))))))
  const curve = [...sizes].map((n): PowerPoint => {
    const controls = Math.max(1, Math.round(n * ratio))
    const { power: value, low, high } = estimate(n, controls)
    return { cases: n, controls, power: value, low, high }
  })
  const maf = Math.min(model.frequency, 1 - model.frequency)
  return { or: model.or, maf, alpha, ratio, power: options.power, casesNeeded: cases, curve }
}
