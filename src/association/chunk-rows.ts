import { expectationBins } from './expectation.ts'

export const statusNames = [
  'monomorphic',
  'sex_missing',
  'collinear',
  'not_converged',
  'separated',
  'unreachable',
  'ok',
] as const
export const limitNames = ['none', 'wald', 'profile'] as const

/** The integer columns of a chunk's rows, in this order in `counts`. */
export const countNames = [
  'case_ref',
  'case_het',
  'case_alt',
  'control_ref',
  'control_het',
  'control_alt',
  'case_hemizygous_ref',
  'case_hemizygous_alt',
  'control_hemizygous_ref',
  'control_hemizygous_alt',
] as const

/** The rows of a chunk as a worker computes them. Arrays may be longer than `rows`. */
export interface ChunkRows {
  rows: number
  index: Int32Array
  /** Key lines of the rows: chromosome, position, ref, alt, rsid, tabs between. */
  lines: Uint8Array
  inheritance: Uint8Array
  /** countNames.length a row. */
  counts: Int32Array
  callRate: Float64Array
  maf: Float64Array
  hweP: Float64Array
  leastP: Float64Array
  /** Natural logs; NaN where there is none. */
  trend: Float64Array
  trendMid: Float64Array
  fisher: Float64Array
  firth: Float64Array
  /** Ordinary log p and log mid-p of the first family's table. */
  family: Float64Array
  familyMid: Float64Array
  /** Its smallest attainable log p. */
  familyLeast: Float64Array
  beta: Float64Array
  se: Float64Array
  low: Float64Array
  high: Float64Array
  limits: Uint8Array
  status: Uint8Array
  flags: Int32Array
  /** Expected number of distinct variants with -log10 p in each bin, under each variant's own null. */
  expected: Float64Array
  /** Calls on X and Y that a person's sex forbids, which are taken as missing. */
  forbidden: number
  /** Retry ladders that were not one Newton climb: index of the variant, rungs in words. */
  ladders: { index: number; trace: string }[]
}

export function emptyRows(n: number): ChunkRows {
  const doubles = () => new Float64Array(n).fill(Number.NaN)
  return {
    rows: 0,
    index: new Int32Array(n),
    lines: new Uint8Array(0),
    inheritance: new Uint8Array(n),
    counts: new Int32Array(countNames.length * n),
    callRate: doubles(),
    maf: doubles(),
    hweP: doubles(),
    leastP: doubles(),
    trend: doubles(),
    trendMid: doubles(),
    fisher: doubles(),
    firth: doubles(),
    family: doubles(),
    familyMid: doubles(),
    familyLeast: doubles(),
    beta: doubles(),
    se: doubles(),
    low: doubles(),
    high: doubles(),
    limits: new Uint8Array(n),
    status: new Uint8Array(n),
    flags: new Int32Array(n),
    expected: new Float64Array(expectationBins),
    forbidden: 0,
    ladders: [],
  }
}
