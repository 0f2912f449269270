import { exp, log, normalQuantile } from '../../numerics/special.ts'
import { noPartialFit, type PartialFit } from '../likelihood/partial.ts'
import { fitInUnits } from '../likelihood/whitening.ts'
import { fitRiskSets, type WhitenedColumns, whitenedSets } from './cox.ts'
import { requireSurvivalData, type SurvivalData } from './data.ts'
import { type RiskSet, riskSets } from './risk-sets.ts'

/** A step function that falls: values from each time on, 1 before the first. */
interface Steps {
  times: number[]
  values: number[]
}

/** Kaplan and Meier's estimate of still being without censoring; events come before censorings at the same time. */
function censoring({ time, status, entry }: SurvivalData): Steps {
  const n = time.length
  const all = Array.from({ length: n }, (_, i) => i)
  const times = [...new Set(all.filter((i) => status[i] === 0).map((i) => time[i]))].sort((a, b) => a - b)
  const values: number[] = []
  let value = 1
  for (const t of times) {
    // Who has an event at t is no longer there when others are censored.
    const atRisk = all.filter(
      (i) => (time[i] > t || (time[i] === t && status[i] === 0)) && (entry === undefined || entry[i] < t),
    ).length
    const lost = all.filter((i) => status[i] === 0 && time[i] === t).length
    value *= 1 - lost / atRisk
    values.push(value)
  }
  return { times, values }
}

/** The value just before t. */
function before({ times, values }: Steps, t: number): number {
  let value = 1
  for (let i = 0; i < times.length && times[i] < t; i++) value = values[i]
  return value
}

/** Risk sets of the subdistribution: who had the competing event stays, with the probability of not having been censored since. */
function subdistributionSets(data: SurvivalData): RiskSet[] {
  const { time, status } = data
  const n = time.length
  const still = censoring(data)
  const atOwn = Float64Array.from({ length: n }, (_, i) => before(still, time[i]))
  return riskSets(data).map(({ time: t, events, people, weights }) => {
    const now = before(still, t)
    const gone = Array.from({ length: n }, (_, i) => i).filter((i) => status[i] === 2 && time[i] < t && now > 0)
    return {
      time: t,
      events,
      people: [...people, ...gone],
      weights: Float64Array.from([...weights, ...gone.map((i) => now / atOwn[i])]),
    }
  })
}

export interface FineGrayFit extends PartialFit {
  /** Standard errors of the sandwich over people; the censoring weights are taken as known. */
  robustStandardErrors: Float64Array
}

/**
 * Regression of the subdistribution hazard of the event (Fine and Gray 1999, J. Am. Stat. Assoc. 94:496): what a column does to the share of people who ever
 * have the event, with the competing one counted as never. Breslow's ties; weights G(t-) / G(T-) with Kaplan and Meier's G of censoring, pooled over everybody.
 * `standardErrors` are those of the information, `robustStandardErrors` of the sandwich. No entry times, no strata. Statuses as for `coxRegression`.
 */
export function fineGray(data: Omit<SurvivalData, 'entry' | 'strata'>): FineGrayFit {
  const { time, status, columns } = data
  const plain: SurvivalData = { time, status, columns }
  requireSurvivalData(plain)
  const k = columns.length
  const { sets, white } = whitenedSets(subdistributionSets(plain), plain)
  const none = (status: PartialFit['status'], infinite?: number[]): FineGrayFit => ({
    ...noPartialFit(status, k, infinite),
    robustStandardErrors: new Float64Array(k).fill(Number.NaN),
  })
  if (sets.length === 0) return none('uninformative')
  if (white === undefined) return none('collinear')
  const fit = fitRiskSets(sets, white, 'breslow')
  if (fit.status !== 'ok') return none(fit.status, fit.infinite)
  return { ...fitInUnits(fit, white.whitening), robustStandardErrors: sandwich(sets, white, fit, time.length) }
}

/**
 * Square roots of the diagonal of V (sum of u u') V, u the score residuals of Breslow's likelihood (Lin and Wei 1989), in the units given; `fit` in the
 * coordinates of the columns.
 */
function sandwich(
  sets: readonly RiskSet[],
  { columns, whitening }: WhitenedColumns,
  fit: PartialFit,
  n: number,
): Float64Array {
  const k = columns.length
  const residuals = Array.from({ length: n }, () => new Float64Array(k))
  const eta = Array.from({ length: n }, (_, i) => columns.reduce((sum, c, j) => sum + c[i] * fit.coefficients[j], 0))
  for (const { events, people, weights } of sets) {
    let total = 0
    const mean = new Float64Array(k)
    const top = people.reduce((most, i) => Math.max(most, eta[i]), Number.NEGATIVE_INFINITY)
    const w = people.map((i, at) => weights[at] * exp(eta[i] - top))
    people.forEach((i, at) => {
      total += w[at]
      for (let j = 0; j < k; j++) mean[j] += w[at] * columns[j][i]
    })
    for (let j = 0; j < k; j++) mean[j] /= total
    for (const i of events) for (let j = 0; j < k; j++) residuals[i][j] += columns[j][i] - mean[j]
    people.forEach((i, at) => {
      for (let j = 0; j < k; j++) residuals[i][j] -= ((w[at] * events.length) / total) * (columns[j][i] - mean[j])
    })
  }
  const out = new Float64Array(k)
  for (const u of residuals) {
    const moved = new Float64Array(k)
    for (let j = 0; j < k; j++) for (let l = 0; l < k; l++) moved[j] += fit.covariance[j * k + l] * u[l]
    whitening.coefficients(moved).forEach((move, j) => {
      out[j] += move * move
    })
  }
  return out.map(Math.sqrt)
}

export interface CumulativeIncidence {
  /** Event times, ascending; each number holds from there on. */
  time: Float64Array
  /** At risk just before. */
  atRisk: Float64Array
  /** Share of people who have had the event (status 1), had nobody been censored. */
  incidence: Float64Array
  standardError: Float64Array
  /** Limits on the scale log(-log(incidence)) (Choudhury 2002). */
  low: Float64Array
  high: Float64Array
}

/**
 * Aalen and Johansen's cumulative incidence of the event (status 1) with death as a competing risk: sum of S(t-) d1 / n, S the probability of neither. Its
 * variance is the delta method's (Marubini and Valsecchi 1995, eq. 10.12). Unlike 1 - Kaplan-Meier with death censored it does not answer for a world without
 * death. Times at which anything happened; empty without events of either kind.
 */
export function cumulativeIncidence(data: Omit<SurvivalData, 'columns' | 'strata'>, level = 0.95): CumulativeIncidence {
  const { time, status, entry } = data
  requireSurvivalData({ ...data, columns: [] })
  const all = Array.from({ length: time.length }, (_, i) => i)
  const times = [...new Set(all.filter((i) => status[i] !== 0).map((i) => time[i]))].sort((a, b) => a - b)
  const at = times.map((t) => {
    const n = all.filter((i) => time[i] >= t && (entry === undefined || entry[i] < t)).length
    const own = all.filter((i) => time[i] === t && status[i] === 1).length
    const any = all.filter((i) => time[i] === t && status[i] !== 0).length
    return { n, own, any }
  })
  const incidence = new Float64Array(times.length)
  const free = new Float64Array(times.length)
  let survival = 1
  let sum = 0
  at.forEach(({ n, own, any }, j) => {
    free[j] = survival
    sum += (survival * own) / n
    incidence[j] = sum
    survival *= 1 - any / n
  })
  const standardError = incidence.map((now, last) => {
    let variance = 0
    for (let j = 0; j <= last; j++) {
      const { n, own, any } = at[j]
      const left = now - incidence[j]
      // Where everybody left has an event, what is left of the incidence is 0.
      if (n > any) variance += (left * left * any) / (n * (n - any))
      variance += (free[j] * free[j] * own * (n - own)) / (n * n * n)
      variance -= (2 * left * free[j] * own) / (n * n)
    }
    return Math.sqrt(Math.max(0, variance))
  })
  const z = normalQuantile((1 + level) / 2)
  const limit = (sign: 1 | -1) =>
    incidence.map((f, j) => {
      if (!(f > 0 && f < 1)) return f
      const l = log(f)
      return exp(l * exp((sign * z * standardError[j]) / (f * l)))
    })
  return {
    time: Float64Array.from(times),
    atRisk: Float64Array.from(at, ({ n }) => n),
    incidence,
    standardError,
    low: limit(-1),
    high: limit(1),
  }
}
