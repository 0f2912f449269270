import { expect, test } from 'vitest'
import type { Workshop } from '../../compute/task.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { computeAncestry } from './compute.ts'
import { genotypeCovariance } from './covariance.ts'

// 60 people of one population, 30 of another, 2 far from both; one is a copy of p05.
const n = 93
const samples = Array.from({ length: n }, (_, s) => `p${String(s).padStart(2, '0')}`)
const random = uniform(11)
const variants: TestVariant[] = Array.from({ length: 10_000 }, (_, v) => {
  const p = 0.1 + 0.8 * random()
  const shift = 0.3 * (random() - 0.5)
  const far = 0.1 + 0.8 * random()
  const clip = (x: number): number => Math.min(0.98, Math.max(0.02, x))
  const genotypes = new Int8Array(n)
  genotypes.set(randomGenotypes(random, 60, clip(p), 0.01), 0)
  genotypes.set(randomGenotypes(random, 30, clip(p + shift), 0.01), 60)
  genotypes.set(randomGenotypes(random, 2, clip(far), 0.01), 90)
  genotypes[92] = genotypes[5]
  return { chromosome: v < 9_500 ? '9' : 'X', position: 1000 + 14_000 * (v % 9_500), genotypes }
})
const files = storeFiles(samples, 'GRCh38', variants)
const keep = new Uint8Array(1250).fill(255)
const people = samples.slice(0, 92)

test('populations separate on the first component, the far ones are outliers, a copy lands on its original', async () => {
  const { rows, summary } = await computeAncestry(
    'store',
    { keep, people, project: ['p92'], outlierSd: 5 },
    memoryWorkshop(files),
  )
  expect(rows.map((row) => row.sample)).toEqual(samples)
  expect(summary.outliers).toEqual(['p90', 'p91'])
  expect(rows.filter((row) => row.outlier).map((row) => row.sample)).toEqual(['p90', 'p91'])
  const first = rows.map((row) => row.pc[0])
  const one = first.slice(0, 60)
  const other = first.slice(60, 90)
  expect(Math.min(...other) > Math.max(...one) || Math.max(...other) < Math.min(...one)).toBe(true)
  // A projected copy misses only the original's own share of the component.
  expect(Math.abs(first[92] - first[5])).toBeLessThan(0.25)
  expect(summary.components).toBe(10)
  expect(summary.variants).toBeGreaterThan(5000)
  expect(summary.variants).toBeLessThanOrEqual(9500)
  expect(summary.explained[0]).toBeGreaterThan(2 * summary.explained[1])
})

test('components of the people who define them have mean 0 and variance 1, and are uncorrelated', async () => {
  const { rows } = await computeAncestry(
    'store',
    { keep, people, components: 4, outlierSd: 1e9 },
    memoryWorkshop(files),
  )
  for (let a = 0; a < 4; a++) {
    expect(rows.reduce((sum, row) => sum + row.pc[a], 0) / rows.length).toBeCloseTo(0, 9)
    for (let b = 0; b <= a; b++) {
      const product = rows.reduce((sum, row) => sum + row.pc[a] * row.pc[b], 0) / (rows.length - 1)
      expect(product).toBeCloseTo(a === b ? 1 : 0, 9)
    }
    const largest = rows.reduce((most, row) => (Math.abs(row.pc[a]) > Math.abs(most) ? row.pc[a] : most), 0)
    expect(largest).toBeGreaterThan(0)
  }
})

test('covariance equals the plain one', async () => {
  const some = Int32Array.of(3, 70, 12, 91, 5)
  const training = new Uint8Array(16)
  for (const s of [3, 12, 5, 20, 61]) training[s >> 3] |= 1 << (s & 7)
  const chosen = new Uint8Array(1250)
  chosen.fill(0b00010001, 0, 100)
  const { matrix, variants: used } = await genotypeCovariance(
    { folder: 'store', chosen, people: some, training },
    memoryWorkshop(files),
  )
  const expected = new Float64Array(25)
  let count = 0
  for (let v = 0; v < 800; v += 4) {
    const g = variants[v].genotypes
    const called = [3, 12, 5, 20, 61].filter((s) => g[s] >= 0)
    const p = called.reduce((sum, s) => sum + g[s], 0) / (2 * called.length)
    if (!(p > 0 && p < 1)) continue
    count++
    const z = [...some].map((s) => (g[s] < 0 ? 0 : (g[s] - 2 * p) / Math.sqrt(2 * p * (1 - p))))
    z.forEach((a, i) => {
      z.forEach((b, j) => {
        expected[5 * i + j] += a * b
      })
    })
  }
  expect(used).toBe(count)
  matrix.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] / count, 12)
  })
})

test('the same bits whether chunks run one after another or out of order', async () => {
  const inline = memoryWorkshop(files)
  const { host, signal } = inline
  // Every chunk has an instance of its own, and later chunks are computed first.
  const shuffled: Workshop = {
    ...inline,
    run: async function* (task, setup, chunks) {
      const results = new Map<number, Awaited<ReturnType<Awaited<ReturnType<typeof task.prepare>>>>>()
      for (let c = chunks.length - 1; c >= 0; c--)
        results.set(c, await (await task.prepare(setup, host))(chunks[c], signal))
      for (let c = 0; c < chunks.length; c++) {
        const result = results.get(c)
        if (result !== undefined) yield result
      }
    },
  }
  const options = { keep, people, outlierSd: 5 }
  const a = await computeAncestry('store', options, inline)
  const b = await computeAncestry('store', options, shuffled)
  expect(b).toEqual(a)
})

test('too few people or no usable variant give components of 0, and the rule says why', async () => {
  const workshop = memoryWorkshop(files)
  for (const options of [
    { keep, people: ['p00', 'p01'] },
    { keep: new Uint8Array(1250), people },
  ]) {
    const { rows, summary } = await computeAncestry('store', options, workshop)
    expect(rows).toHaveLength(options.people.length)
    expect(rows.every((row) => row.pc.every((value) => value === 0))).toBe(true)
    expect(summary.components).toBe(0)
    expect(summary.rule).toMatch(/^no components: /)
  }
})

test('an id that is not in the store is refused', async () => {
  const options = { keep, people: ['p00', 'p01', 'nobody'] }
  await expect(computeAncestry('store', options, memoryWorkshop(files))).rejects.toMatchObject({ code: 'BadArgument' })
})
