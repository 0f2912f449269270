import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { importGenotypes } from '../import/import.ts'
import { openStore } from '../store/open.ts'
import { host, packed, randomCohort, scratchFolder, vcfText, workshop, writeBed, writeBgzf } from '../testing/cohort.ts'
import { readRegionsBed, readSampleList } from './lists.ts'
import { mergeRegions, parseRegion } from './regions.ts'

const folder = scratchFolder()
const at = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

test('a BED file counts from 0 and leaves its ends out', async () => {
  const text =
    '#comment\nbrowser position chr1:1\ntrack name=x\nchr1\t0\t10\tname\t5\r\nchrX 99 100\n\nchrUn_5\t3\t9\nchr2\t7\t7\n'
  const expected = [
    { rank: 0, start: 1, end: 10, name: 'name' },
    { rank: 22, start: 100, end: 100 },
  ]
  expect(await readRegionsBed(host, at('a.bed', text))).toEqual(expected)
  expect(await readRegionsBed(host, at('a.bed.gz', gzipSync(text)))).toEqual(expected)
  for (const [wrong, message, line] of [
    ['chr1\t1\n', 'not whole numbers', 1],
    ['chr1\t1\t5\nchr1\t-1\t5\n', 'not whole numbers', 2],
    ['chr1\t9\t5\n', 'ends before it begins', 1],
    ['chr1\t9\t5000000000\n', 'below 2^31', 1],
    ['# nothing\n', 'names no region', undefined],
    ['chrUn_5\t3\t9\n', 'no region of this file is on', undefined],
    ['l\x1b\x01', 'PLINK file of genotypes', undefined],
  ] as const)
    await expect(readRegionsBed(host, at('wrong.bed', wrong))).rejects.toMatchObject({
      message: expect.stringContaining(message),
      place: { file: join(folder, 'wrong.bed'), ...(line !== undefined && { line }) },
    })
})

test('a list of samples has one id a line, each once', async () => {
  expect(await readSampleList(host, at('s.txt', '#IID\nb\r\n a 1 \n\n#c\n'))).toEqual({
    samples: ['b', 'a 1', '#c'],
    file: join(folder, 's.txt'),
  })
  for (const [wrong, message, line] of [
    ['a\nb\na\n', 'a stands in lines 1 and 3', 3],
    ['fam\ta\n', 'several columns', 1],
    ['#IID\n', 'names no sample', undefined],
  ] as const)
    await expect(readSampleList(host, at('w.txt', wrong))).rejects.toMatchObject({
      message: expect.stringContaining(message),
      place: { file: join(folder, 'w.txt'), ...(line !== undefined && { line }) },
    })
})

test('people of a list are taken from every format, and all who are not there are named', async () => {
  const cohort = randomCohort(6, 75, 400)
  at('c.vcf', vcfText(cohort))
  await writeBgzf(join(folder, 'c.vcf.gz'), vcfText(cohort, { columns: [...cohort.samples.keys()].reverse() }))
  await writeBed(join(folder, 'c'), cohort)
  const chosen = [70, 3, 4, 64, 0]
  const samples = { samples: chosen.map((s) => cohort.samples[s]) }
  const sorted = [...chosen].sort((a, b) => a - b)
  const regions = mergeRegions([parseRegion('2'), parseRegion('X')])
  const wanted = cohort.codes.flatMap((_, v) => (['2', 'X'].includes(cohort.keys.chromosome[v]) ? [v] : []))
  for (const [name, format] of [
    ['c.vcf', 'vcf'],
    ['c.vcf.gz', 'vcf'],
    ['c.bed', 'bed'],
  ]) {
    const out = join(folder, `store-${name}`)
    const files = [{ path: join(folder, name), format }]
    await importGenotypes({ files, build: 'GRCh38', samples, regions }, out, workshop())
    const store = await openStore(host, out)
    expect(store.header.samples).toEqual(sorted.map((s) => cohort.samples[s]))
    const expected = packed(
      wanted.map((v) => sorted.map((s) => cohort.codes[v][s])),
      sorted.length,
    )
    expect(Buffer.from(await store.genotypes(0)).equals(expected)).toBe(true)
    await store.close()
    const unknown = { samples: ['P0003', 'nobody', 'P0004', 'nowhere'], file: 'list.txt' }
    await expect(importGenotypes({ files, build: 'GRCh38', samples: unknown }, out, workshop())).rejects.toMatchObject({
      code: 'BadArgument',
      message: expect.stringContaining('these 2 samples of the list: nobody, nowhere'),
      place: { file: 'list.txt' },
    })
  }
  // Files with other people besides are of one cohort when all of the list are in each.
  at('d.vcf', vcfText(cohort, { columns: [0, 3, 4, 64, 70, 9] }))
  const two = ['c.vcf', 'd.vcf'].map((name) => ({ path: join(folder, name), format: 'vcf' }))
  const summary = await importGenotypes({ files: two, build: 'GRCh38', samples }, join(folder, 'two'), workshop())
  expect(summary.dropped).toEqual({ 'duplicate of an earlier variant': 400 })
  await expect(
    importGenotypes(
      { files: two, build: 'GRCh38', regions: mergeRegions([parseRegion('7:5')]) },
      join(folder, 'no'),
      workshop(),
    ),
  ).rejects.toThrow('this file does not have the sample')
  await expect(
    importGenotypes(
      { files: [two[0]], build: 'GRCh38', regions: mergeRegions([parseRegion('7:5')]) },
      join(folder, 'no'),
      workshop(),
    ),
  ).rejects.toThrow('no record lies inside the regions')
})
