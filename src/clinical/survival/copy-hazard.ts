import { exp } from '../../numerics/special.ts'
import type { CopyHazard } from '../../results/survival.ts'
import { coxFirth } from '../../statistics/survival/index.ts'
import type { FollowUp } from './times.ts'

/** A person with a time and a genotype. */
export interface Followed {
  follow: FollowUp
  /** Copies of the lead's alternate allele, 0 to 2. */
  copies: number
  /** One value a covariate, all known. */
  covariates: readonly number[]
  cohort: string
}

/** Fewer events are not fitted. */
export const fewestEvents = 5
/** Covariates are in the model from so many events a column on. */
export const eventsPerColumn = 2
/** More people times events take too long and too much memory. */
export const mostWork = 20_000_000

/** Whether events of both kinds times people are too many. */
export const isTooLarge = (people: readonly Followed[]): boolean =>
  people.length * people.filter(({ follow }) => follow.status !== 0).length > mostWork

/**
 * The hazard of one kind of event (status 1 reversal, 2 death) by copies: Cox with Firth's penalty, delayed entry, Efron's ties, strata of cohorts where
 * there are several; whoever has the other event leaves. Covariates that do not differ are left out; all of them are where there are fewer than
 * `eventsPerColumn` events a column.
 */
export function copyHazard(people: readonly Followed[], event: 1 | 2, covariates: readonly string[]): CopyHazard {
  const happened = people.map(({ follow }) => follow.status === event)
  const events = happened.filter(Boolean).length
  const byCopies = [0, 1, 2].map((copies) => {
    const own = people.map((person) => Math.round(person.copies) === copies)
    return {
      people: own.filter(Boolean).length,
      events: own.filter((is, i) => is && happened[i]).length,
    }
  })
  const varying = covariates.flatMap((name, j) =>
    new Set(people.map((person) => person.covariates[j])).size > 1 ? [{ name, j }] : [],
  )
  const enough = events >= eventsPerColumn * (varying.length + 1)
  const taken = enough ? varying : []
  const leftOut = covariates
    .filter((name) => taken.every((one) => one.name !== name))
    .map((name) =>
      varying.some((one) => one.name === name)
        ? `${name} (fewer than ${eventsPerColumn} events a column)`
        : `${name} (the same for everybody)`,
    )
  const none = (status: CopyHazard['status']): CopyHazard => ({
    status,
    people: people.length,
    events,
    byCopies,
    ratio: null,
    low: null,
    high: null,
    p: null,
    negLog10P: null,
    adjustedFor: [],
    leftOut: [],
  })
  if (people.length === 0) return none('nobody')
  if (events === 0) return none('no_events')
  if (new Set(people.map(({ copies }) => copies)).size === 1) return none('monomorphic')
  if (events < fewestEvents) return none('few_events')
  if (events * people.length > mostWork) return none('too_large')
  const several = new Set(people.map(({ cohort }) => cohort)).size > 1
  const fit = coxFirth({
    time: people.map(({ follow }) => follow.end),
    entry: people.map(({ follow }) => follow.entry),
    status: happened.map((is, i) => (is ? 1 : people[i].follow.status === 0 ? 0 : 2)),
    columns: taken.map(({ j }) => standardised(people.map((person) => person.covariates[j]))),
    tested: people.map(({ copies }) => copies),
    ...(several && { strata: people.map(({ cohort }) => cohort) }),
  })
  if (fit.status === 'collinear' || fit.status === 'not_converged') return none(fit.status)
  return {
    ...none('ok'),
    ratio: exp(fit.beta),
    low: fit.low === null ? null : exp(fit.low),
    high: fit.high === null ? null : exp(fit.high),
    p: exp(fit.logP),
    negLog10P: fit.logP === 0 ? 0 : -fit.logP / Math.LN10,
    adjustedFor: taken.map(({ name }) => name),
    leftOut,
  }
}

/** Mean 0, standard deviation 1, upon which no ratio depends. */
function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v / values.length, 0)
  const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2 / values.length, 0))
  return values.map((v) => (v - mean) / spread)
}
