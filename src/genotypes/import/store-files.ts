import type { Host } from '../../host/host.ts'
import { variantsTable } from '../../results/genotypes.ts'
import type { StoreHeader } from '../store/layout.ts'
import type { BlockSinks } from '../store/write.ts'
import { lazySink } from './runs.ts'

/** The files of a store that hold blocks. */
export const blockFiles = { genotypes: 'genotypes.bin', keys: 'variants.bin', dosages: 'dosages.bin' } as const

/** @param table with `variants.parquet` beside the store */
export async function createBlockFiles(host: Host, folder: string, table: boolean): Promise<BlockSinks> {
  const genotypes = await host.create(`${folder}/${blockFiles.genotypes}`)
  const keys = await host.create(`${folder}/${blockFiles.keys}`)
  const dosages = lazySink(() => host.create(`${folder}/${blockFiles.dosages}`))
  if (!table) return { genotypes, keys, dosages }
  const lines = `${folder}/${blockFiles.keys}`
  const commit = (variants: number) =>
    host.tables.fromLines(lines, variants, `${folder}/variants.parquet`, variantsTable, 'counted')
  return { genotypes, keys, dosages, table: { commit } }
}

/** Writes `store.json`, the last file of a store. */
export async function writeHeader(host: Host, folder: string, header: StoreHeader): Promise<void> {
  const sink = await host.create(`${folder}/store.json`)
  try {
    await sink.write(new TextEncoder().encode(`${JSON.stringify(header)}\n`))
  } catch (error) {
    await sink.discard()
    throw error
  }
  await sink.commit()
}
