import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { importGenotypes } from '../import/import.ts'
import {
  host,
  numbers,
  randomCohort,
  scratchFolder,
  shuffled,
  vcfText,
  workshop,
  writeBed,
  writeBgzf,
  writeGzip,
} from '../testing/cohort.ts'
import { inspectGenotypes } from './inspect.ts'

const folder = scratchFolder()
const { signal } = new AbortController()
const cohort = randomCohort(9, 11, 300)

test('tells format, counts and the digest of the store, from content, and writes nothing', async () => {
  const lines = shuffled(300, 3)
  writeFileSync(join(folder, 'a.txt'), vcfText(cohort))
  writeFileSync(join(folder, 'b.vcf'), vcfText(cohort, { lines }))
  await writeBgzf(join(folder, 'c'), vcfText(cohort))
  writeGzip(join(folder, 'd.gz'), vcfText(cohort))
  await writeBed(join(folder, 'e'), cohort, { lines })
  const before = readdirSync(folder)
  const summary = await importGenotypes(
    { files: [{ path: join(folder, 'a.txt'), format: 'vcf' }], build: 'NCBI35' },
    join(folder, 'store'),
    workshop(),
  )
  for (const [name, format] of [
    ['a.txt', 'vcf'],
    ['b.vcf', 'vcf'],
    ['c', 'vcf'],
    ['d.gz', 'vcf'],
    ['e.bed', 'bed'],
    ['e', 'bed'],
    ['e.fam', 'bed'],
  ]) {
    const path = join(folder, name)
    expect(await inspectGenotypes(path, host, signal)).toEqual({
      file: path,
      ok: true,
      format,
      samples: 11,
      variants: 300,
      variantsWithDosages: 0,
      reference: null,
      records: 300,
      dropped: {},
      digest: summary.storeDigest,
      notes: [],
    })
  }
  expect(readdirSync(folder)).toEqual([...before, 'store'].sort())
})

test('what is none of these is refused by its kind', async () => {
  const cases: [string, string, string][] = [
    ['x.bcf', 'BCF\x02\x01rest', 'FormatInvalid'],
    ['x.png', '\x89PNG', 'FormatUnknown'],
    ['empty.vcf', '', 'FormatInvalid'],
    ['x.vcf', 'hello\n', 'FormatInvalid'],
  ]
  for (const [name, content, code] of cases) {
    writeFileSync(join(folder, name), Buffer.from(content, 'latin1'))
    await expect(inspectGenotypes(join(folder, name), host, signal)).rejects.toMatchObject({ code })
  }
  await expect(inspectGenotypes(join(folder, 'nowhere.vcf'), host, signal)).rejects.toMatchObject({
    code: 'FileNotFound',
  })
})

test('files with changed bytes give data or a tagged error', async () => {
  const small = randomCohort(4, 5, 6)
  writeFileSync(join(folder, 'm0.vcf'), vcfText(small))
  await writeBgzf(join(folder, 'm1.vcf.gz'), vcfText(small))
  writeGzip(join(folder, 'm2.vcf.gz'), vcfText(small))
  await writeBed(join(folder, 'm3'), small)
  const random = numbers(77)
  const path = (name: string) => join(folder, name)
  for (const name of ['m0.vcf', 'm1.vcf.gz', 'm2.vcf.gz', 'm3.bed', 'm3.bim', 'm3.fam']) {
    const original = readFileSync(path(name))
    let refused = 0
    for (let round = 0; round < 80; round++) {
      const changed = Buffer.from(original)
      for (let k = 0; k <= round % 3; k++) changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256)
      writeFileSync(path(name), round % 10 === 9 ? changed.subarray(0, Math.floor(random() * changed.length)) : changed)
      try {
        const { variants, samples } = await inspectGenotypes(path(name), host, signal)
        expect(variants).toBeLessThanOrEqual(24)
        expect(samples).toBeLessThanOrEqual(6)
      } catch (error) {
        if (!isUpturnError(error) || error.code === 'Internal') throw error
        refused++
      }
    }
    writeFileSync(path(name), original)
    expect(refused).toBeGreaterThan(10)
  }
})
