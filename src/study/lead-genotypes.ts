import {
  dosageMissing,
  dosageOne,
  type GenotypeStore,
  readDosages,
  recordBytes,
  sexChromosomeKind,
  wordsPerPlane,
} from '../genotypes/index.ts'

type Sexes = ReadonlyMap<string, 'female' | 'male' | null>

/** The variant `chr:pos:ref:alt`; null when the store has no such variant. */
async function findVariant(
  store: GenotypeStore,
  key: string,
  signal: AbortSignal,
): Promise<{ block: number; row: number } | null> {
  const [chromosome, position, ref, alt] = key.split(':')
  for (let block = 0; block < store.header.blocks.length; block++) {
    const keys = await store.keys(block, signal)
    for (let row = 0; row < keys.position.length; row++)
      if (
        keys.position[row] === Number(position) &&
        keys.chromosome[row] === chromosome &&
        keys.ref[row] === ref &&
        keys.alt[row] === alt
      )
        return { block, row }
  }
  return null
}

/** Whether sex forbids the call outside the pseudoautosomal regions: heterozygous ones of men on X and Y, any of women on Y. */
function sexForbids(store: GenotypeStore, key: string): (sex: 'female' | 'male' | null, het: boolean) => boolean {
  const [chromosome, position] = key.split(':')
  const kind = sexChromosomeKind(store.header.build, chromosome, Number(position))
  return (sex, het) => (kind === 'Y' && sex === 'female') || ((kind === 'X' || kind === 'Y') && sex === 'male' && het)
}

/**
 * Copies of alt of one variant by sample; missing calls are absent, and so are those that sex forbids outside the pseudoautosomal
 * regions: heterozygous ones of men on X and Y, any of women on Y. The key is `chr:pos:ref:alt`; null when the store has no such variant.
 */
export async function findCopies(
  store: GenotypeStore,
  key: string,
  sexes: Sexes,
  signal: AbortSignal,
): Promise<Map<string, 0 | 1 | 2> | null> {
  const found = await findVariant(store, key, signal)
  if (found === null) return null
  const { samples } = store.header
  const bytes = await store.genotypes(found.block, signal)
  const plane = 8 * wordsPerPlane(samples.length)
  const record = bytes.subarray(found.row * recordBytes(samples.length), (found.row + 1) * recordBytes(samples.length))
  const forbids = sexForbids(store, key)
  const copies = new Map<string, 0 | 1 | 2>()
  samples.forEach((sample, s) => {
    const low = (record[s >> 3] >> (s & 7)) & 1
    const high = (record[plane + (s >> 3)] >> (s & 7)) & 1
    if (forbids(sexes.get(sample) ?? null, low === 1 && high === 0)) return
    if (low + high < 2) copies.set(sample, (low + 2 * high) as 0 | 1 | 2)
  })
  return copies
}

/** The same with the dosages of whoever has one: 0 to 2 copies. */
export async function findDosages(
  store: GenotypeStore,
  key: string,
  sexes: Sexes,
  signal: AbortSignal,
): Promise<Map<string, number> | null> {
  const found = await findVariant(store, key, signal)
  if (found === null) return null
  const { samples } = store.header
  const bytes = await store.genotypes(found.block, signal)
  const units = new Uint16Array(samples.length)
  readDosages(await store.dosages(found.block, signal), found.row, bytes, units)
  const low = found.row * recordBytes(samples.length)
  const high = low + 8 * wordsPerPlane(samples.length)
  const forbids = sexForbids(store, key)
  const copies = new Map<string, number>()
  samples.forEach((sample, s) => {
    const het = (((bytes[low + (s >> 3)] & ~bytes[high + (s >> 3)]) >> (s & 7)) & 1) === 1
    if (units[s] !== dosageMissing && !forbids(sexes.get(sample) ?? null, het)) copies.set(sample, units[s] / dosageOne)
  })
  return copies
}
