import { UpturnError } from '../../errors/index.ts'

/** Repeated measurements: row r belongs to subject `subject[r]` (0 to subjects - 1). */
export interface LongitudinalData {
  subjects: number
  subject: ArrayLike<number>
  /** The variable with a random slope, in any unit. */
  time: ArrayLike<number>
  response: ArrayLike<number>
  /** Columns of the fixed-effects design, the intercept's ones included. */
  fixed: readonly ArrayLike<number>[]
}

/**
 * What the likelihood needs of the data: for each subject the products of Z = [1, t] with itself, with the p fixed
 * columns and with the response, and pooled products. A site can compute these alone; the fit needs nothing else.
 */
export interface LocalSums {
  subjects: number
  observations: number
  p: number
  /** Time was divided by this. */
  timeScale: number
  /** Z'Z a subject: n, sum t, sum t^2. */
  zz: Float64Array
  /** Z'X a subject: 2 x p, row-major. */
  zx: Float64Array
  /** Z'y a subject. */
  zy: Float64Array
  /** X'X, p x p. */
  xx: Float64Array
  xy: Float64Array
  yy: number
}

/** Refuses values that are not finite and rows of unequal number. */
export function requireLongitudinalData(data: LongitudinalData): void {
  const rows = data.response.length
  const { fixed } = data
  if (data.time.length !== rows || data.subject.length !== rows || fixed.some((column) => column.length !== rows))
    throw new UpturnError('BadArgument', 'subject, time, response and fixed columns must have the same number of rows')
  if (fixed.length === 0)
    throw new UpturnError('BadArgument', 'a mixed model needs at least one fixed column, such as ones')
  for (const column of fixed)
    for (let r = 0; r < rows; r++)
      if (Math.abs(column[r]) > 1e75 && Number.isFinite(column[r]))
        throw new UpturnError('BadArgument', `a fixed column holds ${column[r]}: give it in another unit`)
  for (let r = 0; r < rows; r++) {
    const s = data.subject[r]
    let good = Number.isFinite(data.time[r]) && Number.isFinite(data.response[r])
    good &&= Number.isInteger(s) && s >= 0 && s < data.subjects
    for (let j = 0; j < fixed.length; j++) good &&= Number.isFinite(fixed[j][r])
    if (!good) throw new UpturnError('BadArgument', `row ${r} of the mixed model holds a missing or invalid value`)
  }
}

/** Sums of one data set. Refuses values that are not finite and rows of unequal number. */
export function localSums(data: LongitudinalData): LocalSums {
  requireLongitudinalData(data)
  const rows = data.response.length
  const p = data.fixed.length
  let square = 0
  for (let r = 0; r < rows; r++) square += data.time[r] * data.time[r]
  const timeScale = square > 0 ? Math.sqrt(square / rows) : 1
  const zz = new Float64Array(3 * data.subjects)
  const zx = new Float64Array(2 * p * data.subjects)
  const zy = new Float64Array(2 * data.subjects)
  const xx = new Float64Array(p * p)
  const xy = new Float64Array(p)
  let yy = 0
  const x = new Float64Array(p)
  for (let r = 0; r < rows; r++) {
    const s = data.subject[r]
    const t = data.time[r] / timeScale
    const y = data.response[r]
    for (let j = 0; j < p; j++) x[j] = data.fixed[j][r]
    zz[3 * s] += 1
    zz[3 * s + 1] += t
    zz[3 * s + 2] += t * t
    zy[2 * s] += y
    zy[2 * s + 1] += t * y
    yy += y * y
    for (let j = 0; j < p; j++) {
      zx[2 * p * s + j] += x[j]
      zx[2 * p * s + p + j] += t * x[j]
      xy[j] += x[j] * y
      for (let k = 0; k <= j; k++) xx[j * p + k] += x[j] * x[k]
    }
  }
  for (let j = 0; j < p; j++) for (let k = 0; k < j; k++) xx[k * p + j] = xx[j * p + k]
  return { subjects: data.subjects, observations: rows, p, timeScale, zz, zx, zy, xx, xy, yy }
}
