import { leadingEigen } from '../../numerics/linear.ts'
import { informativeComponents } from './tracy-widom.ts'

export interface PrincipalComponents {
  /** Components by person, people x components by rows; unit variance over the training people. */
  scores: Float64Array
  /** Eigenvalues of the covariance, largest first, and their share of its trace; 0 beyond the rank. */
  eigenvalues: number[]
  explained: number[]
  /** Leading components that stand out from noise, of those asked for. */
  informative: number
}

// An eigenvalue below this share of the largest is rounding, not a component.
const rankTolerance = 1e-9

/**
 * Principal components of people from their n x n covariance over standardised genotypes (Patterson et al. 2006),
 * defined by the people at the places `training`. The eigenvectors are scaled to unit variance over the training people;
 * their largest entry is positive. Everyone else is projected: covariance with the training people times the eigenvector
 * over the eigenvalue, which pulls them somewhat towards zero. Components beyond the rank are 0.
 */
export function principalComponents(
  covariance: Float64Array,
  n: number,
  training: readonly number[],
  components: number,
): PrincipalComponents {
  const m = training.length
  const own = new Float64Array(m * m)
  let trace = 0
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) own[i * m + j] = covariance[training[i] * n + training[j]]
    trace += own[i * m + i]
  }
  const { values, vectors } = leadingEigen(own, m, Math.min(components, m))
  const scores = new Float64Array(n * components)
  const eigenvalues = Array.from({ length: components }, () => 0)
  const scale = Math.sqrt(m - 1)
  for (let c = 0; c < Math.min(components, m - 1); c++) {
    const value = values[c]
    if (!(value > rankTolerance * values[0])) break
    eigenvalues[c] = value
    const vector = vectors.subarray(c * m, (c + 1) * m)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < m; j++) sum += covariance[i * n + training[j]] * vector[j]
      scores[i * components + c] = (scale * sum) / value
    }
    // The training people's own values, free of the rounding of the product.
    for (let j = 0; j < m; j++) scores[training[j] * components + c] = scale * vector[j]
  }
  return {
    scores,
    eigenvalues,
    explained: eigenvalues.map((value) => (trace > 0 ? value / trace : 0)),
    informative: informativeComponents(values.subarray(0, m - 1), components),
  }
}

/**
 * The covariance with each row and column moved so that the training people's mean is zero: what it would be had
 * frequencies been taken over them, but for the scale of each variant.
 */
export function centredOn(covariance: Float64Array, n: number, training: readonly number[]): Float64Array {
  const means = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    for (const j of training) means[i] += covariance[i * n + j]
    means[i] /= training.length
  }
  let grand = 0
  for (const i of training) grand += means[i]
  grand /= training.length
  const centred = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const value = covariance[i * n + j] - means[i] - means[j] + grand
      centred[i * n + j] = value
      centred[j * n + i] = value
    }
  return centred
}
