export { inclusionProbabilities, LabelSets } from './draw.ts'
export { casesOf, distributionScratchBytes, type LabelNull, labelNull } from './null.ts'
export { meanOverlap, requireRelabelling } from './overlap.ts'
export { type LabelScheme, labelScheme } from './scheme.ts'
