export type { RatioTest } from './ratio-test.ts'
