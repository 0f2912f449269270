import { isUpturnError } from '../../errors/index.ts'
import { chiSquareLogTail, exp, log } from '../../numerics/special.ts'
import type { BiomarkerSurvival } from '../../results/biomarkers.ts'
import type { Patient } from '../../results/clinical.ts'
import { fitJointModel, fitJointModelBySlopes, type JointData } from '../../statistics/joint-model/index.ts'
import { coxRegression } from '../../statistics/survival/index.ts'
import { lastObservedDay } from '../measures/index.ts'
import type { BaselineValue } from './baseline-values.ts'
import { daysInYear, mean } from './person.ts'

const fewestDeaths = 10
const mostPeople = 3000
const z975 = 1.959963984540054

/**
 * Level and survival together: a joint model in which the hazard of death at a time depends on the person's true level then (fixed and random effects of the mixed
 * model, in years from the first value), adjusted for age, sex and years since onset at the first value. The hazard ratio is per doubling. Beside it stands a Cox model on the first value as
 * measured, which measurement error pulls towards 1. Everybody with a value counts, whatever the group: a group is defined by the course after it. Time runs from the first value, when everybody was alive, so nobody's
 * survival up to then is counted. Null below ten deaths.
 */
export function withSurvival(
  values: readonly BaselineValue[],
  patients: ReadonlyMap<string, Patient>,
): BiomarkerSurvival | null {
  const byPerson = new Map<string, BaselineValue[]>()
  for (const value of values) {
    const list = byPerson.get(value.patient)
    if (list === undefined) byPerson.set(value.patient, [value])
    else list.push(value)
  }
  const people = [...byPerson].flatMap(([id, own]) => {
    const patient = patients.get(id)
    const last = patient === undefined ? null : lastObservedDay(patient)
    const first = own[0].day
    if (patient?.age_at_onset == null || patient.sex == null || patient.onset_day === null || last === null) return []
    const until = patient.death_day ?? Math.max(last, own[own.length - 1].day)
    const time = (until - first) / daysInYear
    if (!(time > 0)) return []
    const since = (first - patient.onset_day) / daysInYear
    const used = own.filter(({ day }) => day <= until)
    const male = patient.sex === 'male' ? 1 : 0
    return [
      {
        own: used,
        first,
        time,
        died: patient.death_day === null ? 0 : 1,
        age: patient.age_at_onset + since,
        male,
        since,
      },
    ]
  })
  const deaths = people.filter(({ died }) => died === 1)
  if (deaths.length < fewestDeaths) return null
  const rows = people.flatMap(({ own, first }, i) =>
    own.map(({ day, value, censoring }) => ({ i, years: (day - first) / daysInYear, y: log(value), censoring })),
  )
  const result: BiomarkerSurvival = {
    status: 'ok',
    people: people.length,
    deaths: deaths.length,
    values: rows.length,
    censored: rows.filter(({ censoring }) => censoring !== 0).length,
    joint: null,
    firstValue: null,
    adjustedFor: [],
  }
  if (people.length > mostPeople) return { ...result, status: 'too_many' }
  const columns = (
    [
      ['age', people.map(({ age }) => age)],
      ['sex', people.map(({ male }) => male)],
      ['years since onset', people.map(({ since }) => since)],
    ] as [string, number[]][]
  )
    .filter(([, column]) => column.some((x) => x !== column[0]))
    .map(([name, column]) => ({ name, values: column.map((x) => x - mean(column)) }))
  const adjust = columns.map(({ values: column }) => column)
  const times = deaths.map(({ time }) => time).sort((a, b) => a - b)
  const cuts = [...new Set([1, 2].map((k) => times[Math.floor((k * times.length) / 3)]))].filter(
    (cut) => cut > times[0],
  )
  const data: JointData = {
    subjects: people.length,
    subject: rows.map(({ i }) => i),
    time: rows.map(({ years }) => years),
    y: rows.map(({ y }) => y),
    censoring: rows.map(({ censoring }) => censoring),
    base: [people.map(() => 1), ...adjust],
    slope: people.some(({ own }) => own.length > 1) ? [people.map(() => 1)] : [],
    randomSlope: people.filter(({ own }) => own.length >= 3).length >= 10,
    survival: {
      time: people.map(({ time }) => time),
      event: people.map(({ died }) => died),
      columns: adjust,
      cuts,
      linked: true,
    },
  }
  const perDoubling = ({ estimate, se }: { estimate: number; se: number }) => ({
    hazardRatio: exp(estimate * Math.LN2),
    low: exp((estimate - z975 * se) * Math.LN2),
    high: exp((estimate + z975 * se) * Math.LN2),
  })
  const firstValues = people.map(({ own }) => log(own[0].value))
  const cox = coxRegression({
    time: people.map(({ time }) => time),
    status: people.map(({ died }) => died),
    columns: [firstValues, ...adjust],
  })
  const naive = cox.status === 'ok' ? perDoubling({ estimate: cox.coefficients[0], se: cox.standardErrors[0] }) : null
  const both = { ...result, firstValue: naive, adjustedFor: columns.map(({ name }) => name) }
  try {
    const linked = fitJointModelBySlopes(data)
    const apart = fitJointModel({
      ...data,
      randomSlope: linked.randomSlope,
      survival: { ...(data.survival as NonNullable<JointData['survival']>), linked: false },
    })
    if (linked.status !== 'ok' || linked.alpha === null || apart.status === 'not_converged')
      return { ...both, status: linked.status === 'ok' ? 'not_converged' : linked.status }
    const logP = chiSquareLogTail(Math.max(0, 2 * (linked.logLikelihood - apart.logLikelihood)), 1)
    return {
      ...both,
      joint: { ...perDoubling(linked.alpha), p: exp(logP), negLog10P: logP === 0 ? 0 : -logP / Math.LN10 },
    }
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates'))
      return { ...both, status: 'too_few' }
    throw error
  }
}
