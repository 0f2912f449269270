import type { Call, GroupRow, Patient, ProgressionGroup } from '../../results/clinical.ts'
import type { Outcome } from '../adjudication/index.ts'
import type { Definition } from '../definitions/index.ts'
import { observedDays } from '../measures/index.ts'
import { nadirOf, type Trajectory } from '../visits/trajectory.ts'
import { exclusionOf, type Strictness } from './exclusions.ts'
import type { ReversalPosterior } from './posterior/index.ts'
import { preNadirRate } from './rules.ts'

/** A posterior at or above this is a confident reversal, at or below one minus this a confident absence. */
export const confidence = 0.9
/** Days that visits must span to give a rate where onset is unknown. */
const slopeDays = 90

/**
 * The group of a person. The study's own definition comes first; a gain that it could not confirm leaves the person
 * unassigned, since neither case nor control would be right, unless the posterior takes it for noise. Then the plateau,
 * then the progression rate.
 */
export function groupOf(
  verdicts: ReadonlyMap<string, Call['verdict']>,
  definitions: readonly Definition[],
  caseDefinition: Definition,
  plateauDefinition: string,
  posterior: number | null,
): ProgressionGroup {
  const own = verdicts.get(caseDefinition.id)
  if (own === 'yes') return caseDefinition.group
  if (own === 'unconfirmed' && !(posterior !== null && posterior <= 1 - confidence)) return 'unassigned'
  if (caseDefinition.group !== 'plateau' && verdicts.get(plateauDefinition) === 'yes') return 'plateau'
  for (const { id, group, rule } of definitions)
    if (rule.kind === 'progression-rate' && verdicts.get(id) === 'yes') return group
  return 'unassigned'
}

/**
 * The group once people have judged: who is confirmed is a case whatever the rule says; a call that is rejected, deferred or disagreed upon makes neither a case nor
 * a control. A verdict other than confirm on somebody whom the rule does not call changes nothing.
 */
export function adjudicatedGroup(
  group: ProgressionGroup,
  cases: ProgressionGroup,
  outcome: Outcome | null,
): ProgressionGroup {
  if (outcome === null) return group
  if (outcome === 'confirmed') return cases
  return group === cases ? 'unassigned' : group
}

/** One person's row: group, case status, posterior, nadir, gain, rate and time at risk. */
export function groupRow(
  patient: Patient,
  trajectory: Trajectory | undefined,
  ruleGroup: ProgressionGroup,
  posterior: ReversalPosterior | null,
  byItems: number | null,
  roles: { cases: ProgressionGroup; controls: readonly ProgressionGroup[]; strictness: Strictness },
  adjudication: { outcome: Outcome; raters: number } | null = null,
): GroupRow {
  const nadir = trajectory === undefined ? null : nadirOf(trajectory)
  const group = adjudicatedGroup(ruleGroup, roles.cases, adjudication?.outcome ?? null)
  const roleOf = (of: ProgressionGroup) => (of === roles.cases ? 1 : roles.controls.includes(of) ? 0 : null)
  const exclusion = exclusionOf(patient, roles.strictness)
  const rate = trajectory === undefined ? null : preNadirRate(patient.onset_day, trajectory, slopeDays)
  const p = posterior?.posterior ?? null
  const certain = p !== null && (group === 'reversal' ? p >= confidence : p <= 1 - confidence)
  return {
    patient: patient.patient,
    group,
    case: exclusion === null ? roleOf(group) : null,
    posterior: p,
    posterior_low: posterior?.low ?? null,
    posterior_high: posterior?.high ?? null,
    posterior_items: byItems,
    p_decline: posterior?.alternatives.decline ?? null,
    p_plateau: posterior?.alternatives.plateau ?? null,
    p_transient_gain: posterior?.alternatives.transientGain ?? null,
    p_small_gain: posterior?.alternatives.smallGain ?? null,
    p_rating_shift: posterior?.alternatives.ratingShift ?? null,
    p_outlying_visit: posterior?.alternatives.outlyingVisit ?? null,
    certainty: certain ? 'confident' : 'uncertain',
    nadir_day: nadir?.day ?? null,
    nadir_score: nadir?.score ?? null,
    gain:
      nadir === null || trajectory === undefined
        ? null
        : Math.max(...trajectory.scores.slice(nadir.index)) - nadir.score,
    pre_nadir_slope: rate === null ? null : 0 - rate.rate,
    visits: trajectory?.days.length ?? 0,
    observed_days: observedDays(patient),
    exclusion,
    rule_group: ruleGroup,
    rule_case: exclusion === null ? roleOf(ruleGroup) : null,
    adjudication: adjudication?.outcome ?? null,
    raters: adjudication?.raters ?? 0,
  }
}
