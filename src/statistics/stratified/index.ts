export { stratifiedExact } from './exact-strata.ts'
export { type MantelHaenszel, mantelHaenszel } from './mantel-haenszel.ts'
export { stratifiedTrend } from './stratified-trend.ts'
export { fisherWithinSets, setCounts, trendWithinSets, type WithinSets } from './within-sets.ts'
