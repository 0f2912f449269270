import { UpturnError } from '../../errors/index.ts'

export interface Covariate {
  name: string
  /** One number a person, none missing. */
  values: ArrayLike<number>
}

/** Mean 0 and standard deviation 1 (divisor n); refuses a constant column as collinear with the intercept. */
export function standardise(covariate: Covariate): Float64Array {
  const values = Float64Array.from(covariate.values)
  const n = values.length
  let mean = 0
  for (const v of values) mean += v
  mean /= n
  let squares = 0
  let largest = 0
  for (const v of values) {
    squares += (v - mean) * (v - mean)
    largest = Math.max(largest, Math.abs(v))
  }
  const sd = Math.sqrt(squares / n)
  if (!Number.isFinite(sd))
    throw new UpturnError('BadArgument', `covariate ${covariate.name} has values that are no numbers`)
  if (!(sd > 1e-12 * largest))
    throw new UpturnError(
      'CollinearCovariates',
      `covariate ${covariate.name} has the same value for everyone in the study; leave it out`,
      { details: { covariate: covariate.name } },
    )
  for (let i = 0; i < n; i++) values[i] = (values[i] - mean) / sd
  return values
}

/**
 * Refuses covariates of which one is, to 1e-10 of its sum of squares, a combination of the ones before it (by orthogonal
 * projection, in the order given) and names it.
 */
export function requireIndependent(names: readonly string[], columns: readonly Float64Array[]): void {
  const basis: Float64Array[] = []
  columns.forEach((column, j) => {
    const rest = Float64Array.from(column)
    // Twice, so that what is left is orthogonal to the basis to rounding.
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        let dot = 0
        for (let i = 0; i < rest.length; i++) dot += rest[i] * b[i]
        for (let i = 0; i < rest.length; i++) rest[i] -= dot * b[i]
      }
    let left = 0
    let whole = 0
    for (let i = 0; i < rest.length; i++) {
      left += rest[i] * rest[i]
      whole += column[i] * column[i]
    }
    if (!(left > 1e-10 * whole))
      throw new UpturnError(
        'CollinearCovariates',
        `covariate ${names[j]} is a linear combination of ${names.slice(0, j).join(', ')}; leave one of them out`,
        { details: { covariate: names[j] } },
      )
    const scale = 1 / Math.sqrt(left)
    basis.push(rest.map((v) => v * scale))
  })
}

/** Refuses a covariate whose values alone tell every case from every control, and names it. */
export function requireOverlap(cases: ArrayLike<number>, covariates: readonly Covariate[]): void {
  for (const { name, values } of covariates) {
    const range = [
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ]
    for (let i = 0; i < values.length; i++) {
      const r = range[cases[i] === 1 ? 1 : 0]
      r[0] = Math.min(r[0], values[i])
      r[1] = Math.max(r[1], values[i])
    }
    if (range[0][1] < range[1][0] || range[1][1] < range[0][0])
      throw new UpturnError(
        'SeparatedByCovariate',
        `covariate ${name} alone tells every case from every control: no adjustment for it is possible; leave it out or restrict the study to values that both have`,
        { details: { covariate: name } },
      )
  }
}
