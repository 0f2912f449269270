import { expect, test } from 'vitest'
import { hasBit, peopleMask } from '../quality/scan.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { openStore } from '../store/open.ts'
import { inLongRangeLd } from './long-range.ts'
import { pruneByLd, thin } from './prune.ts'

/** Plain twin of r2 on jointly called people. */
function plainR2(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const both = Array.from({ length: x.length }, (_, s) => s).filter((s) => x[s] >= 0 && y[s] >= 0)
  const mean = (g: ArrayLike<number>): number => both.reduce((sum, s) => sum + g[s], 0) / both.length
  const [mx, my] = [mean(x), mean(y)]
  let [sxx, syy, sxy] = [0, 0, 0]
  for (const s of both) {
    sxx += (x[s] - mx) * (x[s] - mx)
    syy += (y[s] - my) * (y[s] - my)
    sxy += (x[s] - mx) * (y[s] - my)
  }
  return sxx === 0 || syy === 0 ? 0 : (sxy * sxy) / (sxx * syy)
}

const n = 90
const random = uniform(77)
// Each variant is a noisy copy of the one before it, so that LD decays along the chromosome.
const variants: TestVariant[] = []
for (const chromosome of ['1', '2', '6', 'X']) {
  let last = randomGenotypes(random, n, 0.4, 0)
  for (let v = 0; v < 150; v++) {
    last = last.map((g) => (random() < 0.15 ? (random() < 0.4 ? 1 : 0) + (random() < 0.4 ? 1 : 0) : g))
    const genotypes = last.map((g) => (random() < 0.03 ? -1 : g))
    variants.push({ chromosome, position: 20_000_000 + 40_000 * v, genotypes: v === 30 ? new Int8Array(n) : genotypes })
  }
}
const samples = Array.from({ length: n }, (_, s) => `s${String(s).padStart(3, '0')}`)
const workshop = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
const { header } = await openStore(workshop.host, 'store')
const setup = {
  folder: 'store',
  people: peopleMask(header, samples.keys()),
  keep: null,
  maf: 0.05,
  variantCallRate: 0.9,
  r2: 0.2,
  window: 200_000,
  excludeLongRange: false,
}
const setOf = (bits: Uint8Array): Set<number> =>
  new Set(variants.map((_, v) => v).filter((v) => (bits[v >> 3] >> (v & 7)) & 1))

test('no two chosen variants in a window are in LD, and every one left out is in LD with an earlier chosen one', async () => {
  const { chosen, count } = await pruneByLd(setup, workshop)
  const set = setOf(chosen)
  expect(set.size).toBe(count)
  expect(count).toBeGreaterThan(60)
  expect(count).toBeLessThan(250)
  variants.forEach(({ chromosome, position, genotypes }, v) => {
    const before = variants
      .map((other, u) => ({ ...other, u }))
      .filter((o) => o.u < v && set.has(o.u) && o.chromosome === chromosome && position - o.position <= 200_000)
    const inLd = before.some((o) => plainR2(genotypes, o.genotypes) > 0.2 + 1e-12)
    const candidate = chromosome !== 'X' && Array.from(genotypes).some((g) => g > 0)
    expect(set.has(v), `variant ${v}`).toBe(candidate && !inLd)
  })
})

test('a kept list, a mask of people and the long-range regions restrict the choice', async () => {
  const keep = new Uint8Array(75).fill(0b01010101)
  const { chosen } = await pruneByLd({ ...setup, keep, r2: 1, excludeLongRange: true }, workshop)
  const expected = variants
    .map((_, v) => v)
    .filter((v) => v % 2 === 0 && variants[v].chromosome !== 'X')
    .filter((v) => Array.from(variants[v].genotypes).some((g) => g > 0))
    .filter((v) => !inLongRangeLd(variants[v].chromosome, variants[v].position))
  expect([...setOf(chosen)]).toEqual(expected)
  expect(expected.some((v) => variants[v].chromosome === '6')).toBe(true)
  expect(expected.filter((v) => variants[v].chromosome === '6').length).toBeLessThan(75)
})

test('long-range regions include the HLA and the inversion on 8, not IGFBP7', () => {
  expect(inLongRangeLd('6', 31_000_000)).toBe(true)
  expect(inLongRangeLd('8', 10_000_000)).toBe(true)
  expect(inLongRangeLd('4', 57_050_000)).toBe(false)
  expect(inLongRangeLd('constructor', 1)).toBe(false)
})

test('thinning keeps as many as asked for, evenly', () => {
  const bits = new Uint8Array(4).fill(255)
  expect(thin(bits, 32, 40).chosen).toBe(bits)
  expect(thin(bits, 32, 8)).toEqual({ chosen: new Uint8Array(4).fill(0b10001000), count: 8 })
  const { chosen, count } = thin(Uint8Array.of(0b01111111, 255, 255, 255), 31, 20)
  expect(count).toBe(20)
  expect(setOf(chosen).size).toBe(20)
  expect(hasBit(chosen, 7)).toBe(false)
})
