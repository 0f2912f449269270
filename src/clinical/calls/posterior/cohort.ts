import { isUpturnError } from '../../../errors/index.ts'
import { fitMixedModel } from '../../../statistics/index.ts'
import { daysPerMonth, type Trajectory } from '../../visits/trajectory.ts'
import type { CohortModel } from './model.ts'

/** Fewer people than this with three visits give no model of their own. */
const fewestPeople = 30
/** Below this a residual SD is an artefact: ratings are integers and ICCs are below one. */
const leastNoise = 0.8

/**
 * The cohort's random-intercept, random-slope model by REML, time in months since each person's first visit. Null where
 * fewer than 30 people have three visits, or the data leave nothing to fit.
 */
export function fitCohort(people: readonly Trajectory[]): CohortModel | null {
  if (people.filter((person) => person.days.length >= 3).length < fewestPeople) return null
  const subject: number[] = []
  const time: number[] = []
  const response: number[] = []
  people.forEach(({ days, scores }, person) => {
    days.forEach((day, k) => {
      subject.push(person)
      time.push((day - days[0]) / daysPerMonth)
      response.push(scores[k])
    })
  })
  try {
    const fit = fitMixedModel({
      subjects: people.length,
      subject,
      time,
      response,
      fixed: [new Float64Array(time.length).fill(1), time],
    })
    const sdIntercept = Math.sqrt(fit.varIntercept)
    const sdSlope = Math.sqrt(fit.varSlope)
    return {
      intercept: fit.fixed[0],
      slopePerMonth: fit.fixed[1],
      sdIntercept,
      sdSlope,
      correlation: sdIntercept > 0 && sdSlope > 0 ? fit.covariance / (sdIntercept * sdSlope) : 0,
      sdResidual: Math.max(leastNoise, Math.sqrt(fit.varResidual)),
    }
  } catch (error) {
    if (isUpturnError(error, 'BadArgument') || isUpturnError(error, 'CollinearCovariates')) return null
    throw error
  }
}
