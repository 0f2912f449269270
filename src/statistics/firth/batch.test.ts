import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { fitNull } from '../logistic/index.ts'
import { type BatchedFit, FirthBatch, lanes } from './batch.ts'
import { testLastColumn } from './test.ts'
import { FirthWorkspace } from './workspace.ts'

interface Study {
  cases: Uint8Array
  columns: Float64Array[]
  start: Float64Array
  words: number
}

function study(people: number, cases: number, covariates: number, random: RandomStream): Study {
  const labels = Uint8Array.from({ length: people }, (_, i) => (i < cases ? 1 : 0))
  // A year of birth and a copy of it with noise: large, badly scaled, nearly dependent.
  const columns = Array.from({ length: covariates }, (_, j) =>
    Float64Array.from({ length: people }, () => (j === 0 ? 1950 + 12 * random.normal() : random.normal())),
  )
  if (covariates > 2) columns[2] = columns[0].map((x) => x / 7 + random.normal() / 10)
  return { cases: labels, ...nullModel(labels, columns), words: Math.ceil(people / 64) }
}

/** The fit on covariates alone, in columns of another scale. */
function nullModel(cases: Uint8Array, covariates: Float64Array[]): { columns: Float64Array[]; start: Float64Array } {
  const { columns, coefficients } = fitNull(
    cases,
    covariates.map((values, j) => ({ name: `${j}`, values })),
  )
  const start = coefficients.map((b, j) => (j === 0 ? b : b / 30))
  start[0] -= 20 * start.slice(1).reduce((a, b) => a + b, 0)
  return { columns: columns.map((c) => c.map((x) => 30 * x + 20)), start }
}

/** A record of copies 0, 1, 2 and 3 for missing. */
function recordOf(copies: number[], words: number): Uint8Array {
  const record = new Uint8Array(16 * words)
  copies.forEach((g, i) => {
    if (g & 1) record[i >> 3] |= 1 << (i & 7)
    if (g & 2) record[8 * words + (i >> 3)] |= 1 << (i & 7)
  })
  return record
}

function randomCopies(people: number, missing: number, random: RandomStream): number[] {
  const frequency = Math.exp(-random.uniform() * Math.log(2 * people))
  return Array.from({ length: people }, () => {
    const allele = () => (random.uniform() < frequency ? 1 : 0)
    return random.uniform() < missing ? 3 : allele() + allele()
  })
}

function batched({ cases, columns, start, words }: Study, records: Uint8Array[]): BatchedFit[] {
  const k = kernels()
  return k.scope(() => {
    const batch = new FirthBatch(cases, columns, start)
    const bits = k.put(Int32Array.from(cases, (_, i) => i))
    const fits: BatchedFit[] = []
    for (let from = 0; from < records.length; from += lanes) {
      const some = records.slice(from, from + lanes).map((r) => k.put(r))
      fits.push(...batch.test(some, words, bits))
    }
    return fits
  })
}

/** One at a time, climbed from its own end until nothing moves. */
function alone({ cases, columns, start, words }: Study, record: Uint8Array) {
  const k = kernels()
  return k.scope(() => {
    const model = new FirthWorkspace({ cases, columns })
    model.setGenotypes(k.put(record), words, k.put(Int32Array.from(cases, (_, i) => i)))
    if (model.collinear()) return undefined
    if (!testLastColumn(model, k.put(Float64Array.of(...start, 0))).converged) return null
    const whole = [0, 1, 2].map(() => model.climb(false, true, 5, 40))[2]
    const beta = model.coefficients()[model.parameters - 1]
    model.coefficients().set([...start, 0])
    const restricted = [0, 1, 2].map(() => model.climb(true, true, 5, 40))[2]
    if (whole === undefined || restricted === undefined) return null
    return { beta, se: whole.standardError, chiSquare: 2 * (whole.logLikelihood - restricted.logLikelihood) }
  })
}

describe('Firth fits of four variants at once', () => {
  it.each([
    [125, 22, 0, 0.01],
    [125, 22, 3, 0.01],
    [61, 9, 1, 0.1],
    [40, 8, 5, 0.1],
    [333, 22, 8, 0.02],
    [700, 5, 2, 0],
  ])(
    'are those of single fits: %i people, %i cases, %i covariates, %f missing',
    (people, cases, covariates, missing) => {
      const random = new RandomStream(11, 'test/firth batch')
      const design = study(people, cases, covariates, random)
      const records = Array.from({ length: 90 }, () => recordOf(randomCopies(people, missing, random), design.words))
      let compared = 0
      let left = 0
      batched(design, records).forEach((fit, v) => {
        const single = alone(design, records[v])
        if (fit.outcome === 1) left++
        else if (single === undefined) expect(fit.outcome, `${v}`).toBe(0)
        else if (single !== null) {
          compared++
          expect(fit.outcome, `${v}`).toBe(2)
          expect(Math.abs(fit.beta - single.beta), `${v} beta`).toBeLessThan(1e-8 * Math.max(1, single.se))
          expect(Math.abs(fit.standardError / single.se - 1), `${v} se`).toBeLessThan(1e-8)
          expect(Math.abs(fit.chiSquare - single.chiSquare), `${v} chi-square`).toBeLessThan(1e-10)
        }
      })
      expect(compared).toBeGreaterThan(40)
      expect(left).toBeLessThan(5)
    },
  )

  it('do not depend on the neighbours', () => {
    const random = new RandomStream(12, 'test/firth batch')
    const design = study(125, 22, 3, random)
    const records = Array.from({ length: 42 }, () => recordOf(randomCopies(125, 0.02, random), design.words))
    const order = records.map((_, v) => (v * 17) % records.length)
    const first = batched(design, records)
    const mixed = batched(
      design,
      order.map((v) => records[v]),
    )
    order.forEach((v, i) => {
      expect(mixed[i]).toEqual(first[v])
    })
  })

  it('name columns without variation and columns that the covariates hold, among others', () => {
    const random = new RandomStream(13, 'test/firth batch')
    const people = 80
    const design = study(people, 12, 1, random)
    const held = Array.from({ length: people }, () => random.integer(3))
    const model = nullModel(design.cases, [...design.columns, Float64Array.from(held)])
    const ordinary = randomCopies(people, 0, random).map((g, i) => (i % 9 === 0 ? 1 : g))
    const all = [held, new Array(people).fill(1), new Array(people).fill(3), ordinary]
    const fits = batched(
      { ...design, ...model },
      all.map((c) => recordOf(c, design.words)),
    )
    expect(fits.map((f) => f.outcome)).toEqual([0, 0, 0, 2])
  })

  it('say p = 1 where groups do not differ at all', () => {
    const cases = Uint8Array.from({ length: 74 }, (_, i) => i % 2)
    const model = nullModel(cases, [Float64Array.from(cases, (_, i) => Math.floor(i / 2) % 5)])
    const tested = Array.from(cases, (_, i) => (i < 10 ? 2 : i < 30 ? 1 : 0))
    const [fit] = batched({ cases, ...model, words: 2 }, [recordOf(tested, 2)])
    expect(fit.outcome).toBe(2)
    expect(Math.abs(fit.logP)).toBeLessThan(1e-12)
  })
})
