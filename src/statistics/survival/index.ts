export { type CumulativeIncidence, cumulativeIncidence, type FineGrayFit, fineGray } from './competing.ts'
export { coxFirth, coxRegression } from './cox.ts'
export type { SurvivalData, Ties } from './data.ts'
