import type { Workshop } from '../../compute/task.ts'
import { peopleMask } from '../quality/scan.ts'
import { readHeader } from '../store/open.ts'
import { genotypeCovariance } from './covariance.ts'
import { centredOn, type PrincipalComponents, principalComponents } from './principal-components.ts'

export interface ComponentsSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store. */
  people: Int32Array
  /** Places in `people` of those who define the components; everyone else is projected. */
  defining: readonly number[]
  components: number
  /** Distance from the mean beyond which a defining person is an outlier and leaves; null keeps all. */
  outlierSd: number | null
}

export interface PeopleComponents extends PrincipalComponents {
  /** Places in `people` of those who are left to define the components. */
  training: number[]
  /** Variants that vary among them. */
  variants: number
  /** The covariance of everyone over them. */
  covariance: Float64Array
}

const fewestPeople = 3
const outlierRounds = 5

/**
 * Principal components of people of a store. A person further than `outlierSd` standard deviations from the mean on any
 * component leaves and the components are computed again, in at most five rounds; frequencies and components are then those
 * of the people left, and outliers are projected.
 */
export async function peopleComponents(setup: ComponentsSetup, workshop: Workshop): Promise<PeopleComponents> {
  const { folder, chosen, people, defining, components, outlierSd } = setup
  const n = people.length
  const header = await readHeader(workshop.host, `${folder}/store.json`)
  const covarianceOver = (training: readonly number[]) =>
    genotypeCovariance(
      {
        folder,
        chosen,
        people,
        training: peopleMask(
          header,
          training.map((i) => people[i]),
        ),
      },
      workshop,
    )
  const all = await covarianceOver(defining)
  if (outlierSd === null) {
    const result = principalComponents(all.matrix, n, defining, components)
    return { ...result, training: [...defining], variants: all.variants, covariance: all.matrix }
  }
  const { training, result } = withoutOutliers(all.matrix, n, defining, components, outlierSd)
  if (training.length === defining.length)
    return { ...result, training, variants: all.variants, covariance: all.matrix }
  const { matrix, variants } = await covarianceOver(training)
  return { ...principalComponents(matrix, n, training, components), training, variants, covariance: matrix }
}

/** The people at `places` who are no outliers, and the components of the last round. */
function withoutOutliers(
  covariance: Float64Array,
  n: number,
  places: readonly number[],
  components: number,
  outlierSd: number,
): { training: number[]; result: PrincipalComponents } {
  let training = [...places]
  let result = principalComponents(covariance, n, training, components)
  for (let round = 0; round < outlierRounds; round++) {
    const { scores } = result
    const staying = training.filter((i) =>
      scores.subarray(i * components, (i + 1) * components).every((value) => Math.abs(value) <= outlierSd),
    )
    if (staying.length === training.length || staying.length < fewestPeople) break
    training = staying
    // Frequencies stay those of everyone while outliers are sought: centring takes the place of another scan.
    result = principalComponents(centredOn(covariance, n, training), n, training, components)
  }
  return { training, result }
}

/** The rule of `peopleComponents` in words. */
export const outlierRule = (outlierSd: number, components: number): string =>
  `further than ${outlierSd} standard deviations from the mean on any of the first ${components} components; found in up to ${outlierRounds} rounds, each on the components of those left; outliers are projected`
