import { type GenotypeStore, recordBytes, wordsPerPlane } from '../genotypes/index.ts'

/** Copies of alt of one variant by sample; missing calls are absent. The key is `chr:pos:ref:alt`; null when the store has no such variant. */
export async function findCopies(
  store: GenotypeStore,
  key: string,
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
      const copies = new Map<string, 0 | 1 | 2>()
      samples.forEach((sample, s) => {
        const low = (record[s >> 3] >> (s & 7)) & 1
        const high = (record[plane + (s >> 3)] >> (s & 7)) & 1
        if (low + high < 2) copies.set(sample, (low + 2 * high) as 0 | 1 | 2)
      })
      return copies
    }
  }
  return null
}
