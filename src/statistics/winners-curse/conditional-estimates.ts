import { UpturnError } from '../../errors/index.ts'
import { exp } from '../../numerics/special.ts'
import { integrate } from './quadrature.ts'
import { type Selection, selectedAsBest, selectedByThreshold } from './selection.ts'

export interface ConditionalInput {
  /** The uncorrected log odds ratio. */
  beta: number
  /** Its standard error; only used where z is not given. */
  se: number
  /** The signed root of the likelihood ratio that decided the selection; beta / se where left out. */
  z?: number
  /** |z| had to exceed this to be reported: `normalQuantile(1 - alpha / 2)` of the threshold really used. */
  threshold: number
  /** Number of tests of which this was the best: the condition where |z| is below the threshold. */
  bestOf?: number
  /** Level of the interval; 0.95. */
  level?: number
}

export interface ConditionalEstimates {
  /** What the estimates are conditional on: being beyond the threshold, or being the best of m. */
  condition: 'threshold' | 'best'
  /** Log odds ratios: conditional maximum likelihood, mean of the normalised likelihood, and the average of the two. */
  mle: number
  mean: number
  average: number
  /**
   * Equal-tailed limits of the conditional distribution (Zhong and Prentice 2008), moved outwards to the farthest of the three estimates
   * where that lies beyond: just past the threshold the estimates and the limits part. Coverage can only grow.
   */
  low: number
  high: number
}

/**
 * Estimates corrected for the winner's curse by conditional likelihood (Ghosh, Zou and Wright 2008, estimators 1, 2, 3):
 * L(mu) = phi(z - mu) / P(shown | mu). With a result below the threshold, and `bestOf`, the condition is that it was the
 * most extreme of so many independent tests, the others null. Effects are mu x beta / z, so that without selection the
 * estimate is beta itself. Refuses a result that nothing selected.
 */
export function conditionalEstimates(input: ConditionalInput): ConditionalEstimates {
  const { beta, se, threshold, bestOf, level = 0.95 } = input
  const signed = input.z ?? beta / se
  if (!(Number.isFinite(signed) && signed !== 0 && Number.isFinite(beta) && threshold >= 0 && level > 0 && level < 1))
    throw new UpturnError(
      'BadArgument',
      'the effect, its z (not 0), the threshold and the level must be numbers in range',
    )
  const z = Math.abs(signed)
  const scale = beta / signed
  const condition = z > threshold ? 'threshold' : 'best'
  if (condition === 'best' && !(bestOf !== undefined && Number.isInteger(bestOf) && bestOf >= 1))
    throw new UpturnError(
      'BadArgument',
      'a result below the threshold was not selected by it: give bestOf, the number of tests it was the best of',
    )
  const selection = condition === 'threshold' ? selectedByThreshold(z, threshold) : selectedAsBest(z, bestOf as number)

  const mle = root((mu) => selection.mean(mu) - z, 0, z)
  const mean = likelihoodMean(selection, z, mle)
  const half = (1 - level) / 2
  // both are monotone in mu: the family stays exponential under selection
  const bottom = root((mu) => selection.upper(mu) - half, -z - 12, z)
  const top = root((mu) => half - selection.lower(mu), -z - 12, z + 12)
  const direction = signed < 0 ? -1 : 1
  const estimates = [mle, mean, (mle + mean) / 2].map((mu) => mu * scale * direction)
  const ends = [bottom * scale * direction, top * scale * direction, ...estimates]
  return {
    condition,
    mle: estimates[0],
    mean: estimates[1],
    average: estimates[2],
    low: Math.min(...ends),
    high: Math.max(...ends),
  }
}

// The mean of mu under L, which is log-concave: integrated from the peak outwards until nothing is left.
function likelihoodMean(selection: Selection, z: number, peak: number): number {
  const logL = (mu: number) => -0.5 * (z - mu) * (z - mu) - selection.logProbability(mu)
  const top = logL(peak)
  const edge = (direction: number) => {
    let reach = 1
    while (top - logL(peak + direction * reach) < 42) reach *= 1.25
    return reach
  }
  const [below, above] = [edge(-1), edge(1)]
  const side = (direction: number, reach: number) =>
    integrate(reach, (d) => {
      const weight = exp(logL(peak + direction * d) - top)
      return [weight, direction * d * weight]
    })
  const left = side(-1, below)
  const right = side(1, above)
  return peak + (left[1] + right[1]) / (left[0] + right[0])
}

// The root of an increasing function in a bracket, to the last digits.
function root(f: (mu: number) => number, from: number, to: number): number {
  let low = from
  let high = to
  for (let i = 0; i < 200; i++) {
    const middle = 0.5 * (low + high)
    if (middle <= low || middle >= high) break
    if (f(middle) < 0) low = middle
    else high = middle
  }
  return 0.5 * (low + high)
}
