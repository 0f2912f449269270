import { describe, expect, it } from 'vitest'
import { exp, RandomStream } from '../../numerics/index.ts'
import { inclusionProbabilities, labelNull, labelScheme } from '../labels/index.ts'
import { skatORhos } from './asymptotic.ts'
import { LabelDraws } from './configurations.ts'
import { type GeneTestOptions, geneTestDefaults, geneTests } from './gene-tests.ts'

const random = new RandomStream(31, 'test/gene tests')
const noNull = { risks: null, columns: [] }
const all: GeneTestOptions = { maxMaf: 0.5, weights: 'beta', sets: 20_000 }

/** All label sets of a scheme with their probabilities, by the book. */
function labelSets(strata: number[], cases: number[], odds: number[]): { label: number[]; probability: number }[] {
  const found: { label: number[]; probability: number }[] = []
  for (let bits = 0; bits < 2 ** strata.length; bits++) {
    const label = strata.map((_, i) => (bits >> i) & 1)
    if (cases.some((c, s) => label.filter((l, i) => l === 1 && strata[i] === s).length !== c)) continue
    found.push({ label, probability: label.reduce((p, l, i) => (l === 1 ? p * odds[i] : p), 1) })
  }
  const total = found.reduce((sum, f) => sum + f.probability, 0)
  return found.map((f) => ({ ...f, probability: f.probability / total }))
}

/** p and mid-p by the book: the probability of sets at least as extreme. */
function bookP(values: number[], probability: number[], observed: number): { p: number; midp: number; least: number } {
  const size = 1e-9 * Math.max(...values.map(Math.abs))
  const atLeast = (v: number) => values.reduce((sum, w, i) => (w >= v - size ? sum + probability[i] : sum), 0)
  const above = values.reduce((sum, w, i) => (w > values[observed] + size ? sum + probability[i] : sum), 0)
  const p = atLeast(values[observed])
  return { p, midp: (p + above) / 2, least: Math.min(...values.map(atLeast)) }
}

function draw(n: number, variants: number, f: number): number[][] {
  return Array.from({ length: variants }, () =>
    Array.from({ length: n }, () => (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)),
  )
}

describe('gene tests', () => {
  it.each([
    ['uniform labels', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [4], false],
    ['strata', [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [2, 2], false],
    ['fitted risks', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [4], true],
    ['fitted risks within strata', [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [1, 3], true],
  ])('are those of every label set: %s', (_, strata, cases, risky) => {
    for (let repeat = 0; repeat < 12; repeat++) {
      const genotypes = draw(11, 3, 0.12)
      const risks = strata.map(() => (risky ? 0.1 + 0.7 * random.uniform() : 0.4))
      const sets = labelSets(
        strata,
        cases,
        risks.map((r) => r / (1 - r)),
      )
      const scheme = labelScheme(strata, Int32Array.from(cases), risky ? risks : undefined)
      const observed = random.integer(sets.length)
      const found = geneTests(genotypes, sets[observed].label, new LabelDraws(scheme, 1, 'test'), noNull, all)
      const used = genotypes
        .map((g) => (g.reduce((a, b) => a + b, 0) > 11 ? g.map((x) => 2 - x) : g))
        .filter((g) => g.some((x) => x > 0))
      if (used.length === 0) {
        expect(found.status).toBe('no_variants')
        continue
      }
      expect(found.method).toBe('enumeration')
      const maf = used.map((g) => g.reduce((a, b) => a + b, 0) / 22)
      const w = maf.map((f) => 25 * (1 - f) ** 24)
      const inclusion = inclusionProbabilities(scheme)
      const nulls = used.map((g) => labelNull(g, scheme))
      const total = cases.reduce((a, b) => a + b, 0)
      const share = maf.map((f, j) => w[j] * w[j] * f * (1 - f))
      const shares = share.reduce((a, b) => a + b, 0)
      const statistics = sets.map(({ label }) => {
        const t = used.map((g) => g.reduce((sum, x, i) => sum + x * label[i], 0))
        const s = used.map((g, j) => w[j] * (t[j] - g.reduce((sum, x, i) => sum + x * inclusion[i], 0)))
        const sum = s.reduce((a, b) => a + b, 0)
        const acat = nulls.reduce((a, n, j) => {
          const midp = exp(n.logMidp[(total - n.from) * n.stride + t[j]])
          return a + (share[j] / shares) * Math.tan(Math.PI * (0.5 - midp))
        }, 0)
        return { burden: sum * sum, skat: s.reduce((a, b) => a + b * b, 0), acat }
      })
      const probability = sets.map((s) => s.probability)
      const book = (values: number[]) => bookP(values, probability, observed)
      const atRho = skatORhos.map((rho) => {
        const values = statistics.map((s) => (1 - rho) * s.skat + rho * s.burden)
        return values.map((_, i) => bookP(values, probability, i).p)
      })
      const smallest = sets.map((_, i) => -Math.log(Math.min(...atRho.map((p) => p[i]))))
      for (const [own, expected] of [
        [found.burden, book(statistics.map((s) => s.burden))],
        [found.skat, book(statistics.map((s) => s.skat))],
        [found.acat, book(statistics.map((s) => s.acat))],
        [found.skatO, book(smallest)],
      ] as const) {
        expect(own.p).toBeCloseTo(expected.p, 11)
        expect(own.midp).toBeCloseTo(expected.midp, 11)
        expect(own.minAttainableP).toBeCloseTo(expected.least, 11)
      }
    }
  })

  it('are the exact trend test where there is one variant', () => {
    const genotypes = draw(60, 1, 0.08)
    const isCase = Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? 1 : 0))
    const scheme = labelScheme(new Int32Array(60), Int32Array.of(12))
    const found = geneTests(genotypes, isCase, new LabelDraws(scheme, 1, 'test'), noNull, all)
    const null_ = labelNull(genotypes[0], scheme)
    const t = genotypes[0].reduce((sum, g, i) => sum + g * isCase[i], 0)
    const p = exp(null_.logP[(12 - null_.from) * null_.stride + t])
    expect(found.method).toBe('enumeration')
    expect(found.burden.p).toBeCloseTo(p, 12)
    expect(found.skat.p).toBeCloseTo(p, 12)
    expect(found.skatO.p).toBeCloseTo(p, 12)
    expect(found.burden.minAttainableP).toBeCloseTo(exp(null_.logMinAttainable[12 - null_.from]), 12)
    expect(found.burden.asymptoticP).toBeCloseTo(found.skat.asymptoticP ?? 0, 10)
    expect(found.skatO.asymptoticP).toBeCloseTo(found.skat.asymptoticP ?? 0, 6)
  })

  it('by label sets agree with the list, within their own limits', () => {
    const isCase = Array.from({ length: 90 }, (_, i) => (i < 18 ? 1 : 0))
    const risks = isCase.map((_, i) => 0.1 + 0.2 * ((i % 7) / 7))
    const scheme = labelScheme(new Int32Array(90), Int32Array.of(18), risks)
    const few = draw(90, 4, 0.02)
    const listed = geneTests(few, isCase, new LabelDraws(scheme, 2, 'test'), { risks, columns: [] }, all)
    expect(listed.method).toBe('enumeration')
    // A variant that everybody else carries adds carriers and, with next to no weight, no evidence.
    const common = [Array.from({ length: 90 }, (_, i) => (i % 2 === 0 ? 1 : 0))]
    const drawn = geneTests([...few, ...common], isCase, new LabelDraws(scheme, 2, 'test'), { risks, columns: [] }, all)
    expect(drawn.method).toBe('label sets')
    expect(drawn.burden.minAttainableP).toBeNull()
    expect(drawn.skat.p).toBeGreaterThan(0.9 * listed.skat.p)
    expect(Math.abs(drawn.skat.p - listed.skat.p)).toBeLessThan(5 * Math.sqrt(listed.skat.p / drawn.sets) + 0.02)
    expect(drawn.skat.low).toBeLessThan(drawn.skat.p)
    expect(drawn.skat.high).toBeGreaterThan(drawn.skat.p)
  })

  it('hold their level where labels mean nothing', () => {
    const n = 80
    const genotypes = draw(n, 6, 0.012)
    const scheme = labelScheme(new Int32Array(n), Int32Array.of(16))
    const draws = new LabelDraws(scheme, 5, 'test/level')
    const sets = draws.first(600)
    const rejected = { burden: 0, skat: 0, skatO: 0, acat: 0 }
    for (let r = 0; r < 600; r++) {
      const isCase = new Array<number>(n).fill(0)
      for (let k = 0; k < 16; k++) isCase[sets[16 * r + k]] = 1
      const found = geneTests(genotypes, isCase, draws, noNull)
      expect(found.method).toBe('enumeration')
      for (const name of ['burden', 'skat', 'skatO', 'acat'] as const) if (found[name].p <= 0.05) rejected[name]++
    }
    // 0.05 and four standard errors.
    for (const count of Object.values(rejected)) expect(count / 600).toBeLessThan(0.086)
  })

  it('say what cannot be tested', () => {
    const isCase = Array.from({ length: 20 }, (_, i): number => (i < 4 ? 1 : 0))
    const draws = new LabelDraws(labelScheme(new Int32Array(20), Int32Array.of(4)), 1, 'test')
    const none = new Array<number>(20).fill(0)
    const missing = new Array<number>(20).fill(-1)
    const run = (genotypes: number[][], options = geneTestDefaults) =>
      geneTests(genotypes, isCase, draws, noNull, options)
    for (const nobody of [[], [none], [missing], [none.map(() => 2)]]) {
      const found = run(nobody)
      expect(found).toMatchObject({ status: 'no_variants', method: 'none', variants: 0, sets: 0 })
      expect(found.skatO).toMatchObject({ p: 1, minAttainableP: 1, asymptoticP: null })
    }
    const half = none.map((_, i) => i % 2)
    expect(run([half])).toMatchObject({ status: 'no_variants', frequent: 1 })
    const one = none.map((_, i): number => (i === 0 ? 1 : 0))
    // One carrier, a case: 4 of 20.
    expect(run([one]).burden.p).toBeCloseTo(0.2, 14)
    expect(run([one]).burden.minAttainableP).toBeCloseTo(0.2, 14)
    expect(run([one]).direction).toBe(1)
    const twice = run([one, one, missing.map((g, i) => (i === 5 ? 1 : i < 10 ? g : 0))])
    expect(twice).toMatchObject({ variants: 3, caseCarriers: 1, controlCarriers: 1, missingCalls: 9 })
    expect(twice.skat.asymptoticP).not.toBeNaN()
    // A column that is the intercept again changes nothing.
    const collinear = geneTests([one], isCase, draws, { risks: null, columns: [none.map(() => 1)] })
    expect(collinear.skat.asymptoticP).toBeCloseTo(run([one]).skat.asymptoticP ?? 0, 12)
    expect(collinear.skat.p).toBeCloseTo(0.2, 14)
    expect(() => run([[0, 1]])).toThrow(/one genotype/)
    expect(() => run([one], { ...geneTestDefaults, maxMaf: 0 })).toThrow(/minor-allele frequency/)
    expect(() => geneTests([one], none, draws, noNull)).toThrow(/0 cases where label sets have 4/)
    expect(() => geneTests([one], [1], draws, noNull)).toThrow(/one label/)
  })

  it('weigh as they are told, and count the minor allele', () => {
    const n = 40
    const isCase = Array.from({ length: n }, (_, i) => (i < 8 ? 1 : 0))
    const draws = new LabelDraws(labelScheme(new Int32Array(n), Int32Array.of(8)), 1, 'test')
    const rare = Array.from({ length: n }, (_, i): number => (i === 0 || i === 1 ? 1 : 0))
    const other = Array.from({ length: n }, (_, i): number => (i >= 8 && i < 16 ? 1 : 0))
    const p = (weights: GeneTestOptions['weights'], genotypes = [rare, other]) =>
      geneTests(genotypes, isCase, draws, noNull, { maxMaf: 0.2, weights, sets: 1000 }).burden.p
    expect(new Set([p('beta'), p('flat')]).size).toBe(2)
    expect(p('madsen_browning')).toBeGreaterThan(0)
    expect(p('beta', [rare.map((g) => 2 - g), other])).toBe(p('beta'))
  })
})
