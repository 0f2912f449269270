import { expect, test } from 'vitest'
import { peopleMask } from '../quality/scan.ts'
import { memoryWorkshop, storeFiles } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { openStore } from '../store/open.ts'
import { ldMatrix, ldWithLead } from './correlation.ts'

// Three blocks, so that ranges cross their boundaries.
const n = 70
const random = uniform(3)
const samples = Array.from({ length: n }, (_, s) => `s${String(s).padStart(2, '0')}`)
const variants = Array.from({ length: 2100 }, (_, v) => ({
  chromosome: '4',
  position: v + 1,
  genotypes: v === 1030 ? new Int8Array(n).fill(1) : randomGenotypes(random, n, 0.1 + 0.8 * random(), 0.05),
}))
const store = await openStore(memoryWorkshop(storeFiles(samples, 'GRCh38', variants)).host, 'store')
const some = samples.map((_, s) => s).filter((s) => s % 4 !== 2)
const people = peopleMask(store.header, some)

function plainR(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const both = some.filter((s) => x[s] >= 0 && y[s] >= 0)
  const mean = (g: ArrayLike<number>): number => both.reduce((sum, s) => sum + g[s], 0) / both.length
  const [mx, my] = [mean(x), mean(y)]
  let [sxx, syy, sxy] = [0, 0, 0]
  for (const s of both) {
    sxx += (x[s] - mx) * (x[s] - mx)
    syy += (y[s] - my) * (y[s] - my)
    sxy += (x[s] - mx) * (y[s] - my)
  }
  return sxy / Math.sqrt(sxx * syy)
}

test('r2 with a lead over a range that crosses blocks, over some of the people', async () => {
  const lead = 2060
  const r2 = await ldWithLead(store, lead, { first: 1000, end: 2100 }, people)
  expect(r2).toHaveLength(1100)
  expect(r2[lead - 1000]).toBe(1)
  expect(r2[30]).toBeNaN()
  for (let i = 0; i < 1100; i++) {
    if (i === 30) continue
    const r = plainR(variants[lead].genotypes, variants[1000 + i].genotypes)
    expect(Math.abs(r2[i] - r * r)).toBeLessThan(1e-13)
  }
  expect(await ldWithLead(store, 0, { first: 5, end: 5 }, people)).toHaveLength(0)
})

test('a matrix is symmetric and equals the plain one', async () => {
  const m = 20
  const r = await ldMatrix(store, { first: 1015, end: 1015 + m }, people)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const value = r[i * m + j]
      expect(value).toBe(r[j * m + i])
      if (i === 15 || j === 15) expect(value).toBeNaN()
      else expect(value).toBeCloseTo(plainR(variants[1015 + i].genotypes, variants[1015 + j].genotypes), 13)
    }
})

test('ranges and masks that do not fit are refused', async () => {
  await expect(ldWithLead(store, 2100, { first: 0, end: 1 }, people)).rejects.toMatchObject({ code: 'BadArgument' })
  await expect(ldWithLead(store, 0, { first: 0, end: 2101 }, people)).rejects.toMatchObject({ code: 'BadArgument' })
  await expect(ldWithLead(store, 0, { first: 0, end: 1 }, people.subarray(0, 8))).rejects.toMatchObject({
    code: 'BadArgument',
  })
})
