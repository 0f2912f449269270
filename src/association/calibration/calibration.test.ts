import { afterAll, describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { fisherTest } from '../../statistics/exact/index.ts'
import { LabelSets, labelNull } from '../../statistics/labels/index.ts'
import { designBlind, designStudy } from '../design.ts'
import { type TestVariant, workshop, writeStore } from '../testing/store.ts'
import { calibrate } from './calibrate.ts'
import { ReplicateIntervals } from './rates.ts'

describe('intervals over replicates', () => {
  it('cover what independent replicates say and never claim that none means never', () => {
    const intervals = new ReplicateIntervals(100, 1, 'test/rates')
    const one = intervals.rate(
      'all',
      0.05,
      10,
      Int32Array.from({ length: 100 }, (_, r) => (r < 40 ? 1 : 0)),
    )
    expect(one.rate).toBeCloseTo(0.04, 12)
    // Standard deviation of the mean of 100 zeros and ones of which 40 are one, over ten variants.
    expect(one.low).toBeGreaterThan(0.04 - 3 * 0.0049)
    expect(one.low).toBeLessThan(0.04 - 1.2 * 0.0049)
    expect(one.high).toBeLessThan(0.04 + 3 * 0.0049)
    // Rejections that come together in few replicates widen it.
    const few = intervals.rate(
      'all',
      0.05,
      10,
      Int32Array.from({ length: 100 }, (_, r) => (r < 4 ? 10 : 0)),
    )
    expect(few.rate).toBeCloseTo(0.04, 12)
    expect(few.high - few.low).toBeGreaterThan(2 * (one.high - one.low))
    const none = intervals.rate('all', 1e-4, 10, new Int32Array(100))
    expect(none).toMatchObject({ rate: 0, low: 0 })
    expect((1 - none.high) ** 100).toBeCloseTo(0.025, 9)
  })
})

describe('calibration of a sealed design', () => {
  const people = 60
  const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
  const random = new RandomStream(6, 'test/calibration')
  const variants: TestVariant[] = Array.from({ length: 150 }, (_, v) => {
    const q = 0.02 + 0.45 * random.uniform()
    const g = samples.map(() =>
      v % 4 === 0 && random.uniform() < 0.05 ? -1 : (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0),
    )
    return { chromosome: '2', position: v + 1, genotypes: g }
  })
  const store = writeStore(samples, variants)
  afterAll(store.remove)
  const input = {
    header: store.header,
    people: samples.map((sample, i) => ({ sample, case: i % 6 === 2, sex: null })),
    covariates: [],
    seed: 3,
    primary: { test: 'family' as const, alpha: 0.05, rule: 'as written' },
    permutations: { sets: 200, extend: false },
    sexChromosomes: false,
  }
  const options = {
    store: store.folder,
    keep: null,
    replicates: 200,
    variants: 1000,
    firthVariants: 30,
    firthReplicates: 40,
  }

  it('finds the exact rate of the exact test, which labels it never sees', async () => {
    const { design } = designStudy(input)
    const result = await calibrate(design, options, workshop())
    const trend = result.tests.find((t) => t.test === 'trend_exact_p')
    const seen = trend?.rates.find((r) => r.bin === 'all' && r.alpha === 0.05)
    // By listing: the same null labels, variant by variant.
    const sets = new LabelSets(design.families[0].scheme)
    let rejected = 0
    let polymorphic = 0
    for (const { genotypes } of variants) {
      if (new Set(Array.from(genotypes).filter((g) => g >= 0)).size < 2) continue
      polymorphic++
      const law = labelNull(genotypes, design.families[0].scheme)
      for (let r = 0; r < 200; r++) {
        const called = [...sets.draw(3, 'association/calibration null labels', r)].filter((i) => genotypes[i] >= 0)
        const t = called.reduce((sum, i) => sum + genotypes[i], 0)
        if (law.logP[(called.length - law.from) * law.stride + t] <= Math.log(0.05) + 1e-12) rejected++
      }
    }
    expect(seen?.variants).toBe(polymorphic)
    expect(seen?.rate).toBeCloseTo(rejected / (200 * polymorphic), 12)
    expect(trend?.verdict).not.toBe('anti-conservative')
    const bins = trend?.rates.filter((r) => r.alpha === 0.05 && r.bin !== 'all') ?? []
    expect(bins.reduce((sum, r) => sum + r.variants, 0)).toBe(polymorphic)
    expect(result.familywise.low).toBeLessThan(0.05)
    expect(result.familywise.high).toBeGreaterThan(result.familywise.low)
    expect(result.tests.map((t) => t.test)).toEqual([
      'trend_exact_p',
      'trend_midp',
      'fisher_p',
      'allelic_p',
      'dominant_p',
      'recessive_p',
      'trend_asymptotic_p',
      'firth_p',
    ])
    expect(result.recommendation?.test).toBe('family')
    expect(result.recommendation?.sentence).toMatch(
      /^Name the family-wise test primary.*Over the odds ratios and frequencies tried it sees/,
    )
    expect(result.notes.join(' ')).toContain('confounding was not tested')
    const rising = result.power.filter((p) => p.maf === 0.2).map((p) => p.power)
    expect([...rising].sort((a, b) => a - b)).toEqual(rising)
    expect(rising.at(-1)).toBeGreaterThan(0.3)
  })

  it('counts the 2x2 tests and the trend on fitted risks as a listing does', async () => {
    const component = samples.map(() => random.normal())
    const { design } = designStudy({ ...input, covariates: [{ name: 'PC1', values: component }] })
    const few = { ...options, replicates: 40, firthReplicates: 5 }
    const result = await calibrate(design, few, workshop())
    expect(result.tests.slice(0, 2).map((t) => t.test)).toEqual(['trend_conditional_p', 'trend_conditional_midp'])
    expect(result.tests.slice(-2).map((t) => t.test)).toEqual(['efficient_score_p', 'firth_p'])
    const score = result.tests.at(-2)?.rates.find((r) => r.bin === 'all' && r.alpha === 0.05)
    expect(score?.rate).toBeGreaterThan(0.025)
    expect(score?.rate).toBeLessThan(0.075)
    const sets = new LabelSets(design.families[0].scheme)
    const rejected = { trend_conditional_p: 0, trend_conditional_midp: 0, dominant_p: 0, allelic_p: 0 }
    let polymorphic = 0
    for (const { genotypes } of variants) {
      if (new Set(Array.from(genotypes).filter((g) => g >= 0)).size < 2) continue
      polymorphic++
      const law = labelNull(genotypes, design.families[0].scheme)
      for (let r = 0; r < 40; r++) {
        const set = new Set(sets.draw(3, 'association/calibration null labels', r))
        const counts = [0, 0, 0, 0, 0, 0]
        for (let i = 0; i < people; i++) if (genotypes[i] >= 0) counts[(set.has(i) ? 0 : 3) + genotypes[i]]++
        const [c0, c1, c2, k0, k1, k2] = counts
        const at = (c0 + c1 + c2 - law.from) * law.stride + c1 + 2 * c2
        const level = Math.log(0.05) + 1e-12
        if (law.logP[at] <= level) rejected.trend_conditional_p++
        if (law.logMidp[at] <= level) rejected.trend_conditional_midp++
        const two = (a: number, b: number, c: number, d: number) =>
          fisherTest({ caseWith: a, caseWithout: b, controlWith: c, controlWithout: d }).logP <= level
        if (two(c1 + c2, c0, k1 + k2, k0)) rejected.dominant_p++
        if (two(c1 + 2 * c2, 2 * c0 + c1, k1 + 2 * k2, 2 * k0 + k1)) rejected.allelic_p++
      }
    }
    for (const [name, count] of Object.entries(rejected)) {
      const seen = result.tests.find((t) => t.test === name)?.rates.find((r) => r.bin === 'all' && r.alpha === 0.05)
      expect(seen?.rate, name).toBeCloseTo(count / (40 * polymorphic), 12)
    }
  })

  it('needs no phenotype: a number of cases is enough, whoever they would be', async () => {
    const { covariates: _, ...rest } = input
    const blind = designBlind({
      ...rest,
      people: samples.map((sample) => ({ sample, sex: null })),
      covariates: [{ name: 'PC1', values: samples.map((_, i) => i % 13) }],
      cases: 10,
    })
    expect(blind).toMatchObject({ cases: 10, risks: null, blind: true, covariates: { names: ['PC1'] } })
    const small = { ...options, replicates: 30, firthReplicates: 10 }
    const found = await calibrate(blind, small, workshop())
    expect(found.design).toMatchObject({ people, cases: 10, blind: true, masks: 'uniform' })
    expect(found.notes.at(-1)).toContain('No phenotype was opened')
    // The order in which people stand does not matter.
    const turned = designBlind({
      ...rest,
      people: samples.toReversed().map((sample) => ({ sample, sex: null })),
      covariates: [{ name: 'PC1', values: samples.map((_, i) => i % 13).toReversed() }],
      cases: 10,
    })
    expect(await calibrate(turned, small, workshop())).toEqual(found)
    for (const cases of [0, people, 2.5])
      expect(() =>
        designBlind({ ...rest, people: blind.people.map((sample) => ({ sample, sex: null })), covariates: [], cases }),
      ).toThrow(/are no study/)
  })

  it('hands cases to the sexes by their shares where X is tested', () => {
    const design = designBlind({
      ...input,
      covariates: [],
      people: samples.map((sample, i) => ({ sample, sex: i < 40 ? ('male' as const) : ('female' as const) })),
      cases: 9,
      sexChromosomes: true,
    })
    expect(design.strata.names).toEqual(['female', 'male'])
    expect([...design.strata.cases]).toEqual([3, 6])
  })

  it('does not change when the observed labels do, as long as their number stays', async () => {
    const other = { ...input, people: samples.map((sample, i) => ({ sample, case: i % 6 === 4, sex: null })) }
    const small = { ...options, replicates: 30, firthReplicates: 10 }
    const one = await calibrate(designStudy(input).design, small, workshop())
    const two = await calibrate(designStudy(other).design, small, workshop())
    expect(two).toEqual(one)
  })

  it('says that it cannot tell where label sets are too few', async () => {
    const { design } = designStudy({ ...input, permutations: { sets: 20, extend: false } })
    const { familywise, sentence } = await calibrate(design, { ...options, firthReplicates: 10 }, workshop())
    // 200 replicates judged by a threshold of 20 label sets count as 18.
    expect(familywise.high - familywise.low).toBeGreaterThan(0.1)
    expect(familywise.verdict).toBe('uncertain')
    expect(sentence).toContain('cannot be told from 200 copies and a threshold of 20 label sets')
    expect(sentence).not.toContain('it is calibrated.')
  })

  it('of a matched design draws null labels within sets and tests within them', async () => {
    // 15 sets of one case and three controls.
    const { design } = designStudy({
      ...input,
      people: samples.map((sample, i) => ({ sample, case: i % 4 === 0, sex: null, stratum: `${i >> 2}` })),
      matched: { matchedOn: [], notes: [] },
    })
    const result = await calibrate(design, options, workshop())
    expect(result.design).toMatchObject({ strata: 15, masks: 'within matched sets', matched: true })
    expect(result.tests.map(({ test }) => test)).toEqual([
      ...['trend_within_sets_p', 'trend_within_sets_midp', 'unmatched_trend_exact_p', 'unmatched_trend_midp'],
      ...['unmatched_fisher_p', 'unmatched_allelic_p', 'unmatched_dominant_p', 'unmatched_recessive_p'],
      ...['unmatched_trend_asymptotic_p', 'firth_p'],
    ])
    expect(result.tests[0].sentence).toMatch(/^The exact trend within matched sets /)
    // By listing: the same null labels, all 4^15 choices in the law of every variant.
    const sets = new LabelSets(design.families[0].scheme)
    const [trend, firth] = [result.tests[0], result.tests[9]].map(({ rates }) =>
      rates.find((r) => r.bin === 'all' && r.alpha === 0.05),
    )
    let rejected = 0
    let polymorphic = 0
    for (const { genotypes } of variants) {
      if (new Set(Array.from(genotypes).filter((g) => g >= 0)).size < 2) continue
      polymorphic++
      const null_ = labelNull(genotypes, design.families[0].scheme)
      for (let r = 0; r < 200; r++) {
        let [c, t] = [0, 0]
        for (const person of sets.draw(3, 'association/calibration null labels', r))
          if (genotypes[person] >= 0) {
            c++
            t += genotypes[person]
          }
        if (null_.logP[(c - null_.from) * null_.stride + t] <= Math.log(0.05) + 1e-12) rejected++
      }
    }
    expect(trend?.rate).toBeCloseTo(rejected / (200 * polymorphic), 12)
    expect(firth?.rate).toBeLessThan(0.1)
    expect(result.notes.join(' ')).toContain('null labels are drawn within 15 sets, Firth is the conditional one')
    expect(result.power.length).toBe(36)
    expect(result.recommendation?.sentence).toContain('Firth')
  })
})
