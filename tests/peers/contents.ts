import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GenotypeFilters } from '../../src/genotypes/import/file.ts'
import { importGenotypes, openStore } from '../../src/genotypes/index.ts'
import { readDosages } from '../../src/genotypes/store/dosages.ts'
import { host, workshop } from '../../src/genotypes/testing/cohort.ts'

/** A store's keys with the numbers of everybody at each: copies, or dosages in 16384ths. */
export async function contents(path: string, format: string, filters?: GenotypeFilters) {
  const out = mkdtempSync(join(tmpdir(), 'upturn-peers-'))
  const { dropped } = await importGenotypes(
    { files: [{ path, format }], build: 'GRCh37', ...(filters && { filters }) },
    out,
    workshop(),
  )
  const store = await openStore(host, out)
  const rows = new Map<string, number[]>()
  let dosed = 0
  for (const [b, block] of store.header.blocks.entries()) {
    const genotypes = await store.genotypes(b)
    const dosages = await store.dosages(b)
    const keys = await store.keys(b)
    for (let v = 0; v < block.variants; v++) {
      const row = new Uint16Array(store.header.samples.length)
      if (readDosages(dosages, v, genotypes, row)) dosed++
      rows.set(`${keys.chromosome[v]}:${keys.position[v]}:${keys.ref[v]}:${keys.alt[v]}`, [...row])
    }
  }
  await store.close()
  rmSync(out, { recursive: true, force: true })
  return { rows, dosed, samples: store.header.samples, dropped }
}
