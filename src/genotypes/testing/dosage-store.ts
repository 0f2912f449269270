import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BatchBuilder } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { folderRuns, lazySink } from '../import/runs.ts'
import { StoreSorter } from '../import/sorter.ts'
import type { StoreHeader } from '../store/layout.ts'
import { storeHeader } from '../store/write.ts'
import { type Cohort, host, numbers, packed } from './cohort.ts'

/**
 * Dosages of a cohort: null for a variant that keeps its hard calls, otherwise whole numbers of copies moved a little,
 * some of them too far for a hard call.
 */
export function randomDosages(seed: number, cohort: Cohort): (Uint16Array | null)[] {
  const random = numbers(seed)
  return cohort.codes.map((row) => {
    if (random() < 0.4) return null
    return Uint16Array.from(row, (code) => {
      if (code === 3) return 65535
      const moved = random() < 0.5 ? 0 : Math.floor((random() - 0.5) * (random() < 0.2 ? 14000 : 3000))
      return Math.min(32768, Math.max(0, 16384 * code + moved))
    })
  })
}

/** Writes the store of a cohort, its variants in order, with dosages where there are any. */
export async function writeDosageStore(
  folder: string,
  cohort: Cohort,
  dosages: readonly (Uint16Array | null)[],
): Promise<StoreHeader> {
  mkdirSync(folder, { recursive: true })
  const encoder = new TextEncoder()
  const allele = (text: string) => ({ text: encoder.encode(text), start: 0, end: text.length })
  const { samples, keys, codes } = cohort
  const builder = new BatchBuilder(samples.length)
  for (const [v, row] of codes.entries())
    builder.add(
      chromosomeRank(keys.chromosome[v]),
      keys.position[v],
      allele(keys.ref[v]),
      allele(keys.alt[v]),
      allele(keys.rsid[v] || '.'),
      packed([row], samples.length),
      0,
      dosages[v] ?? undefined,
    )
  const file = (name: string) => host.create(join(folder, name))
  const sorter = new StoreSorter(host, samples.length, {
    genotypes: 'genotypes.bin',
    keys: 'variants.bin',
    dosages: 'dosages.bin',
    storage: folderRuns(host, folder),
    open: async () => ({
      genotypes: await file('genotypes.bin'),
      keys: await file('variants.bin'),
      dosages: lazySink(() => file('dosages.bin')),
    }),
  })
  const { batch, order } = builder.finish()
  await sorter.add(batch, order)
  const { writer } = await sorter.finish()
  const header = storeHeader(host, 'GRCh38', samples, writer.blocks)
  writeFileSync(join(folder, 'store.json'), `${JSON.stringify(header)}\n`)
  return header
}
