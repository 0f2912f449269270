import { cholesky, choleskyInverse, choleskySolve } from '../../numerics/linear.ts'

/** A log-likelihood, penalised or not, at one point. */
export interface Point {
  value: number
  gradient: Float64Array
  /** Information, k x k, positive definite: the metric of steps and, inverted, the covariance. */
  information: Float64Array
}

/** Undefined where the information is not positive definite. */
export type Objective = (coefficients: Float64Array) => Point | undefined

export interface Climb {
  coefficients: Float64Array
  value: number
  /** Inverse of the information at the end, k x k. */
  covariance: Float64Array
  steps: number
}

export interface ClimbOptions {
  /** Coefficients that stay where they start. */
  held?: readonly number[]
  /** Longest step, in standard errors. */
  cap?: number
  /** Most steps. */
  limit?: number
}

/** Length of a step, in standard errors, at which the climb has ended. */
const settled = 1e-10

/** It has ended too after so many steps without a gain, all within rounding of the top. */
const idleSteps = 30
const idleLength = 1e-6

/**
 * Climbs to a maximum by steps inverse information x gradient, at most `cap` standard errors long and halved while the value falls by more
 * than rounding. Undefined when no maximum was reached within `limit` steps.
 */
export function climb(objective: Objective, start: Float64Array, options: ClimbOptions = {}): Climb | undefined {
  const { held = [], cap = 5, limit = 200 } = options
  const k = start.length
  const free = [...start.keys()].filter((j) => !held.includes(j))
  let coefficients = Float64Array.from(start)
  let point = objective(coefficients)
  let idle = 0
  let last: { move: Float64Array; share: number } | undefined
  for (let steps = 0; point !== undefined && steps <= limit; steps++) {
    const { value, gradient, information } = point
    const m = free.length
    const part = new Float64Array(m * m)
    for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) part[a * m + b] = information[free[a] * k + free[b]]
    const lower = cholesky(part, m)
    if (lower === undefined) return undefined
    const slope = Float64Array.from(free, (j) => gradient[j])
    const move = choleskySolve(lower, m, slope)
    // Length in the metric of the information: how many standard errors.
    let square = 0
    for (let a = 0; a < m; a++) square += move[a] * slope[a]
    const length = Math.sqrt(Math.max(0, square))
    if (!(length >= 0)) return undefined
    // Where a penalty weighs as much as the data, as with a single carrier, a whole step goes up to twice as far as it should: the share
    // that the last step should have had serves for this one (Barzilai and Borwein 1988).
    let wanted = 1
    if (last !== undefined) {
      let across = 0
      let along = 0
      for (let a = 0; a < m; a++)
        for (let b = 0; b < m; b++) {
          across += move[a] * part[a * m + b] * last.move[b]
          along += last.move[a] * part[a * m + b] * last.move[b]
        }
      const curvature = (1 - across / along) / last.share
      wanted = curvature > 0 ? Math.min(1, Math.max(0.25, 1 / curvature)) : 1
    }
    let share = Math.min(wanted, length > cap ? cap / length : 1)
    let next: Point | undefined
    let tried = coefficients
    for (let halving = 0; halving < 60; halving++, share /= 2) {
      tried = Float64Array.from(coefficients)
      for (let a = 0; a < m; a++) tried[free[a]] += share * move[a]
      next = objective(tried)
      if (next !== undefined && next.value >= value - 1e-12 * Math.max(1, Math.abs(value))) break
      next = undefined
    }
    if (next === undefined) return undefined
    coefficients = tried
    point = next
    last = { move, share }
    idle = length < idleLength && next.value - value <= 1e-12 * Math.max(1, Math.abs(value)) ? idle + 1 : 0
    if (length < settled || idle >= idleSteps) {
      const whole = cholesky(next.information, k)
      if (whole === undefined) return undefined
      return { coefficients, value: next.value, covariance: choleskyInverse(whole, k), steps: steps + 1 }
    }
  }
  return undefined
}
