import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ErrorPlace, isUpturnError } from '../../errors/index.ts'
import { importGenotypes } from '../import/import.ts'
import { readDosages } from '../store/dosages.ts'
import { openStore } from '../store/open.ts'
import { host, numbers, randomCohort, scratchFolder, vcfText, workshop } from '../testing/cohort.ts'
import { inspectFiles } from '../testing/inspect-bytes.ts'
import { parsePsam } from './psam.ts'
import { difflist, dosageTracks, encodeFixedPgen, encodePgen, mainTrack, patchTracks } from './testing/encode.ts'
import { fixedFiles, psamText, pvarText, randomRecords, storedZstd } from './testing/files.ts'

type Files = Record<string, Uint8Array | string>

async function inspected(files: Files, path = 'x.pgen') {
  const result = await inspectFiles(files, path)
  if (isUpturnError(result)) throw result
  return result
}

async function refusal(files: Files, path = 'x.pgen') {
  const result = await inspectFiles(files, path)
  if (!isUpturnError(result)) throw new Error(`not refused: ${JSON.stringify(result)}`)
  const { code, message, place, details } = result
  return { code, message, place, details }
}

const cohort = randomCohort(5, 77, 150)
const records = randomRecords(cohort.codes, 8)
const encoded = encodePgen(records, 77)
const texts = { 'x.psam': psamText(cohort), 'x.pvar': pvarText(cohort) }
const good: Files = { 'x.pgen': encoded.pgen, ...texts }

describe('one cohort', () => {
  test('is the same from every storage mode and every form of the index, and from VCF', async () => {
    const { digest } = await inspected({ 'x.vcf': vcfText(cohort) }, 'x.vcf')
    const { bed, fixed } = fixedFiles(cohort.codes)
    const everybody = (mode: 3 | 4) =>
      encodeFixedPgen(
        cohort.codes.map((row) => ({
          type: 0,
          bytes: [
            ...mainTrack(0, row),
            ...dosageTracks(
              row.map((code) => (code === 3 ? undefined : code * 16384)),
              2,
              mode === 4 ? row.map(() => 0) : undefined,
            ),
          ],
        })),
        77,
        mode,
      )
    const forms: Files[] = [
      good,
      { ...texts, 'x.pgen': bed },
      { ...texts, 'x.pgen': fixed },
      { ...texts, 'x.pgen': everybody(3) },
      { ...texts, 'x.pgen': everybody(4) },
      { ...texts, 'x.pgen': encoded.external.pgen, 'x.pgen.pgi': encoded.external.index },
      { 'x.pgen': encoded.pgen, 'x.psam': texts['x.psam'], 'x.pvar.zst': storedZstd(texts['x.pvar'], 777) },
    ]
    for (const lengthBytes of [1, 2, 3, 4] as const)
      for (const typeBits of [4, 8] as const)
        for (const flags of [0, 1, 2, 3] as const) {
          const alleleBytes = ([0, 1, 2, 3] as const)[(flags + lengthBytes) % 4]
          const options = { lengthBytes, typeBits, flags, alleleBytes, alleles: records.map(() => 2) }
          forms.push({ ...texts, 'x.pgen': encodePgen(records, 77, options).pgen })
        }
    for (const files of forms)
      expect(await inspected(files)).toMatchObject({ format: 'pgen', samples: 77, variants: 150, records: 150, digest })
  })

  test('says when its reference alleles are provisional', async () => {
    for (const flags of [0, 1, 2, 3] as const) {
      const { notes } = await inspected({ ...texts, 'x.pgen': encodePgen(records, 77, { flags }).pgen })
      expect(notes.map((note) => note.split(' ')[0])).toEqual([[], [], ['all'], ['some']][flags])
    }
  })

  test('is found by any of its files, and by their name without ending', async () => {
    for (const path of ['x', 'x.pgen', 'x.pvar', 'x.psam']) expect((await inspected(good, path)).format).toBe('pgen')
    const renamed = { 'x.data': encoded.pgen, ...texts }
    expect((await inspected(renamed, 'x.data')).format).toBe('pgen')
    const { bed } = fixedFiles(cohort.codes)
    expect(await refusal({ ...good, 'x.bed': bed }, 'x')).toMatchObject({
      code: 'FormatUnknown',
      message: expect.stringContaining('a .bed and a .pgen file'),
    })
    const bim = pvarText(cohort)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split('\t'))
      .map(([chromosome, position, id, ref, alt]) => `${chromosome}\t${id}\t0\t${position}\t${alt}\t${ref}\n`)
    const fam = cohort.samples.map((id) => `0 ${id} 0 0 1 -9\n`)
    const plink1 = { 'x.pgen': encoded.pgen, 'x.bim': bim.join(''), 'x.fam': fam.join('') }
    const { digest } = await inspected(good)
    for (const path of ['x', 'x.pgen', 'x.bim', 'x.fam'])
      expect(await inspected(plink1, path)).toMatchObject({ format: 'pgen', digest })
  })

  test('keeps people in any order and by their sex', async () => {
    const folder = scratchFolder()
    mkdirSync(folder, { recursive: true })
    for (const [name, content] of Object.entries(good)) writeFileSync(join(folder, name), content)
    const order = cohort.samples.map((_, s) => s).sort((a, b) => ((a * 37) % 77) - ((b * 37) % 77))
    const moved = {
      ...cohort,
      samples: order.map((s) => cohort.samples[s]),
      codes: cohort.codes.map((row) => order.map((s) => row[s])),
    }
    writeFileSync(join(folder, 'y.pgen'), encodePgen(randomRecords(moved.codes, 3), 77).pgen)
    writeFileSync(join(folder, 'y.psam'), psamText(moved))
    writeFileSync(join(folder, 'y.pvar'), pvarText(moved))
    const digests = new Set<string>()
    for (const name of ['x', 'y']) {
      const input = { files: [{ path: join(folder, `${name}.pgen`), format: 'pgen' }], build: 'GRCh38' }
      const summary = await importGenotypes(input, join(folder, `store-${name}`), workshop())
      digests.add(summary.storeDigest)
      if (name === 'x')
        expect(cohort.samples.slice(0, 3).map((id) => summary.sexes[id])).toEqual(['male', 'female', null])
    }
    expect(digests.size).toBe(1)
  })

  test('of many variants comes in several blocks and chunks, whose first records may refer to an earlier one', async () => {
    const random = numbers(4)
    const variants = 70_000
    const codes = Array.from({ length: variants }, (_, v) => [v % 3, Math.floor(random() * 4), (v >> 4) % 3])
    const many = {
      samples: ['a', 'b', 'c'],
      keys: {
        chromosome: codes.map(() => '7'),
        position: Int32Array.from(codes, (_, v) => v + 1),
        ref: codes.map(() => 'A'),
        alt: codes.map(() => 'G'),
        rsid: codes.map(() => ''),
      },
      codes,
    }
    const sides = { 'x.psam': psamText(many), 'x.pvar.zst': storedZstd(pvarText(many)) }
    const { pgen, external } = encodePgen(randomRecords(codes, 1), 3, { typeBits: 4, lengthBytes: 1 })
    const { bed } = fixedFiles(codes)
    const { digest } = await inspected({ ...sides, 'x.pgen': bed })
    expect(await inspected({ ...sides, 'x.pgen': pgen })).toMatchObject({ variants, digest })
    expect(await inspected({ ...sides, 'x.pgen': external.pgen, 'x.pgen.pgi': external.index })).toMatchObject({
      digest,
    })

    const people = 40_000
    const first = Array.from({ length: people }, () => Math.floor(random() * 3))
    const raw = mainTrack(0, first)
    const differences = Array.from({ length: 300 }, (_, v) =>
      [5, 600, 39_998 - v].map((s, k) => ({ s, category: (v + k) % 4 })).sort((a, b) => a.s - b.s),
    )
    const beside = {
      'x.psam': `#IID\n${first.map((_, s) => `p${s}\n`).join('')}`,
      'x.pvar': `#CHROM\tPOS\tID\tREF\tALT\n${differences.map((_, v) => `7\t${v + 1}\t.\tA\tC\n`).join('')}`,
    }
    const like = differences.map((row) => {
      const ids = row.map(({ s }) => s)
      const categories = row.map(({ category }) => category)
      return { type: 2, bytes: difflist(ids, people, categories) }
    })
    const whole = differences.map((row) => {
      const bytes = [...raw]
      for (const { s, category } of row) {
        const shift = 2 * (s & 3)
        bytes[s >> 2] = (bytes[s >> 2] & ~(3 << shift)) | (category << shift)
      }
      return { type: 0, bytes }
    })
    const expected = await inspected({
      ...beside,
      'x.pgen': encodePgen([{ type: 0, bytes: raw }, ...whole.slice(1)], people).pgen,
    })
    const found = await inspected({
      ...beside,
      'x.pgen': encodePgen([{ type: 0, bytes: raw }, ...like.slice(1)], people).pgen,
    })
    expect(found.digest).toBe(expected.digest)
  })
})

describe('variants', () => {
  const one = (row: number[], lines: string, psam = '#IID\na\nb\nc\nd\n'): Files => ({
    'x.pgen': encodePgen(
      lines
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .map(() => ({ type: 0, bytes: mainTrack(0, row) })),
      row.length,
    ).pgen,
    'x.psam': psam,
    'x.pvar': lines,
  })
  const row = [0, 1, 2, 3]

  test('with columns in any order, with and without header, are the same', async () => {
    const forms = [
      '#CHROM\tPOS\tID\tREF\tALT\n7\t100\trs1\tA\tG\n7\t200\t.\tC\tCT\n',
      '##x=1\n##y\n#CHROM ALT  REF ID POS CM QUAL FILTER INFO\nchr7 G A rs1 100 0.5 . . x\n7 \tCT C . 200 0 9 PASS PR;z\n',
      '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n7\t100\trs1\tA\tG\t.\t.\t.\tGT\t0\t1\n7\t200\t.\tC\tCT\t.\t.\t.\tGT\t0/1\t1\n',
      '7\trs1\t100\tG\tA\n7\t.\t200\tCT\tC\n',
      '7\trs1\t0\t100\tG\tA\n7\t.\t0\t200\tCT\tC\n',
      '7 rs1 0 100 G A extra\r\n7 . 0 200 CT C\r\n',
      '#CHROM\tPOS\tID\tREF\tALT\r\n7\t100\trs1\tA\tG\r\n7\t200\t.\tC\tCT',
    ]
    const digests = new Set<string>()
    for (const text of forms) digests.add((await inspected(one(row, text))).digest)
    expect(digests.size).toBe(1)
  })

  test('that cannot be studied are left out and counted, as in VCF', async () => {
    const text = [
      '#CHROM\tPOS\tID\tREF\tALT\tFILTER',
      '7\t1\t.\tA\tG\tq10',
      '7\t2\t.\tA\tG\tPASS',
      '7\t3\t.\tA\t.\t.',
      '7\t4\t.\tA\t<DEL>\t.',
      '7\t5\t.\tA\t*\t.',
      '7\t6\t.\tR\tG\t.',
      '7\t7\t.\t.\tG\t.',
      '7\t8\t.\tA\tI\t.',
      '0\t9\t.\tA\tG\t.',
      '7\t0\t.\tA\tG\t.',
      '7\t-4\t.\tA\tG\t.',
      'HLA\t11\t.\tA\tG\t.',
      '7\t12\t.\tA\ta\t.',
      '7\t13\t.\tA\tT]8:100]\t.',
      '',
    ].join('\n')
    const result = await inspected(one(row, text))
    expect(result.variants).toBe(1)
    expect(result.dropped).toEqual({
      'allele that is no sequence': 1,
      'alternate allele equals the reference': 1,
      'ambiguous base in an allele': 1,
      'contig that is not studied': 1,
      'no alternate allele': 1,
      'no position': 3,
      'record did not pass FILTER': 1,
      'spanning deletion allele (*)': 1,
      'symbolic allele or breakend': 2,
      'unknown reference allele': 1,
    })
  })

  test('that did not pass FILTER are kept when asked for', async () => {
    const folder = scratchFolder()
    const text = '#CHROM\tPOS\tID\tREF\tALT\tFILTER\n7\t1\t.\tA\tG\tq10\n7\t2\t.\tA\tG\tPASS\n'
    for (const [name, content] of Object.entries(one(row, text))) writeFileSync(join(folder, name), content)
    for (const keepFiltered of [false, true]) {
      const input = { files: [{ path: join(folder, 'x'), format: 'pgen' }], build: 'GRCh38', filters: { keepFiltered } }
      const { variants } = await importGenotypes(input, join(folder, `store-${keepFiltered}`), workshop())
      expect(variants).toBe(keepFiltered ? 2 : 1)
    }
  })

  test('of several alternate alleles are split, each with its own calls', async () => {
    const calls = [[0, 2], [1, 1], [2, 3], null, [1, 3], [3, 3], [0, 0]] as const
    const type = 8
    const bytes = [
      ...mainTrack(
        0,
        calls.map((call) => (call === null ? 3 : Number(call[0] > 0) + Number(call[1] > 0))),
      ),
      ...patchTracks(
        calls.map((call) => (call === null ? null : ([...call] as [number, number]))),
        3,
        [0, 1],
      ),
    ]
    const files = {
      'x.pgen': encodePgen([{ type, bytes }], 7).pgen,
      'x.psam': '#IID\na\nb\nc\nd\ne\nf\ng\n',
      'x.pvar': '#CHROM\tPOS\tID\tREF\tALT\n7\t100\trs1\tA\tC,<DEL>,T\n',
    }
    const vcf = `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\td\te\tf\tg\n7\t100\trs1\tA\tC,<DEL>,T\t.\t.\t.\tGT\t${calls.map((call) => call?.join('/') ?? './.').join('\t')}\n`
    const expected = await inspected({ 'x.vcf': vcf }, 'x.vcf')
    expect(await inspected(files)).toMatchObject({
      variants: 2,
      digest: expected.digest,
      dropped: { 'symbolic allele or breakend': 1 },
    })
  })

  test('of which a line is wrong are refused with line and column', async () => {
    const head = '##x\n#CHROM\tPOS\tID\tREF\tALT\n7\t1\t.\tA\tG\n'
    const cases: [string, string, number, number?][] = [
      [`${head}7\t2\t.\tA\n`, 'fewer columns', 4, 8],
      [`${head}7\t2\t.\tA\tG\tC\n`, 'more columns', 4, 11],
      [`${head}7\tx\t.\tA\tG\n`, 'whole number', 4, 3],
      [`${head}7\t2147483648\t.\tA\tG\n`, 'whole number', 4, 3],
      [`${head}7\t2\t.\tA\tG,,T\n`, 'allele is empty', 4, 11],
      [`${head}7\t2\t.\tA\tG,T,g\n`, 'named twice', 4, 13],
      [`${head}\n`, 'line is empty', 4, 1],
      [`${head}7\t2\t.\tA\x01\tG\n`, 'control character', 4, 8],
      [`${head}7\t2\t.\tA\t${'C,'.repeat(16000)}C\n`, 'more than 16,000', 4, 9],
      ['##x\n7\t1\t.\tA\tG\n', 'must begin with #CHROM', 1],
      ['#CHROM\tPOS\tID\tREF\tALT\n##x\n7\t1\t.\tA\tG\n', 'last of the header', 1],
      ['#CHROM\tPOS\tID\tREF\n7\t1\t.\tA\n', 'column ALT is missing', 1],
      ['#CHROM\tPOS\tID\tREF\tALT\tHWE\n7\t1\t.\tA\tG\t1\n', '"HWE" is no column', 1],
      ['#CHROM\tPOS\tID\tREF\tALT\tALT\n7\t1\t.\tA\tG\t1\n', 'two columns are called ALT', 1],
      ['7\t1\tA\tG\n', 'must have 5 columns', 1],
    ]
    for (const [text, message, line, column] of cases) {
      const files = one(row, text)
      const error = await refusal({ ...files, 'x.pgen': one(row, '7\n7\n')['x.pgen'] })
      expect(error).toMatchObject({ code: 'FormatInvalid', message: expect.stringContaining(message) })
      const place: ErrorPlace = { file: 'x.pvar', line }
      expect(error.place, text.slice(0, 80)).toEqual(column === undefined ? place : { ...place, column })
    }
    const header = `${head}7\t2\t.\tA\tG\n#7\t3\t.\tA\tG\n`
    expect(await refusal({ ...one(row, '7\n7\n7\n'), 'x.pvar': header })).toMatchObject({
      place: { line: 5, column: 1 },
    })
  })

  test('with lines of any length come in groups that fit in memory', async () => {
    const rows = Array.from({ length: 40 }, (_, v) => ({ type: 0, bytes: mainTrack(0, [v % 4, (v >> 2) % 4]) }))
    const text = (info: string) =>
      `#CHROM\tPOS\tID\tREF\tALT\tINFO\n${rows.map((_, v) => `7\t${v + 1}\t.\tA\tC\t${info}\n`).join('')}`
    const sides = { 'x.pgen': encodePgen(rows, 2).pgen, 'x.psam': '#IID\na\nb\n' }
    const { digest } = await inspected({ ...sides, 'x.pvar': text('.') })
    const long = text('X'.repeat(1 << 20))
    expect(await inspected({ ...sides, 'x.pvar': long })).toMatchObject({ variants: 40, records: 40, digest })
    const cut = `${long.slice(0, -1)}\t.\n`
    expect(await refusal({ ...sides, 'x.pvar': cut })).toMatchObject({ place: { file: 'x.pvar', line: 41 } })
  })

  test('with dosages keep them, and hard calls follow', async () => {
    const folder = scratchFolder()
    const dosages = [100, 16384, 30000, undefined, 8192, 20000]
    const categories = [0, 1, 2, 3, 3, 1]
    const bytes = [...mainTrack(0, categories), ...dosageTracks(dosages, 3)]
    const psam = '#IID\nf\ne\nd\nc\nb\na\n'
    writeFileSync(join(folder, 'x.pgen'), encodePgen([{ type: 0x60, bytes }], 6).pgen)
    writeFileSync(join(folder, 'x.psam'), psam)
    writeFileSync(join(folder, 'x.pvar'), '#CHROM\tPOS\tID\tREF\tALT\n7\t100\trs1\tA\tC\n')
    const input = { files: [{ path: join(folder, 'x'), format: 'pgen' }], build: 'GRCh38' }
    await importGenotypes(input, join(folder, 'store'), workshop())
    const store = await openStore(host, join(folder, 'store'))
    const found = new Uint16Array(6)
    const genotypes = await store.genotypes(0)
    expect(readDosages(await store.dosages(0), 0, genotypes, found)).toBe(true)
    expect([...found]).toEqual([20000, 8192, 65535, 30000, 16384, 100])
    expect([genotypes[0], genotypes[8]]).toEqual([0b011111, 0b001111])
    await store.close()
  })
})

describe('people', () => {
  const with7 = (psam: string): Files => ({
    'x.pgen': encodePgen([{ type: 0, bytes: mainTrack(0, [0, 1, 2]) }], 3).pgen,
    'x.pvar': '#CHROM\tPOS\tID\tREF\tALT\n7\t100\trs1\tA\tC\n',
    'x.psam': psam,
  })
  test('have an id and a sex, whatever columns there are', () => {
    const three = [
      { id: 'a', sex: 'male' },
      { id: 'b', sex: 'female' },
      { id: 'c', sex: null },
    ]
    for (const text of [
      '#IID\tSEX\na\t1\nb\t2\nc\tNA\n',
      '##x\n#FID IID SID PAT MAT SEX case site\nf a 0 0 0 M 1 x\nf b 0 0 0 f 2 y\n\ng c 0 a b 0 -9 z\n',
      '#IID\tPHENO\tSEX\r\na\t1\tm\r\nb\t2\tF\r\nc\tNA\tunknown\r\n',
      'f a 0 0 1 -9\nf b 0 0 2 1\nf c 0 0 0 2\n',
      'f\ta\t0\t0\t1\nf\tb\t0\t0\t2\nf\tc\t0\t0\t__proto__\n',
    ])
      expect(parsePsam(text, 'x.psam')).toEqual(three)
    expect(parsePsam('#IID\na\n', 'x.psam')).toEqual([{ id: 'a', sex: null }])
  })
  test.each([
    ['#IID\na\nb\na\n', 'lines 2 and 4', 4],
    ['#FID\tIID\nf\ta\ng\ta\n', 'lines 2 and 3', 3],
    ['#IID\tSEX\na\t1\nb\n', '1 columns where 2', 3, 2],
    ['#IID\tSEX\na\t1\nb c\t2\n', '3 columns where the header names 2', 3, 5],
    ['#IID\tSEX\na\t1\nb\u0002\t2\n', 'control character', 3, 2],
    ['#SEX\tIID\na\t1\n', 'must begin with #FID or #IID', 1],
    ['#FID\tSEX\tIID\na\t1\tb\n', 'must come first', 1],
    ['#IID\tSEX\tSEX\na\t1\t1\n', 'two columns are called SEX', 1],
    ['#IID\tPAT\na\t0\n', 'PAT and MAT', 1],
    ['#IID\n##x\na\n', 'must be the last', 1],
    ['#IID\na\n#b\n', 'stands among the people', 3],
    ['#IID\n0\n', 'the id 0', 2, 1],
    ['f a 0 0\n', '4 columns where 5', 1, 8],
    ['#IID\n', 'names nobody', 2],
  ])('are refused where a line is wrong: %j', (text, message, line, column?: number) => {
    const error = (() => {
      try {
        return parsePsam(text, 'x.psam')
      } catch (caught) {
        return caught
      }
    })()
    if (!isUpturnError(error, 'FormatInvalid')) throw error
    expect(error.message).toContain(message)
    expect(error.place).toEqual({ file: 'x.psam', line, ...(column !== undefined && { column }) })
  })
  test('must be as many as in the PGEN file', async () => {
    expect(await refusal(with7('#IID\na\nb\n'))).toMatchObject({
      code: 'FormatInvalid',
      message: expect.stringContaining('holds 3 people, but the file beside it names 2'),
    })
  })
})

describe('files', () => {
  test('that are missing are named', async () => {
    const { 'x.psam': psam, 'x.pvar': pvar } = texts
    expect(await refusal({ 'x.pgen': encoded.pgen, 'x.pvar': pvar })).toMatchObject({
      code: 'FileNotFound',
      message: expect.stringContaining('x.fam'),
      place: { file: 'x.psam' },
    })
    expect(await refusal({ 'x.pgen': encoded.pgen, 'x.psam': psam })).toMatchObject({
      code: 'FileNotFound',
      message: expect.stringContaining('x.pvar.zst'),
      place: { file: 'x.pvar' },
    })
    for (const path of ['x.pvar', 'x.psam', 'x.pgen'])
      expect(await refusal({ 'x.psam': psam, 'x.pvar': pvar }, path)).toMatchObject({
        code: 'FileNotFound',
        place: { file: 'x.pgen' },
      })
    expect(await refusal({ ...texts, 'x.pgen': encoded.external.pgen })).toMatchObject({
      code: 'FileNotFound',
      place: { file: 'x.pgen.pgi' },
    })
  })

  const changed = (change: (bytes: Uint8Array) => void, from: Uint8Array = encoded.pgen): Files => {
    const bytes = Uint8Array.from(from)
    change(bytes)
    return { ...texts, 'x.pgen': bytes }
  }

  test('of modes that are not read say what to do', async () => {
    for (const [mode, message] of [
      [0, 'variant-major'],
      [0x11, 'extensions'],
      [0x21, 'extensions'],
      [5, 'not known'],
      [0x80, 'not known'],
    ] as const)
      expect(await refusal(changed((bytes) => (bytes[2] = mode)))).toMatchObject({
        code: 'FormatInvalid',
        message: expect.stringMatching(new RegExp(`${message}.*plink2 --make-pgen`)),
      })
    expect(await refusal(changed((bytes) => (bytes[11] |= 8)))).toMatchObject({
      message: expect.stringContaining('reserved'),
    })
    expect(await refusal(changed((bytes) => (bytes[0] = 1)))).toMatchObject({
      message: expect.stringContaining('6c 1b'),
    })
    const several = { ...texts, 'x.pvar': texts['x.pvar'].replace(/\n$/, ',N\n') }
    expect(await refusal({ ...several, 'x.pgen': fixedFiles(cohort.codes).fixed })).toMatchObject({
      message: expect.stringContaining('several alternate alleles'),
      place: { file: 'x.pvar', line: 152 },
    })
    const dosed = encodePgen([{ type: 0x60, bytes: [...mainTrack(0, [0, 1]), ...dosageTracks([1, 16000], 3)] }], 2)
    const error = await refusal({
      'x.pgen': dosed.pgen,
      'x.psam': '#IID\na\nb\n',
      'x.pvar': '#CHROM\tPOS\tID\tREF\tALT\n7\t100\trs1\tA\tC,G\n',
    })
    expect(error).toMatchObject({ code: 'FormatInvalid', details: { variant: 1 } })
    expect(error.message).toContain('dosages of several alternate alleles')
  })

  test('that are cut, too long, or do not belong together are refused before anything is read', async () => {
    const size = encoded.pgen.length
    const at = (end: number) => ({ ...texts, 'x.pgen': encoded.pgen.subarray(0, end) })
    for (const end of [5, 11, 30, 200, size - 1])
      expect(await refusal(at(end)), String(end)).toMatchObject({ code: 'FileTruncated', place: { file: 'x.pgen' } })
    const longer = { ...texts, 'x.pgen': Uint8Array.from([...encoded.pgen, 0]) }
    expect(await refusal(longer)).toMatchObject({ code: 'FormatInvalid', details: { byte: size } })
    const fixed = fixedFiles(cohort.codes)
    for (const bytes of [fixed.fixed, fixed.bed]) {
      expect(await refusal({ ...texts, 'x.pgen': bytes.subarray(0, -1) })).toMatchObject({ code: 'FileTruncated' })
      expect(isUpturnError(await inspectFiles({ ...texts, 'x.pgen': Uint8Array.from([...bytes, 0]) }, 'x.pgen'))).toBe(
        true,
      )
    }
    const lines = texts['x.pvar'].split('\n')
    const fewer = { ...good, 'x.pvar': lines.slice(0, -2).join('\n') }
    expect(await refusal(fewer)).toMatchObject({
      message: expect.stringContaining('this file has 149 variants, but the PGEN file beside it has 150'),
      place: { file: 'x.pvar' },
    })
    const more = { ...good, 'x.pvar': texts['x.pvar'] + lines[2] }
    expect(await refusal(more)).toMatchObject({ message: expect.stringContaining('more than 150') })
    const zst = storedZstd(texts['x.pvar'])
    const cut = { 'x.pgen': encoded.pgen, 'x.psam': texts['x.psam'], 'x.pvar.zst': zst.subarray(0, -5) }
    expect(await refusal(cut)).toMatchObject({ code: 'FileTruncated', place: { file: 'x.pvar.zst' } })
    const many = changed((bytes) => bytes.fill(255, 3, 7))
    expect(await refusal(many)).toMatchObject({
      code: 'FileTruncated',
      message: expect.stringContaining('index of 4294967295'),
    })
  })

  test('whose records or index are damaged say which variant and byte', async () => {
    const rows = [
      [0, 1, 2, 3],
      [1, 1, 1, 0],
      [2, 2, 3, 0],
    ]
    const sides = { 'x.psam': '#IID\na\nb\nc\nd\n', 'x.pvar': '7\t.\t1\tG\tA\n7\t.\t2\tG\tA\n7\t.\t3\tG\tA\n' }
    const of = (...parts: number[][]) =>
      encodePgen(
        parts.map(([type, ...bytes]) => ({ type, bytes })),
        4,
      ).pgen
    const raw = rows.map((row) => [0, ...mainTrack(0, row)])
    const records0 = 12 + 8 + 3 * 5
    const cases: [Uint8Array, number, number, string][] = [
      [of(raw[0], [4, 1, 9, 1], raw[2]), 2, records0 + 2, 'not in order'],
      [of(raw[0], raw[1], [4, 2, 1, 5]), 3, records0 + 5, 'ends too early'],
      [of(raw[0], [0, 1, 1], raw[2]), 2, records0 + 2, 'left behind'],
      [of([5, 0], raw[1], raw[2]), 1, records0, 'reserved'],
      [of(raw[0], [8, raw[1][1], 0, 0], raw[2]), 2, records0 + 2, 'second alternate allele'],
    ]
    for (const [pgen, variant, byte, message] of cases) {
      const error = await refusal({ ...sides, 'x.pgen': pgen })
      expect(error.place).toEqual({ file: 'x.pgen' })
      expect(error.details).toEqual({ variant, byte })
      expect(error.message).toMatch(new RegExp(`variant ${variant}\\b.*${message}`))
    }
    expect(await refusal({ ...sides, 'x.pgen': of([2, 0], raw[1], raw[2]) })).toMatchObject({
      code: 'FileDamaged',
      message: expect.stringContaining('variant 1 refers to an earlier one'),
    })
    const far = of(...raw)
    far[12]++
    expect(await refusal({ ...sides, 'x.pgen': far })).toMatchObject({
      code: 'FileDamaged',
      message: expect.stringContaining('the records before them end'),
      details: { variant: 1, byte: records0 },
    })
    const long = of(...raw)
    long[12 + 8 + 3 + 4 + 2] = 1
    expect(await refusal({ ...sides, 'x.pgen': long })).toMatchObject({
      code: 'FileDamaged',
      message: expect.stringContaining('variant 2 has 65537 bytes'),
    })
    const counted = encodePgen(
      raw.map(([type, ...bytes]) => ({ type, bytes })),
      4,
      { alleleBytes: 1, alleles: [2, 3, 2] },
    ).pgen
    expect(await refusal({ ...sides, 'x.pgen': counted })).toMatchObject({
      code: 'FormatInvalid',
      message: expect.stringContaining('2 alleles, but 3 in the PGEN file'),
      place: { file: 'x.pvar', line: 2 },
    })
  })

  test('with changed bytes give data or a tagged error', async () => {
    const small = randomCohort(4, 9, 12)
    const zst = storedZstd(pvarText(small), 100)
    const { pgen, external } = encodePgen(randomRecords(small.codes, 2), 9)
    const sets: [Files, string][] = [
      [{ 'x.pgen': pgen, 'x.psam': psamText(small), 'x.pvar': pvarText(small) }, 'x.pgen'],
      [{ 'x.pgen': pgen, 'x.psam': psamText(small), 'x.pvar': pvarText(small) }, 'x.pvar'],
      [{ 'x.pgen': pgen, 'x.psam': psamText(small), 'x.pvar': pvarText(small) }, 'x.psam'],
      [{ 'x.pgen': pgen, 'x.psam': psamText(small), 'x.pvar.zst': zst }, 'x.pvar.zst'],
      [
        { 'x.pgen': external.pgen, 'x.pgen.pgi': external.index, 'x.psam': psamText(small), 'x.pvar': pvarText(small) },
        'x.pgen.pgi',
      ],
      [{ ...good }, 'x.pgen'],
    ]
    const random = numbers(123)
    const pick = (n: number) => Math.floor(random() * n)
    for (const [files, name] of sets) {
      const original = typeof files[name] === 'string' ? new TextEncoder().encode(files[name]) : files[name]
      let refused = 0
      for (let round = 0; round < 150; round++) {
        const bytes = Uint8Array.from(original)
        for (let k = 0; k <= round % 3; k++) bytes[pick(bytes.length)] = pick(256)
        const cut = round % 10 === 9 ? bytes.subarray(0, pick(bytes.length)) : bytes
        const result = await inspectFiles({ ...files, [name]: cut }, 'x.pgen')
        if (isUpturnError(result)) refused++
        else expect(result.variants).toBeLessThanOrEqual(150)
      }
      expect(refused).toBeGreaterThan(20)
    }
  })
})
