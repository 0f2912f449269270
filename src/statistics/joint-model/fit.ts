import { isUpturnError } from '../../errors/index.ts'
import { cholesky, choleskyInverse, choleskySolve } from '../../numerics/linear.ts'
import { exp, log } from '../../numerics/special.ts'
import { fitMixedModel } from '../mixed-model/index.ts'
import { type JointData, layoutOf, requireJointData } from './data.ts'
import { JointLikelihood } from './likelihood.ts'

export interface JointFit {
  /** `singular`: people do not differ in level or slope beyond the measurement, or columns are collinear, and errors cannot be had. */
  status: 'ok' | 'singular' | 'not_converged'
  /** Level, slope and row columns, and their standard errors. */
  base: Estimate[]
  slope: Estimate[]
  row: Estimate[]
  /** Residual standard deviation; standard deviations of b0 and b1 (0 without random slopes) and their correlation. */
  sigma: number
  sdLevel: number
  sdSlope: number
  correlation: number
  /** log hazard in each piece, effects of the columns of survival, and alpha: per unit of the person's true level; null where there is none. */
  hazard: Estimate[]
  effects: Estimate[]
  alpha: Estimate | null
  logLikelihood: number
  parameters: number
  iterations: number
  /** Covariance of the parameters in the order of `layoutOf`, row-major. */
  covariance: Float64Array
}

export interface Estimate {
  estimate: number
  se: number
}

/** With these the log-likelihood of the oracle is exact to 1e-4. */
const defaultNodes = 17

export interface JointOptions {
  /** Quadrature points a random effect, for people with censored values; half as many for others. 17 by default. */
  nodes?: number
}

/**
 * Maximum likelihood of repeated, possibly censored measurements (a Tobit mixed model), jointly with survival where there is any: the hazard depends
 * on the person's current true level (Wulfsohn & Tsiatis, Biometrics 53:330, 1997; Rizopoulos, Joint Models, 2012, ch. 4), with a baseline hazard constant in pieces. Measuring error and
 * drop-out by death are thereby taken into account, which a Cox model on measured values is not.
 *
 * Newton's method on the observed information (differences of the score), damped where it is not positive definite; nodes are centred anew after each step.
 * Stops when the decrement is below 1e-9. Standard errors from the observed information. Without censoring and survival it is the mixed model by ML.
 */
export function fitJointModel(data: JointData, options: JointOptions = {}): JointFit {
  requireJointData(data)
  const likelihood = new JointLikelihood(data, options.nodes ?? defaultNodes)
  const { layout } = likelihood
  let theta = startOf(data)
  let status: JointFit['status'] = 'not_converged'
  let damping = 0
  let iterations = 0
  let information: Float64Array | undefined
  let age = 0
  let decrement = Number.POSITIVE_INFINITY
  let longestTime = 0
  for (let r = 0; r < data.time.length; r++) longestTime = Math.max(longestTime, data.time[r])
  likelihood.centre(theta)
  let at = likelihood.evaluate(theta)
  for (; iterations < 100; iterations++) {
    if (age === 0) information = observedInformation(likelihood, theta)
    let moved = false
    const before = decrement
    decrement = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 25; attempt++) {
      const damped = damp(information as Float64Array, layout.size, damping)
      const factor = cholesky(damped, layout.size)
      if (factor !== undefined) {
        const step = choleskySolve(factor, layout.size, at.gradient)
        decrement = step.reduce((sum, s, j) => sum + s * at.gradient[j], 0)
        const longest = step.reduce((most, s) => Math.max(most, Math.abs(s)), 0)
        const share = longest > 2 ? 2 / longest : 1
        const trial = theta.map((value, j) => value + share * step[j])
        const next = likelihood.evaluate(trial)
        if (next.logLikelihood >= at.logLikelihood - 1e-10 * Math.abs(at.logLikelihood)) {
          theta = trial
          moved = true
          damping = attempt === 0 ? damping / 10 : damping
          if (damping < 1e-7) damping = 0
          break
        }
      }
      damping = damping === 0 ? 1e-4 : damping * 10
    }
    if (!moved && age > 0) {
      age = 0
      continue
    }
    if (!moved) break
    // The information serves as long as its steps go on shrinking what is left.
    age =
      damping === 0 && decrement < 0.05 * before && age < 6
        ? age + 1
        : decrement < 1 && damping === 0 && age === 0
          ? 1
          : 0
    if (!likelihood.centre(theta)) break
    at = likelihood.evaluate(theta)
    if (decrement < 1e-9 && damping === 0) {
      status = 'ok'
      break
    }
    // A variance on its way to 0 has no maximum inside.
    const scatter = (j: number, unit: number): boolean => exp(theta[j] - theta[layout.sigma]) * unit < 0.01
    if (scatter(layout.random, 1) || (data.randomSlope && scatter(layout.random + 2, longestTime))) {
      status = 'singular'
      break
    }
  }
  information = observedInformation(likelihood, theta)
  const factor = cholesky(information, layout.size)
  if (factor === undefined && status === 'ok') status = 'singular'
  const covariance =
    factor === undefined
      ? new Float64Array(layout.size * layout.size).fill(Number.NaN)
      : choleskyInverse(factor, layout.size)
  const estimates = (from: number, to: number): Estimate[] =>
    Array.from({ length: to - from }, (_, j) => ({
      estimate: theta[from + j],
      se: Math.sqrt(covariance[(from + j) * layout.size + from + j]),
    }))
  const l11 = exp(theta[layout.random])
  const l21 = data.randomSlope ? theta[layout.random + 1] : 0
  const l22 = data.randomSlope ? exp(theta[layout.random + 2]) : 0
  const sdSlope = Math.sqrt(l21 * l21 + l22 * l22)
  return {
    status,
    base: estimates(layout.base, layout.slope),
    slope: estimates(layout.slope, layout.row),
    row: estimates(layout.row, layout.sigma),
    sigma: exp(theta[layout.sigma]),
    sdLevel: l11,
    sdSlope,
    correlation: sdSlope > 0 ? l21 / sdSlope : 0,
    hazard: estimates(layout.hazard, layout.effects),
    effects: estimates(layout.effects, layout.alpha),
    alpha: layout.size > layout.alpha ? estimates(layout.alpha, layout.size)[0] : null,
    logLikelihood: at.logLikelihood,
    parameters: layout.size,
    iterations,
    covariance,
  }
}

/**
 * The same where it is not known whether people differ in their slopes: with random slopes when that has a maximum, else with random levels only.
 * `randomSlope` says which it was.
 */
export function fitJointModelBySlopes(
  data: JointData,
  options: JointOptions = {},
): JointFit & { randomSlope: boolean } {
  if (data.randomSlope) {
    const whole = fitJointModel(data, options)
    if (whole.status === 'ok') return { ...whole, randomSlope: true }
  }
  return { ...fitJointModel({ ...data, randomSlope: false }, options), randomSlope: false }
}

/** The log-likelihood at given parameters (order of `layoutOf`), with nodes centred there: what other programs are compared with. */
export function jointLogLikelihood(data: JointData, theta: Float64Array, nodes = defaultNodes): number {
  requireJointData(data)
  const likelihood = new JointLikelihood(data, nodes)
  likelihood.centre(theta)
  return likelihood.evaluate(theta).logLikelihood
}

/** Minus the differences of the score, symmetric; steps of 1e-4 of a parameter's size. */
function observedInformation(likelihood: JointLikelihood, theta: Float64Array): Float64Array {
  const { size } = likelihood.layout
  const out = new Float64Array(size * size)
  for (let j = 0; j < size; j++) {
    const h = 1e-4 * Math.max(0.1, Math.abs(theta[j]))
    const moved = Float64Array.from(theta)
    moved[j] = theta[j] + h
    const up = likelihood.evaluate(moved).gradient
    moved[j] = theta[j] - h
    const down = likelihood.evaluate(moved).gradient
    for (let k = 0; k < size; k++) out[j * size + k] = -(up[k] - down[k]) / (2 * h)
  }
  for (let j = 0; j < size; j++)
    for (let k = 0; k < j; k++) {
      const mean = (out[j * size + k] + out[k * size + j]) / 2
      out[j * size + k] = mean
      out[k * size + j] = mean
    }
  return out
}

function damp(matrix: Float64Array, size: number, damping: number): Float64Array {
  if (damping === 0) return matrix
  const out = Float64Array.from(matrix)
  let scale = 0
  for (let j = 0; j < size; j++) scale = Math.max(scale, Math.abs(matrix[j * size + j]))
  for (let j = 0; j < size; j++) out[j * size + j] += damping * Math.max(Math.abs(matrix[j * size + j]), 1e-3 * scale)
  return out
}

/** The mixed model as if every value were measured, the rate of events, and no link. */
function startOf(data: JointData): Float64Array {
  const layout = layoutOf(data)
  const theta = new Float64Array(layout.size)
  const rows = data.y.length
  const wide = [
    ...data.base.map((column) => Float64Array.from({ length: rows }, (_, r) => column[data.subject[r]])),
    ...data.slope.map((column) =>
      Float64Array.from({ length: rows }, (_, r) => column[data.subject[r]] * data.time[r]),
    ),
    ...(data.row ?? []),
  ]
  let mean = 0
  for (let r = 0; r < rows; r++) mean += data.y[r] / rows
  let spread = 0
  for (let r = 0; r < rows; r++) spread += ((data.y[r] - mean) * (data.y[r] - mean)) / rows
  const sd = Math.sqrt(spread) || 1
  theta[0] = mean
  theta[layout.sigma] = log(0.7 * sd)
  theta[layout.random] = log(0.7 * sd)
  if (data.randomSlope) theta[layout.random + 2] = log(0.3 * sd)
  try {
    const fit = fitMixedModel(
      { subjects: data.subjects, subject: data.subject, time: data.time, response: data.y, fixed: wide },
      { method: 'ML' },
    )
    fit.fixed.forEach((b, j) => {
      theta[j] = b
    })
    theta[layout.sigma] = 0.5 * log(fit.varResidual)
    theta[layout.random] = log(Math.max(0.1 * sd, Math.sqrt(fit.varIntercept)))
    if (data.randomSlope) {
      const sdLevel = Math.max(0.1 * sd, Math.sqrt(fit.varIntercept))
      const cross = fit.covariance / sdLevel
      theta[layout.random + 1] = cross
      theta[layout.random + 2] = 0.5 * log(Math.max(fit.varSlope - cross * cross, 1e-4 * spread))
    }
  } catch (error) {
    // Where the visits cannot tell a slope from a level, the plain start serves.
    if (!isUpturnError(error, 'BadArgument') && !isUpturnError(error, 'CollinearCovariates')) throw error
  }
  const { survival } = data
  if (survival !== undefined) {
    let events = 0
    let atRisk = 0
    for (let i = 0; i < data.subjects; i++) {
      events += survival.event[i]
      atRisk += survival.time[i]
    }
    theta.fill(log((events + 0.5) / atRisk), layout.hazard, layout.effects)
  }
  return theta
}
