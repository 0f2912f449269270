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

/** Visits of one spell are at most so many months apart. */
const longestSpell = 6.5
const logTwoPi = 1.8378770664093453
/** Only people with scores so near an end of the scale can have a course beyond it. */
const nearEnd = 6
/**
 * Points a month. A study that chose its progressors by their rate has a narrower spread of slopes than the people among
 * whom its reversals were found; published spreads are 0.7 to 0.8.
 */
const leastSlopeSpread = 0.5
/** What adds less than this (in logs) to what is already there is left out. */
const negligible = -25

/**
 * Marginal likelihoods of linear Gaussian courses for one person: intercept, slope and gain are integrated out in closed
 * form, with the slope held at or below zero and the gain in a range by their posterior normal probabilities; one
 * outlying visit, or two neighbouring ones with one error, is integrated by the rank-one change that it makes.
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
  /** Log prior odds of one outlying visit and of a spell of two, with the determinants of their noise. */
  readonly #logOutlier: readonly [number, number]
  /** Precision that the data lose along the outlying visits' sum. */
  readonly #precisionLost: readonly [number, number]

  constructor(course: Course, model: CohortModel, priors: PriorSettings) {
    this.#course = course
    this.#priors = priors
    const n = course.scores.length
    this.#noise = model.sdResidual * model.sdResidual
    const rho = Math.max(-0.95, Math.min(0.95, model.correlation))
    const va = Math.max(model.sdIntercept * model.sdIntercept, 0.01)
    const sdSlope = Math.max(model.sdSlope, leastSlopeSpread)
    const vb = sdSlope * sdSlope
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
    this.#declines = Math.max(normalCdf(-model.slopePerMonth / Math.sqrt(vb)), 1e-6)
    this.#s = new Float64Array(n)
    this.#r = new Float64Array(n)
    this.#bound = new Float64Array(n)
    this.#nearEnd = course.scores.some((score) => score <= nearEnd || score >= course.highest - nearEnd)
    const wide = priors.outlyingSd * priors.outlyingSd
    const determinant = (width: number) => this.#noise / (this.#noise + width * wide)
    this.#precisionLost = [
      (wide / this.#noise) * (determinant(1) / this.#noise),
      (wide / this.#noise) * (determinant(2) / this.#noise),
    ]
    this.#logOutlier = [
      log(priors.outlyingVisit) - log(1 - priors.outlyingVisit) + 0.5 * log(determinant(1)),
      log(priors.outlyingSpell) - log(1 - priors.outlyingVisit) + 0.5 * log(determinant(2)),
    ]
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
      // One visit, then this and the next together: a spell in which both are off by one error.
      let x1 = 0
      let xs = 0
      let xr = 0
      let e = 0
      for (let width = 1; width <= 2 && k + width <= n; width++) {
        const at = k + width - 1
        if (width === 2 && months[at] - months[k] > longestSpell) break
        if (Number.isNaN(bound[at])) {
          x1 += 1
          xs += s[at]
          xr += r[at]
          e += scores[at] - this.#meanA - a - slope * s[at] - g * r[at]
        } else e += scores[at] - bound[at]
        const lost = this.#precisionLost[width - 1]
        const v1 = c11 * x1 + c12 * xs + c13 * xr
        const v2 = c12 * x1 + c22 * xs + c23 * xr
        const v3 = c13 * x1 + c23 * xs + c33 * xr
        const left = 1 - lost * (v1 * x1 + v2 * xs + v3 * xr)
        const better = (0.5 * lost * e * e) / left
        // Calling visits within noise outlying adds less than a hundredth of the evidence.
        if (better + this.#logOutlier[width - 1] < -4.6) continue
        const without = base + this.#logOutlier[width - 1] + better
        if (
          without < into.outlying.largest + negligible &&
          (small === null || without < small.outlying.largest + negligible)
        )
          continue
        const wider = lost / left
        this.#split(
          without - 0.5 * log(left),
          slope - v2 * wider * e,
          g - v3 * wider * e,
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
