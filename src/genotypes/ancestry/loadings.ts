import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { chosenPlaces } from '../kinship/king.ts'
import { blockGroups, countsAt, groupVariants, peopleMask } from '../quality/scan.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import { decodeKeys } from '../store/keys.ts'
import type { VariantKeys } from '../store/layout.ts'
import { readHeader } from '../store/open.ts'
import { standardised } from './covariance.ts'

export interface LoadingsSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store of the people who define the components. */
  people: Int32Array
  /** Their values on each component, people x components by rows. */
  scores: Float64Array
  components: number
}

interface TaskSetup extends LoadingsSetup {
  training: Uint8Array
}

/** Variants of a group that vary among the people, in order. */
interface LoadingsPart {
  /** Their key lines. */
  lines: Uint8Array
  frequency: Float64Array
  /** Variants x components by rows. */
  loadings: Float64Array
}

/** A batch of variants with what projection needs of them. */
export interface VariantLoadings {
  keys: VariantKeys
  /** Of alt among the people who define the components. */
  frequency: Float64Array
  loadings: Float64Array
}

export const loadingsTask: ChunkTask<TaskSetup, BlockGroup, LoadingsPart> = {
  name: 'genotypes/loadings',
  async prepare({ folder, chosen, people, scores, components, training }, host) {
    const store = await openGroups(host, folder)
    const { header } = store
    const words = header.wordsPerPlane
    // An even number of components, the last of zeros where need be.
    const width = 2 * Math.ceil(components / 2)
    const weights = new Float64Array(people.length * width)
    for (let i = 0; i < people.length; i++)
      for (let c = 0; c < components; c++)
        weights[i * width + c] = scores[i * components + c] / Math.max(1, people.length - 1)
    return async (group, signal) => {
      const { records, lines } = await store.read(group, signal)
      const { variants } = groupVariants(header, group)
      const { start } = keyPlaces(lines, variants, folder)
      const k = kernels()
      return k.scope(() => {
        const at = k.put(records)
        const counts = countsAt(at, variants, words, training)
        const index: number[] = []
        const frequencies: number[] = []
        const values: number[] = []
        let bytes = 0
        for (const v of chosenPlaces(header, group, chosen)) {
          const het = counts[4 * v + 1]
          const alt = counts[4 * v + 2]
          const frequency = (het + 2 * alt) / (2 * (counts[4 * v] + het + alt))
          if (!(frequency > 0 && frequency < 1)) continue
          index.push(v)
          frequencies.push(frequency)
          values.push(...standardised(frequency))
          bytes += start[v + 1] - start[v]
        }
        const out = k.allocate(8 * width * index.length)
        k.call.weightedGenotypes(
          at,
          k.put(Int32Array.from(index)),
          index.length,
          words,
          k.put(people),
          people.length,
          k.put(Float64Array.from(values)),
          k.put(weights),
          width,
          out,
        )
        const all = k.f64(out, width * index.length)
        const chosenLines = new Uint8Array(bytes)
        let used = 0
        for (const v of index) {
          chosenLines.set(lines.subarray(start[v], start[v + 1]), used)
          used += start[v + 1] - start[v]
        }
        return {
          lines: chosenLines,
          frequency: Float64Array.from(frequencies),
          loadings: Float64Array.from(
            { length: components * index.length },
            (_, i) => all[Math.floor(i / components) * width + (i % components)],
          ),
        }
      })
    }
  },
}

/**
 * How each variant goes with each component: the regression of its standardised genotypes (standardised, 0 for a missing
 * call) on the component over the people who define it, so that the genotypes are close to the sum of loadings times
 * components. Variants that do not vary among these people are left out. Batches come in the order of the store.
 */
export async function* variantLoadings(setup: LoadingsSetup, workshop: Workshop): AsyncIterable<VariantLoadings> {
  const header = await readHeader(workshop.host, `${setup.folder}/store.json`)
  const training = peopleMask(header, setup.people)
  const options = { label: 'loadings of variants' }
  for await (const { lines, frequency, loadings } of workshop.run(
    loadingsTask,
    { ...setup, training },
    blockGroups(header),
    options,
  ))
    if (frequency.length > 0) yield { keys: decodeKeys(lines, frequency.length, setup.folder), frequency, loadings }
}
