import { expect, test } from 'vitest'
import { assessQuality, type QualityOptions } from './assess.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from './testing/memory-store.ts'
import { randomGenotypes, uniform } from './testing/random-genotypes.ts'

const n = 80
const samples = Array.from({ length: n }, (_, s) => `p${String(s).padStart(2, '0')}`)
const woman = (s: number): boolean => s % 2 === 0
const options: QualityOptions = {
  sampleCallRate: 0.97,
  variantCallRate: 0.95,
  maf: 0.01,
  kinship: 0.0884,
}

// Planted: p03 is called at 80%, p10 is far too heterozygous, p21 is recorded as a woman, p40 is p41 again, p50 is the
// mother of p51.
function cohort(seed: number): TestVariant[] {
  const random = uniform(seed)
  const variants: TestVariant[] = []
  for (let v = 0; v < 9000; v++) {
    const p = 0.05 + 0.9 * random()
    const genotypes = randomGenotypes(random, n, p, 0.005)
    if (random() < 0.2) genotypes[3] = -1
    if (random() < 0.3) genotypes[10] = 1
    genotypes[40] = genotypes[41]
    // A child gets one allele of p50 and one from the population.
    const mother = genotypes[50]
    if (mother >= 0) {
      const passed = mother === 1 ? (random() < 0.5 ? 1 : 0) : mother / 2
      genotypes[51] = passed + (random() < p ? 1 : 0)
    }
    variants.push({ chromosome: String(1 + Math.floor(v / 410)), position: 100_000 + 300_000 * (v % 410), genotypes })
  }
  for (let v = 0; v < 300; v++) {
    const p = 0.2 + 0.6 * random()
    const genotypes = randomGenotypes(random, n, p, 0.005).map((g, s) => (woman(s) || g < 0 ? g : random() < p ? 2 : 0))
    variants.push({ chromosome: 'X', position: 5_000_000 + 400_000 * v, genotypes })
  }
  return variants
}
const people = samples.map((sample, s) => ({
  sample,
  sex: woman(s) || s === 21 ? ('female' as const) : ('male' as const),
}))

const variants = cohort(1)
// Variants to be lost: called in too few, too rare, monomorphic; kept: called in few women, but on Y.
const low = variants[100]
low.genotypes = Int8Array.from(low.genotypes, (g, s) => (s % 9 === 0 ? -1 : g))
variants[200].genotypes = new Int8Array(n)
variants[300].genotypes = new Int8Array(n).map((_, s) => (s === 60 ? 1 : 0))
variants.push(
  {
    chromosome: 'Y',
    position: 8_000_000,
    genotypes: Int8Array.from(samples, (_, s) => (woman(s) ? -1 : s % 4 === 1 ? 2 : 0)),
  },
  {
    chromosome: 'Y',
    position: 9_000_000,
    genotypes: Int8Array.from(samples, (_, s) => (woman(s) || s % 8 === 1 ? -1 : 2)),
  },
)
const files = storeFiles(samples, 'GRCh38', variants)

test('each planted fault is found at its own step and counted', async () => {
  const { quality, samples: rows, keep } = await assessQuality('store', people, options, memoryWorkshop(files))
  const reason = Object.fromEntries(rows.filter((r) => !r.kept).map((r) => [r.sample, r.reason]))
  expect(reason).toEqual({
    p03: 'sample call rate',
    p10: 'heterozygosity',
    p21: 'sex mismatch',
    p40: 'duplicate',
    p50: 'related',
  })
  expect(
    quality.samples.steps.map(({ filter, removed, remaining, examples }) => [filter, removed, remaining, examples]),
  ).toEqual([
    ['sample call rate', 1, 79, ['p03']],
    ['heterozygosity', 1, 78, ['p10']],
    ['sex mismatch', 1, 77, ['p21']],
    ['duplicate', 1, 76, ['p40']],
    ['related', 1, 75, ['p50']],
  ])
  expect(quality.sexMismatches).toEqual(['p21'])
  expect(quality.pairs.map(({ a, b, relationship, removed }) => [a, b, relationship, removed])).toEqual([
    ['p40', 'p41', 'duplicate', 'p40'],
    ['p50', 'p51', 'parent-child', 'p50'],
  ])
  expect(rows.map((r) => r.genetic_sex)).toEqual(samples.map((_, s) => (woman(s) ? 'female' : 'male')))
  expect(rows[10].heterozygosity_f).toBeLessThan(-0.15)
  expect(rows[3].call_rate).toBeCloseTo(0.8, 1)

  const kept = (v: number): boolean => ((keep[v >> 3] >> (v & 7)) & 1) === 1
  expect([kept(99), kept(100), kept(200), kept(300), kept(9300), kept(9301)]).toEqual([
    true,
    false,
    false,
    false,
    true,
    false,
  ])
  const [callRate, maf] = quality.variants.steps
  expect([callRate.filter, maf.filter]).toEqual(['variant call rate', 'minor-allele frequency'])
  expect(callRate.examples).toContain(`1:${100_000 + 300_000 * 100}:G:A`)
  expect(callRate.examples).toContain('Y:9000000:G:A')
  expect(maf.examples).toContain(`1:${100_000 + 300_000 * 200}:G:A`)
  expect(quality.variants.total - callRate.removed - maf.removed).toBe(quality.variants.kept)
  expect(keep.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)).toBe(quality.variants.kept)
})

test('calls that sex forbids are counted, and said to be missing', async () => {
  const some = variants.slice(8900).map((variant) => ({ ...variant, genotypes: Int8Array.from(variant.genotypes) }))
  const onX = some.find(({ chromosome }) => chromosome === 'X')
  const onY = some.find(({ chromosome }) => chromosome === 'Y')
  if (onX === undefined || onY === undefined) throw new Error('no variants on X and Y')
  for (const s of [1, 3, 5]) onX.genotypes[s] = 1
  onY.genotypes[7] = 1
  onY.genotypes[8] = 0
  const { quality } = await assessQuality(
    'store',
    people,
    { ...options, sampleCallRate: 0.1 },
    memoryWorkshop(storeFiles(samples, 'NCBI35', some)),
  )
  expect(quality.forbiddenCalls).toEqual({ menHeterozygousX: 3, menHeterozygousY: 1, womenY: 1 })
  const notes = quality.notes.join(' ')
  expect(notes).toContain(
    '3 heterozygous calls of men on X, 1 heterozygous call of men on Y, 1 call of women on Y counted as missing',
  )
  expect(notes).toContain('pseudoautosomal regions of NCBI35 are from memory')
  const clean = await assessQuality('store', people, options, memoryWorkshop(files))
  expect(clean.quality.forbiddenCalls).toBeUndefined()
  expect(clean.quality.notes.join(' ')).not.toContain('from memory')
})

test('a duplicate across cohorts is named with both', async () => {
  const cohort = (s: number) => (s < 41 ? 'star' : 'harbor')
  const several = people.map((person, s) => ({ ...person, cohort: cohort(s) }))
  const { quality, samples: rows } = await assessQuality('store', several, options, memoryWorkshop(files))
  expect(rows.map((row) => row.cohort)).toEqual(samples.map((_, s) => cohort(s)))
  expect(quality.pairs.map(({ a, b, cohorts }) => [a, b, cohorts])).toEqual([
    ['p40', 'p41', ['star', 'harbor']],
    ['p50', 'p51', ['harbor', 'harbor']],
  ])
  expect(quality.notes.join(' ')).toContain('1 pair of samples from two cohorts is one person by genotypes')
  expect(quality.notes.join(' ')).toContain('p40 in star is p41 in harbor')
  const one = await assessQuality('store', people, options, memoryWorkshop(files))
  expect(one.quality.pairs[0]).not.toHaveProperty('cohorts')
})

test('a minor-allele count is a step of its own when it is asked for', async () => {
  const { quality } = await assessQuality('store', people, { ...options, maf: 0, mac: 2 }, memoryWorkshop(files))
  const [, maf, mac] = quality.variants.steps
  expect(maf.removed).toBe(0)
  expect(mac.filter).toBe('minor-allele count')
  expect(mac.examples).toContain(`1:${100_000 + 300_000 * 200}:G:A`)
  expect(mac.examples).toContain(`1:${100_000 + 300_000 * 300}:G:A`)
})

test('nothing known of sex: nobody is removed for it, and genetic sex is still given', async () => {
  const { quality, samples: rows } = await assessQuality('store', [], options, memoryWorkshop(files))
  expect(quality.sexMismatches).toEqual([])
  expect(rows[21].genetic_sex).toBe('male')
  expect(rows[21].recorded_sex).toBeNull()
  expect(quality.notes.join(' ')).toContain('Sex is not recorded for 78')
})

test('too few variants: heterozygosity, sex and kinship are not judged, and it says so', async () => {
  const few = storeFiles(samples, 'GRCh38', variants.slice(0, 150))
  const { quality } = await assessQuality('store', people, { ...options, sampleCallRate: 0.5 }, memoryWorkshop(few))
  expect(quality.samples.kept).toBe(n)
  expect(quality.pairs).toEqual([])
  const notes = quality.notes.join(' ')
  expect(notes).toContain('heterozygosity was not judged')
  expect(notes).toContain('sex was not checked')
  expect(notes).toContain('duplicates and relatives were not looked for')
})

test('a threshold out of range, and a filter that leaves nobody, are refused', async () => {
  const workshop = memoryWorkshop(files)
  await expect(assessQuality('store', people, { ...options, maf: 1.5 }, workshop)).rejects.toMatchObject({
    code: 'BadArgument',
  })
  await expect(assessQuality('store', people, { ...options, sampleCallRate: 1 }, workshop)).rejects.toThrow(
    /leaves nobody/,
  )
})
