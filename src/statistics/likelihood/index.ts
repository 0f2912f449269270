export type { PartialFit } from './partial.ts'
export type { RatioTest } from './ratio-test.ts'
