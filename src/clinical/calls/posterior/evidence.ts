import { exp, log, normalCdf } from '../../../numerics/index.ts'
import type { CohortModel, PriorSettings } from './model.ts'
import { changeAtTurn, fillShape, type Shape } from './shapes.ts'

/** Sum of exponentials kept as a logarithm. */
export class LogSum {
  #largest = Number.NEGATIVE_INFINITY
  #sum = 0

  /** Adds weight * exp(x). */
  add(x: number, weight = 1): void {
    if (x === Number.NEGATIVE_INFINITY || weight === 0) return
    if (x <= this.#largest) this.#sum += weight * exp(x - this.#largest)
    else {
      this.#sum = this.#largest === Number.NEGATIVE_INFINITY ? weight : this.#sum * exp(this.#largest - x) + weight
      this.#largest = x
    }
  }

  /** The largest exponent so far. */
  get largest(): number {
    return this.#largest
  }

  get value(): number {
    return this.#sum === 0 ? Number.NEGATIVE_INFINITY : this.#largest + log(this.#sum)
  }
}

/** Normal distribution function, cut off where it is within 1e-9 of one or below 1e-15. */
function normalBelow(z: number): number {
  return z > 6 ? 1 : z < -8 ? 0 : normalCdf(z)
}

/** One person's visits: months since the first and scores on a scale from 0 to `highest`. */
export interface Course {
  months: Float64Array
  scores: Float64Array
  highest: number
}

/** Log marginal likelihoods of one family of courses. */
export interface FamilyEvidence {
  /** All visits in order. */
  clean: LogSum
  /** One visit outlying. */
  outlying: LogSum
}

const logTwoPi = 1.8378770664093453
/** Only people with scores so near an end of the scale can have a course beyond it. */
const nearEnd = 6
/** What adds less than this (in logs) to what is already there is left out. */
const negligible = -25

/**
 * Marginal likelihoods of linear Gaussian courses for one person: intercept, slope and gain are integrated out in closed
 * form, with the slope held at or below zero and the gain in a range by their posterior normal probabilities; one
 * outlying visit is integrated by the rank-one change that it makes.
 *
 * The latent score stays on the scale: where a fitted course runs below 0 or above the highest score, the visit is held
 * against the end of the scale and tells nothing about the course (settled in three rounds from the linear fit). The
 * gain of an event is counted on the scale too.
 */
export class CourseEvidence {
  readonly #course: Course
  readonly #priors: PriorSettings
  readonly #noise: number
  readonly #precision: readonly [number, number, number]
  readonly #meanA: number
  readonly #meanB: number
  readonly #gainPrecision: number
  /** Everything that no shape changes. */
  readonly #constant: number
  readonly #declines: number
  /** Prior probability of a gain of the event's size, under the untruncated normal. */
  readonly #priorLarge: number
  readonly #s: Float64Array
  readonly #r: Float64Array
  /** The end of the scale where the course runs beyond it, NaN elsewhere. */
  readonly #bound: Float64Array
  readonly #nearEnd: boolean
  readonly #logOutlier: number
  readonly #keep: number

  constructor(course: Course, model: CohortModel, priors: PriorSettings) {
    this.#course = course
    this.#priors = priors
    const n = course.scores.length
    // A total is an integer, which adds the variance of rounding only to models that were not fitted to integers.
    this.#noise = model.sdResidual * model.sdResidual
    const rho = Math.max(-0.95, Math.min(0.95, model.correlation))
    const va = Math.max(model.sdIntercept * model.sdIntercept, 0.01)
    const vb = Math.max(model.sdSlope * model.sdSlope, 0.0001)
    const cab = rho * Math.sqrt(va * vb)
    const det = va * vb - cab * cab
    this.#precision = [vb / det, -cab / det, va / det]
    this.#meanA = model.intercept
    this.#meanB = model.slopePerMonth
    this.#gainPrecision = 1 / (priors.gainScale * priors.gainScale)
    this.#constant =
      n * (log(1 - priors.outlyingVisit) - 0.5 * (logTwoPi + log(this.#noise))) -
      0.5 * (log(det) - log(this.#gainPrecision))
    this.#priorLarge = normalCdf(-priors.eventGain / priors.gainScale)
    this.#declines = normalCdf(-model.slopePerMonth / Math.sqrt(vb))
    this.#s = new Float64Array(n)
    this.#r = new Float64Array(n)
    this.#bound = new Float64Array(n)
    this.#nearEnd = course.scores.some((score) => score <= nearEnd || score >= course.highest - nearEnd)
    const ratio = this.#noise / (this.#noise + priors.outlyingSd * priors.outlyingSd)
    this.#keep = 1 - ratio
    this.#logOutlier = log(priors.outlyingVisit) - log(1 - priors.outlyingVisit) + 0.5 * log(ratio)
  }

  /** Adds one shape without gain. */
  addCourse(shape: Shape, into: FamilyEvidence): void {
    this.#add(shape, into, false, null)
  }

  /** Adds a shape with a gain of the event's size that does not last. */
  addGain(shape: Shape, into: FamilyEvidence): void {
    this.#add(shape, into, true, null)
  }

  /** Adds a shape with a lasting gain, split at the size of the event. */
  addTurn(shape: Shape, large: FamilyEvidence, small: FamilyEvidence): void {
    this.#add(shape, large, true, small)
  }

  #add(shape: Shape, into: FamilyEvidence, gains: boolean, small: FamilyEvidence | null): void {
    const { months, scores, highest } = this.#course
    const n = scores.length
    const s = this.#s
    const r = this.#r
    const bound = this.#bound
    const noise = this.#noise
    fillShape(shape, months, s, r)
    bound.fill(Number.NaN)
    const [p11, p12, p22] = this.#precision
    const pg = this.#gainPrecision
    let a = 0
    let b = 0
    let g = 0
    // Posterior covariance of (a, b, g).
    let c11 = 0
    let c12 = 0
    let c13 = 0
    let c22 = 0
    let c23 = 0
    let c33 = 0
    let det = 1
    let quadratic = 0
    for (let round = 0; ; round++) {
      let s1 = 0
      let s2 = 0
      let r1 = 0
      let r2 = 0
      let sr = 0
      let y1 = 0
      let ys = 0
      let yr = 0
      let y2 = 0
      let used = 0
      for (let k = 0; k < n; k++) {
        if (!Number.isNaN(bound[k])) {
          y2 += (scores[k] - bound[k]) * (scores[k] - bound[k])
          continue
        }
        used++
        // Deviations from the prior mean keep the sums small.
        const d = scores[k] - this.#meanA - this.#meanB * s[k]
        s1 += s[k]
        s2 += s[k] * s[k]
        r1 += r[k]
        r2 += r[k] * r[k]
        sr += s[k] * r[k]
        y1 += d
        ys += d * s[k]
        yr += d * r[k]
        y2 += d * d
      }
      const m11 = p11 + used / noise
      const m12 = p12 + s1 / noise
      const m13 = r1 / noise
      const m22 = p22 + s2 / noise
      const m23 = sr / noise
      const m33 = pg + r2 / noise
      const f11 = m22 * m33 - m23 * m23
      const f12 = m13 * m23 - m12 * m33
      const f13 = m12 * m23 - m13 * m22
      det = m11 * f11 + m12 * f12 + m13 * f13
      c11 = f11 / det
      c12 = f12 / det
      c13 = f13 / det
      c22 = (m11 * m33 - m13 * m13) / det
      c23 = (m12 * m13 - m11 * m23) / det
      c33 = (m11 * m22 - m12 * m12) / det
      const h1 = y1 / noise
      const h2 = ys / noise
      const h3 = yr / noise
      a = c11 * h1 + c12 * h2 + c13 * h3
      b = c12 * h1 + c22 * h2 + c23 * h3
      g = c13 * h1 + c23 * h2 + c33 * h3
      quadratic = y2 / noise - (a * h1 + b * h2 + g * h3)
      if (!this.#nearEnd || round === 3) break
      let moved = false
      for (let k = 0; k < n; k++) {
        const fitted = this.#meanA + a + (this.#meanB + b) * s[k] + g * r[k]
        const end = fitted < 0 ? 0 : fitted > highest ? highest : Number.NaN
        if (!Object.is(end, bound[k])) moved = true
        bound[k] = end
      }
      if (!moved) break
    }
    const base = shape.logWeight + this.#constant - 0.5 * (log(det) + quadratic)
    const slope = this.#meanB + b
    const needed =
      small === null ? this.#priors.eventGain : this.#gainNeeded(this.#meanA + a + changeAtTurn(shape, slope, g))
    this.#split(base, slope, g, c22, c23, c33, gains, needed, into.clean, small?.clean ?? null)
    for (let k = 0; k < n; k++) {
      const beyond = !Number.isNaN(bound[k])
      const v1 = beyond ? 0 : c11 + c12 * s[k] + c13 * r[k]
      const v2 = beyond ? 0 : c12 + c22 * s[k] + c23 * r[k]
      const v3 = beyond ? 0 : c13 + c23 * s[k] + c33 * r[k]
      const leverage = (v1 + v2 * s[k] + v3 * r[k]) / noise
      const e = scores[k] - (beyond ? bound[k] : this.#meanA + a + slope * s[k] + g * r[k])
      const left = 1 - this.#keep * leverage
      const gainInFit = (0.5 * this.#keep * e * e) / noise / left
      // Calling a visit within noise an outlier adds less than a hundredth of the evidence.
      if (gainInFit + this.#logOutlier < -4.6) continue
      const without = base + this.#logOutlier + gainInFit
      if (
        without < into.outlying.largest + negligible &&
        (small === null || without < small.outlying.largest + negligible)
      )
        continue
      const shift = (this.#keep * e) / noise / left
      const wider = this.#keep / noise / left
      this.#split(
        without - 0.5 * log(left),
        slope - v2 * shift,
        g - v3 * shift,
        c22 + wider * v2 * v2,
        c23 + wider * v2 * v3,
        c33 + wider * v3 * v3,
        gains,
        needed,
        into.outlying,
        small?.outlying ?? null,
      )
    }
  }

  /** The latent gain that makes four points on the scale from this nadir; no gain does near the ceiling. */
  #gainNeeded(nadir: number): number {
    const { eventGain } = this.#priors
    return nadir > this.#course.highest - eventGain ? Number.POSITIVE_INFINITY : eventGain + Math.max(0, -nadir)
  }

  /** Adds a log evidence times the probability, over its prior one, that slope and gain lie where the course needs them. */
  #split(
    logEvidence: number,
    slope: number,
    gain: number,
    varSlope: number,
    covariance: number,
    varGain: number,
    gains: boolean,
    needed: number,
    into: LogSum,
    small: LogSum | null,
  ): void {
    if (logEvidence < into.largest + negligible && (small === null || logEvidence < small.largest + negligible)) return
    const sd = Math.sqrt(varSlope)
    const alpha = -slope / sd
    const declines = normalBelow(alpha)
    if (declines === 0) return
    const share = declines / this.#declines
    if (!gains) {
      into.add(logEvidence, share)
      return
    }
    // Moments of the gain given a slope at or below zero (Mendell and Elston 1974).
    const lambda = alpha > 6 ? 0 : (exp(-0.5 * alpha * alpha) * 0.3989422804014327) / declines
    const shrink = lambda * (lambda + alpha)
    const mean = gain - (covariance / sd) * lambda
    const variance = varGain - ((covariance * covariance) / varSlope) * shrink
    const sdGain = Math.sqrt(Math.max(variance, 1e-12))
    const large = normalBelow((mean - needed) / sdGain)
    into.add(logEvidence, (share * large) / this.#priorLarge)
    if (small === null) return
    const positive = normalBelow(mean / sdGain)
    small.add(logEvidence, (share * Math.max(0, positive - large)) / (0.5 - this.#priorLarge))
  }
}
