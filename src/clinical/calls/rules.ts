import type { Call, LabValue, Patient, Visit } from '../../results/clinical.ts'
import type { Definition, Rule } from '../definitions/index.ts'
import type { RuleOf } from '../definitions/schema.ts'
import { olsSlope, progressionRate } from '../measures/index.ts'
import { daysPerMonth, highestScore, nadirOf, type Trajectory, trajectories } from '../visits/trajectory.ts'
import { ineligible, type Judgement } from './judgement.ts'
import { objectiveGain, sustainedGain } from './sustained.ts'

/**
 * Every definition for everyone, sorted by person and definition. Visits must be sorted by day within a person. A
 * verdict is `ineligible` where the records cannot tell, never `no`.
 */
export function callDefinitions(
  patients: readonly Patient[],
  visits: readonly Visit[],
  definitions: readonly Definition[],
  labs: readonly LabValue[] = [],
): Call[] {
  const people = trajectories(visits)
  const sorted = [...definitions].sort((a, b) => (a.id < b.id ? -1 : 1))
  const measured = byPatient(labs)
  const calls: Call[] = []
  for (const patient of [...patients].sort((a, b) => (a.patient < b.patient ? -1 : 1))) {
    const trajectory = people.get(patient.patient) ?? {
      patient: patient.patient,
      scale: 'ALSFRS-R',
      days: [],
      scores: [],
    }
    for (const { id, rule } of sorted)
      calls.push({
        patient: patient.patient,
        definition: id,
        ...judge(rule, patient, trajectory, measured.get(patient.patient) ?? []),
      })
  }
  return calls
}

/** Measurements by person, in their order. */
export function byPatient(labs: readonly LabValue[]): Map<string, LabValue[]> {
  const found = new Map<string, LabValue[]>()
  for (const lab of labs) {
    const own = found.get(lab.patient)
    if (own === undefined) found.set(lab.patient, [lab])
    else own.push(lab)
  }
  return found
}

function judge(rule: Rule, patient: Patient, trajectory: Trajectory, labs: readonly LabValue[]): Judgement {
  if (rule.kind === 'objective-gain') return objectiveGain(rule, labs)
  if (trajectory.days.length === 0) return ineligible('No visit has a total score.')
  switch (rule.kind) {
    case 'sustained-gain':
      return sustainedGain(rule, trajectory)
    case 'positive-slope':
      return positiveSlope(rule, trajectory)
    case 'plateau':
      return plateau(rule, trajectory)
    case 'progression-rate':
      return rateOfProgression(rule, patient, trajectory)
  }
}

/** Exists i < j with t_j - t_i >= days, at least `min_visits` visits and a least-squares slope above zero. */
export function positiveSlope(rule: RuleOf<'positive-slope'>, trajectory: Trajectory): Judgement {
  const { days } = trajectory
  let best: { i: number; j: number; slope: number } | null = null
  for (let i = 0; i < days.length; i++)
    for (let j = i + rule.min_visits - 1; j < days.length; j++) {
      const length = days[j] - days[i]
      if (length < rule.days || length > (rule.longest_days ?? length)) continue
      const slope = olsSlope(trajectory, i, j)?.slope
      if (slope !== undefined && (best === null || slope > best.slope)) best = { i, j, slope }
    }
  if (best === null)
    return ineligible(`No ${rule.min_visits} visits span ${rule.days} days, so no slope can be judged.`)
  const { i, j, slope } = best
  const window = `${j - i + 1} visits from day ${days[i]} to ${days[j]}`
  return {
    verdict: slope > 0 ? 'yes' : 'no',
    start_day: days[i],
    end_day: days[j],
    value: slope,
    reason:
      slope > 0
        ? `The regression over ${window} rises by ${slope.toFixed(2)} points a month.`
        : `No window of ${rule.days} days rises; the best, ${window}, falls by ${(-slope).toFixed(2)} points a month.`,
  }
}

/** The visit nearest to the end of the epoch, within the tolerance, is not below the first. */
export function plateau(rule: RuleOf<'plateau'>, { days, scores }: Trajectory): Judgement {
  const target = days[0] + rule.months * daysPerMonth
  let end = -1
  for (let k = 1; k < days.length; k++) {
    const distance = Math.abs(days[k] - target)
    if (distance <= rule.tolerance_days && (end < 0 || distance < Math.abs(days[end] - target))) end = k
  }
  if (end < 0) {
    const reason = `No visit lies within ${rule.tolerance_days} days of ${rule.months} months after the first.`
    if (rule.without_end === 'ineligible') return ineligible(reason)
    return { verdict: 'no', start_day: days[0], end_day: null, value: null, reason: `${reason} It counts as decline.` }
  }
  const change = scores[end] - scores[0]
  return {
    verdict: change >= 0 ? 'yes' : 'no',
    start_day: days[0],
    end_day: days[end],
    value: change,
    reason: `The score was ${scores[0]} at first (day ${days[0]}) and ${scores[end]} on day ${days[end]}: ${change >= 0 ? 'no decline' : `${-change} points lost`}.`,
  }
}

/**
 * Points lost a month up to the nadir: delta-FS from onset where onset is known, else the least-squares slope of the
 * visits up to the nadir where they span enough days. Null where neither can be had.
 */
export function preNadirRate(
  onsetDay: number | null,
  trajectory: Trajectory,
  slopeDays: number | undefined,
): { rate: number; how: 'onset' | 'visits'; day: number; score: number } | null {
  const nadir = nadirOf(trajectory)
  if (nadir === null) return null
  const rate = progressionRate(nadir.score, highestScore[trajectory.scale], onsetDay, nadir.day)
  if (rate !== null) return { rate, how: 'onset', day: nadir.day, score: nadir.score }
  if (slopeDays === undefined || nadir.day - trajectory.days[0] < slopeDays) return null
  const slope = olsSlope(trajectory, 0, nadir.index)
  return slope === null ? null : { rate: 0 - slope.slope, how: 'visits', day: nadir.day, score: nadir.score }
}

function rateOfProgression(rule: RuleOf<'progression-rate'>, patient: Patient, trajectory: Trajectory): Judgement {
  const found = preNadirRate(patient.onset_day, trajectory, rule.slope_days)
  if (found === null) return ineligible('Onset is not known and the visits up to the lowest are too few for a rate.')
  const { rate, how, day, score } = found
  const inside =
    (rule.at_least === undefined || rate >= rule.at_least) &&
    (rule.above === undefined || rate > rule.above) &&
    (rule.below === undefined || rate < rule.below) &&
    (rule.at_most === undefined || rate <= rule.at_most)
  const from = how === 'onset' ? patient.onset_day : trajectory.days[0]
  return {
    verdict: inside ? 'yes' : 'no',
    start_day: from,
    end_day: day,
    value: rate,
    reason: `${rate.toFixed(2)} points were lost a month from ${how === 'onset' ? 'onset' : 'the first visit'} (day ${from}) to the lowest score, ${score} on day ${day}.${how === 'onset' ? rateSpan(patient, trajectory, score, day) : ''}`,
  }
}

/** Between what the rate lies where onset is known by year or month only, in a sentence. */
function rateSpan(patient: Patient, { scale }: Trajectory, score: number, day: number): string {
  const { onset_day: onset } = patient
  const uncertain = patient.onset_uncertainty_days ?? 0
  if (onset === null || uncertain === 0) return ''
  const rate = (from: number) => progressionRate(score, highestScore[scale], from, day)
  const [slowest, fastest] = [rate(onset - uncertain), rate(onset + uncertain)]
  return ` Onset is known to within ${uncertain} days only: the rate is ${slowest?.toFixed(2)} ${fastest === null ? 'or more' : `to ${fastest.toFixed(2)}`}.`
}
