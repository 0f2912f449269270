import type { GenotypeStore } from './reader.ts'

/** Consecutive variants of a store with their keys. */
export interface StoreRegion {
  first: number
  end: number
  /** Index in the store by `chromosome:position:ref:alt`. */
  index: Map<string, number>
}

const order = new Map([...Array.from({ length: 22 }, (_, i) => String(i + 1)), 'X', 'Y', 'MT'].map((c, i) => [c, i]))

/** Order of chromosomes in a store. */
function chromosomeOrder(chromosome: string): number {
  return order.get(chromosome) ?? order.size
}

/** The variants of a store from `start` to `end` (inclusive) of a chromosome. Reads the keys of a few blocks only. */
export async function storeRegion(
  store: GenotypeStore,
  chromosome: string,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<StoreRegion> {
  const { blocks } = store.header
  const place = chromosomeOrder(chromosome)
  /** Is the first variant of the block before (chromosome, start)? */
  const startsBefore = async (b: number): Promise<boolean> => {
    const keys = await store.keys(b, signal)
    const first = chromosomeOrder(keys.chromosome[0])
    return first < place || (first === place && keys.position[0] < start)
  }
  let low = 0
  let high = blocks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (await startsBefore(middle)) low = middle + 1
    else high = middle
  }
  const region: StoreRegion = { first: 0, end: 0, index: new Map() }
  for (let b = Math.max(0, low - 1); b < blocks.length; b++) {
    const keys = await store.keys(b, signal)
    for (let v = 0; v < keys.position.length; v++) {
      const at = chromosomeOrder(keys.chromosome[v])
      if (at < place || (at === place && keys.position[v] < start)) continue
      if (at > place || keys.position[v] > end) return region
      const variant = blocks[b].first + v
      if (region.index.size === 0) region.first = variant
      region.end = variant + 1
      region.index.set(`${keys.chromosome[v]}:${keys.position[v]}:${keys.ref[v]}:${keys.alt[v]}`, variant)
    }
  }
  return region
}
