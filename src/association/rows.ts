import type { Cell, ColumnBatch } from '../host/host.ts'
import { exp } from '../numerics/special.ts'
import { neglog10Name, type PValueColumn } from '../results/association.ts'
import { flagText } from './flags.ts'
import { countNames, limitNames, type RowsResult, sliceRows, statusNames } from './rows-task.ts'

const perLog10 = 1 / Math.LN10

const finite = (x: number): Cell => (Number.isNaN(x) ? null : x)
const cells = (values: Float64Array): Cell[] => Array.from(values, finite)

/** p and -log10 p of natural logs. */
function pValues(name: PValueColumn, logs: ArrayLike<number>): ColumnBatch {
  return {
    [name]: Array.from(logs, (l) => (Number.isNaN(l) ? null : exp(l))),
    [neglog10Name(name)]: Array.from(logs, (l) => (Number.isNaN(l) ? null : l === 0 ? 0 : -l * perLog10)),
  }
}

/** Rows of one batch of columns: no more than DuckDB takes at once, so that what is made for a batch is soon garbage. */
const batchRows = 2048

/** A chunk's rows as batches of `rowColumns`, in order. */
export function* rowBatches(chunk: RowsResult, ...how: HowRowsAreSaid): Generator<ColumnBatch> {
  for (let from = 0; from < chunk.rows; from += batchRows)
    yield rowColumns(sliceRows(chunk, from, Math.min(chunk.rows, from + batchRows)), ...how)
}

type HowRowsAreSaid = [
  familyLogP: ((logP: number) => number) | null,
  permutationLogP: ReadonlyMap<number, number>,
  primary: 'family' | 'firth',
  maleCopies?: 1 | 2,
]

/**
 * A chunk's rows as columns of `associations.parquet`. `familyLogP`: log family-wise p of a row's log p;
 * `permutationLogP`: that of the leads, by index in the store. `primary_p` is the p by which the primary test ranks variants: the
 * exact trend under its own label sets, or Firth. Rows of another coding of men are outside the family and have none of the three.
 */
function rowColumns(
  chunk: RowsResult,
  familyLogP: ((logP: number) => number) | null,
  permutationLogP: ReadonlyMap<number, number>,
  primary: 'family' | 'firth',
  maleCopies: 1 | 2 = 2,
): ColumnBatch {
  const n = chunk.rows
  const none = new Float64Array(n).fill(Number.NaN)
  const inFamily = maleCopies === 2
  const each = <T extends Cell>(make: (row: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))
  const count = (name: (typeof countNames)[number]) => {
    const at = countNames.indexOf(name)
    const sexOnly = at >= 6
    return each((i) => {
      const sexed = chunk.inheritance[i] === 1 || chunk.inheritance[i] === 2
      return sexOnly && !sexed ? null : chunk.counts[countNames.length * i + at]
    })
  }
  return {
    chromosome: chunk.chromosome,
    position: Array.from(chunk.position),
    ref: chunk.ref,
    alt: chunk.alt,
    rsid: chunk.rsid.map((id) => (id === '' ? null : id)),
    n_cases: each((i) => called(chunk, i, 0)),
    n_controls: each((i) => called(chunk, i, 3)),
    ...Object.fromEntries(countNames.map((name) => [name, count(name)])),
    male_coding: each((i) =>
      chunk.inheritance[i] === 0 ? null : chunk.inheritance[i] === 3 ? 'haploid 0/2' : `0/${maleCopies}`,
    ),
    call_rate: cells(chunk.callRate),
    maf: cells(chunk.maf),
    hwe_p: cells(chunk.hweP),
    min_attainable_p: cells(chunk.leastP),
    ...pValues('trend_exact_p', chunk.trend),
    ...pValues('trend_midp', chunk.trendMid),
    ...pValues('fisher_p', chunk.fisher),
    ...pValues('firth_p', chunk.firth),
    ...pValues('primary_p', !inFamily ? none : primary === 'firth' ? chunk.firth : chunk.family),
    ...pValues(
      'family_p',
      chunk.family.map((l) => (!inFamily || familyLogP === null || Number.isNaN(l) ? Number.NaN : familyLogP(l))),
    ),
    ...pValues(
      'permutation_p',
      Array.from(chunk.index, (index) => (inFamily ? (permutationLogP.get(index) ?? Number.NaN) : Number.NaN)),
    ),
    or: each((i) => odds(chunk.beta[i])),
    or_se: cells(chunk.se),
    or_low: each((i) => odds(chunk.low[i])),
    or_high: each((i) => odds(chunk.high[i])),
    limits: each((i) => limitNames[chunk.limits[i]]),
    status: each((i) => statusNames[chunk.status[i]]),
    flags: each((i) => flagText(chunk.flags[i])),
  }
}

function odds(log: number): Cell {
  return Number.isNaN(log) ? null : exp(log)
}

/** People called in a group: the sum of three counts from `at`. */
function called(chunk: RowsResult, row: number, at: number): number {
  const from = countNames.length * row + at
  return chunk.counts[from] + chunk.counts[from + 1] + chunk.counts[from + 2]
}
