export type { MatchedData } from './data.ts'
export { conditionalFirth, conditionalLogistic } from './fit.ts'
export { MatchedFirth, type MatchedFirthData } from './matched-firth.ts'
export { fitNullWithin, type WithinNullFit } from './null-fit.ts'
