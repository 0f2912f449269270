import type { RunChunks } from '../../compute/task.ts'
import type { Host } from '../../host/host.ts'
import type { FileOrder, VariantBatch } from './batch.ts'
import type { Counts } from './counts.ts'

export type Sex = 'female' | 'male' | null

/** What of a file's calls is taken; every loss is counted. */
export interface GenotypeFilters {
  /** Keep records whose FILTER is neither PASS nor missing. */
  keepFiltered?: boolean
  /** Calls with a lower genotype quality (GQ) or depth (DP) become missing; calls without the value are kept. */
  minGq?: number
  minDp?: number
}

/** How batches of a file are asked for. */
export interface ReadRequest {
  /** Bit of each sample of the file in the planes, -1 to leave one out. */
  readonly permutation: Int32Array
  /** People in the planes. */
  readonly people: number
  readonly filters: GenotypeFilters
  readonly host: Host
  readonly run: RunChunks
  readonly signal: AbortSignal
  readonly label: string
}

/** Variants of a file in its order, each batch itself sorted by key. */
export interface FileBatch {
  readonly batch: VariantBatch
  readonly order: FileOrder
  readonly counts: Counts
  /** Records of the file, split or not, kept or not. */
  readonly records: number
}

/** A genotype file of any format, opened: what it says of people, and its variants when asked. */
export interface GenotypeFile {
  readonly path: string
  readonly format: string
  /** Ids in the order of the file. */
  readonly samples: readonly string[]
  /** One a sample; null where the file does not say. */
  readonly sexes: readonly Sex[]
  /** Chromosome rank and position of the first record, by which files of one chromosome each are ordered. */
  readonly first: { readonly rank: number; readonly position: number }
  batches(request: ReadRequest): AsyncIterable<FileBatch>
}
