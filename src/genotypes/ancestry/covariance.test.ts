import { expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { memoryWorkshop, packRecord, storeFiles } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { covarianceTask, genotypeCovariance, standardised } from './covariance.ts'

const random = uniform(17)

test('sums of products by table equal the plain ones, on and off the diagonal, whatever is missing', () => {
  const n = 70
  for (const m of [1, 2, 3, 23, 24, 25, 100]) {
    const genotypes = Array.from({ length: m }, (_, v) =>
      v % 11 === 5 ? new Int8Array(n).fill(-1) : randomGenotypes(random, n, random(), 0.1),
    )
    const values = genotypes.map(() => [random(), random() - 3, 2 * random(), 0])
    const steps = Math.ceil(m / 24)
    const rows = Int32Array.from({ length: 12 }, (_, i) => (7 * i + 3) % n)
    const columns = Int32Array.from({ length: 9 }, (_, j) => (5 * j) % n)
    const plain = (a: number, b: number) =>
      genotypes.reduce((sum, g, v) => sum + values[v][(g[a] + 4) % 4] * values[v][(g[b] + 4) % 4], 0)
    const k = kernels()
    k.scope(() => {
      const at = k.put(Buffer.concat(genotypes.map(packRecord)))
      const index = k.put(Int32Array.from(genotypes.keys()))
      const padded = new Float64Array(96 * steps)
      padded.set(values.flat())
      const valuesAt = k.put(padded)
      const codesOf = (people: Int32Array) => {
        const codes = k.allocate(8 * steps * people.length)
        k.call.genotypeCodes(at, index, m, 2, k.put(people), people.length, codes)
        return codes
      }
      const scratch = k.allocate(16_384)
      for (const others of [columns, rows]) {
        const same = others === rows
        const rowCodes = codesOf(rows)
        const out = k.put(new Float64Array(12 * others.length).fill(0.5))
        k.call.addGenotypeProducts(
          rowCodes,
          12,
          same ? rowCodes : codesOf(others),
          others.length,
          steps,
          valuesAt,
          same ? 1 : 0,
          out,
          scratch,
        )
        const found = k.f64(out, 12 * others.length)
        others.forEach((b, j) => {
          rows.forEach((a, i) => {
            if (same && j > i) return
            expect(Math.abs(found[12 * j + i] - 0.5 - plain(a, b)), `${m} ${i} ${j}`).toBeLessThan(1e-11)
          })
        })
      }
    })
  }
})

test('tiles off the diagonal have the bits that the whole has', async () => {
  const n = 40
  const variants = Array.from({ length: 3000 }, (_, v) => ({
    chromosome: '4',
    position: v + 1,
    genotypes: randomGenotypes(random, n, random(), v % 2 === 0 ? 0 : 0.05),
  }))
  const workshop = memoryWorkshop(
    storeFiles(
      Array.from({ length: n }, (_, s) => `s${String(s).padStart(2, '0')}`),
      'GRCh38',
      variants,
    ),
  )
  const setup = {
    folder: 'store',
    chosen: new Uint8Array(375).fill(0b10101011),
    people: Int32Array.from(Array(n).keys()).reverse(),
    training: new Uint8Array(8).fill(255, 0, 5),
  }
  const { matrix, variants: used } = await genotypeCovariance(setup, workshop)
  const work = await covarianceTask.prepare(setup, workshop.host)
  const part = await work({ first: 0, end: 3, row: 24, rowEnd: 39, column: 0, columnEnd: 24 }, workshop.signal)
  expect(part.variants).toBe(used)
  for (let i = 24; i < 39; i++)
    for (let j = 0; j < 24; j++) expect(part.sum[j * part.stride + i - 24] / used).toBe(matrix[i * n + j])
})

test('values of a variant have mean 0 and the variance of Hardy-Weinberg', () => {
  const [none, one, two, missing] = standardised(0.3)
  expect(0.49 * none + 0.42 * one + 0.09 * two).toBeCloseTo(0, 15)
  expect(0.49 * none * none + 0.42 * one * one + 0.09 * two * two).toBeCloseTo(1, 14)
  expect(missing).toBe(0)
})
