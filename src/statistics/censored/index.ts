export {
  type CensoredData,
  type CensoredFit,
  type CensoredSums,
  censoredRegression,
  censoredSums,
} from './censored-regression.ts'
