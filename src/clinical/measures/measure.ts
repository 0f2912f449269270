import type { LabValue, Patient, Visit } from '../../results/clinical.ts'
import type { MeasuresSummary, PersonMeasures, VisitMeasures } from '../../results/measures.ts'
import { followUp } from '../survival/times.ts'
import { daysPerMonth, highestScore, nadirOf, type Trajectory, trajectories } from '../visits/trajectory.ts'
import { awaji, goldCoast, recordedElEscorial, revisedElEscorial } from './criteria.ts'
import { fitD50 } from './d50.ts'
import { findingsOf, gastrostomyDay } from './findings.ts'
import { subscores, totalOfItems } from './scores.ts'
import { postNadirSlope, preNadirSlope, progressionRateLimits, slopeLimits } from './slopes.ts'
import { kingsStage, mitosStage } from './stages.ts'
import { observedDays } from './time-at-risk.ts'
import { vitalCapacity } from './vital-capacity.ts'

export interface Measures {
  /** Sorted by person and day. */
  visits: VisitMeasures[]
  /** Sorted by person. */
  people: PersonMeasures[]
  summary: MeasuresSummary
}

function byPatient<T extends { patient: string }>(rows: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const row of rows) {
    const own = found.get(row.patient)
    if (own === undefined) found.set(row.patient, [row])
    else own.push(row)
  }
  return found
}

function visitRow(visit: Visit, patient: Patient, fedByTube: number | null): VisitMeasures {
  const { bulbar, fineMotor, grossMotor, respiratory } = subscores(visit)
  const { onset_day: onset } = patient
  const rate =
    visit.total === null
      ? null
      : progressionRateLimits(visit.total, highestScore[visit.scale], onset, visit.day, patient.onset_uncertainty_days)
  return {
    patient: visit.patient,
    day: visit.day,
    scale: visit.scale,
    total: visit.total,
    items_total: totalOfItems(visit),
    bulbar,
    fine_motor: fineMotor,
    gross_motor: grossMotor,
    respiratory,
    kings: kingsStage(visit, { gastrostomy: fedByTube !== null && visit.day >= fedByTube }),
    mitos: mitosStage(visit),
    months_from_onset: onset === null ? null : (visit.day - onset) / daysPerMonth,
    delta_fs: rate?.rate ?? null,
    delta_fs_low: rate?.low ?? null,
    delta_fs_high: rate?.high ?? null,
  }
}

function personRow(
  patient: Patient,
  trajectory: Trajectory | undefined,
  rows: readonly VisitMeasures[],
  labs: readonly LabValue[],
): PersonMeasures {
  const nadir = trajectory === undefined ? null : nadirOf(trajectory)
  const at = (index: number) =>
    trajectory === undefined
      ? null
      : progressionRateLimits(
          trajectory.scores[index],
          highestScore[trajectory.scale],
          patient.onset_day,
          trajectory.days[index],
          patient.onset_uncertainty_days,
        )
  const first = at(0)
  const lowest = nadir === null ? null : at(nadir.index)
  const before = trajectory === undefined ? null : preNadirSlope(trajectory)
  const after = trajectory === undefined ? null : postNadirSlope(trajectory)
  const beforeLimits = before === null ? null : slopeLimits(before)
  const afterLimits = after === null ? null : slopeLimits(after)
  const staged = rows.filter(({ kings }) => kings !== null)
  const lost = rows.filter(({ mitos }) => mitos !== null)
  const findings = findingsOf(labs)
  const recorded = recordedElEscorial(patient.el_escorial)
  const computed = findings === null ? null : revisedElEscorial(findings)
  const gold = findings === null ? null : goldCoast(findings)
  const d50 = trajectory === undefined ? null : fitD50(trajectory, patient.onset_day)
  const lungs = vitalCapacity(labs)
  const lungLimits = lungs?.slope == null ? null : slopeLimits(lungs.slope)
  const followed = followUp(patient)
  const observed = observedDays(patient)
  const uncertain = patient.onset_uncertainty_days ?? 0
  const why = typeof followed === 'string' ? followed : null
  const follow = typeof followed === 'string' ? null : followed
  const scored = rows.filter(({ total }) => total !== null).length
  return {
    patient: patient.patient,
    scale: trajectory?.scale ?? null,
    visits: trajectory?.days.length ?? 0,
    visits_other_scale: scored - (trajectory?.days.length ?? 0),
    visits_unscored: rows.length - scored,
    first_score: trajectory?.scores[0] ?? null,
    last_score: trajectory?.scores.at(-1) ?? null,
    nadir_day: nadir?.day ?? null,
    nadir_score: nadir?.score ?? null,
    onset_uncertainty_days: patient.onset_uncertainty_days,
    delta_fs_first: first?.rate ?? null,
    delta_fs_first_low: first?.low ?? null,
    delta_fs_first_high: first?.high ?? null,
    delta_fs_nadir: lowest?.rate ?? null,
    delta_fs_nadir_low: lowest?.low ?? null,
    delta_fs_nadir_high: lowest?.high ?? null,
    pre_nadir_slope: before?.slope ?? null,
    pre_nadir_slope_low: beforeLimits?.low ?? null,
    pre_nadir_slope_high: beforeLimits?.high ?? null,
    pre_nadir_visits: nadir === null ? 0 : nadir.index + 1,
    post_nadir_slope: after?.slope ?? null,
    post_nadir_slope_low: afterLimits?.low ?? null,
    post_nadir_slope_high: afterLimits?.high ?? null,
    post_nadir_visits: nadir === null || trajectory === undefined ? 0 : trajectory.days.length - nadir.index,
    kings_first: staged.at(0)?.kings ?? null,
    kings_last: staged.at(-1)?.kings ?? null,
    mitos_first: lost.at(0)?.mitos ?? null,
    mitos_last: lost.at(-1)?.mitos ?? null,
    el_escorial: findings === null ? recorded : computed,
    el_escorial_by: findings !== null ? 'findings' : recorded !== null ? 'recorded' : null,
    el_escorial_recorded: recorded,
    awaji: findings === null ? null : awaji(findings),
    gold_coast: gold === null ? null : gold ? 'yes' : 'no',
    d50_status: d50?.status ?? 'few_visits',
    d50: d50?.d50 ?? null,
    d50_dx: d50?.dx ?? null,
    d50_relative_time: d50?.relativeTime ?? null,
    d50_rmse: d50?.rmse ?? null,
    d50_lack_of_fit_p: d50?.lackOfFit ?? null,
    d50_flag: d50?.flag ?? null,
    vc_test: lungs?.test ?? null,
    vc_values: lungs?.values ?? 0,
    vc_first: lungs?.first ?? null,
    vc_last: lungs?.last ?? null,
    vc_slope: lungs?.slope?.slope ?? null,
    vc_slope_low: lungLimits?.low ?? null,
    vc_slope_high: lungLimits?.high ?? null,
    followed_from: follow?.entry ?? null,
    followed_to: follow?.end ?? null,
    followed_end: follow === null ? null : follow.status === 2 ? 'death' : 'last seen',
    followed_why: why,
    observed_days: observed,
    observed_days_low: observed === null ? null : Math.max(0, observed - uncertain),
    observed_days_high: observed === null ? null : observed + uncertain,
  }
}

const counted = (values: readonly (string | null)[], missing = 'missing'): Record<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value ?? missing, (counts.get(value ?? missing) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Every measure of everyone: one row a visit and one a person. Visits must be sorted by person and day. Deterministic. */
export function measureEveryone(
  patients: readonly Patient[],
  visits: readonly Visit[],
  labs: readonly LabValue[],
): Measures {
  const courses = trajectories(visits)
  const ownVisits = byPatient(visits)
  const ownLabs = byPatient(labs)
  const rows: VisitMeasures[] = []
  const people: PersonMeasures[] = []
  let [both, differ] = [0, 0]
  for (const patient of [...patients].sort((a, b) => (a.patient < b.patient ? -1 : 1))) {
    const mine = ownLabs.get(patient.patient) ?? []
    const tube = gastrostomyDay(mine)
    const seen = (ownVisits.get(patient.patient) ?? []).map((visit) => visitRow(visit, patient, tube))
    for (const row of seen) rows.push(row)
    const person = personRow(patient, courses.get(patient.patient), seen, mine)
    if (person.visits_other_scale > 0) both++
    if (
      person.el_escorial_by === 'findings' &&
      person.el_escorial !== null &&
      person.el_escorial_recorded !== null &&
      person.el_escorial !== person.el_escorial_recorded
    )
      differ++
    people.push(person)
  }
  const notes: string[] = []
  if (both > 0)
    notes.push(
      `${both} ${both === 1 ? 'person has' : 'people have'} scored visits on the ALSFRS and on the ALSFRS-R: of each person the scale with more visits is used, and the two are never mixed.`,
    )
  if (differ > 0)
    notes.push(
      `Of ${differ} ${differ === 1 ? 'person' : 'people'} the El Escorial category that the findings give is not the recorded one; the findings count.`,
    )
  return {
    visits: rows,
    people,
    summary: {
      people: people.length,
      visits: rows.length,
      scales: {
        'ALSFRS-R': people.filter(({ scale }) => scale === 'ALSFRS-R').length,
        ALSFRS: people.filter(({ scale }) => scale === 'ALSFRS').length,
        both,
        none: people.filter(({ scale }) => scale === null).length,
      },
      onsetUncertain: people.filter(({ onset_uncertainty_days: days }) => (days ?? 0) > 0).length,
      onsetUnknown: patients.filter(({ onset_day: day }) => day === null).length,
      kings: counted(rows.map(({ kings }) => kings)),
      mitos: counted(rows.map(({ mitos }) => (mitos === null ? null : String(mitos)))),
      elEscorial: counted(people.map(({ el_escorial: category }) => category)),
      awaji: counted(people.map((person) => person.awaji)),
      goldCoast: counted(people.map(({ gold_coast: met }) => met)),
      categoriesDiffer: differ,
      d50: counted(people.map(({ d50_flag: flag, d50_status: status }) => flag ?? status)),
      vitalCapacity: people.filter(({ vc_values: values }) => values > 0).length,
      deaths: patients.filter(({ death_day: day }) => day !== null).length,
      notes,
    },
  }
}
