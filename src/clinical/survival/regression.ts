import { UpturnError } from '../../errors/index.ts'
import { chiSquareLogTail, exp } from '../../numerics/special.ts'
import type { EffectOf, IncidenceGroup, IncidenceStep, SurvivalRegression } from '../../results/survival.ts'
import {
  type CumulativeIncidence,
  coxFirth,
  coxRegression,
  cumulativeIncidence,
  fineGray,
  type SurvivalData,
  type Ties,
} from '../../statistics/survival/index.ts'
import { mostWork } from './copy-hazard.ts'

/** The rest is refused. */
const mostTableWork = 50_000_000
/** From here on the fits without a penalty, which look for infinite estimates first, are not made. */
const mostPlainWork = 1_000_000

export interface RegressionInput extends SurvivalData {
  /** Names of the columns. */
  names: readonly string[]
  ties: Ties
  /** A value a person, by which the incidence is shown; nothing: all together. */
  by?: readonly string[]
}

/** More groups are not shown by themselves. */
const mostIncidenceGroups = 4

/** Ratio, limits and p out of a coefficient and its standard error. */
function wald(beta: number, standardError: number): EffectOf {
  const z = beta / standardError
  return {
    status: 'ok',
    ratio: exp(beta),
    low: exp(beta - 1.959963984540054 * standardError),
    high: exp(beta + 1.959963984540054 * standardError),
    p: exp(chiSquareLogTail(z * z, 1)),
  }
}

const none = (status: string): EffectOf => ({ status, ratio: null, low: null, high: null, p: null })

/**
 * Every column's hazard ratio given the others, of the event and of the competing one (statuses 1 and 2): with Firth's penalty (likelihood ratio, profile
 * limits), and without (Wald); where there is a competing event and neither entry nor strata, Fine and Gray's with robust errors; and the cumulative incidence.
 */
export function survivalRegression(input: RegressionInput): SurvivalRegression {
  const { names, ties, by, ...data } = input
  const { time, status, columns, entry } = data
  const people = time.length
  const countOf = (wanted: number) => Array.from(status).filter((s) => s === wanted).length
  const [events, competing] = [countOf(1), countOf(2)]
  if ((events + competing) * people > mostTableWork)
    throw new UpturnError(
      'BadArgument',
      `${events + competing} events times ${people} people are more than ${mostTableWork}; take a random part of those without an event, or fewer people`,
    )
  const swapped = Array.from(status, (s) => (s === 0 ? 0 : 3 - s))
  const notes: string[] = []
  const fits = (of: ArrayLike<number>, happened: number) => {
    const work = happened * people
    const whole: SurvivalData = { ...data, status: of }
    const firth = columns.map((tested, j): EffectOf => {
      if (happened === 0) return none('no_events')
      if (work > mostWork) return none('too_large')
      const fit = coxFirth({ ...whole, columns: columns.filter((_, other) => other !== j), tested }, ties)
      if (fit.status === 'collinear' || fit.status === 'not_converged') return none(fit.status)
      return {
        status: 'ok',
        ratio: exp(fit.beta),
        low: fit.low === null ? null : exp(fit.low),
        high: fit.high === null ? null : exp(fit.high),
        p: exp(fit.logP),
      }
    })
    const plain =
      happened === 0
        ? 'no_events'
        : work > mostPlainWork
          ? 'too_large'
          : columns.length === 0
            ? 'no_columns'
            : coxRegression(whole, ties)
    return { firth, plain: columns.map((_, j) => effectOf(plain, j)) }
  }
  const own = fits(status, events)
  const other = competing === 0 ? null : fits(swapped, competing)
  let subdistribution: EffectOf[] | null = null
  if (competing > 0 && (entry !== undefined || data.strata !== undefined))
    notes.push(
      'Fine and Gray’s regression takes neither entry times nor strata; the hazards of both events are given instead.',
    )
  else if (competing > 0 && columns.length > 0) {
    const fit =
      events === 0 ? 'no_events' : events * people > mostPlainWork ? 'too_large' : fineGray({ time, status, columns })
    subdistribution = columns.map((_, j) =>
      typeof fit === 'string' || fit.status !== 'ok'
        ? effectOf(fit, j)
        : wald(fit.coefficients[j], fit.robustStandardErrors[j]),
    )
  }
  if (events > 0 && events < 2 * columns.length)
    notes.push(`${events} events for ${columns.length} columns: limits are wide for a reason.`)
  const curve = cumulativeIncidence({ time, status, ...(entry !== undefined && { entry }) })
  return {
    people,
    events,
    competing,
    censored: people - events - competing,
    ties,
    columns: names.map((name, j) => ({
      name,
      firth: own.firth[j],
      plain: own.plain[j],
      competingFirth: other?.firth[j] ?? null,
      competingPlain: other?.plain[j] ?? null,
      subdistribution: subdistribution?.[j] ?? null,
    })),
    incidence: stepsOf(curve),
    groups: groupsOf(data, by),
    notes,
  }
}

const stepsOf = (curve: CumulativeIncidence): IncidenceStep[] =>
  Array.from(curve.time, (at, j) => ({
    time: at,
    atRisk: curve.atRisk[j],
    incidence: curve.incidence[j],
    standardError: curve.standardError[j],
    // The scale of the limits has no place for a share of 0 or 1.
    low: curve.incidence[j] === 0 ? 0 : curve.incidence[j] < 1 ? curve.low[j] : null,
    high: curve.incidence[j] > 0 ? curve.high[j] : null,
  }))

/** Both incidences within each value of `by`, in the order of numbers or of words. */
function groupsOf({ time, status, entry }: SurvivalData, named: readonly string[] | undefined): IncidenceGroup[] {
  const by = named ?? Array.from(time, () => 'all')
  const numeric = by.every((value) => Number.isFinite(Number(value)))
  const values = [...new Set(by)].sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1))
  if (values.length > mostIncidenceGroups)
    throw new UpturnError(
      'BadArgument',
      `the column of groups has ${values.length} values; incidence is shown by at most ${mostIncidenceGroups}`,
    )
  const times = roundTimes(Array.from(time).reduce((a, b) => Math.max(a, b), 0))
  return values.map((value) => {
    const own = [...by.keys()].filter((i) => by[i] === value)
    const take = (column: ArrayLike<number>) => own.map((i) => column[i])
    const statuses = take(status)
    const curve = (of: readonly number[]) =>
      stepsOf(cumulativeIncidence({ time: take(time), status: of, ...(entry !== undefined && { entry: take(entry) }) }))
    const competing = statuses.filter((s) => s === 2).length
    return {
      value,
      people: own.length,
      events: statuses.filter((s) => s === 1).length,
      competing,
      incidence: curve(statuses),
      competingIncidence: competing === 0 ? [] : curve(statuses.map((s) => (s === 0 ? 0 : 3 - s))),
      atRisk: times.map((at) => ({
        time: at,
        people: own.filter(
          (i) => time[i] >= at && (entry === undefined || entry[i] < at || (at === 0 && entry[i] <= 0)),
        ).length,
      })),
    }
  })
}

function effectOf(fit: string | ReturnType<typeof coxRegression>, j: number): EffectOf {
  if (typeof fit === 'string') return none(fit)
  if (fit.status === 'separated') return none(fit.infinite.includes(j) ? 'infinite' : 'separated')
  return fit.status === 'ok' ? wald(fit.coefficients[j], fit.standardErrors[j]) : none(fit.status)
}

/** From 0 in at most six steps of 1, 2 or 5 times a power of ten. */
function roundTimes(last: number): number[] {
  let step = 1
  while (step > last) step /= 10
  const factors = [2, 2.5, 2]
  for (let k = 0; last / step > 6; k++) step *= factors[k % 3]
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, k) => k * step)
}
