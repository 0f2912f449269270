import { UpturnError } from '../errors/index.ts'

export interface LeastSquares {
  /** One for each column; NaN for a dependent column. */
  coefficients: Float64Array
  residuals: Float64Array
  residualSumOfSquares: number
  rank: number
  /** Columns that are linear combinations of the columns before them, ascending. */
  dependent: number[]
  /** (X'X)^-1, columns x columns; NaN in rows and columns of dependent columns. */
  inverse: Float64Array
}

/**
 * Least squares of y on the columns of x (rows x columns, row-major) by Householder QR in column order. A column is
 * dependent when what is left of it after the columns before is below `tolerance` (1e-9) of its length; it is left out.
 * Weights, where given, multiply squared residuals.
 */
export function leastSquares(
  x: Float64Array,
  y: ArrayLike<number>,
  rows: number,
  columns: number,
  options: { weights?: ArrayLike<number>; tolerance?: number } = {},
): LeastSquares {
  const { weights, tolerance = 1e-9 } = options
  if (x.length !== rows * columns || y.length !== rows || (weights !== undefined && weights.length !== rows))
    throw new UpturnError('BadArgument', `the data do not form ${rows} rows of ${columns} columns`)
  const root = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(weights?.[i] ?? 1))
  // column-major, weighted; the last column is y
  const q = new Float64Array((columns + 1) * rows)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) q[j * rows + i] = x[i * columns + j] * root[i]
    q[columns * rows + i] = y[i] * root[i]
  }
  if (!q.every(Number.isFinite)) throw new UpturnError('BadArgument', 'least squares takes finite numbers only')

  const kept: number[] = []
  const dependent: number[] = []
  const diagonal: number[] = []
  for (let j = 0; j < columns; j++) {
    const column = q.subarray(j * rows, j * rows + rows)
    const r = kept.length
    const left = norm(column, r)
    if (r >= rows || left <= tolerance * norm(column, 0)) {
      dependent.push(j)
      continue
    }
    const alpha = column[r] > 0 ? -left : left
    column[r] -= alpha
    const square = -alpha * column[r]
    for (let k = j + 1; k <= columns; k++) {
      const other = q.subarray(k * rows, k * rows + rows)
      let sum = 0
      for (let i = r; i < rows; i++) sum += column[i] * other[i]
      const factor = sum / square
      for (let i = r; i < rows; i++) other[i] -= factor * column[i]
    }
    kept.push(j)
    diagonal.push(alpha)
  }

  // R above the diagonal stands in the kept columns' first entries
  const rank = kept.length
  const coefficients = new Float64Array(columns).fill(Number.NaN)
  const solution = solveUpper(q.subarray(columns * rows, columns * rows + rank))
  kept.forEach((j, r) => {
    coefficients[j] = solution[r]
  })
  const inverse = new Float64Array(columns * columns).fill(Number.NaN)
  const inverseR = kept.map((_, r) => solveUpper(Float64Array.from(kept, (_, i) => (i === r ? 1 : 0))))
  for (let a = 0; a < rank; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let k = a; k < rank; k++) sum += inverseR[k][a] * inverseR[k][b]
      inverse[kept[a] * columns + kept[b]] = sum
      inverse[kept[b] * columns + kept[a]] = sum
    }

  const residuals = new Float64Array(rows)
  let residualSumOfSquares = 0
  for (let i = 0; i < rows; i++) {
    let fitted = 0
    for (const j of kept) fitted += x[i * columns + j] * coefficients[j]
    residuals[i] = y[i] - fitted
  }
  for (let i = rank; i < rows; i++) residualSumOfSquares += q[columns * rows + i] * q[columns * rows + i]
  return { coefficients, residuals, residualSumOfSquares, rank, dependent, inverse }

  function solveUpper(right: Float64Array): Float64Array {
    const out = Float64Array.from(right)
    for (let r = rank - 1; r >= 0; r--) {
      for (let k = r + 1; k < rank; k++) out[r] -= q[kept[k] * rows + r] * out[k]
      out[r] /= diagonal[r]
    }
    return out
  }
}

function norm(column: Float64Array, from: number): number {
  let largest = 0
  for (let i = from; i < column.length; i++) largest = Math.max(largest, Math.abs(column[i]))
  if (largest === 0) return 0
  let sum = 0
  for (let i = from; i < column.length; i++) {
    const share = column[i] / largest
    sum += share * share
  }
  return largest * Math.sqrt(sum)
}
