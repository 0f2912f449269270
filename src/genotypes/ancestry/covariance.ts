import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { chosenPlaces, type PairTile, pairTiles } from '../kinship/king.ts'
import { countBits, countsAt, groupsWorth, groupVariants, stretches } from '../quality/scan.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { readHeader } from '../store/open.ts'

export interface CovarianceSetup {
  folder: string
  /** Variants to use, one bit each. */
  chosen: Uint8Array
  /** Columns of the store, in the order of the matrix. */
  people: Int32Array
  /** Over whom frequencies are taken. */
  training: Uint8Array
}

/** A tile of pairs of people over a stretch of blocks. */
export interface CovarianceChunk extends BlockGroup, PairTile {}

export interface CovariancePart {
  /** Entry (i, j) of the tile is at j * stride + i - row; of a tile on the diagonal only j <= i has a meaning. */
  sum: Float64Array<ArrayBuffer>
  stride: number
  variants: number
}

const tilePeople = 512
/** Products that make a chunk worth its result: about half a second. */
const chunkProducts = 4e9
// Records a step of the kernel, and steps a call: codes of 512 people are 256 kB.
const stepVariants = 24
const callSteps = 64

/** z of a variant by code: 0, 1 and 2 copies standardised by the frequency p of alt, and 0 for no call. */
export function standardised(frequency: number): [number, number, number, number] {
  const scale = 1 / Math.sqrt(2 * frequency * (1 - frequency))
  return [-2 * frequency * scale, (1 - 2 * frequency) * scale, (2 - 2 * frequency) * scale, 0]
}

/** Sum over a stretch of blocks of z z', z being a variant's standardised genotypes (see genotypeCovariance). */
export const covarianceTask: ChunkTask<CovarianceSetup, CovarianceChunk, CovariancePart> = {
  name: 'genotypes/covariance',
  async prepare({ folder, chosen, people, training }, host) {
    const store = await openGroups(host, folder)
    const { header } = store
    const words = header.wordsPerPlane
    return async (chunk, signal) => {
      const triangle = chunk.row === chunk.column
      const columns = people.slice(chunk.column, chunk.columnEnd)
      const rows = chunk.rowEnd - chunk.row
      const stride = 4 * Math.ceil(rows / 4)
      // Padding repeats the first person; what it sums to is never read.
      const padded = new Int32Array(stride).fill(people[chunk.row])
      padded.set(people.subarray(chunk.row, chunk.rowEnd))
      const sum = new Float64Array(stride * columns.length)
      let used = 0
      for (const stretch of stretches(header, chunk)) {
        const { variants } = groupVariants(header, stretch)
        const places = chosenPlaces(header, stretch, chosen)
        if (places.length === 0) continue
        const records = await store.records(stretch, signal)
        const k = kernels()
        k.scope(() => {
          const at = k.put(records)
          const counts = countsAt(at, variants, words, training)
          const index: number[] = []
          const values: number[] = []
          for (const v of places) {
            const ref = counts[4 * v]
            const het = counts[4 * v + 1]
            const alt = counts[4 * v + 2]
            const frequency = (het + 2 * alt) / (2 * (ref + het + alt))
            if (!(frequency > 0 && frequency < 1)) continue
            index.push(v)
            values.push(...standardised(frequency))
          }
          used += index.length
          const steps = Math.ceil(index.length / stepVariants)
          while (values.length < 4 * stepVariants * steps) values.push(0)
          const indexAt = k.put(Int32Array.from(index))
          const valuesAt = k.put(Float64Array.from(values))
          const rowsAt = k.put(padded)
          const columnsAt = triangle ? rowsAt : k.put(columns)
          const rowCodes = k.allocate(8 * callSteps * stride)
          const columnCodes = triangle ? rowCodes : k.allocate(8 * callSteps * columns.length)
          const columnCount = triangle ? stride : columns.length
          const scratch = k.allocate(16_384)
          // On the diagonal columns are padded as rows are.
          const out = k.put(triangle ? withLength(sum, stride * stride) : sum)
          for (let step = 0; step < steps; step += callSteps) {
            const first = step * stepVariants
            const count = Math.min(callSteps * stepVariants, index.length - first)
            const taken = Math.ceil(count / stepVariants)
            k.call.genotypeCodes(at, indexAt + 4 * first, count, words, rowsAt, stride, rowCodes)
            if (!triangle)
              k.call.genotypeCodes(at, indexAt + 4 * first, count, words, columnsAt, columnCount, columnCodes)
            k.call.addGenotypeProducts(
              rowCodes,
              stride,
              columnCodes,
              columnCount,
              taken,
              valuesAt + 32 * first,
              triangle ? 1 : 0,
              out,
              scratch,
            )
          }
          sum.set(k.f64(out, sum.length))
        })
      }
      return { sum, stride, variants: used }
    }
  },
  transfer: ({ sum }) => [sum.buffer],
}

function withLength(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length)
  longer.set(values)
  return longer
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
  const header = await readHeader(workshop.host, `${setup.folder}/store.json`)
  const tiles = pairTiles(n, tilePeople)
  const most = Math.min(n, tilePeople) ** 2 * countBits(setup.chosen)
  const groups = groupsWorth(header, most, chunkProducts)
  const chunks = tiles.flatMap((tile) => groups.map((group) => ({ ...tile, ...group })))
  const matrix = new Float64Array(n * n)
  let variants = 0
  let done = 0
  for await (const part of workshop.run(covarianceTask, setup, chunks, { label: 'covariance of people' })) {
    const { row, rowEnd, column, columnEnd } = chunks[done]
    for (let i = row; i < rowEnd; i++)
      for (let j = column; j < Math.min(columnEnd, i + 1); j++)
        matrix[i * n + j] += part.sum[(j - column) * part.stride + i - row]
    if (done < groups.length) variants += part.variants
    done++
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const mean = variants === 0 ? 0 : matrix[i * n + j] / variants
      matrix[i * n + j] = mean
      matrix[j * n + i] = mean
    }
  return { matrix, variants }
}
