import { UpturnError } from '../../errors/index.ts'
import { firstDependent, meanOf, takeOut, type Whitening, whitening } from '../likelihood/whitening.ts'
import { type Factor, type Method, type Profile, profile } from './deviance.ts'
import { type LocalSums, type LongitudinalData, localSums, requireLongitudinalData } from './local-sums.ts'
import { invertPositive } from './symmetric.ts'

/** A linear mixed model with correlated random intercept and slope. */
export interface MixedModelFit {
  method: Method
  observations: number
  subjects: number
  /** Fixed effects in the order of the columns, their standard errors and covariance (p x p). */
  fixed: Float64Array
  fixedSe: Float64Array
  fixedCovariance: Float64Array
  /** Covariance of the random effects, in units of the response and of time. */
  varIntercept: number
  covariance: number
  varSlope: number
  varResidual: number
  /** Restricted for REML; comparable with lme4 and nlme. */
  logLikelihood: number
  /** True when the covariance matrix has (almost) no full rank. */
  singular: boolean
  /** False too where the best residual variance is 0: visits whose random effects can give every value. */
  converged: boolean
  iterations: number
  /** Best linear unbiased predictions of each subject's deviations from the fixed effects; 0 without rows. */
  blupIntercept: Float64Array
  blupSlope: Float64Array
  /** Their standard errors given fixed effects and variances, as lme4's condVar; of a subject without rows the random effects' own. */
  blupInterceptSe: Float64Array
  blupSlopeSe: Float64Array
}

/**
 * Fits y = X beta + b0 + b1 t + e, (b0, b1) ~ N(0, G), e ~ N(0, sigma^2), by (restricted) maximum likelihood: Newton steps
 * on the Cholesky factor of the relative covariance, analytic gradient, Hessian from differences of the gradient.
 *
 * Refuses collinear fixed columns, fewer rows than parameters, data without residual variation, and visits that cannot tell the four variances
 * apart: one visit each, everybody at the same one or two times, one person. Tolerances against
 * lme4 and nlme: log-likelihood 1e-7 (1e-4 where people differ by hundreds of residual standard
 * deviations), fixed effects 1e-5, variances 1e-4 (relative), predictions 1e-4. Time, response and columns may have any unit and mean.
 */
export function fitMixedModel(data: LongitudinalData, options: { method?: Method } = {}): MixedModelFit {
  const method = options.method ?? 'REML'
  requireLongitudinalData(data)
  requireRows(data.response.length, data.fixed.length)
  const { fixed, response } = data
  const rows = response.length
  const white = whitenedFixed(fixed, rows)
  const columns = white.columns(fixed)
  const { said, left } = takeOut(columns, response)
  let rest = 0
  let whole = 0
  for (let r = 0; r < rows; r++) {
    rest += left[r] * left[r]
    whole += response[r] * response[r]
  }
  requireVariation(rest, whole, 1e-24)
  const shift = meanOf(data.time)
  const time = new Float64Array(rows)
  for (let r = 0; r < rows; r++) time[r] = data.time[r] - shift
  const fit = fitSums(localSums({ ...data, time, response: left, fixed: columns }), method, shift)
  const covariance = white.covariance(fit.fixedCovariance)
  return {
    ...fit,
    fixed: white.coefficients(fit.fixed.map((b, j) => b + said[j])),
    fixedCovariance: covariance,
    fixedSe: Float64Array.from(fixed, (_, j) => Math.sqrt(covariance[j * fixed.length + j])),
    // |X'V^-1 X| in the units given.
    logLikelihood: fit.logLikelihood - (method === 'REML' ? white.logDeterminant : 0),
  }
}

/** Fixed columns in coordinates in which they do not go along with each other; refuses the first that is a combination of those before it. */
function whitenedFixed(fixed: LongitudinalData['fixed'], rows: number): Whitening {
  const white = whitening(fixed, rows)
  if (white !== undefined) return white
  throw new UpturnError(
    'CollinearCovariates',
    `fixed column ${firstDependent(fixed, rows)} is a combination of those before it`,
  )
}

function requireRows(rows: number, p: number): void {
  if (rows < p + 4) throw new UpturnError('BadArgument', `${rows} rows are too few for a mixed model with ${p} columns`)
}

/** Whether the fixed columns leave `rest` of the response's `whole` sum of squares. */
function requireVariation(rest: number, whole: number, share: number): void {
  if (!(rest > share * whole))
    throw new UpturnError('BadArgument', 'the response is an exact combination of the fixed columns')
}

const mostIterations = 200
/** Standard deviations of the random effects over the residual one beyond which that is taken for 0. */
const mostFactor = 1000
/** Up to so many people more than one start is tried. */
const fewPeople = 200

/**
 * The same from sums that were computed elsewhere. Sums keep fewer digits than rows: give times from a day near the visits, and columns and a response without a
 * large mean (what a mean is above the spread costs twice its digits).
 */
export function fitFromSums(raw: LocalSums, method: Method): MixedModelFit {
  requireRows(raw.observations, raw.p)
  return fitSums(raw, method, 0)
}

/** `shift` was taken from all times; intercepts are wanted at a time of 0. */
function fitSums(raw: LocalSums, method: Method, shift: number): MixedModelFit {
  requireIdentified(raw)
  const { sums, offset } = centred(raw)
  requireVariation(sums.yy, raw.yy, 1e-12)

  const climbs = starts(sums, method).map((factor) => descend(sums, factor, method))
  const { factor, at, converged, iterations } = climbs.reduce((a, b) => (b.at.deviance < a.at.deviance ? b : a))
  // So far above the residual the variances say that nothing measures it: its best value is 0, or the likelihood has no end.
  const measured = Math.max(...factor.map(Math.abs)) < mostFactor
  return finish(sums, offset, factor, at, { method, converged: converged && measured, iterations, shift })
}

interface Descent {
  factor: Factor
  at: Profile
  converged: boolean
  iterations: number
}

/** Newton's steps to the nearest minimum of the deviance. */
function descend(sums: LocalSums, from: Factor, method: Method): Descent {
  let factor = from
  let at = profile(sums, factor, method)
  let damping = 0
  let iterations = 0
  let converged = false
  for (; iterations < mostIterations && !converged; iterations++) {
    const hessian = curvature(sums, factor, method)
    let moved = false
    for (let attempt = 0; attempt < 40; attempt++) {
      const step = newtonStep(hessian, at.gradient, damping)
      if (step !== null) {
        const next: Factor = [factor[0] + step[0], factor[1] + step[1], factor[2] + step[2]]
        const trial = profile(sums, next, method)
        if (trial.deviance <= at.deviance + 1e-11 * Math.abs(at.deviance)) {
          const size = Math.max(...step.map((s, i) => Math.abs(s) / Math.max(Math.abs(factor[i]), 0.01)))
          converged = size < 1e-9 || (size < 1e-6 && damping === 0 && attempt === 0)
          factor = next
          at = trial
          damping = attempt === 0 ? damping / 10 : damping
          if (damping < 1e-8) damping = 0
          moved = true
          break
        }
      }
      damping = damping === 0 ? 1e-6 : damping * 10
    }
    if (!moved) {
      converged = Math.max(...at.gradient.map(Math.abs)) < 1e-4
      break
    }
  }
  return { factor, at, converged, iterations }
}

/**
 * The covariance of a subject's rows is sigma^2 I + g11 11' + g12 (1t' + t1') + g22 tt'. Where these four matrices, over all subjects, are linearly
 * dependent, different variances give the same likelihood: their Gram matrix tells.
 */
function requireIdentified({ subjects, zz }: LocalSums): void {
  const gram = new Float64Array(16)
  let seen = 0
  for (let s = 0; s < subjects; s++) {
    const n = zz[3 * s]
    if (n === 0) continue
    seen++
    const t = zz[3 * s + 1]
    const tt = zz[3 * s + 2]
    const products = [n, n, 2 * t, tt, n * n, 2 * n * t, t * t, 2 * (n * tt + t * t), 2 * t * tt, tt * tt]
    let at = 0
    for (let i = 0; i < 4; i++)
      for (let j = i; j < 4; j++) {
        gram[4 * i + j] += products[at]
        if (j > i) gram[4 * j + i] += products[at]
        at++
      }
  }
  if (seen < 2)
    throw new UpturnError('BadArgument', 'one person does not show how people differ: a mixed model needs several')
  if ('dependent' in invertPositive(gram, 4))
    throw new UpturnError(
      'BadArgument',
      'these visits cannot tell how people differ from how a person varies: a mixed model with random slopes needs some people with three visits, or two at times that differ by person',
    )
}

/** Sums with the least-squares fit taken out of the response: the residual is then not a difference of large numbers. */
function centred(raw: LocalSums): { sums: LocalSums; offset: Float64Array } {
  const { p, subjects } = raw
  const solved = invertPositive(raw.xx, p)
  if ('dependent' in solved)
    throw new UpturnError('CollinearCovariates', `fixed column ${solved.dependent} is a combination of those before it`)
  const offset = new Float64Array(p)
  for (let j = 0; j < p; j++) for (let k = 0; k < p; k++) offset[j] += solved.inverse[j * p + k] * raw.xy[k]
  const xy = Float64Array.from(raw.xy)
  let yy = raw.yy
  for (let j = 0; j < p; j++) {
    yy -= offset[j] * raw.xy[j]
    for (let k = 0; k < p; k++) xy[j] -= raw.xx[j * p + k] * offset[k]
  }
  const zy = Float64Array.from(raw.zy)
  for (let s = 0; s < subjects; s++)
    for (let j = 0; j < p; j++) {
      zy[2 * s] -= raw.zx[2 * p * s + j] * offset[j]
      zy[2 * s + 1] -= raw.zx[2 * p * s + p + j] * offset[j]
    }
  return { sums: { ...raw, xy, yy, zy }, offset }
}

/**
 * The best of a coarse grid; Newton finds the rest. Of few people, whose likelihood can have several peaks, the best with falling, flat and rising
 * covariance each, and of a second grid in which people differ by far more than a person varies.
 */
function starts(sums: LocalSums, method: Method): Factor[] {
  const few = sums.subjects <= fewPeople
  const best = (few ? [1, 16] : [1]).flatMap((unit) =>
    [-0.5, 0, 0.5].map((b) => {
      let found: Factor = [1, b, 1]
      let lowest = Number.POSITIVE_INFINITY
      for (const a of [0.3, 1, 2, 4])
        for (const c of [0.1, 0.5, 1, 2, 4]) {
          const factor: Factor = [unit * a, unit * b * c, unit * c]
          const { deviance } = profile(sums, factor, method)
          if (deviance < lowest) {
            lowest = deviance
            found = factor
          }
        }
      return { found, lowest }
    }),
  )
  best.sort((x, y) => x.lowest - y.lowest)
  if (best[0].lowest === Number.POSITIVE_INFINITY)
    throw new UpturnError('BadArgument', 'the data leave no residual variation: more visits a person are needed')
  return (few ? best : best.slice(0, 1)).map(({ found }) => found)
}

type Matrix3 = [number, number, number][]

function curvature(sums: LocalSums, factor: Factor, method: Method): Matrix3 {
  const rows = factor.map((value, i) => {
    const h = 1e-5 * Math.max(Math.abs(value), 0.1)
    const shifted = (delta: number): Factor => {
      const moved = [...factor] as [number, number, number]
      moved[i] += delta
      return moved
    }
    const up = profile(sums, shifted(h), method).gradient
    const down = profile(sums, shifted(-h), method).gradient
    return up.map((g, j) => (g - down[j]) / (2 * h)) as [number, number, number]
  })
  return rows.map((row, i) => row.map((value, j) => (value + rows[j][i]) / 2) as [number, number, number])
}

/** -(H + damping |H|)^-1 g; null where that matrix is not positive definite. */
function newtonStep(hessian: Matrix3, gradient: readonly number[], damping: number): number[] | null {
  const scale = Math.max(...hessian.map((row, i) => Math.abs(row[i])), 1e-300)
  const matrix = hessian.flatMap((row, i) =>
    row.map((value, j) => (i === j ? value + damping * Math.max(Math.abs(value), 1e-3 * scale) * 10 : value)),
  )
  const solved = invertPositive(matrix, 3)
  if ('dependent' in solved) return null
  return [0, 1, 2].map((i) => {
    let step = 0
    for (let j = 0; j < 3; j++) step -= solved.inverse[3 * i + j] * gradient[j]
    return step
  })
}

function finish(
  sums: LocalSums,
  offset: Float64Array,
  [a, b, c]: Factor,
  at: Profile,
  { method, converged, iterations, shift }: { method: Method; converged: boolean; iterations: number; shift: number },
): MixedModelFit {
  const { p, subjects, zz, zx, zy, timeScale } = sums
  const g11 = a * a
  const g12 = a * b
  const g22 = b * b + c * c
  const blupIntercept = new Float64Array(subjects)
  const blupSlope = new Float64Array(subjects)
  const sigma = Math.sqrt(at.sigma2)
  const detG = a * a * c * c
  // The intercept at a time of 0: a0 and c0 of the two standard normal variables behind a person's effects.
  const back = shift / timeScale
  const a0 = a - back * b
  const c0 = -back * c
  const blupInterceptSe = new Float64Array(subjects).fill(sigma * Math.sqrt(a0 * a0 + c0 * c0))
  const blupSlopeSe = new Float64Array(subjects).fill((sigma * Math.sqrt(g22)) / timeScale)
  for (let s = 0; s < subjects; s++) {
    const n = zz[3 * s]
    if (n === 0) continue
    const t1 = zz[3 * s + 1]
    const t2 = zz[3 * s + 2]
    const det = 1 + n * g11 + 2 * t1 * g12 + t2 * g22 + detG * (n * t2 - t1 * t1)
    // G K^-1, the relative covariance given the data.
    const w11 = (g11 + t2 * detG) / det
    const w12 = (g12 - t1 * detG) / det
    const w22 = (g22 + n * detG) / det
    let r0 = zy[2 * s]
    let r1 = zy[2 * s + 1]
    for (let j = 0; j < p; j++) {
      r0 -= zx[2 * p * s + j] * at.beta[j]
      r1 -= zx[2 * p * s + p + j] * at.beta[j]
    }
    const slope = w12 * r0 + w22 * r1
    blupIntercept[s] = w11 * r0 + w12 * r1 - back * slope
    blupSlope[s] = slope / timeScale
    blupInterceptSe[s] = sigma * Math.sqrt(Math.max(0, w11 - 2 * back * w12 + back * back * w22))
    blupSlopeSe[s] = (sigma * Math.sqrt(Math.max(0, w22))) / timeScale
  }
  const fixedCovariance = at.betaCovariance.map((value) => value * at.sigma2)
  return {
    method,
    observations: sums.observations,
    subjects,
    fixed: at.beta.map((value, j) => value + offset[j]),
    fixedSe: Float64Array.from({ length: p }, (_, j) => Math.sqrt(fixedCovariance[j * p + j])),
    fixedCovariance,
    varIntercept: (a0 * a0 + c0 * c0) * at.sigma2,
    covariance: ((a0 * b + c0 * c) * at.sigma2) / timeScale,
    varSlope: (g22 * at.sigma2) / (timeScale * timeScale),
    varResidual: at.sigma2,
    logLikelihood: at.logLikelihood,
    singular: Math.abs(a) < 1e-4 || Math.abs(c) < 1e-4,
    converged,
    iterations,
    blupIntercept,
    blupSlope,
    blupInterceptSe,
    blupSlopeSe,
  }
}
