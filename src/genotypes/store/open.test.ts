import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { importGenotypes } from '../import/import.ts'
import { host, randomCohort, scratchFolder, vcfText, workshop } from '../testing/cohort.ts'
import { randomDosages, writeDosageStore } from '../testing/dosage-store.ts'
import { readDosages } from './dosages.ts'
import { recordBytes, type StoreHeader } from './layout.ts'
import { openStore } from './open.ts'
import { hardCalls } from './testing/dosage-twin.ts'
import { sealOf, storeDigest } from './write.ts'

const folder = scratchFolder()
const cohort = randomCohort(5, 100, 2500)
const dosages = randomDosages(6, cohort)
const names = ['store.json', 'genotypes.bin', 'variants.bin']
const dosageFolder = join(folder, 'dosages')

beforeAll(async () => {
  writeFileSync(join(folder, 'a.vcf'), vcfText(cohort))
  await importGenotypes(
    { files: [{ path: join(folder, 'a.vcf'), format: 'vcf' }], build: 'GRCh38' },
    folder,
    workshop(),
  )
  await writeDosageStore(dosageFolder, cohort, dosages)
})

async function readAll(path: string): Promise<number> {
  const store = await openStore(host, path)
  try {
    let bytes = 0
    for (const b of store.header.blocks.keys())
      bytes +=
        (await store.genotypes(b)).length +
        (await store.keys(b)).ref.length +
        ((await store.dosages(b))?.rows.length ?? 0)
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

async function expectDamageFound(source: string, files: readonly string[], copy: string) {
  mkdirSync(copy)
  const originals = files.map((name) => readFileSync(join(source, name)))
  const restore = () => {
    for (const [k, name] of files.entries()) writeFileSync(join(copy, name), originals[k])
  }
  restore()
  const whole = await readAll(copy)
  for (const [k, name] of files.entries()) {
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
  return whole
}

test('damage anywhere is found', async () => {
  expect(await expectDamageFound(folder, names, join(folder, 'copy'))).toBe(2500 * 32 + 2500)
})

test('damage anywhere is found where there are dosages', async () => {
  const files = [...names, 'dosages.bin']
  expect(await expectDamageFound(dosageFolder, files, join(folder, 'dosage-copy'))).toBeGreaterThan(2500 * 33)
  rmSync(join(folder, 'dosage-copy', 'dosages.bin'))
  await expect(openStore(host, join(folder, 'dosage-copy'))).rejects.toThrow()
})

test('dosages are read back beside the hard calls made of them', async () => {
  const store = await openStore(host, dosageFolder)
  expect(store.header.format).toBe(2)
  const row = new Uint16Array(cohort.samples.length)
  const record = recordBytes(row.length)
  for (const [b, block] of store.header.blocks.entries()) {
    const [genotypes, rows] = [await store.genotypes(b), await store.dosages(b)]
    for (let v = 0; v < block.variants; v++) {
      const expected = dosages[block.first + v]
      expect(readDosages(rows, v, genotypes, row)).toBe(expected !== null)
      const codes = cohort.codes[block.first + v]
      const plain = expected ?? Uint16Array.from(codes, (code) => [0, 16384, 32768, 65535][code])
      expect(row).toEqual(plain)
      const calls = new Uint8Array(record)
      hardCalls(plain, calls, 0)
      expect(Uint8Array.from(genotypes.subarray(v * record, (v + 1) * record))).toEqual(calls)
    }
  }
  await expect(store.dosages(3)).rejects.toThrow('no block 3')
  await store.close()
  const plain = await openStore(host, folder)
  expect(plain.header.format).toBe(1)
  expect(existsSync(join(folder, 'dosages.bin'))).toBe(false)
  expect(await plain.dosages(0)).toBeUndefined()
  expect(plain.header.digest).not.toBe(store.header.digest)
  await plain.close()
})

test('a header that promises dosages that cannot be is refused', async () => {
  const copy = join(folder, 'promises')
  mkdirSync(copy)
  for (const name of [...names, 'dosages.bin']) writeFileSync(join(copy, name), readFileSync(join(dosageFolder, name)))
  const header: StoreHeader = JSON.parse(readFileSync(join(copy, 'store.json'), 'utf8'))
  const [first, ...rest] = header.blocks
  for (const [blocks, message] of [
    [[{ ...first, dosages: { offset: 0, bytes: 2 ** 40, digest: '' } }, ...rest], 'impossible ones'],
    [[{ ...first, dosages: { offset: 0, bytes: 4096, digest: '' } }, ...rest], 'impossible ones'],
    [[{ ...first, dosages: { ...first.dosages, offset: 2 } }, ...rest], 'impossible ones'],
    [[{ ...first, dosages: null }, ...rest], 'impossible ones'],
    [header.blocks.map((block) => ({ ...block, dosages: undefined })), 'impossible ones'],
    [[first, ...rest.slice(0, -1), { ...rest.at(-1), dosages: undefined }], 'dosages.bin has'],
  ] as const) {
    const changed = { ...header, blocks: JSON.parse(JSON.stringify(blocks)) } as StoreHeader
    const resealed = { ...changed, digest: plainly(() => storeDigest(host, changed.samples, changed.blocks)) }
    writeFileSync(
      join(copy, 'store.json'),
      JSON.stringify({ ...resealed, seal: plainly(() => sealOf(host, resealed)) }),
    )
    const error = await openStore(host, copy).catch((caught: unknown) => caught)
    if (!isUpturnError(error, 'FileDamaged')) throw new Error(`${message}: ${String(error)}`)
    expect(error.message).toContain(message)
  }
})

/** The digest, or none of what has none. */
function plainly(digest: () => string): string {
  try {
    return digest()
  } catch {
    return ''
  }
}

test('a build that was edited is damage too', async () => {
  const copy = join(folder, 'edited')
  mkdirSync(copy)
  for (const name of names) writeFileSync(join(copy, name), readFileSync(join(folder, name)))
  const header = readFileSync(join(copy, 'store.json'), 'utf8')
  writeFileSync(join(copy, 'store.json'), header.replace('GRCh38', 'GRCh37'))
  await expect(openStore(host, copy)).rejects.toThrow('header was changed')
})
