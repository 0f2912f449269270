import { UpturnError } from '../../errors/index.ts'
import { whitening } from '../likelihood/whitening.ts'
import type { Covariate } from './covariates.ts'
import { standardise } from './covariates.ts'
import { nonnegativeResidual } from './nonnegative.ts'

export interface Separation {
  /** `none`: maximum-likelihood estimates exist. `complete`: a combination tells every case from every control. `quasi`: ties remain. */
  kind: 'none' | 'quasi' | 'complete'
  /** Covariates in the combination: their estimates are infinite. In the order given. */
  covariates: string[]
  /** Of these, the ones that separate alone (with the intercept). */
  alone: string[]
}

/** Lengths below this, of unit vectors, are rounding. */
const nothing = 1e-9

/**
 * Whether maximum-likelihood logistic regression of `cases` on an intercept and the covariates has finite estimates (Albert and Anderson
 * 1984). With z the rows (1, x), of controls with the sign changed, a direction b with z'b >= 0 for all and > 0 for some is what is left of the sum of
 * the z by the best nonnegative combination of -z (Farkas), and a direction with b_j above or below 0 what is left of that unit vector; a direction with
 * z'b > 0 for all likewise (Gordan). The columns are to be independent. Unit rows, standardised and whitened
 * columns; what is below 1e-9 counts as 0. Refuses constant covariates (CollinearCovariates) and covariates of another length.
 */
export function findSeparation(cases: ArrayLike<number>, covariates: readonly Covariate[]): Separation {
  const n = cases.length
  if (covariates.some(({ values }) => values.length !== n))
    throw new UpturnError('BadArgument', 'every covariate needs one value for every person')
  const standard = covariates.map(standardise)
  // Where columns nearly go along with each other, what sets them apart is seen in coordinates of its own.
  const white = whitening(standard, n)
  const columns = white === undefined ? standard : white.columns(standard)
  const signed = (chosen: readonly Float64Array[]): Float64Array[] =>
    Array.from({ length: n }, (_, i) => {
      const row = Float64Array.from([1, ...chosen.map((c) => c[i])])
      const sign = cases[i] === 1 ? 1 : -1
      const size = length(row)
      return row.map((v) => (sign * v) / size)
    })
  const rows = signed(columns)
  const width = columns.length + 1
  const kind = recession(rows) === undefined ? 'none' : strictlySeparated(rows) ? 'complete' : 'quasi'
  const infinite = new Set<number>()
  if (kind !== 'none')
    for (let j = 1; j < width; j++)
      for (const sign of [1, -1]) {
        const towards = new Float64Array(width)
        if (white === undefined) towards[j] = sign
        else
          towards.set(
            white.directions[j - 1].map((v) => sign * v),
            1,
          )
        if (recession(rows, towards) !== undefined) infinite.add(j)
      }
  const names = covariates.filter((_, j) => infinite.has(j + 1)).map((c) => c.name)
  const alone = columns.length === 0 ? [] : covariates.filter((_, j) => recession(signed([standard[j]])) !== undefined)
  return { kind, covariates: names, alone: kind === 'none' ? [] : alone.map((c) => c.name) }
}

/**
 * Columns (numbers from 0) that take part in a direction b with row'b >= 0 for all rows and > 0 for some: the estimates that are infinite where the rows
 * are an outcome less what it is compared with. Columns independent over the rows, any scale; empty where there is no such direction. `directions`: where the rows
 * are in other coordinates, those along which each column's coefficient grows.
 */
export function infiniteColumns(rows: readonly Float64Array[], directions?: readonly Float64Array[]): number[] {
  if (rows.length === 0) return []
  const k = rows[0].length
  const sizes = Array.from({ length: k }, (_, j) =>
    directions === undefined ? length(Float64Array.from(rows, (row) => row[j])) : 1,
  )
  const scaled = rows
    .map((row) => row.map((v, j) => (sizes[j] > 0 ? v / sizes[j] : 0)))
    .map((row) => ({ row, size: length(row) }))
    .filter(({ size }) => size > 0)
    .map(({ row, size }) => row.map((v) => v / size))
  if (scaled.length === 0 || recession(scaled) === undefined) return []
  return Array.from({ length: k }, (_, j) => j).filter((j) =>
    [1, -1].some((sign) => {
      const towards = new Float64Array(k)
      towards[j] = 1
      return (
        recession(
          scaled,
          (directions?.[j] ?? towards).map((v) => sign * v),
        ) !== undefined
      )
    }),
  )
}

function length(v: Float64Array): number {
  return Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))
}

/** The mean of the rows. */
function mean(rows: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(rows[0].length)
  for (const row of rows) for (let j = 0; j < row.length; j++) out[j] += row[j] / rows.length
  return out
}

/** A direction along which no row decreases and that has a positive product with `target`: with the mean of the rows, some increase. */
function recession(rows: readonly Float64Array[], target = mean(rows)): Float64Array | undefined {
  const r = nonnegativeResidual(
    rows.map((row) => row.map((v) => -v)),
    target,
  )
  return length(r) > nothing ? r : undefined
}

/** Whether a direction exists along which every row increases. */
function strictlySeparated(rows: readonly Float64Array[]): boolean {
  const width = rows[0].length
  const target = new Float64Array(width + 1)
  target[width] = 1
  const r = nonnegativeResidual(
    rows.map((row) => Float64Array.from([...row, 1])),
    target,
  )
  return r[width] > nothing
}
