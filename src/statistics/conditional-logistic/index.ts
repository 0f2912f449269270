export type { MatchedData } from './data.ts'
export { conditionalFirth, conditionalLogistic } from './fit.ts'
