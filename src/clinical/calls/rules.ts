import type { Call, Patient, Visit } from '../../results/clinical.ts'
import type { Definition, Rule } from '../definitions/index.ts'
import type { RuleOf } from '../definitions/schema.ts'
import { olsSlope, progressionRate } from '../measures/index.ts'
import { daysPerMonth, highestScore, nadirOf, type Trajectory, trajectories } from '../visits/trajectory.ts'

type Judgement = Pick<Call, 'verdict' | 'start_day' | 'end_day' | 'value' | 'reason'>

/**
 * Every definition for everyone, sorted by person and definition. Visits must be sorted by day within a person. A
 * verdict is `ineligible` where the records cannot tell, never `no`.
 */
export function callDefinitions(
  patients: readonly Patient[],
  visits: readonly Visit[],
  definitions: readonly Definition[],
): Call[] {
  const people = trajectories(visits)
  const sorted = [...definitions].sort((a, b) => (a.id < b.id ? -1 : 1))
  const calls: Call[] = []
  for (const patient of [...patients].sort((a, b) => (a.patient < b.patient ? -1 : 1))) {
    const trajectory = people.get(patient.patient) ?? {
      patient: patient.patient,
      scale: 'ALSFRS-R',
      days: [],
      scores: [],
    }
    for (const { id, rule } of sorted)
      calls.push({ patient: patient.patient, definition: id, ...judge(rule, patient, trajectory) })
  }
  return calls
}

function judge(rule: Rule, patient: Patient, trajectory: Trajectory): Judgement {
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

function ineligible(reason: string): Judgement {
  return { verdict: 'ineligible', start_day: null, end_day: null, value: null, reason }
}

/**
 * Exists i < j with s_j - s_i >= gain, every visit k in [t_j, t_j + days] with s_k - s_i >= gain, and a visit at or after
 * t_j + days - tolerance. Without that last visit the gain is `unconfirmed`. The value is the least gain that held, or,
 * where none did, the largest seen.
 */
export function sustainedGain(rule: RuleOf<'sustained-gain'>, { days, scores }: Trajectory): Judgement {
  const n = days.length
  let best: { i: number; j: number; end: number; held: number } | null = null
  let open: { i: number; j: number; held: number } | null = null
  let lost: { i: number; j: number; k: number } | null = null
  let largest = 0
  // The lowest visit before j is the base that a gain holds over most easily, so no other base need be tried.
  let i = 0
  for (let j = 1; j < n; j++) {
    if (scores[j - 1] <= scores[i]) i = j - 1
    const gain = scores[j] - scores[i]
    largest = Math.max(largest, gain)
    if (gain < rule.gain) continue
    let held = gain
    let end = j
    let fall = -1
    for (let k = j; k < n && days[k] <= days[j] + rule.days; k++) {
      held = Math.min(held, scores[k] - scores[i])
      if (scores[k] - scores[i] < rule.gain) {
        fall = k
        break
      }
      end = k
    }
    if (fall >= 0) {
      lost ??= { i, j, k: fall }
      continue
    }
    const confirming = days.findIndex((day) => day >= days[j] + rule.days - rule.tolerance_days)
    if (confirming < 0) {
      if (open === null || held > open.held) open = { i, j, held }
    } else if (best === null || held > best.held) best = { i, j, end: Math.max(end, confirming), held }
  }
  const rise = (a: number, b: number) => `from ${scores[a]} (day ${days[a]}) to ${scores[b]} (day ${days[b]})`
  if (best !== null) {
    const { i: from, j, end, held } = best
    const visits = end - j + 1
    return {
      verdict: 'yes',
      start_day: days[from],
      end_day: days[end],
      value: held,
      reason: `The score rose ${rise(from, j)} and ${visits === 1 ? 'that visit alone' : `${visits} visits`} to day ${days[end]} held at least ${held} points of it; ${rule.gain} points over ${rule.days} days (less ${rule.tolerance_days}) were asked for.`,
    }
  }
  if (open !== null) {
    const { i: from, j, held } = open
    return {
      verdict: 'unconfirmed',
      start_day: days[from],
      end_day: days[n - 1],
      value: held,
      reason: `The score rose ${rise(from, j)} and held to the last visit on day ${days[n - 1]}, ${days[n - 1] - days[j]} of ${rule.days} days: too short to confirm.`,
    }
  }
  if (lost !== null)
    return {
      verdict: 'no',
      start_day: days[lost.i],
      end_day: days[lost.k],
      value: largest,
      reason: `The score rose ${rise(lost.i, lost.j)} but was ${scores[lost.k]} on day ${days[lost.k]}: the gain did not hold.`,
    }
  if (n < 2 || days[n - 1] - days[0] < rule.days - rule.tolerance_days)
    return ineligible(
      `${count(n, 'visit')} over ${days[n - 1] - days[0]} days cannot show a gain of ${rule.days} days.`,
    )
  return {
    verdict: 'no',
    start_day: days[0],
    end_day: days[n - 1],
    value: largest,
    reason: `Over ${n} visits (day ${days[0]} to ${days[n - 1]}) the score never rose ${rule.gain} points above an earlier visit; the largest gain was ${largest}.`,
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
    reason: `${rate.toFixed(2)} points were lost a month from ${how === 'onset' ? 'onset' : 'the first visit'} (day ${from}) to the lowest score, ${score} on day ${day}.`,
  }
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
