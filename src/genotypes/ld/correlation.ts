import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { recordBytes } from '../store/layout.ts'
import type { GenotypeStore } from '../store/reader.ts'

/** Consecutive variants of a store, `end` excluded. */
export interface VariantRange {
  first: number
  end: number
}

/** Block that holds variant v of the store. */
function blockOf(store: GenotypeStore, v: number): number {
  const { blocks } = store.header
  let low = 0
  let high = blocks.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (blocks[middle].first <= v) low = middle
    else high = middle - 1
  }
  return low
}

function checkRange(store: GenotypeStore, range: VariantRange): void {
  const { first, end } = range
  if (!Number.isInteger(first) || !Number.isInteger(end) || first < 0 || end < first || end > store.header.variants)
    throw new UpturnError('BadArgument', `variants ${first} to ${end} are not all among the ${store.header.variants}`)
}

function checkMask(store: GenotypeStore, people: Uint8Array): void {
  if (people.length !== 8 * store.header.wordsPerPlane)
    throw new UpturnError('BadArgument', 'the mask of people does not fit the store')
}

/** The records of a range of variants in one array. */
async function variantRecords(store: GenotypeStore, range: VariantRange, signal?: AbortSignal): Promise<Uint8Array> {
  checkRange(store, range)
  const record = recordBytes(store.header.samples.length)
  const bytes = new Uint8Array((range.end - range.first) * record)
  if (range.end === range.first) return bytes
  for (let b = blockOf(store, range.first); b <= blockOf(store, range.end - 1); b++) {
    const block = store.header.blocks[b]
    const from = Math.max(range.first, block.first)
    const end = Math.min(range.end, block.first + block.variants)
    const genotypes = await store.genotypes(b, signal)
    bytes.set(
      genotypes.subarray((from - block.first) * record, (end - block.first) * record),
      (from - range.first) * record,
    )
  }
  return bytes
}

/** Correlations of one record with each of `records`; all bytes as they lie in a store. */
function genotypeCorrelations(target: Uint8Array, records: Uint8Array, people: Uint8Array): Float64Array {
  const words = people.length / 8
  const variants = records.length / (16 * words)
  if (target.length !== 16 * words || !Number.isInteger(variants))
    throw new UpturnError('BadArgument', 'records and mask of people do not have the same number of people')
  const k = kernels()
  return k.scope(() => {
    const targetAt = k.put(target)
    const recordsAt = k.put(records)
    const maskAt = k.put(people)
    const out = k.allocate(8 * variants)
    const scratch = k.allocate(48)
    k.call.genotypeCorrelations(targetAt, recordsAt, variants, words, maskAt, out, scratch)
    return k.f64(out, variants).slice()
  })
}

/**
 * Squared correlation of genotypes (copies of alt) of variant `lead` with each variant of a range, over the people of
 * the mask (one bit a column) who are called at both. NaN where either does not vary among them: LD is not defined there.
 * Blocks are read one at a time.
 */
export async function ldWithLead(
  store: GenotypeStore,
  lead: number,
  range: VariantRange,
  people: Uint8Array,
  signal?: AbortSignal,
): Promise<Float64Array> {
  checkRange(store, range)
  checkMask(store, people)
  const target = await variantRecords(store, { first: lead, end: lead + 1 }, signal)
  const r2 = new Float64Array(range.end - range.first)
  let from = range.first
  while (from < range.end) {
    const block = store.header.blocks[blockOf(store, from)]
    const end = Math.min(range.end, block.first + block.variants)
    const records = await variantRecords(store, { first: from, end }, signal)
    const r = genotypeCorrelations(target, records, people)
    for (let i = 0; i < r.length; i++) r2[from - range.first + i] = r[i] * r[i]
    from = end
  }
  return r2
}

/** Largest region of ldMatrix: its matrix has 128 MB. */
const largestMatrix = 4096

/**
 * Correlations r (signed, for copies of alt) of all pairs of a region's variants, row by row; NaN as in ldWithLead, also
 * on the diagonal. Refuses more than 4,096 variants.
 */
export async function ldMatrix(
  store: GenotypeStore,
  range: VariantRange,
  people: Uint8Array,
  signal?: AbortSignal,
): Promise<Float64Array> {
  checkRange(store, range)
  checkMask(store, people)
  const m = range.end - range.first
  if (m > largestMatrix)
    throw new UpturnError('BadArgument', `an LD matrix of ${m} variants is too large; ask for at most ${largestMatrix}`)
  const records = await variantRecords(store, range, signal)
  const record = recordBytes(store.header.samples.length)
  const matrix = new Float64Array(m * m)
  const k = kernels()
  k.scope(() => {
    const at = k.put(records)
    const maskAt = k.put(people)
    const out = k.allocate(8 * m)
    const scratch = k.allocate(48)
    for (let i = 0; i < m; i++) {
      const from = at + i * record
      k.call.genotypeCorrelations(from, from, m - i, store.header.wordsPerPlane, maskAt, out, scratch)
      const r = k.f64(out, m - i)
      for (let j = i; j < m; j++) {
        matrix[i * m + j] = r[j - i]
        matrix[j * m + i] = r[j - i]
      }
    }
  })
  return matrix
}
