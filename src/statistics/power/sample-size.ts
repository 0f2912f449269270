import { asymptoticPower } from './asymptotic.ts'
import type { GeneticModel } from './genotype-model.ts'
import type { RejectionRule } from './rejection.ts'
import { type PowerEstimate, type PowerOptions, tablePower } from './table-power.ts'

export interface SampleSizeQuestion {
  model: GeneticModel
  rule: RejectionRule
  alpha: number
  /** Controls a case. */
  ratio: number
  power: number
  /** The search gives up above this number of cases. */
  maxCases: number
  /** Power at a size, where it is not that of the rule's test of a table. */
  estimate?: (cases: number, controls: number) => PowerEstimate
}

export interface SampleSize {
  /** Null when even `maxCases` are not enough. */
  cases: number | null
  /** Every size that was looked at, ascending. */
  tried: { cases: number; controls: number; estimate: PowerEstimate }[]
}

/**
 * Smallest number of cases with the wanted power, by bracketing from the asymptotic size and bisection, to 1% of the size (exactly below 100 cases). An
 * exact test's power is not strictly monotone in the size: it dips by the jumps of its attainable level, so a few cases fewer may
 * do as well and a few more may do a little worse.
 */
export function casesNeeded(question: SampleSizeQuestion, options: PowerOptions): SampleSize {
  const { model, rule, alpha, ratio, power, maxCases } = question
  const estimateOf =
    question.estimate ?? ((cases: number, controls: number) => tablePower(model, cases, controls, rule, options))
  const tried = new Map<number, PowerEstimate>()
  const controlsOf = (cases: number): number => Math.max(1, Math.round(cases * ratio))
  const enough = (cases: number): boolean => {
    let estimate = tried.get(cases)
    if (estimate === undefined) {
      estimate = estimateOf(cases, controlsOf(cases))
      tried.set(cases, estimate)
    }
    return estimate.power >= power
  }
  const asSampleSize = (cases: number | null): SampleSize => ({
    cases,
    tried: [...tried.entries()]
      .sort(([a], [b]) => a - b)
      .map(([n, estimate]) => ({ cases: n, controls: controlsOf(n), estimate })),
  })
  if (model.or === 1) return asSampleSize(null)

  let guess = 2
  let top = 4
  while (top < maxCases && asymptoticPower(model, top, controlsOf(top), alpha) < power) {
    guess = top
    top *= 2
  }
  top = Math.min(top, maxCases)
  while (top - guess > 1) {
    const middle = (guess + top) >> 1
    if (asymptoticPower(model, middle, controlsOf(middle), alpha) >= power) top = middle
    else guess = middle
  }
  // Widen around the asymptotic size until the wanted power lies between two sizes.
  let high = Math.max(2, Math.min(maxCases, top))
  let low = high
  while (!enough(high)) {
    low = high
    if (high === maxCases) return asSampleSize(null)
    high = Math.min(maxCases, Math.ceil(high * 1.2) + 1)
  }
  if (low === high)
    do {
      low = Math.max(1, Math.floor(low / 1.2) - 1)
      if (low > 1 && enough(low)) high = low
      else break
    } while (low > 1)
  while (high - low > Math.max(1, Math.floor(high / 100))) {
    const middle = (low + high) >> 1
    if (enough(middle)) high = middle
    else low = middle
  }
  return asSampleSize(high)
}
