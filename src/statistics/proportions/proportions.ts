import { UpturnError } from '../../errors/index.ts'
import { exp, log, logBetaIncomplete, normalQuantile } from '../../numerics/special.ts'

export interface ProportionInterval {
  estimate: number
  low: number
  high: number
}

function requireCounts(successes: number, trials: number, level: number): void {
  if (
    !(Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && successes <= trials && trials >= 1)
  )
    throw new UpturnError('BadArgument', `${successes} of ${trials} is no proportion`)
  if (!(level > 0 && level < 1)) throw new UpturnError('BadArgument', `a level lies between 0 and 1, not ${level}`)
}

/** p with log I_p(a, b) = target, by bisection of the log odds: relative precision at both ends. */
function betaQuantile(a: number, b: number, target: number): { p: number; complement: number } {
  let low = -700
  let high = 700
  const at = (t: number) => {
    const e = exp(-Math.abs(t))
    return t < 0 ? { p: e / (1 + e), complement: 1 / (1 + e) } : { p: 1 / (1 + e), complement: e / (1 + e) }
  }
  for (let i = 0; i < 200; i++) {
    const middle = 0.5 * (low + high)
    if (middle <= low || middle >= high) break
    const { p, complement } = at(middle)
    if (logBetaIncomplete(a, b, p, complement) < target) low = middle
    else high = middle
  }
  return at(0.5 * (low + high))
}

/**
 * The exact interval of a binomial proportion (Clopper and Pearson 1934): P(X >= x | low) = P(X <= x | high) =
 * (1 - level) / 2; 0 and 1 are limits where x is 0 or n. Covers at least the level always, usually more.
 */
export function clopperPearsonInterval(successes: number, trials: number, level = 0.95): ProportionInterval {
  requireCounts(successes, trials, level)
  const target = log((1 - level) / 2)
  const failures = trials - successes
  return {
    estimate: successes / trials,
    low: successes === 0 ? 0 : betaQuantile(successes, failures + 1, target).p,
    high: failures === 0 ? 1 : betaQuantile(failures, successes + 1, target).complement,
  }
}

/** Wilson's score interval (1927): close to its level on average, inside [0, 1] always. */
export function wilsonInterval(successes: number, trials: number, level = 0.95): ProportionInterval {
  requireCounts(successes, trials, level)
  const z = normalQuantile(0.5 + level / 2)
  const square = z * z
  const centre = successes + square / 2
  const spread = z * Math.sqrt((successes * (trials - successes)) / trials + square / 4)
  return {
    estimate: successes / trials,
    low: successes === 0 ? 0 : (centre - spread) / (trials + square),
    high: successes === trials ? 1 : (centre + spread) / (trials + square),
  }
}
