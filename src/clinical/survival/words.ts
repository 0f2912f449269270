import { sayNumber, sayP } from '../../results/say.ts'
import type { CopyHazard, LeadSurvival } from '../../results/survival.ts'
import { eventsPerColumn, fewestEvents } from './copy-hazard.ts'
import { fewestAtRisk } from './incidence.ts'

export const survivalRule =
  'Time from onset, under observation from the first visit (delayed entry) to death or the last visit; a reversal counts on the day of the last visit that made the call, not before. ' +
  `Cox regression with Firth's penalty on copies of the alternate allele, Efron's ties, penalised likelihood ratio, 95% profile limits; the study's covariates from ${eventsPerColumn} events a column on, nothing below ${fewestEvents} events, cohorts as strata. ` +
  `Whoever dies leaves the risk of reversal and the other way round (cause-specific hazards). Shares by year: Aalen and Johansen's, from the day on which ${fewestAtRisk} people of each genotype are under observation.`

const why: Readonly<Record<Exclude<CopyHazard['status'], 'ok'>, string>> = {
  nobody: 'nobody could be followed',
  no_events: 'none happened',
  few_events: `fewer than ${fewestEvents} happened, too few to fit`,
  monomorphic: 'everybody has the same genotype',
  collinear: 'genotypes do not differ beyond covariates among people at risk together',
  too_large: 'people times events are too many to fit here',
  not_converged: 'the fit did not settle',
}

/** `1.2 times the hazard of death (95% limits 0.8 to 1.9, p 0.4, adjusted for sex)`. */
function times(hazard: CopyHazard, event: string): string {
  const { ratio, low, high, p, adjustedFor } = hazard
  const limit = (value: number | null) => (value === null ? 'no limit' : sayNumber(value))
  const open = low !== null && high !== null && low <= 1 && high >= 1 ? '; compatible with no difference' : ''
  const adjusted =
    adjustedFor.length === 0 ? 'unadjusted' : `adjusted for ${adjustedFor.join(', ').replaceAll('_', ' ')}`
  return `${sayNumber(ratio ?? 1)} times the hazard of ${event} (95% limits ${limit(low)} to ${limit(high)}, p ${sayP(p ?? 1)}, ${adjusted}${open})`
}

/** Whoever will reverse is no control: immortal time that no entry time takes away. */
const selected =
  'Carriers who lived long enough to reverse are not among controls, so that an allele which goes with reversal seems to shorten life there; death without reversal, for which everybody counts until the reversal, has no such bias.'

const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`

/** What the lead has to do with death among controls, and with reversal and death of everybody. */
export function survivalSentence({
  lead,
  controls,
  reversal,
  death,
}: Pick<LeadSurvival, 'lead' | 'controls' | 'reversal' | 'death'>): string {
  const parts: string[] = []
  const among = `Among ${plural(controls.people, 'control', 'controls')} followed from onset (${plural(controls.events, 'death', 'deaths')})`
  parts.push(
    controls.status === 'ok'
      ? `${among} each copy of the alternate allele of ${lead} went with ${times(controls, 'death')}. ${selected}`
      : `${among} survival could not be compared by genotypes of ${lead}: ${why[controls.status]}.`,
  )
  const everybody = `Of ${plural(reversal.people, 'person', 'people')} ${reversal.events} had a confirmed reversal and ${death.events} died without one`
  const both = [
    ['reversal', reversal],
    ['death without reversal', death],
  ] as const
  parts.push(
    `${everybody}; ${both.map(([name, hazard]) => (hazard.status === 'ok' ? `each copy went with ${times(hazard, name)}` : `the hazard of ${name} could not be compared (${why[hazard.status]})`)).join(', and ')}.`,
  )
  if (reversal.status === 'ok')
    parts.push(
      'The lead was picked because it goes with reversal: that ratio and its p are not those of a test made once.',
    )
  return parts.join(' ')
}
