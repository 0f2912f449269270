import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { blockGroups, countsAt, groupVariants, hasBit } from '../quality/scan.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { openStore } from '../store/open.ts'

export interface CovarianceSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store, in the order of the matrix. */
  people: Int32Array
  /** Over whom frequencies are taken. */
  training: Uint8Array
}

export interface CovariancePart {
  /** Lower triangle by rows, padded: entry (i, j), j <= i, is at i * stride + j. */
  sum: Float64Array
  stride: number
  variants: number
}

// 64 variants of 1,000 people are 512 kB.
const tileVariants = 64
// Blocks in memory at once.
const stretchBlocks = 8

/** Sum over a stretch of blocks of z z', z being a variant's standardised genotypes (see genotypeCovariance). */
export const covarianceTask: ChunkTask<CovarianceSetup, BlockGroup, CovariancePart> = {
  name: 'genotypes/covariance',
  async prepare({ folder, chosen, people, training }, host) {
    const store = await openGroups(host, folder)
    const { header } = store
    const words = header.wordsPerPlane
    const stride = 4 * Math.ceil(people.length / 4)
    // Padding repeats the first person; what it sums to is never read.
    const padded = new Int32Array(stride).fill(people[0])
    padded.set(people)
    return async (chunk, signal) => {
      const sum = new Float64Array(stride * stride)
      let used = 0
      for (let first = chunk.first; first < chunk.end; first += stretchBlocks) {
        const stretch = { first, end: Math.min(chunk.end, first + stretchBlocks) }
        const { first: offset, variants } = groupVariants(header, stretch)
        const records = await store.records(stretch, signal)
        const k = kernels()
        k.scope(() => {
          const at = k.put(records)
          const counts = countsAt(at, variants, words, training)
          const index: number[] = []
          const table: number[] = []
          for (let v = 0; v < variants; v++) {
            if (!hasBit(chosen, offset + v)) continue
            const ref = counts[4 * v]
            const het = counts[4 * v + 1]
            const alt = counts[4 * v + 2]
            const frequency = (het + 2 * alt) / (2 * (ref + het + alt))
            if (!(frequency > 0 && frequency < 1)) continue
            const scale = 1 / Math.sqrt(2 * frequency * (1 - frequency))
            index.push(v)
            for (let copies = 0; copies < 3; copies++) table.push((copies - 2 * frequency) * scale)
            table.push(0)
          }
          used += index.length
          const indexAt = k.put(Int32Array.from(index))
          const tableAt = k.put(Float64Array.from(table))
          const peopleAt = k.put(padded)
          const z = k.allocate(8 * tileVariants * stride)
          const out = k.put(sum)
          for (let v = 0; v < index.length; v += tileVariants) {
            const count = Math.min(tileVariants, index.length - v)
            k.call.lookUpGenotypes(at, indexAt + 4 * v, count, words, peopleAt, stride, tableAt + 32 * v, z)
            k.call.addCrossProduct(z, count, stride, out, stride)
          }
          sum.set(k.f64(out, sum.length))
        })
      }
      return { sum, stride, variants: used }
    }
  },
}

/**
 * Covariance of people over standardised variants, n x n by rows: the mean over variants of z_i z_j with
 * z = (copies - 2p) / sqrt(2p(1 - p)), p the frequency of alt among the training people and z = 0 for a missing call.
 * Variants that do not vary among the training people are left out; `variants` says how many were used.
 * Source: Patterson, Price, Reich 2006, PLoS Genet 2:e190, equations 1 to 3.
 */
export async function genotypeCovariance(
  setup: CovarianceSetup,
  workshop: Workshop,
): Promise<{ matrix: Float64Array; variants: number }> {
  const n = setup.people.length
  const store = await openStore(workshop.host, setup.folder)
  const groups = blockGroups(store.header, 32)
  await store.close()
  const matrix = new Float64Array(n * n)
  let variants = 0
  for await (const part of workshop.run(covarianceTask, setup, groups, { label: 'covariance of people' })) {
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] += part.sum[i * part.stride + j]
    variants += part.variants
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const mean = variants === 0 ? 0 : matrix[i * n + j] / variants
      matrix[i * n + j] = mean
      matrix[j * n + i] = mean
    }
  return { matrix, variants }
}
