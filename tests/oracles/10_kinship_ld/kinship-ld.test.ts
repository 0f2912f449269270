import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { computeAncestry } from '../../../src/genotypes/ancestry/compute.ts'
import { kinshipPairs } from '../../../src/genotypes/kinship/king.ts'
import { ldMatrix, ldWithLead } from '../../../src/genotypes/ld/correlation.ts'
import { assessQuality } from '../../../src/genotypes/quality/assess.ts'
import {
  addHeterozygosity,
  heterozygosityTask,
  inbreedingCoefficient,
  noHeterozygosity,
} from '../../../src/genotypes/quality/heterozygosity.ts'
import { blockGroups, peopleMask } from '../../../src/genotypes/quality/scan.ts'
import { memoryWorkshop, readBedFixture, storeFiles } from '../../../src/genotypes/quality/testing/memory-store.ts'
import { openStore } from '../../../src/genotypes/store/open.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const table = (name: string): string[][] => {
  const bytes = readFileSync(here + name)
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
}

const king = readBedFixture(`${here}king`)
const kingFiles = storeFiles(king.samples, 'GRCh38', king.variants)
const everything = (variants: number): Uint8Array => new Uint8Array(Math.ceil(variants / 8)).fill(255)
const quality = { sampleCallRate: 0.9, variantCallRate: 0.9, maf: 0.01, kinship: 0.0884 }

test('KING-robust kinship of every pair is that of plink2', async () => {
  const { pairs } = await kinshipPairs(
    { folder: 'store', chosen: everything(5000), people: Int32Array.from(king.samples.keys()) },
    Number.NEGATIVE_INFINITY,
    memoryWorkshop(kingFiles),
  )
  const ours = new Map(pairs.map(({ a, b, kinship }) => [`${king.samples[a]} ${king.samples[b]}`, kinship]))
  const theirs = table('king.kin0.gz').slice(1)
  expect(theirs).toHaveLength(19_900)
  let worst = 0
  for (const [a, b, kinship] of theirs)
    worst = Math.max(worst, Math.abs((ours.get(`${a} ${b}`) ?? Number.NaN) - Number(kinship)))
  expect(worst).toBeLessThan(5.1e-7)
})

test('F is that of plink2', async () => {
  const workshop = memoryWorkshop(kingFiles)
  const { header } = await openStore(workshop.host, 'store')
  const people = peopleMask(header, header.samples.keys())
  const sum = noHeterozygosity(header.wordsPerPlane)
  const runs = [{ kind: 'autosome' as const, first: 0, end: 5000 }]
  const setup = { folder: 'store', runs, people, peopleX: people, maf: 0, variantCallRate: 0 }
  for await (const part of workshop.run(heterozygosityTask, setup, blockGroups(header)))
    addHeterozygosity(sum, part.autosomes)
  for (const [, id, , , , f] of table('king.het').slice(1))
    expect(Math.abs(inbreedingCoefficient(sum, king.samples.indexOf(id)) - Number(f)), id).toBeLessThan(1e-6)
})

test('planted relatives are found, classified and removed until no pair is left', async () => {
  const people = king.samples.map((sample) => ({ sample, sex: null }))
  const { quality: result, samples } = await assessQuality('store', people, quality, memoryWorkshop(kingFiles))
  const found = new Map(result.pairs.map((pair) => [[pair.a, pair.b].sort().join(' '), pair]))
  const expected: Record<string, string> = {
    parent_offspring: 'parent-child',
    full_siblings: 'sibling',
    half_siblings: 'second degree',
    duplicate: 'duplicate',
  }
  const truth = table('king.truth.tsv').slice(1)
  for (const [a, b, relation] of truth)
    expect(found.get([a, b].sort().join(' '))?.relationship, `${a} ${b}`).toBe(expected[relation])
  expect(result.pairs).toHaveLength(truth.length)
  const kept = new Set(samples.filter((s) => s.kept).map((s) => s.sample))
  expect(truth.filter(([a, b]) => kept.has(a) && kept.has(b))).toEqual([])
  expect(kept.size).toBe(result.samples.kept)
  expect(result.samples.steps.map((s) => s.filter)).toEqual([
    'sample call rate',
    'heterozygosity',
    'sex mismatch',
    'duplicate',
    'related',
  ])
  expect(result.samples.steps.find((s) => s.filter === 'duplicate')?.removed).toBe(6)
})

describe('LD', () => {
  const ld = readBedFixture(`${here}ld`)
  const files = storeFiles(ld.samples, 'GRCh38', ld.variants)
  const expected = table('ld.r.ld.gz').map((row) => row.map(Number))

  // plink counts copies of the minor allele, so its r changes sign where alt is the commoner one.
  const sign = ld.variants.map(({ genotypes }) => {
    const called = Array.from(genotypes).filter((g) => g >= 0)
    return called.reduce((sum, g) => sum + g, 0) > called.length ? -1 : 1
  })

  test('r and r2 are those of plink', async () => {
    const store = await openStore(memoryWorkshop(files).host, 'store')
    const people = peopleMask(store.header, ld.samples.keys())
    const r = await ldMatrix(store, { first: 0, end: 300 }, people)
    let worst = 0
    for (let i = 0; i < 300; i++)
      for (let j = 0; j < 300; j++) {
        if (Number.isNaN(expected[i][j])) expect(r[300 * i + j]).toBeNaN()
        else worst = Math.max(worst, Math.abs(sign[i] * sign[j] * r[300 * i + j] - expected[i][j]))
      }
    expect(worst).toBeLessThan(1e-6)
    const r2 = await ldWithLead(store, 10, { first: 3, end: 290 }, people)
    expect(r2).toHaveLength(287)
    r2.forEach((value, i) => {
      expect(value).toBe(r[300 * 10 + i + 3] * r[300 * 10 + i + 3])
    })
  })

  test('identical columns have r = 1, mirrored ones r = -1, exactly', async () => {
    const store = await openStore(memoryWorkshop(files).host, 'store')
    const r = await ldMatrix(store, { first: 4, end: 7 }, peopleMask(store.header, ld.samples.keys()))
    expect([...r]).toEqual([1, 1, -1, 1, 1, -1, -1, -1, 1])
  })
})

test('sex by X agrees with plink and finds the planted swaps', async () => {
  const x = readBedFixture(`${here}sexx`)
  const people = x.samples.map((sample, s) => ({ sample, sex: x.sex[s] }))
  const { quality: result, samples } = await assessQuality(
    'store',
    people,
    quality,
    memoryWorkshop(storeFiles(x.samples, 'GRCh38', x.variants)),
  )
  const rows = new Map(samples.map((row) => [row.sample, row]))
  for (const [, id, , sex, , f] of table('sexx.sexcheck').slice(1)) {
    expect(Math.abs((rows.get(id)?.x_f ?? Number.NaN) - Number(f)), id).toBeLessThan(0.02)
    expect(rows.get(id)?.genetic_sex, id).toBe(sex === '1' ? 'male' : sex === '2' ? 'female' : 'unknown')
  }
  const swapped = table('sexx.truth.tsv')
    .slice(1)
    .filter(([, truth, reported]) => reported !== '0' && truth !== reported)
    .map(([id]) => id)
  expect(swapped).toHaveLength(3)
  expect(result.sexMismatches).toEqual(swapped)
})

test('the first component is that of plink2', async () => {
  const workshop = memoryWorkshop(kingFiles)
  const { rows, summary } = await computeAncestry(
    'store',
    {
      keep: everything(5000),
      people: king.samples,
      ldR2: 1,
      maf: 0.01,
      excludeLongRange: false,
      outlierSd: Number.POSITIVE_INFINITY,
    },
    workshop,
  )
  const theirs = table('king.eigenvec')
    .slice(1)
    .map((row) => Number(row[2]))
  expect(rows.map((row) => row.sample)).toEqual(king.samples)
  expect(
    Math.abs(
      correlation(
        theirs,
        rows.map((row) => row.pc[0]),
      ),
    ),
  ).toBeGreaterThan(0.9999)
  // plink2 divides each pair by the variants called in both; here a missing call counts as the mean and the divisor is
  // the number of variants, so with 1% missing an eigenvalue is 2% smaller.
  const [first] = table('king.eigenval').map(([value]) => Number(value))
  expect(summary.eigenvalues[0] / (first * 0.98)).toBeCloseTo(1, 2)
  expect(summary.explained[0]).toBeGreaterThan(5 * summary.explained[1])

  const population = new Map(
    table('king.pop.tsv')
      .slice(1)
      .map(([id, pop]) => [id, pop]),
  )
  const side = (pop: string): number[] =>
    rows.filter((row) => population.get(row.sample) === pop).map((row) => row.pc[0])
  const [a, b] = [side('0'), side('1')]
  expect(Math.min(...a) > Math.max(...b) || Math.max(...a) < Math.min(...b)).toBe(true)
})

function correlation(x: number[], y: number[]): number {
  const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  let [sxx, syy, sxy] = [0, 0, 0]
  x.forEach((v, i) => {
    sxx += (v - mx) * (v - mx)
    syy += (y[i] - my) * (y[i] - my)
    sxy += (v - mx) * (y[i] - my)
  })
  return sxy / Math.sqrt(sxx * syy)
}
