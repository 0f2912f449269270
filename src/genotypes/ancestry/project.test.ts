import { expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { memoryWorkshop, packRecord, storeFiles, type TestVariant } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { peopleComponents } from './components.ts'
import { standardised } from './covariance.ts'
import { type VariantLoadings, variantLoadings } from './loadings.ts'
import { projectOnto } from './project.ts'
import { componentStability } from './stability.ts'

const random = uniform(23)

test('loadings and projections from the kernels equal the plain ones', () => {
  const n = 67
  const m = 40
  for (const width of [2, 4, 10]) {
    const genotypes = Array.from({ length: m }, (_, v) =>
      v === 3 ? new Int8Array(n).fill(-1) : randomGenotypes(random, n, random(), 0.1),
    )
    const values = genotypes.map(() => [random(), random() - 2, random(), 0])
    const people = Int32Array.from({ length: 20 }, (_, i) => (11 * i + 2) % n)
    const weights = Float64Array.from({ length: 20 * width }, () => random() - 0.5)
    const loadings = Float64Array.from({ length: m * width }, () => random() - 0.5)
    const index = Int32Array.from(genotypes.keys())
    const code = (v: number, i: number) => (genotypes[v][people[i]] + 4) % 4
    const k = kernels()
    k.scope(() => {
      const at = k.put(Buffer.concat(genotypes.map(packRecord)))
      const indexAt = k.put(index)
      const peopleAt = k.put(people)
      const valuesAt = k.put(Float64Array.from(values.flat()))
      const out = k.allocate(8 * m * width)
      k.call.weightedGenotypes(at, indexAt, m, 2, peopleAt, 20, valuesAt, k.put(weights), width, out)
      const found = k.f64(out, m * width)
      for (let v = 0; v < m; v++)
        for (let c = 0; c < width; c++) {
          let sum = 0
          for (let i = 0; i < 20; i++) sum += values[v][code(v, i)] * weights[i * width + c]
          expect(found[v * width + c]).toBe(sum)
        }
      const scores = k.put(new Float64Array(20 * width))
      const missing = k.put(new Float64Array(20 * width * width))
      const called = k.put(new Int32Array(20))
      k.call.projectGenotypes(
        at,
        indexAt,
        m,
        2,
        peopleAt,
        20,
        valuesAt,
        k.put(loadings),
        width,
        scores,
        missing,
        called,
      )
      for (let i = 0; i < 20; i++) {
        expect(k.i32(called, 20)[i]).toBe(genotypes.filter((g) => g[people[i]] >= 0).length)
        for (let a = 0; a < width; a++) {
          let sum = 0
          const products = new Float64Array(width)
          for (let v = 0; v < m; v++) {
            if (code(v, i) < 3) sum += values[v][code(v, i)] * loadings[v * width + a]
            else for (let b = 0; b < width; b++) products[b] += loadings[v * width + a] * loadings[v * width + b]
          }
          expect(k.f64(scores, 20 * width)[i * width + a]).toBe(sum)
          expect([
            ...k.f64(missing, 20 * width * width).subarray((i * width + a) * width, (i * width + a + 1) * width),
          ]).toEqual([...products])
        }
      }
    })
  }
})

// Three populations; a quarter of the variants have alleles that look the same on both strands.
const n = 120
const samples = Array.from({ length: n }, (_, s) => `p${String(s).padStart(3, '0')}`)
const alleles = [
  ['A', 'G'],
  ['C', 'T'],
  ['A', 'C'],
  ['A', 'T'],
]
const variants: TestVariant[] = Array.from({ length: 5000 }, (_, v) => {
  const genotypes = new Int8Array(n)
  const [ref, alt] = alleles[v % 4]
  for (let population = 0; population < 3; population++)
    genotypes.set(randomGenotypes(random, 40, 0.1 + 0.8 * random(), v % 5 === 0 ? 0.05 : 0), 40 * population)
  return { chromosome: '2', position: 10 + 7 * v, ref, alt, genotypes }
})
const folderOf = (own: readonly TestVariant[], build = 'GRCh38') => memoryWorkshop(storeFiles(samples, build, own))
const everyone = Int32Array.from(Array(n).keys())
const components = 3

async function reference() {
  const workshop = folderOf(variants)
  const chosen = new Uint8Array(625).fill(255)
  const setup = { folder: 'store', chosen, people: everyone, defining: [...everyone], components, outlierSd: null }
  const found = await peopleComponents(setup, workshop)
  const batches: VariantLoadings[] = []
  for await (const batch of variantLoadings(
    { folder: 'store', chosen, people: everyone, scores: found.scores, components },
    workshop,
  ))
    batches.push(batch)
  return { found, onto: { build: 'GRCh38', components, variants: batches } }
}

test('a loading is the regression of standardised genotypes on the component', async () => {
  const { found, onto } = await reference()
  const v = 4201
  const g = variants[v].genotypes
  const called = Array.from(g).filter((x) => x >= 0)
  const p = called.reduce((sum, x) => sum + x, 0) / (2 * called.length)
  const z = Array.from(g, (x) => standardised(p)[(x + 4) % 4])
  const rows = onto.variants.flatMap(({ keys, frequency, loadings }) =>
    keys.ref.map((_, row) => ({ frequency: frequency[row], loadings: loadings.slice(3 * row, 3 * row + 3) })),
  )
  expect(rows).toHaveLength(5000)
  expect(rows[v].frequency).toBe(p)
  for (let c = 0; c < components; c++)
    expect(rows[v].loadings[c]).toBeCloseTo(z.reduce((sum, x, i) => sum + x * found.scores[3 * i + c], 0) / (n - 1), 12)
})

test('people land where they were, also with alleles exchanged, and fewer variants move them little', async () => {
  const { found, onto } = await reference()
  const strandless = variants.filter((_, v) => v % 4 !== 3)
  const exchange = (v: TestVariant, i: number): TestVariant =>
    i % 3 === 0
      ? { ...v, ref: v.alt, alt: v.ref, genotypes: Int8Array.from(v.genotypes, (g) => (g < 0 ? -1 : 2 - g)) }
      : v
  const same = await projectOnto(onto, 'store', folderOf(strandless))
  const exchanged = await projectOnto(onto, 'store', folderOf(strandless.map(exchange)))
  expect(same).toMatchObject({ reference: 5000, matched: 3750, exchanged: 0, ambiguous: 1250 })
  expect(exchanged).toMatchObject({ matched: 3750, exchanged: 1250 })
  expect([...exchanged.called]).toEqual([...same.called])
  for (let i = 0; i < same.scores.length; i++) expect(exchanged.scores[i]).toBeCloseTo(same.scores[i], 11)
  // Two components tell three populations apart; the third is noise.
  for (let i = 0; i < n; i++)
    for (let c = 0; c < 2; c++) expect(Math.abs(same.scores[3 * i + c] - found.scores[3 * i + c])).toBeLessThan(0.1)
})

test('another build, too few variants, and somebody without a call', async () => {
  const { onto } = await reference()
  await expect(projectOnto(onto, 'store', folderOf(variants, 'GRCh37'))).rejects.toThrow('GRCh37')
  await expect(
    projectOnto(onto, 'store', folderOf(variants.map((v) => ({ ...v, position: v.position + 1 })))),
  ).rejects.toThrow('too few')
  const silent = variants.map((v) => ({ ...v, genotypes: Int8Array.from(v.genotypes, (g, s) => (s === 7 ? -1 : g)) }))
  const { scores, called } = await projectOnto(onto, 'store', folderOf(silent))
  expect(called[7]).toBe(0)
  expect([...scores.subarray(21, 24)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  expect(scores[0]).not.toBeNaN()
})

test('components of populations are stable and shrink little, those of noise are not', async () => {
  const { found } = await reference()
  const [first, second, third] = componentStability(found.covariance, n, [...everyone], found.scores, components)
  for (const { stability, shrinkage } of [first, second]) {
    expect(stability).toBeGreaterThan(0.99)
    expect(shrinkage).toBeGreaterThan(0.8)
    expect(shrinkage).toBeLessThan(1.02)
  }
  expect(third.shrinkage).toBeNull()
  expect(componentStability(found.covariance, n, [1, 2, 3, 4], found.scores, components)[0]).toEqual({
    stability: null,
    shrinkage: null,
  })
})
