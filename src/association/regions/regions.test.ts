import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from '../../genotypes/index.ts'
import { RandomStream } from '../../numerics/index.ts'
import { firthRegression } from '../../statistics/firth/index.ts'
import { geneTestDefaults, geneTests, LabelDraws } from '../../statistics/gene-tests/index.ts'
import { type DesignInput, designStudy } from '../design.ts'
import { host, type TestVariant, workshop, writeStore } from '../testing/store.ts'
import { givenLead } from './given-lead.ts'
import { testRegions } from './test-regions.ts'

const people = 120
const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
const random = new RandomStream(14, 'test/regions')
const isCase = samples.map((_, i) => i % 6 === 1)
const age = samples.map(() => 55 + 8 * random.normal())
const draw = (f: number): number[] => samples.map(() => (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0))

const lead = samples.map(
  (_, i) =>
    (random.uniform() < (isCase[i] ? 0.65 : 0.25) ? 1 : 0) + (random.uniform() < (isCase[i] ? 0.5 : 0.1) ? 1 : 0),
)
const variants: TestVariant[] = [
  { chromosome: '4', position: 1000, genotypes: samples.map((_, i) => (i % 40 === 2 ? 1 : 0)) },
  { chromosome: '4', position: 1100, genotypes: samples.map((_, i) => (i === 1 || i === 7 || i === 13 ? 1 : 0)) },
  { chromosome: '4', position: 1200, genotypes: samples.map((_, i) => (i % 10 === 0 ? -1 : 0)) },
  { chromosome: '4', position: 1300, genotypes: draw(0.3) },
  { chromosome: '4', position: 2000, genotypes: lead },
  { chromosome: '4', position: 2100, genotypes: lead.map((g) => 2 - g) },
  { chromosome: '4', position: 2200, genotypes: draw(0.25).map((g, i) => (i % 17 === 0 ? -1 : g)) },
  { chromosome: '4', position: 900_000, genotypes: draw(0.25) },
]
const written = writeStore(samples, variants)
afterAll(() => written.remove())
const input = (
  covariates: DesignInput['covariates'] = [{ name: 'age_at_onset', values: age }],
  sets = 100,
): DesignInput => ({
  header: written.header,
  people: samples.map((sample, i) => ({ sample, case: isCase[i], sex: null })),
  covariates,
  seed: 3,
  primary: { test: 'family', alpha: 0.05, rule: 'test' },
  permutations: { sets, extend: false },
  sexChromosomes: false,
})
const options = { ...geneTestDefaults, callRate: 0.95, alpha: 0.05 }

describe('regions of a store', () => {
  it('are tested with the label sets of the design, poorly called variants left out', async () => {
    const { design, labels } = designStudy(input())
    const store = await openStore(host, written.folder)
    const found = await testRegions(
      [
        { name: 'GENE', chromosome: '4', start: 1000, end: 1500, reason: 'named' },
        { name: 'desert', chromosome: '4', start: 5000, end: 6000, reason: 'named' },
        { name: 'one', chromosome: '4', start: 1100, end: 1100, reason: 'named' },
      ],
      store,
      design,
      labels,
      options,
      workshop(),
    )
    const expected = geneTests(
      [variants[0].genotypes, variants[1].genotypes, variants[3].genotypes],
      labels.cases,
      new LabelDraws(design.families[0].scheme, design.seed, 'association/gene tests'),
      { risks: design.risks, columns: design.covariates.columns },
      options,
    )
    expect(found[0]).toMatchObject({
      status: 'ok',
      variants: 2,
      frequent: 1,
      poorlyCalled: 1,
      method: 'enumeration',
      caseCarriers: expected.caseCarriers,
    })
    expect(found[0].tests.map((t) => t.p)).toEqual([
      expected.burden.p,
      expected.skat.p,
      expected.skatO.p,
      expected.acat.p,
    ])
    expect(found[0].sentence).toMatch(
      /^GENE: \d cases and \d controls carry one of 2 rare variants; SKAT-O p .* listed\)\.$/,
    )
    expect(found[1]).toMatchObject({ status: 'no_variants', sentence: 'desert: no rare variant to test.' })
    // Three carriers, all cases, of 20 among 120.
    expect(found[2].tests[0].p).toBeLessThan(0.01)
    const strict = await testRegions(
      [{ name: 'one', chromosome: '4', start: 1100, end: 1100, reason: 'named' }],
      store,
      design,
      labels,
      { ...options, alpha: 1e-4 },
      workshop(),
    )
    expect(strict[0]).toMatchObject({ status: 'unreachable' })
    expect(strict[0].sentence).toMatch(/no labels could have been significant/)
    await store.close()
  })

  it('are not tested without label sets', async () => {
    const { design, labels } = designStudy(input([], 0))
    const store = await openStore(host, written.folder)
    const one = { name: 'one', chromosome: '4', start: 1, end: 1500, reason: 'named' }
    if (design.families.length === 0)
      expect(await testRegions([one], store, design, labels, options, workshop())).toEqual([])
    expect(await testRegions([], store, design, labels, options, workshop())).toEqual([])
    await store.close()
  })
})

describe('given the lead', () => {
  it('variants and their product are tested as Firth’s regression says, zero of the copies moved or not', async () => {
    const { design, labels } = designStudy(input())
    const store = await openStore(host, written.folder)
    const found = await givenLead(
      { key: '4:2000:A:G', chromosome: '4', position: 2000 },
      250_000,
      { store, keep: null, design, labels },
      workshop(),
    )
    expect(found?.variants.map((v) => v.position)).toEqual([1000, 1100, 1200, 1300, 2100, 2200])
    const of = (position: number) => found?.variants.find((v) => v.position === position)
    const other = Array.from(variants[6].genotypes, (g) => (g < 0 ? Number.NaN : g))
    const cases = labels.cases
    const [column] = design.covariates.columns
    const given = firthRegression({ cases, columns: [column, lead], tested: other })
    expect(of(2200)?.conditionalNegLog10P).toBeCloseTo(-given.logP / Math.LN10, 8)
    expect(of(2200)?.conditionalOr).toBeCloseTo(Math.exp(given.beta), 7)
    // Copies of the other allele of both: the same model.
    const [a, b] = [lead.map((g) => 2 - g), other.map((g) => 2 - g)]
    const product = firthRegression({
      cases,
      columns: [column, a, b.map((x) => (Number.isNaN(x) ? 0 : x))],
      tested: b.map((x, i) => x * a[i]),
    })
    expect(of(2200)?.interactionNegLog10P).toBeCloseTo(-product.logP / Math.LN10, 6)
    expect(of(2200)?.interactionOr).toBeCloseTo(Math.exp(product.beta), 6)
    // The lead's mirror image and a variant that nobody has cannot stand beside it.
    expect(of(2100)).toMatchObject({ conditionalStatus: 'collinear', conditionalP: null, interactionP: null })
    expect(of(1200)).toMatchObject({ conditionalStatus: 'collinear', conditionalP: null })
    expect(of(1100)?.conditionalTrendP).toBeGreaterThan(0)
    expect(found?.conditionalThreshold).toBe(0.05 / 4)
    expect(found?.sentence).toMatch(/^Given 4:2000:A:G, the strongest of 4 other variants is/)
    const keep = new Uint8Array([0b01000000])
    const kept = await givenLead(
      { key: '4:2000:A:G', chromosome: '4', position: 2000 },
      250_000,
      { store, keep, design, labels },
      workshop(),
    )
    expect(kept?.variants.map((v) => v.position)).toEqual([2200])
    await store.close()
  })

  it('says where nothing can be said', async () => {
    const { design, labels } = designStudy(input())
    const store = await openStore(host, written.folder)
    const sources = { store, keep: null, design, labels }
    expect(await givenLead({ key: '4:3:A:G', chromosome: '4', position: 3 }, 10, sources, workshop())).toBeNull()
    const alone = await givenLead({ key: '4:900000:A:G', chromosome: '4', position: 900_000 }, 10, sources, workshop())
    expect(alone).toMatchObject({ variants: [], conditionalThreshold: null })
    expect(alone?.sentence).toMatch(/^No other variant near/)
    // A lead that nobody has: labels cannot be redrawn given it, and Firth has nothing to add.
    const empty = await givenLead({ key: '4:1200:A:G', chromosome: '4', position: 1200 }, 250, sources, workshop())
    expect(empty?.variants.every((v) => v.conditionalTrendP === null && v.conditionalP === null)).toBe(true)
    await store.close()
  })
})
