import { type GenotypeStore, recordBytes, wordsPerPlane } from '../genotypes/store/index.ts'
import type { GenotypedPerson } from '../planning/index.ts'

/** About this many variants tell whether two samples are one person. */
const wanted = 2000

const keyAt = (keys: Awaited<ReturnType<GenotypeStore['keys']>>, v: number): string =>
  `${keys.chromosome[v]}:${keys.position[v]}:${keys.ref[v]}:${keys.alt[v]}`

/** Calls a visitor with each variant of a store whose key is chosen: its code (0, 1, 2, 3 missing) for every sample. */
async function visit(
  store: GenotypeStore,
  chosen: (index: number, key: string) => boolean,
  see: (key: string, code: (sample: number) => number) => void,
  signal: AbortSignal,
): Promise<void> {
  const samples = store.header.samples.length
  const plane = 8 * wordsPerPlane(samples)
  for (const [b, block] of store.header.blocks.entries()) {
    const keys = await store.keys(b, signal)
    let bytes: Uint8Array | undefined
    for (let v = 0; v < block.variants; v++) {
      const key = keyAt(keys, v)
      if (!chosen(block.first + v, key)) continue
      bytes ??= await store.genotypes(b, signal)
      const record = bytes.subarray(v * recordBytes(samples), (v + 1) * recordBytes(samples))
      see(key, (s) => ((record[s >> 3] >> (s & 7)) & 1) + 2 * ((record[plane + (s >> 3)] >> (s & 7)) & 1))
    }
  }
}

/** The people of two stores at the same variants, evenly spaced over the first store. */
export async function atCommonVariants(
  first: { store: GenotypeStore; people: ReadonlySet<string> },
  second: { store: GenotypeStore; people: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<{ first: GenotypedPerson[]; second: GenotypedPerson[] }> {
  const step = Math.max(1, Math.floor(first.store.header.variants / wanted))
  const columns = ({ store, people }: typeof first) =>
    store.header.samples.flatMap((id, s) => (people.has(id) ? [{ id, s }] : []))
  const gather = async (side: typeof first, chosen: (index: number, key: string) => boolean) => {
    const codes = new Map<string, number[]>()
    const people = columns(side)
    await visit(
      side.store,
      chosen,
      (key, code) =>
        codes.set(
          key,
          people.map(({ s }) => code(s)),
        ),
      signal,
    )
    return { codes, people }
  }
  const a = await gather(first, (index) => index % step === 0)
  const b = await gather(second, (_, key) => a.codes.has(key))
  const common = [...a.codes.keys()].filter((key) => b.codes.has(key))
  const people = ({ codes, people }: typeof a): GenotypedPerson[] =>
    people.map(({ id }, i) => ({ id, genotypes: Uint8Array.from(common, (key) => codes.get(key)?.[i] ?? 3) }))
  return { first: people(a), second: people(b) }
}
