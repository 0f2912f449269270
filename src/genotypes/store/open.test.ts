import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { importGenotypes } from '../import/import.ts'
import { host, randomCohort, scratchFolder, vcfText, workshop } from '../testing/cohort.ts'
import { openStore } from './open.ts'

const folder = scratchFolder()
const cohort = randomCohort(5, 100, 2500)
const names = ['store.json', 'genotypes.bin', 'variants.bin']

beforeAll(async () => {
  writeFileSync(join(folder, 'a.vcf'), vcfText(cohort))
  await importGenotypes(
    { files: [{ path: join(folder, 'a.vcf'), format: 'vcf' }], build: 'GRCh38' },
    folder,
    workshop(),
  )
})

async function readAll(path: string): Promise<number> {
  const store = await openStore(host, path)
  try {
    let bytes = 0
    for (const b of store.header.blocks.keys())
      bytes += (await store.genotypes(b)).length + (await store.keys(b)).ref.length
    return bytes
  } finally {
    await store.close()
  }
}

test('blocks hold 1024 variants but the last', async () => {
  const store = await openStore(host, folder)
  expect(store.header.blocks.map((block) => block.variants)).toEqual([1024, 1024, 452])
  expect(store.header.build).toBe('GRCh38')
  await expect(store.genotypes(3)).rejects.toThrow('no block 3')
  expect((await store.keys(2)).position[451]).toBe(cohort.keys.position[2499])
  await store.close()
})

test('damage anywhere is found', async () => {
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  const originals = names.map((name) => readFileSync(join(folder, name)))
  const restore = () => {
    for (const [k, name] of names.entries()) writeFileSync(join(copy, name), originals[k])
  }
  restore()
  expect(await readAll(copy)).toBe(2500 * 32 + 2500)
  for (const [k, name] of names.entries()) {
    const original = originals[k]
    for (let step = 0; step < 12; step++) {
      const changed = Buffer.from(original)
      const at = Math.floor(((step + 0.5) / 12) * original.length)
      changed[at] ^= 1
      writeFileSync(join(copy, name), changed)
      const error = await readAll(copy).catch((caught: unknown) => caught)
      if (!isUpturnError(error, 'FileDamaged')) throw new Error(`${name}, byte ${at}: ${String(error)}`)
    }
    writeFileSync(join(copy, name), original.subarray(0, -2))
    await expect(readAll(copy)).rejects.toThrow()
    restore()
  }
})

test('a build that was edited is damage too', async () => {
  const copy = join(folder, 'edited')
  mkdirSync(copy)
  for (const name of names) writeFileSync(join(copy, name), readFileSync(join(folder, name)))
  const header = readFileSync(join(copy, 'store.json'), 'utf8')
  writeFileSync(join(copy, 'store.json'), header.replace('GRCh38', 'GRCh37'))
  await expect(openStore(host, copy)).rejects.toThrow('header was changed')
})
