import type { Patient } from '../../results/clinical.ts'
import type { LeadSurvival, SurvivalSummary } from '../../results/survival.ts'
import { copyHazard, type Followed, isTooLarge } from './copy-hazard.ts'
import { fewestAtRisk, incidenceByGenotype } from './incidence.ts'
import { followUp } from './times.ts'
import { survivalRule, survivalSentence } from './words.ts'

export interface SurvivalPerson {
  /** Id in the genotype files. */
  sample: string
  patient: Pick<Patient, 'cohort' | 'onset_day' | 'first_visit_day' | 'last_visit_day' | 'death_day'>
  role: 'case' | 'control' | 'other'
  /** Day of the last visit that made a case's call; null of others. */
  confirmedDay: number | null
  /** One value a covariate of the study, all known. */
  covariates: readonly number[]
}

export interface SurvivalInput {
  people: readonly SurvivalPerson[]
  covariates: readonly string[]
  /** Dosages of the alternate allele by sample; null where the variant could not be read. */
  leads: readonly { lead: string; copies: ReadonlyMap<string, number> | null }[]
  /** People who do not even come here, by reason. */
  left: SurvivalSummary['left']
}

/**
 * Each lead's association with survival among controls, and with reversal and death before it among everybody. A case without the day of its call takes no
 * part. Everything that cannot be fitted has a status and a reason in words.
 */
export function analyseSurvival({ people, covariates, leads, left }: SurvivalInput): SurvivalSummary {
  const lost = new Map(left.map(({ reason, people: n }) => [reason, n]))
  const lose = (reason: string) => lost.set(reason, (lost.get(reason) ?? 0) + 1)
  const followed = people.flatMap((person) => {
    if (person.role === 'case' && person.confirmedDay === null) {
      lose('reversal without a day')
      return []
    }
    const follow = followUp(person.patient, person.confirmedDay)
    if (typeof follow === 'string') {
      lose(follow)
      return []
    }
    return [{ person, follow }]
  })
  const found = leads.map(({ lead, copies }): LeadSurvival => {
    const called = followed.flatMap(({ person, follow }) => {
      const value = copies?.get(person.sample)
      if (value === undefined) return []
      const one: Followed = {
        follow,
        copies: value,
        covariates: person.covariates,
        cohort: person.patient.cohort,
      }
      return [{ role: person.role, one }]
    })
    const everybody = called.map(({ one }) => one)
    const controls = copyHazard(
      called.filter(({ role }) => role === 'control').map(({ one }) => one),
      2,
      covariates,
    )
    const reversal = copyHazard(everybody, 1, covariates)
    const death = copyHazard(everybody, 2, covariates)
    const incidence = incidenceByGenotype(everybody)
    const notes: string[] = []
    if (called.length < followed.length)
      notes.push(`${followed.length - called.length} people have no call of ${lead}.`)
    for (const [name, { leftOut }] of [
      ['death among controls', controls],
      ['reversal', reversal],
      ['death without reversal', death],
    ] as const)
      if (leftOut.length > 0) notes.push(`Not in the model of ${name}: ${leftOut.join(', ')}.`)
    if (incidence === null && everybody.length > 0)
      notes.push(
        isTooLarge(everybody)
          ? 'Shares by year are not given: people times events are too many.'
          : `Shares by year are not given: fewer than ${fewestAtRisk} carriers, or others, of ${lead} were under observation at one time, or not at the end of a year from onset.`,
      )
    return {
      lead,
      controls,
      reversal,
      death,
      incidence,
      notes,
      sentence: survivalSentence({ lead, controls, reversal, death }),
    }
  })
  const notes: string[] = []
  if (leads.length === 0) notes.push('There is no lead whose survival could be looked at.')
  if (followed.length > 0 && followed.every(({ follow }) => follow.status !== 2))
    notes.push('No death is recorded, so nothing can be said about survival.')
  return {
    rule: survivalRule,
    left: [...lost].map(([reason, n]) => ({ reason, people: n })).sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    leads: found,
    notes,
  }
}
