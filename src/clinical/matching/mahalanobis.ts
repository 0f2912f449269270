import { UpturnError } from '../../errors/index.ts'

export interface MahalanobisDistance {
  /** Indices of the variables used: those that vary within the groups. */
  variables: number[]
  /** cases x controls, row-major. */
  distances: Float64Array
}

/**
 * Mahalanobis distances between cases and controls, sqrt(d' S^-1 d) with S the covariance pooled **within** the two groups,
 * divisor N - 2 (Rubin, Biometrics 36:293, 1980; the definition of MatchIt >= 4). A variable that does not vary within the groups
 * cannot be scaled and is left out. Refuses variables that are linear combinations of each other, and fewer than 3 people.
 *
 * @param cases, controls one row a person, one number a variable, all finite
 * @param names of the variables, for messages
 */
export function mahalanobisDistances(
  cases: readonly (readonly number[])[],
  controls: readonly (readonly number[])[],
  names: readonly string[],
): MahalanobisDistance {
  const degrees = cases.length + controls.length - 2
  const all = names.map((_, v) => v)
  if (names.length === 0 || cases.length === 0 || controls.length === 0)
    return { variables: [], distances: new Float64Array(cases.length * controls.length) }
  if (degrees < 1) throw new UpturnError('BadArgument', 'a Mahalanobis distance needs at least three people')
  const caseMeans = means(cases, names.length)
  const controlMeans = means(controls, names.length)
  const pooled = (a: number, b: number): number => {
    let sum = 0
    for (const row of cases) sum += (row[a] - caseMeans[a]) * (row[b] - caseMeans[b])
    for (const row of controls) sum += (row[a] - controlMeans[a]) * (row[b] - controlMeans[b])
    return sum / degrees
  }
  const variables = all.filter((v) => {
    const scale = Math.max(...cases.map((r) => Math.abs(r[v])), ...controls.map((r) => Math.abs(r[v])))
    return pooled(v, v) > 1e-24 * scale * scale
  })
  const k = variables.length
  const factor = cholesky(
    variables.map((a) => variables.map((b) => pooled(a, b))),
    variables.map((v) => names[v]),
  )
  const distances = new Float64Array(cases.length * controls.length)
  const z = new Float64Array(k)
  for (let i = 0; i < cases.length; i++) {
    for (let j = 0; j < controls.length; j++) {
      // d' S^-1 d is the squared length of L^-1 d.
      let sum = 0
      for (let a = 0; a < k; a++) {
        let value = cases[i][variables[a]] - controls[j][variables[a]]
        for (let b = 0; b < a; b++) value -= factor[a][b] * z[b]
        z[a] = value / factor[a][a]
        sum += z[a] * z[a]
      }
      distances[i * controls.length + j] = Math.sqrt(sum)
    }
  }
  return { variables, distances }
}

function means(rows: readonly (readonly number[])[], width: number): number[] {
  const sums = new Array<number>(width).fill(0)
  for (const row of rows) for (let v = 0; v < width; v++) sums[v] += row[v]
  return sums.map((sum) => sum / rows.length)
}

/** Lower factor of a covariance matrix; a pivot that loses ten digits means a linear combination of the earlier variables. */
function cholesky(matrix: number[][], names: readonly string[]): number[][] {
  const factor: number[][] = matrix.map((row) => row.map(() => 0))
  for (let a = 0; a < matrix.length; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a][b]
      for (let c = 0; c < b; c++) sum -= factor[a][c] * factor[b][c]
      if (a !== b) factor[a][b] = sum / factor[b][b]
      else if (sum > 1e-10 * matrix[a][a]) factor[a][a] = Math.sqrt(sum)
      else
        throw new UpturnError(
          'CollinearCovariates',
          `the matching variable ${names[a]} is a linear combination of ${names.slice(0, a).join(', ')}: leave one of them out`,
        )
    }
  }
  return factor
}
