import { UpturnError } from '../../errors/index.ts'
import { binomialLogPmf, exp, log, logGamma, normalCdf, studentLogTail } from '../../numerics/special.ts'
import { integrate, panel } from '../winners-curse/quadrature.ts'

/** Panels of a piece at least: what happens within it may be narrower than a standard deviation. */
const panels = 80

/** t above which a two-sided p is below alpha. */
function criticalT(alpha: number, degrees: number): number {
  const target = log(alpha / 2)
  let [low, high] = [0, 2]
  while (studentLogTail(high, degrees) > target) high *= 2
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (studentLogTail(middle, degrees) > target) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * P(|t| > critical) of Student's t with `degrees` degrees of freedom and noncentrality `shift`: the normal given the pooled
 * standard deviation, over the chi distribution of that, by quadrature to 1e-9 in pieces, of which one holds the turn from
 * not rejecting to rejecting. Both tails are counted.
 */
export function tPower(shift: number, degrees: number, alpha: number): number {
  if (!(degrees >= 1 && alpha > 0 && alpha < 1 && Number.isFinite(shift)))
    throw new UpturnError('BadArgument', `no power of t with ${degrees} degrees of freedom at level ${alpha}`)
  const critical = criticalT(alpha, degrees) / Math.sqrt(degrees)
  const constant = (1 - degrees / 2) * Math.LN2 - logGamma(degrees / 2)
  // The chi distribution lies within a few units of its mode.
  const mode = Math.sqrt(degrees - 1)
  const ends = [Math.max(0, mode - 7), mode + 8]
  const turn = Math.abs(shift) / critical
  const cuts = [turn - 9 / critical, turn + 9 / critical].map((s) => Math.min(ends[1], Math.max(ends[0], s)))
  let power = 0
  let mass = 0
  for (const [from, to] of [
    [ends[0], cuts[0]],
    [cuts[0], cuts[1]],
    [cuts[1], ends[1]],
  ]) {
    const width = to - from
    if (!(width > 0)) continue
    // The quadrature's panels have a fixed width: the piece is stretched to as many as it needs.
    const stretch = Math.max(1, (panels * panel) / width)
    const [inside, whole] = integrate(width * stretch, (x) => {
      const s = from + x / stretch
      const density = exp(constant + (degrees - 1) * log(s) - 0.5 * s * s) / stretch
      return [density * (normalCdf(shift - critical * s) + normalCdf(-shift - critical * s)), density]
    })
    power += inside
    mass += whole
  }
  return Math.min(1, power / mass)
}

/** Two arms with `perArm` people in each and a difference of means in standard deviations: power of the t-test. */
function differencePower(perArm: number, difference: number, alpha: number): number {
  return perArm < 2 ? 0 : tPower(difference * Math.sqrt(perArm / 2), 2 * perArm - 2, alpha)
}

/** What a trial in two genotype groups is to show. Effects are differences of means in standard deviations. */
export interface GenotypeEffects {
  /** Share of carriers among people, 0 to 1, exclusive. */
  carriers: number
  inCarriers: number
  inOthers: number
}

/**
 * Power of three designs with `perArm` people in each arm: `carriers` takes in carriers alone; `interaction` as many carriers as
 * others, `perArm` of each in each arm, and asks whether the effects differ; `all` takes people as they come, randomised within
 * genotype, and asks for the mean effect over them (saturated model), summed over the number of carriers that may come.
 */
export function meanPower(
  design: 'carriers' | 'interaction' | 'all',
  perArm: number,
  effects: GenotypeEffects,
  alpha: number,
): number {
  const { carriers, inCarriers, inOthers } = effects
  if (design === 'carriers') return differencePower(perArm, inCarriers, alpha)
  if (design === 'interaction')
    return perArm < 2 ? 0 : tPower((inCarriers - inOthers) * Math.sqrt(perArm / 4), 4 * perArm - 4, alpha)
  let power = 0
  // Power by the number of carriers a arm, of which fewer values matter than there are.
  for (let k = 0; k <= perArm; k++) {
    const probability = exp(binomialLogPmf(k, perArm, carriers))
    if (probability < 1e-9) continue
    const mean = (k * inCarriers + (perArm - k) * inOthers) / perArm
    const cells = k === 0 || k === perArm ? 2 : 4
    if (2 * perArm > cells) power += probability * tPower(mean * Math.sqrt(perArm / 2), 2 * perArm - cells, alpha)
  }
  return power
}

/** Fewest people an arm with the wanted power, up to `most`; null when none is enough. */
export function differenceSize(
  design: 'carriers' | 'interaction' | 'all',
  effects: GenotypeEffects,
  { alpha, power, most }: { alpha: number; power: number; most: number },
): number | null {
  const enough = (n: number): boolean => meanPower(design, n, effects, alpha) >= power
  let high = 2
  while (!enough(high)) {
    if (high >= most) return null
    high = Math.min(most, 2 * high)
  }
  let low = Math.max(1, high >> 1)
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}
