// The examples of the format against what they were made from, and random files against what PLINK 2 makes of them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { twinDosages } from '../../src/genotypes/bgen/testing/twin.ts'
import {
  bgenBytes,
  type StoredCall,
  type StoredFile,
  type StoredVariant,
} from '../../src/genotypes/bgen/testing/write-bgen.ts'
import type { OpenOptions } from '../../src/genotypes/import/file.ts'
import { importGenotypes, inspectGenotypes, openStore } from '../../src/genotypes/index.ts'
import { hardCall, readDosages } from '../../src/genotypes/store/dosages.ts'
import { host, numbers, scratchFolder, workshop } from '../../src/genotypes/testing/cohort.ts'
import { absent, plink } from './plink.ts'

const examples = fileURLToPath(new URL('../../../shared/data/bgen-examples/', import.meta.url))
const missingExamples = !existsSync(examples)
if (missingExamples) console.warn(`skipped: no BGEN examples at ${examples}`)
const missing = absent('plink2')
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)

const folder = scratchFolder()
let stores = 0

/** Dosages of a file by `chromosome:position:ref:alt`, people in the order of their ids. */
async function dosagesOf(path: string, format: string, options: OpenOptions = {}) {
  const out = join(folder, `store-${stores++}`)
  const { dropped } = await importGenotypes({ files: [{ path, format, ...options }], build: 'GRCh38' }, out, workshop())
  const store = await openStore(host, out)
  const { samples } = store.header
  const variants = new Map<string, number[]>()
  for (const block of store.header.blocks.keys()) {
    const [keys, genotypes, dosages] = [
      await store.keys(block),
      await store.genotypes(block),
      await store.dosages(block),
    ]
    const row = new Uint16Array(samples.length)
    for (const [v, chromosome] of keys.chromosome.entries()) {
      readDosages(dosages, v, genotypes, row)
      variants.set([chromosome, keys.position[v], keys.ref[v], keys.alt[v]].join(':'), [...row])
      // The planes are the hard calls of the dosages.
      for (const [s, dosage] of row.entries()) {
        const at = 16 * store.header.wordsPerPlane * v
        const bit = (plane: number) =>
          (genotypes[at + 8 * store.header.wordsPerPlane * plane + (s >> 3)] >> (s & 7)) & 1
        expect(bit(0) + 2 * bit(1)).toBe(hardCall(dosage))
      }
    }
  }
  await store.close()
  return { samples, variants, dropped }
}

describe.skipIf(missingExamples)('examples of the format', () => {
  const truth = () =>
    gunzipSync(readFileSync(join(examples, 'example.gen.gz')))
      .toString()
      .trim()
      .split('\n')
      .map((line) => {
        const [chromosome, , , position, first, second, ...values] = line.split(' ')
        const p = values.map(Number)
        const people = Array.from({ length: p.length / 3 }, (_, s) => p.slice(3 * s, 3 * s + 3))
        return { key: [Number(chromosome), position, first, second].join(':'), people }
      })

  test.each([
    ['example.v11.bgen', 0],
    ['example.1bits.bgen', 1],
    ['example.2bits.bgen', 2],
    ['example.8bits.bgen', 8],
    ['example.16bits.bgen', 16],
    ['example.16bits.zstd.bgen', 16],
    ['example.25bits.bgen', 25],
    ['example.32bits.bgen', 32],
  ])('%s holds the probabilities of example.gen within its rounding', async (name, bits) => {
    const sample = bits === 0 ? { sample: join(examples, 'example.sample') } : {}
    const { samples, variants, dropped } = await dosagesOf(join(examples, name), 'bgen', { ref: 'first', ...sample })
    expect(samples.length).toBe(500)
    expect(samples).toEqual([...samples].sort())
    expect(dropped).toEqual({ 'duplicate of an earlier variant': 1 })
    // Two probabilities of which each is off by less than one step; half a unit of ours; six digits of text.
    const limit = 2 / (bits === 0 ? 32768 : 2 ** bits - 1) + 0.5 / 16384 + 5e-6
    const seen = new Set<string>()
    let called = 0
    let worst = 0
    for (const { key, people } of truth()) {
      if (seen.has(key)) continue
      seen.add(key)
      const row = variants.get(key)
      if (row === undefined) throw new Error(`${key} was not read`)
      for (const [s, [aa, ab, bb]] of people.entries()) {
        const sum = aa + ab + bb
        if (sum === 0) expect(row[s]).toBe(65535)
        else {
          called++
          worst = Math.max(worst, Math.abs(row[s] / 16384 - (ab + 2 * bb) / sum))
        }
      }
    }
    expect(seen.size).toBe(variants.size)
    expect(called).toBeGreaterThan(95_000)
    expect(worst).toBeLessThan(limit)
  })

  test('complex.bgen in every number of bits is complex.vcf', async () => {
    const vcf = join(folder, 'complex.vcf')
    // VCF knows no chromosome 01.
    writeFileSync(vcf, readFileSync(join(examples, 'complex.vcf'), 'utf8').replaceAll(/^01\t/gm, '1\t'))
    const expected = await dosagesOf(vcf, 'vcf')
    expect(expected.variants.size).toBe(25)
    expect(expected.dropped).toEqual({ 'call with more than two alleles': 6, 'duplicate of an earlier variant': 3 })
    for (const bits of ['', '.3bits', '.5bits', '.15bits', '.24bits', '.31bits']) {
      const path = join(examples, `complex${bits}.bgen`)
      expect(await dosagesOf(path, 'bgen', { ref: 'first' })).toEqual(expected)
    }
  })

  test('haplotypes.bgen is haplotypes.haps', async () => {
    const { variants } = await dosagesOf(join(examples, 'haplotypes.bgen'), 'bgen', { ref: 'first' })
    const lines = readFileSync(join(examples, 'haplotypes.haps'), 'utf8').trim().split('\n')
    expect(variants.size).toBe(lines.length)
    for (const line of lines) {
      const [chromosome, , , position, ref, alt, ...haplotypes] = line.split(' ')
      const copies = [0, 2, 4, 6].map((h) => 16384 * (Number(haplotypes[h]) + Number(haplotypes[h + 1])))
      expect(variants.get([chromosome, position, ref, alt].join(':'))).toEqual(copies)
    }
  })

  test('inspect reads every example', async () => {
    const { signal } = new AbortController()
    for (const name of ['example.8bits.bgen', 'example.v11.bgen', 'complex.bgen', 'haplotypes.bgen'])
      expect(await inspectGenotypes(join(examples, name), host, signal)).toMatchObject({ ok: true, format: 'bgen' })
  })
})

/**
 * Dosage that PLINK 2 alpha 3.5 imports: that of the first allele is rounded up from 1/(2(2^bits - 1)) below half a unit
 * on, which is as near as an exact dosage can come to it.
 */
function plinkDosage(first: number, bits: number, reference: 'first' | 'last'): number {
  const one = 2n ** BigInt(bits) - 1n
  const rounded = Number((BigInt(first) * 16384n + (bits === 1 ? 0n : (one + 1n) / 2n)) / one)
  return reference === 'first' ? 32768 - rounded : rounded
}

/** Stored copies of the first allele, times the largest value. */
function firstCopies({ phased = false }: StoredVariant, { ploidy = 2, values }: StoredCall): number {
  return ploidy === 1 ? 2 * values[0] : phased ? values[0] + values[1] : 2 * values[0] + values[1]
}

/** Hard calls and dosages of a BGEN file as PLINK 2 imports them, one row a variant in the order of the file. */
function plinkRows(name: string, sample: string, reference: 'first' | 'last') {
  plink(
    folder,
    'plink2',
    '--bgen',
    `${name}.bgen`,
    `ref-${reference}`,
    '--sample',
    sample,
    '--make-pgen',
    '--out',
    name,
  )
  plink(folder, 'plink2', '--pfile', name, '--export', 'vcf', 'vcf-dosage=DS-force', '--out', name)
  return readFileSync(join(folder, `${name}.vcf`), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [chromosome, position, , ref, alt, , , , , ...cells] = line.split('\t')
      const people = cells.map((cell) => {
        const [gt, ds] = cell.split(':')
        const alleles = gt.split(/[/|]/)
        const call = alleles[0] === '.' ? 3 : Number(alleles[0]) + Number(alleles[1])
        return { call, dosage: ds === undefined || ds === '.' ? 65535 : Math.round(Number(ds) * 16384) }
      })
      return { key: [chromosome, position, ref, alt].join(':'), people }
    })
}

/** The same with people in the order of a .sample file. */
async function dosagesInFileOrder(name: string, sample: string, reference: 'first' | 'last') {
  const path = join(folder, sample)
  const { samples, variants } = await dosagesOf(join(folder, `${name}.bgen`), 'bgen', { ref: reference, sample: path })
  const ids = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split(/\s+/)[1])
  const places = ids.map((id) => samples.indexOf(id))
  return new Map([...variants].map(([key, row]) => [key, places.map((place) => row[place])]))
}

/** Holds our reading of a file and PLINK 2's against what is stored, and so against each other. */
async function compare(
  name: string,
  sample: string,
  reference: 'first' | 'last',
  stored: readonly StoredVariant[],
  layout: 1 | 2,
) {
  const theirs = plinkRows(name, sample, reference)
  const variants = await dosagesInFileOrder(name, sample, reference)
  expect(theirs.length).toBe(stored.length)
  expect(variants.size).toBe(stored.filter(({ position }) => position !== 0).length)
  let apart = 0
  for (const [v, { key, people }] of theirs.entries()) {
    const variant = stored[v]
    if (variant.position === 0) continue
    const ours = variants.get(key) ?? []
    expect(ours).toEqual(twinDosages(variant, reference, layout)[0])
    for (const [s, their] of people.entries()) {
      const call = variant.calls[s]
      const expected =
        ours[s] === 65535 || layout === 1
          ? ours[s]
          : plinkDosage(firstCopies(variant, call), variant.bits ?? 8, reference)
      expect(their.dosage, `${name} ${key} ${s}`).toBe(expected)
      expect(their.call).toBe(hardCall(expected))
      expect(Math.abs(ours[s] - expected)).toBeLessThan(2)
      if (ours[s] !== expected) apart++
      else expect(their.call).toBe(hardCall(ours[s]))
    }
  }
  return apart
}

const people = 120
const sampleText = `ID_1 ID_2 missing sex\n0 0 0 D\n${Array.from({ length: people }, (_, s) => `s${String(s).padStart(3, '0')} s${String(s).padStart(3, '0')} 0 0\n`).join('')}`

function randomCall(random: () => number, bits: number, phased: boolean, haploid: boolean): StoredCall {
  const one = 2 ** bits - 1
  const part = (most: number) =>
    random() < 0.6
      ? Math.floor(most * (random() < 0.5 ? 0.13 * random() : 1 - 0.13 * random()))
      : Math.floor(random() * (most + 1))
  const ploidy = haploid && random() < 0.5 ? 1 : 2
  const count = ploidy === 1 ? 1 : 2
  if (random() < 0.05) return { ploidy, missing: true, values: new Array<number>(count).fill(0) }
  const first = part(one)
  return { ploidy, values: count === 1 ? [first] : [first, phased ? part(one) : part(one - first)] }
}

describe.skipIf(missing.length > 0)('PLINK 2', () => {
  test('imports a thousand random variants of layout 2 alike', async () => {
    writeFileSync(join(folder, 'p.sample'), sampleText)
    const random = numbers(77)
    let variants = 0
    let apart = 0
    for (let bits = 1; bits <= 28; bits++) {
      for (const reference of ['first', 'last'] as const) {
        const compression = (['none', 'zlib', 'zstd'] as const)[bits % 3]
        const stored = Array.from({ length: 18 }, (_, v): StoredVariant => {
          const phased = v % 2 === 1
          return {
            rsid: `v${v}`,
            chromosome: '7',
            position: v + 1,
            phased,
            bits,
            calls: Array.from({ length: people }, () => randomCall(random, bits, phased, v % 3 === 0)),
          }
        })
        const file: StoredFile = { layout: 2, compression, variants: stored }
        const name = `l2-${bits}-${reference}`
        writeFileSync(join(folder, `${name}.bgen`), bgenBytes(file))
        apart += await compare(name, 'p.sample', reference, stored, 2)
        variants += stored.length
      }
    }
    expect(variants).toBe(1008)
    console.log(
      `${apart} of ${variants * people} dosages are one unit apart, all where PLINK 2 rounds up from below one half`,
    )
  })

  test('imports random variants of layout 1 alike', async () => {
    writeFileSync(join(folder, 'p.sample'), sampleText)
    const random = numbers(78)
    const pick = (n: number) => Math.floor(random() * n)
    for (const compression of ['none', 'zlib'] as const)
      for (const reference of ['first', 'last'] as const) {
        const stored = Array.from(
          { length: 100 },
          (_, v): StoredVariant => ({
            rsid: `v${v}`,
            position: v + 1,
            calls: Array.from({ length: people }, (): StoredCall => {
              if (pick(20) === 0) return { values: [0, 0, 0] }
              const sum = v % 2 === 0 ? 32768 : 1 + pick(33423)
              const a = random() < 0.5 ? sum - Math.floor(0.1 * random() * sum) : pick(sum + 1)
              const b = pick(sum - a + 1)
              return { values: [a, b, sum - a - b] }
            }),
          }),
        )
        const name = `l1-${compression}-${reference}`
        writeFileSync(join(folder, `${name}.bgen`), bgenBytes({ layout: 1, compression, variants: stored }))
        expect(await compare(name, 'p.sample', reference, stored, 1)).toBe(0)
      }
  })

  test('writes files that are read as it reads them itself', async () => {
    plink(
      folder,
      'plink2',
      '--dummy',
      String(people),
      '60',
      '0.05',
      '0',
      'acgt',
      'dosage-freq=0.6',
      'phase-freq=0.3',
      '--seed',
      '3',
      '--out',
      'dummy',
    )
    let variants = 0
    for (const [version, bits] of [
      ['bgen-1.1', [0]],
      ['bgen-1.2', Array.from({ length: 16 }, (_, k) => k + 1)],
      ['bgen-1.3', [8, 13, 16]],
    ] as const)
      for (const b of bits) {
        const name = `${version}-${b}`
        plink(
          folder,
          'plink2',
          '--pfile',
          'dummy',
          '--export',
          version,
          'ref-first',
          ...(b === 0 ? [] : [`bits=${b}`]),
          '--out',
          name,
        )
        const bytes = readFileSync(join(folder, `${name}.bgen`))
        if (version === 'bgen-1.3') {
          // Zstandard: no second reader here, so by what PLINK 2 says alone.
          const theirs = plinkRows(name, `${name}.sample`, 'first')
          const ours = await dosagesInFileOrder(name, `${name}.sample`, 'first')
          // PLINK 2 begins its dummies at position 0, which is none.
          expect(ours.size).toBe(theirs.length - 1)
          for (const { key, people: cells } of theirs.slice(1))
            for (const [s, { dosage }] of cells.entries())
              expect(Math.abs((ours.get(key) ?? [])[s] - dosage)).toBeLessThan(2)
          continue
        }
        const stored = version === 'bgen-1.1' ? plainLayout1(bytes) : plainLayout2(bytes)
        expect(stored.length).toBe(60)
        variants += stored.length
        await compare(name, `${name}.sample`, 'first', stored, version === 'bgen-1.1' ? 1 : 2)
      }
    expect(variants).toBe(60 * 17)
  })
})

/** Variants of a zlib-compressed file, read field by field; `genotypes` is what a variant's data hold. */
function plainVariants(bytes: Buffer, layout: 1 | 2, genotypes: (data: Buffer) => StoredVariant): StoredVariant[] {
  const variants: StoredVariant[] = []
  for (let at = 4 + bytes.readUInt32LE(0); at < bytes.length; ) {
    if (layout === 1) at += 4
    for (let k = 0; k < 3; k++) at += 2 + bytes.readUInt16LE(at)
    const position = bytes.readUInt32LE(at)
    at += layout === 1 ? 4 : 6
    for (let k = 0; k < 2; k++) at += 4 + bytes.readUInt32LE(at)
    const length = bytes.readUInt32LE(at)
    const data = inflateSync(bytes.subarray(at + (layout === 1 ? 4 : 8), at + 4 + length))
    variants.push({ ...genotypes(data), position })
    at += 4 + length
  }
  return variants
}

const plainLayout1 = (bytes: Buffer) =>
  plainVariants(bytes, 1, (data) => ({
    calls: Array.from({ length: data.length / 6 }, (_, s) => ({
      values: [0, 2, 4].map((k) => data.readUInt16LE(6 * s + k)),
    })),
  }))

const plainLayout2 = (bytes: Buffer) =>
  plainVariants(bytes, 2, (data) => {
    const n = data.readUInt32LE(0)
    const bits = data[9 + n]
    let at = 0
    const next = () => {
      let value = 0
      for (let k = 0; k < bits; k++, at++) value += ((data[10 + n + (at >> 3)] >> (at & 7)) & 1) * 2 ** k
      return value
    }
    return {
      phased: data[8 + n] === 1,
      bits,
      calls: Array.from({ length: n }, (_, s) => ({
        ploidy: data[8 + s] & 63,
        missing: data[8 + s] >= 128,
        values: [next(), next()],
      })),
    }
  })
