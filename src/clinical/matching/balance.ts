import type { Balance } from '../../results/matching.ts'

/** A person's value with the weight it has among the matched (0 when not matched). */
export interface WeightedValue {
  value: number
  weight: number
  /** The value after matching, where it is another. */
  after?: number
}

/**
 * Balance of one variable. The standardised mean difference is (cases - controls) / sd of **all cases before matching**, so that the
 * same scale serves before and after (Stuart, Stat Sci 25:1, 2010; MatchIt's `standardize` for the ATT). Where the cases do not
 * vary, the sd of the controls before matching takes its place; where neither varies, the difference is 0 or it is that of the means.
 * After matching a case has weight 1 and its controls share weight 1. A control whose value depends on its case (`after`) is taken as it was beside it.
 * Variance ratios are cases / controls, with the weighted variance sum(w) / (sum(w)^2 - sum(w^2)) sum(w (x - mean)^2), as MatchIt has them; none for 0/1.
 */
export function balance(
  variable: string,
  cases: readonly WeightedValue[],
  controls: readonly WeightedValue[],
): Balance {
  const caseValues = cases.map((c) => c.value)
  const controlValues = controls.map((c) => c.value)
  const scale = standardDeviation(caseValues) || standardDeviation(controlValues) || 1
  const meanCases = mean(caseValues)
  const meanControlsBefore = mean(controlValues)
  const meanControlsAfter = weightedMean(controls)
  const binary = [...caseValues, ...controlValues].every((value) => value === 0 || value === 1)
  const ratio = (weighted: (all: readonly WeightedValue[]) => number): number | null => {
    const below = weighted(controls)
    const above = weighted(cases)
    return binary || !(below > 0) || !(above > 0) ? null : above / below
  }
  return {
    variable,
    meanCases,
    meanControlsBefore,
    meanControlsAfter,
    smdBefore: (meanCases - meanControlsBefore) / scale,
    smdAfter: (weightedMean(cases) - meanControlsAfter) / scale,
    varianceRatioBefore: ratio((all) => weightedVariance(all.map(({ value }) => ({ value, weight: 1 })))),
    varianceRatioAfter: ratio(weightedVariance),
  }
}

function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}

function weightedMean(values: readonly WeightedValue[]): number {
  let sum = 0
  let weights = 0
  for (const { value, weight, after = value } of values) {
    if (weight === 0) continue
    sum += weight * after
    weights += weight
  }
  return weights === 0 ? 0 : sum / weights
}

function weightedVariance(values: readonly WeightedValue[]): number {
  const centre = weightedMean(values)
  let sum = 0
  let weights = 0
  let squares = 0
  for (const { value, weight, after = value } of values) {
    if (weight === 0) continue
    sum += weight * (after - centre) * (after - centre)
    weights += weight
    squares += weight * weight
  }
  const below = weights * weights - squares
  return below > 1e-12 * weights * weights ? (weights / below) * sum : 0
}

/** Divisor n - 1, and n for a variable coded 0 and 1, where it is sqrt(p (1 - p)); 0 for fewer than two values. */
function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const centre = mean(values)
  let sum = 0
  for (const value of values) sum += (value - centre) * (value - centre)
  const binary = values.every((value) => value === 0 || value === 1)
  return Math.sqrt(sum / (binary ? values.length : values.length - 1))
}
