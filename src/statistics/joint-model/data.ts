import { UpturnError } from '../../errors/index.ts'

/**
 * Repeated measurements of people, some censored, and what became of the people. The mean of person i at time t is
 * m(t) = base_i'beta + b0 + (slope_i'gamma + b1) t; a measurement is m(t) + row'delta + e.
 */
export interface JointData {
  subjects: number
  /** For each row: its person, time (0 or later), value or limit, and 0 measured, -1 below, 1 above. */
  subject: ArrayLike<number>
  time: ArrayLike<number>
  y: ArrayLike<number>
  censoring: ArrayLike<number>
  /** Columns with one value a person: of the level (ones included) and of the slope over time. */
  base: readonly ArrayLike<number>[]
  slope: readonly ArrayLike<number>[]
  /** Columns with one value a row, which shift the measurement but not the person: plates. */
  row?: readonly ArrayLike<number>[]
  /** Whether people differ in their slopes (b1) beside their levels (b0). */
  randomSlope: boolean
  survival?: JointSurvival
}

/** Hazard at t: exp(log hazard of the piece + columns'eta + alpha m(t)). */
export interface JointSurvival {
  /** Above 0, one a person, counted from the person's time 0. */
  time: ArrayLike<number>
  /** 1 the event, 0 censored. */
  event: ArrayLike<number>
  /** One value a person; no ones, the pieces stand for them. */
  columns: readonly ArrayLike<number>[]
  /** Inner ends of the pieces within which the baseline hazard is constant, ascending. */
  cuts: readonly number[]
  /** Whether alpha is estimated; 0 otherwise. */
  linked: boolean
}

/** Where each kind of parameter stands in the vector. */
export interface Layout {
  base: number
  slope: number
  row: number
  /** log of the residual standard deviation. */
  sigma: number
  /** log l11, and with random slopes l21 and log l22 of the Cholesky factor of the covariance of (b0, b1). */
  random: number
  hazard: number
  effects: number
  alpha: number
  size: number
}

export function layoutOf(data: JointData): Layout {
  const slope = data.base.length
  const row = slope + data.slope.length
  const sigma = row + (data.row?.length ?? 0)
  const random = sigma + 1
  const hazard = random + (data.randomSlope ? 3 : 1)
  const pieces = data.survival === undefined ? 0 : data.survival.cuts.length + 1
  const effects = hazard + pieces
  const alpha = effects + (data.survival?.columns.length ?? 0)
  return {
    base: 0,
    slope,
    row,
    sigma,
    random,
    hazard,
    effects,
    alpha,
    size: alpha + (data.survival?.linked === true ? 1 : 0),
  }
}

/** Refuses shapes that do not agree, values that are not finite, times before 0, people without a row and pieces without an order. */
export function requireJointData(data: JointData): void {
  const refuse = (why: string): never => {
    throw new UpturnError('BadArgument', `a joint model cannot be fitted: ${why}`)
  }
  const rows = data.y.length
  const perPerson = [...data.base, ...data.slope, ...(data.survival?.columns ?? [])]
  if ([data.subject, data.time, data.censoring, ...(data.row ?? [])].some((column) => column.length !== rows))
    refuse('rows are of unequal number')
  if (perPerson.some((column) => column.length !== data.subjects)) refuse('columns of people are of unequal length')
  if (data.base.length === 0) refuse('the level has no column')
  const seen = new Uint8Array(data.subjects)
  let measured = 0
  for (let r = 0; r < rows; r++) {
    const s = data.subject[r]
    if (!(Number.isInteger(s) && s >= 0 && s < data.subjects)) refuse(`row ${r} belongs to nobody`)
    if (!(Number.isFinite(data.y[r]) && Number.isFinite(data.time[r]) && data.time[r] >= 0))
      refuse(`row ${r} has no finite value or a time before 0`)
    seen[s] = 1
    if (data.censoring[r] === 0) measured++
  }
  if (seen.includes(0)) refuse('somebody has no measurement')
  if (measured < 3) refuse('fewer than three values were measured')
  for (const column of [...perPerson, ...(data.row ?? [])])
    for (let i = 0; i < column.length; i++) if (!Number.isFinite(column[i])) refuse('a column is not finite')
  const { survival } = data
  if (survival === undefined) return
  if (survival.time.length !== data.subjects || survival.event.length !== data.subjects)
    refuse('times to the event are of another number than people')
  for (let i = 0; i < data.subjects; i++)
    if (!(survival.time[i] > 0 && Number.isFinite(survival.time[i]))) refuse(`time ${survival.time[i]} is not above 0`)
  if (survival.cuts.some((cut, k) => !(cut > (k === 0 ? 0 : survival.cuts[k - 1])))) refuse('pieces have no order')
}
