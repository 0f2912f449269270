import { UpturnError } from '../../errors/index.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import { sexChromosomeKind } from '../sex-chromosomes.ts'
import { dosageMissing, dosageOne, readDosages } from '../store/dosages.ts'
import { recordBytes, type VariantKeys, wordsPerPlane } from '../store/layout.ts'
import type { GenotypeStore } from '../store/reader.ts'
import type { RecordOptions } from '../vcf/write.ts'

/** What of a store is written. Plain data: it travels to workers. */
export interface WriteSetup {
  /** Folder of the store. */
  readonly store: string
  /** For each person that is written, the bit in the planes of the store. */
  readonly columns: Int32Array
  /** One a person that is written: 1 for a man. */
  readonly men: Uint8Array
  /** Only variants whose trimmed reference allele overlaps these. */
  readonly regions?: Regions
}

/** Variants of one block of a store, as they are written. */
export interface WrittenBlock extends RecordOptions {
  readonly keys: VariantKeys
  readonly genotypes: Uint8Array
}

/** Packed records with other people, or the same in another order. */
export function reorderRecords(genotypes: Uint8Array, samples: number, columns: Int32Array): Uint8Array {
  if (columns.length === samples && columns.every((bit, s) => bit === s)) return genotypes
  if (columns.some((bit) => bit < 0 || bit >= samples))
    throw new UpturnError('Internal', 'a person that is to be written is not in the store')
  const from = recordBytes(samples)
  const to = recordBytes(columns.length)
  const count = from === 0 ? 0 : genotypes.length / from
  const fromPlane = 8 * wordsPerPlane(samples)
  const toPlane = 8 * wordsPerPlane(columns.length)
  const out = new Uint8Array(count * to)
  for (let v = 0; v < count; v++)
    for (let s = 0; s < columns.length; s++) {
      const byte = v * from + (columns[s] >> 3)
      const bit = columns[s] & 7
      const at = v * to + (s >> 3)
      out[at] |= ((genotypes[byte] >> bit) & 1) << (s & 7)
      out[at + toPlane] |= ((genotypes[byte + fromPlane] >> bit) & 1) << (s & 7)
    }
  return out
}

function cutKeys(keys: VariantKeys, kept: readonly number[]): VariantKeys {
  return {
    chromosome: kept.map((v) => keys.chromosome[v]),
    position: Int32Array.from(kept, (v) => keys.position[v]),
    ref: kept.map((v) => keys.ref[v]),
    alt: kept.map((v) => keys.alt[v]),
    rsid: kept.map((v) => keys.rsid[v]),
  }
}

/** Reads a block of a store for writing: people chosen and in order, haploid calls told. */
export async function readBlock(
  store: GenotypeStore,
  setup: WriteSetup,
  block: number,
  signal: AbortSignal,
): Promise<WrittenBlock> {
  const { columns, men, regions } = setup
  const samples = store.header.samples.length
  const bytes = recordBytes(samples)
  let keys = await store.keys(block, signal)
  const all = await store.genotypes(block, signal)
  let genotypes = all
  const dosages = await store.dosages(block, signal)
  let kept = Array.from(keys.position, (_, v) => v)
  if (regions !== undefined) {
    const filter = new RegionFilter(regions)
    const { chromosome, position, ref } = keys
    kept = kept.filter((v) =>
      filter.overlaps(chromosomeRank(chromosome[v]), position[v], position[v] + ref[v].length - 1),
    )
    keys = cutKeys(keys, kept)
    const some = new Uint8Array(kept.length * bytes)
    for (const [k, v] of kept.entries()) some.set(all.subarray(v * bytes, (v + 1) * bytes), k * bytes)
    genotypes = some
  }
  const stored = new Uint16Array(samples)
  const chosen = new Uint16Array(columns.length)
  const everybody = Array.from(men, () => true)
  const onlyMen = Array.from(men, (man) => man === 1)
  const { build } = store.header
  return {
    keys,
    genotypes: reorderRecords(genotypes, samples, columns),
    haploid(k) {
      const kind = sexChromosomeKind(build, keys.chromosome[k], keys.position[k])
      if (kind === 'MT') return everybody
      return kind === 'X' || kind === 'Y' ? onlyMen : undefined
    },
    dosages(k) {
      if (dosages === undefined) return undefined
      if (!readDosages(dosages, kept[k], all, stored)) return undefined
      for (let s = 0; s < columns.length; s++) chosen[s] = stored[columns[s]]
      // Those of the people chosen may all be whole.
      return chosen.every((dosage) => dosage % dosageOne === 0 || dosage === dosageMissing) ? undefined : chosen
    },
  }
}
