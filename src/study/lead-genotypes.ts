import { type GenotypeStore, recordBytes, sexChromosomeKind, wordsPerPlane } from '../genotypes/index.ts'

/**
 * Copies of alt of one variant by sample; missing calls are absent, and so are those that sex forbids outside the pseudoautosomal
 * regions: heterozygous ones of men on X and Y, any of women on Y. The key is `chr:pos:ref:alt`; null when the store has no such variant.
 */
export async function findCopies(
  store: GenotypeStore,
  key: string,
  sexes: ReadonlyMap<string, 'female' | 'male' | null>,
  signal: AbortSignal,
): Promise<Map<string, 0 | 1 | 2> | null> {
  const [chromosome, position, ref, alt] = key.split(':')
  const { samples, blocks } = store.header
  for (let block = 0; block < blocks.length; block++) {
    const keys = await store.keys(block, signal)
    for (let v = 0; v < keys.position.length; v++) {
      if (
        keys.position[v] !== Number(position) ||
        keys.chromosome[v] !== chromosome ||
        keys.ref[v] !== ref ||
        keys.alt[v] !== alt
      )
        continue
      const bytes = await store.genotypes(block, signal)
      const plane = 8 * wordsPerPlane(samples.length)
      const record = bytes.subarray(v * recordBytes(samples.length), (v + 1) * recordBytes(samples.length))
      const kind = sexChromosomeKind(store.header.build, chromosome, Number(position))
      const copies = new Map<string, 0 | 1 | 2>()
      samples.forEach((sample, s) => {
        const low = (record[s >> 3] >> (s & 7)) & 1
        const high = (record[plane + (s >> 3)] >> (s & 7)) & 1
        const sex = sexes.get(sample) ?? null
        if (kind === 'Y' && sex === 'female') return
        if ((kind === 'X' || kind === 'Y') && sex === 'male' && low === 1) return
        if (low + high < 2) copies.set(sample, (low + 2 * high) as 0 | 1 | 2)
      })
      return copies
    }
  }
  return null
}
