import type { Workshop } from '../../compute/task.ts'
import { symmetricEigen } from '../../numerics/linear.ts'
import { genotypeCovariance } from './covariance.ts'

export interface PrincipalComponentsSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store. */
  people: Int32Array
  /** Places in `people` of those who define the components; the others are projected. */
  training: readonly number[]
  components: number
  /** Bytes of one plane of the store. */
  planeBytes: number
}

export interface PrincipalComponents {
  /** Components by person, people.length x components by rows; unit variance over the training people. */
  scores: Float64Array
  /** Eigenvalues of the covariance, largest first, and their share of its trace; as many as components. */
  eigenvalues: number[]
  explained: number[]
  variants: number
}

// An eigenvalue below this share of the largest is rounding, not a component.
const rankTolerance = 1e-9

/**
 * Principal components of people over the chosen variants (Patterson et al. 2006). The eigenvectors are scaled to unit
 * variance over the training people; the sign is that which makes the training person with the largest absolute value
 * positive (of equals, the first). Others are projected: their covariance with the training people times the
 * eigenvector over the eigenvalue, which pulls them somewhat towards zero. Components beyond the rank are 0.
 */
export async function principalComponents(
  setup: PrincipalComponentsSetup,
  workshop: Workshop,
): Promise<PrincipalComponents> {
  const { people, training, components } = setup
  const mask = new Uint8Array(setup.planeBytes)
  for (const i of training) mask[people[i] >> 3] |= 1 << (people[i] & 7)
  const { matrix, variants } = await genotypeCovariance(
    { folder: setup.folder, chosen: setup.chosen, people, training: mask },
    workshop,
  )
  const n = people.length
  const m = training.length
  const own = new Float64Array(m * m)
  let trace = 0
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) own[i * m + j] = matrix[training[i] * n + training[j]]
    trace += own[i * m + i]
  }
  const { values, vectors } = symmetricEigen(own, m)
  const scores = new Float64Array(n * components)
  const eigenvalues = new Array<number>(components).fill(0)
  const scale = Math.sqrt(m - 1)
  for (let c = 0; c < Math.min(components, m - 1); c++) {
    const value = values[c]
    if (!(value > rankTolerance * values[0])) break
    eigenvalues[c] = value
    const vector = vectors.subarray(c * m, (c + 1) * m)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < m; j++) sum += matrix[i * n + training[j]] * vector[j]
      scores[i * components + c] = (scale * sum) / value
    }
    // The training people's own values, free of the rounding of the product.
    for (let j = 0; j < m; j++) scores[training[j] * components + c] = scale * vector[j]
  }
  return { scores, eigenvalues, explained: eigenvalues.map((value) => (trace > 0 ? value / trace : 0)), variants }
}
