export { oneSidedTrend, type TableCounts } from './one-sided-trend.ts'
export { type PlanOptions, planDefaults, planNextStudy, type StudySummary } from './plan-next-study.ts'
export { replicate, type SecondStudy } from './replicate.ts'
export { type GenotypedPerson, sharedPeople } from './shared-people.ts'
