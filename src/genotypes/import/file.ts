import type { RunChunks } from '../../compute/task.ts'
import type { Host } from '../../host/host.ts'
import type { Regions } from '../regions/regions.ts'
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
  /**
   * Calls whose reads (AD) speak against them become missing: heterozygous ones whose share of reads of the second allele lies
   * outside, homozygous reference ones with a larger share of other alleles than the first, homozygous others with a smaller
   * share of their allele than the second. Calls without reads are kept.
   */
  alleleBalance?: readonly [number, number]
}

/** Which allele of each variant is the reference, where a format does not say. */
export type ReferenceAllele = 'first' | 'last'

/** What a format needs beside the path of a file. */
export interface OpenOptions {
  /** BGEN, which cannot be read without it. */
  readonly ref?: ReferenceAllele
  /** BGEN: path of the `.sample` file, by default the one beside the file by the same name. */
  readonly sample?: string
  /** BGEN: number the people of a file that names nobody, instead of refusing it. */
  readonly numberPeople?: boolean
}

/** How batches of a file are asked for. */
export interface ReadRequest {
  /** Bit of each sample of the file in the planes, -1 to leave one out. */
  readonly permutation: Int32Array
  /** People in the planes. */
  readonly people: number
  readonly filters: GenotypeFilters
  /** Only records inside these are read and counted; every record without them. */
  readonly regions?: Regions
  /** Told what a reader must know besides: an index that was not used, and why. */
  readonly note?: (text: string) => void
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
  /** Sum and number of the depths of everybody's calls (`depths.ts`); absent where a format has none. */
  readonly depths?: Float64Array
  /** Records of the file (inside the regions asked for), split or not, kept or not. */
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
  /** What a reader must know of how the file was opened. */
  readonly notes?: readonly string[]
  batches(request: ReadRequest): AsyncIterable<FileBatch>
}
