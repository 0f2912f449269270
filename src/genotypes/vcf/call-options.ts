import type { ReadRequest } from '../import/file.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'

/** What of a file's calls becomes genotypes, of text and of BCF alike. Plain data: it travels to workers. */
export interface CallOptions {
  /** Sample columns of the file. */
  readonly samples: number
  /** Bit of each sample column in the planes, -1 to leave a person out. */
  readonly permutation: Int32Array
  /** People in the planes. */
  readonly people: number
  /** Keep records whose FILTER is neither PASS nor missing. */
  readonly keepFiltered: boolean
  /** Calls with a lower GQ or DP become missing; 0 is off, a call without the value is kept. */
  readonly minGq: number
  readonly minDp: number
  /** Shares of reads, in millionths, between which a heterozygous call's second allele must lie; null is off. */
  readonly alleleBalance: readonly [number, number] | null
  /** Read DS. */
  readonly dosages: boolean
}

/** Options for what is asked of an opened file. */
export function callOptions(samples: number, { permutation, people, filters }: ReadRequest): CallOptions {
  const { keepFiltered = false, minGq = 0, minDp = 0, alleleBalance } = filters
  const millionths = (share: number) => Math.round(share * 1e6)
  return {
    samples,
    permutation,
    people,
    keepFiltered,
    minGq,
    minDp,
    alleleBalance: alleleBalance === undefined ? null : [millionths(alleleBalance[0]), millionths(alleleBalance[1])],
    dosages: true,
  }
}

/** Limits as both kernels take them. */
export function callLimits({ keepFiltered, minGq, minDp, alleleBalance, dosages }: CallOptions): Int32Array {
  const [low, high] = alleleBalance ?? [0, 0]
  return Int32Array.of(Number(keepFiltered), minGq, minDp, low, high, Number(dosages))
}

const recordBytesLimit = 512 << 10
const doseBytesLimit = 4 << 20

/** Records of one kernel call: their hard calls and dosages fit a cache. */
export function scanCapacity(people: number, dosages: boolean): number {
  const records = Math.floor(recordBytesLimit / Math.max(1, recordBytes(people)))
  const rows = dosages ? Math.floor(doseBytesLimit / Math.max(1, 128 * wordsPerPlane(people))) : records
  return Math.max(64, Math.min(4096, records, rows))
}
