import { describe, expect, it } from 'vitest'
import type { Workshop } from '../compute/task.ts'
import type { Host } from '../host/host.ts'
import { findLoci, type LociOptions, loadGenes, lociDefaults } from './index.ts'
import { smallStudy, type TestVariant } from './testing/study.ts'

const workshop: Workshop = {
  host: {} as Host,
  run: () => {
    throw new TypeError('no chunks here')
  },
  signal: new AbortController().signal,
  progress: () => undefined,
}
const options: LociOptions = {
  ...lociDefaults,
  statistic: 'trend_exact_p',
  significant: { column: 'family_p', alpha: 0.05 },
  build: 'GRCh38',
}
const genes = loadGenes(
  new TextEncoder().encode(
    [
      '#upturn-genes\t1\tGRCh38\tEnsembl 110',
      'FAR\t4\t400000\t420000\t+\t0+100',
      'NEAR\t4\t1000000\t1100000\t-\t0+500,90000+10000',
      'NEXT\t4\t1160000\t1170000\t+\t',
      '',
    ].join('\n'),
  ),
)

const lead = [0, 1, 2, 0, 1, 2, 0, 0, 1, 2]
const linked = [0, 1, 2, 0, 1, 2, 0, 1, 1, 2]
const other = [1, 0, 0, 2, 0, 1, 1, 0, 2, 0]
const variant = (position: number, genotypes: number[], p: number, rest: Partial<TestVariant> = {}): TestVariant => ({
  chromosome: '4',
  position,
  genotypes,
  p,
  beta: 1,
  se: 0.5,
  ...rest,
})
const base: TestVariant[] = [
  variant(700_000, lead, 0.5, { chromosome: '2' }),
  variant(600_000, lead, 1e-5),
  variant(900_000, linked, 5e-5),
  variant(1_000_100, lead, 1e-7, { familyP: 0.01, beta: 2.4, se: 0.54 }),
  variant(1_000_200, other, 2e-5, { beta: 0.1 }),
  variant(1_100_000, linked, 0.3),
  variant(1_200_000, lead, 1e-6),
  variant(1_300_000, lead, 0.9),
  variant(5_000, other, 1e-9, { chromosome: '12', familyP: 0.001, beta: undefined }),
]

/** Squared Pearson correlation, written out. */
function r2(a: number[], b: number[]): number {
  const mean = (v: number[]): number => v.reduce((x, y) => x + y, 0) / v.length
  const cross = (u: number[], v: number[]): number => u.reduce((s, x, i) => s + (x - mean(u)) * (v[i] - mean(v)), 0)
  return cross(a, b) ** 2 / cross(a, a) / cross(b, b)
}

describe('findLoci', () => {
  const study = { ...smallStudy(base, 10), genes }

  it('clumps by distance and LD from the smallest p on', async () => {
    const { loci } = await findLoci(study, options, workshop)
    expect(loci.map((l) => l.lead)).toEqual(['12:5000:A:G', '4:1000100:A:G', '4:600000:A:G', '4:1000200:A:G'])
    const [, second] = loci
    // 600,000 is in complete LD but 400 kb away; 1,000,200 is near but unlinked; 1,100,000 is no candidate.
    expect(second.members.map((m) => m.key)).toEqual(['4:1200000:A:G', '4:900000:A:G'])
    expect(second.members[0].r2).toBeCloseTo(1, 12)
    expect(second.members[1].r2).toBeCloseTo(r2(lead, linked), 12)
    expect([second.start, second.end]).toEqual([900_000, 1_200_000])
    expect([second.significant, loci[2].significant]).toEqual([true, false])
    expect(r2(lead, other)).toBeLessThan(0.2)
  })

  it('shows the region with r2 and genes, nearest first', async () => {
    const { loci } = await findLoci(study, options, workshop)
    const { region, genes: near, counts, or } = loci[1]
    expect(region.variants.map((v) => v.position)).toEqual([900_000, 1_000_100, 1_000_200, 1_100_000, 1_200_000])
    expect(region.variants.map((v) => v.r2)).toEqual(
      [linked, lead, other, linked, lead].map((g) => expect.closeTo(r2(lead, g), 10)),
    )
    expect(near.map((g) => [g.symbol, g.distance])).toEqual([
      ['NEAR', 0],
      ['NEXT', 159_900],
    ])
    expect(region.genes[0].exons).toEqual([
      [1_000_000, 1_000_500],
      [1_090_000, 1_100_000],
    ])
    expect(counts).toEqual([10, 9, 3, 95, 8, 0])
    expect(or).toBeCloseTo(Math.exp(2.4), 10)
    expect(loci[1].sentence).toContain('lies in NEAR: odds ratio 11 a copy of G')
    expect(loci[1].sentence).toContain(
      'exact trend test p 1 x 10^-7 for this variant alone, significant by the family-wise test at 0.05.',
    )
    expect(loci[1].sentence).toContain('The 95% credible set holds 1 of the 5 variants in the region, if exactly one')
    expect(loci[2].sentence).not.toContain('credible set')
  })

  it('has the credible set of the Bayes factors worked by hand, and none without an estimate', async () => {
    const { loci } = await findLoci(study, options, workshop)
    const weight = (beta: number, se: number): number =>
      Math.sqrt(se ** 2 / (se ** 2 + 1)) * Math.exp(((beta / se) ** 2 / 2) * (1 / (se ** 2 + 1)))
    const total = weight(2.4, 0.54) + weight(0.1, 0.5) + 3 * weight(1, 0.5)
    expect(loci[1].credibleSet[0].key).toBe('4:1000100:A:G')
    expect(loci[1].credibleSet[0].posterior).toBeCloseTo(weight(2.4, 0.54) / total, 12)
    expect(loci[0].credibleSet).toEqual([])
    expect(loci[0].or).toBeNull()
    expect(loci[0].sentence).toContain('no odds ratio could be estimated')
  })

  it('names no genes on another build and says so', async () => {
    const result = await findLoci(study, { ...options, build: 'NCBI35' }, workshop)
    expect(result.loci.flatMap((l) => l.genes)).toEqual([])
    expect(result.notes.join()).toContain('Genes are annotated on GRCh38 and the study is on NCBI35')
  })

  it('shows the best variant when nothing is a candidate, and nothing when nothing was tested', async () => {
    const weak = smallStudy([variant(100, lead, 0.4), variant(200, other, 0.03)], 10)
    const result = await findLoci({ ...weak, genes }, options, workshop)
    expect(result.loci.map((l) => l.lead)).toEqual(['4:200:A:G'])
    expect(result.notes.join()).toContain('merely the smallest p')
    const nothing = await findLoci({ ...smallStudy([], 10), genes }, options, workshop)
    expect(nothing.loci).toEqual([])
    expect(nothing.notes).toContain('No variant has a p-value: there is no lead.')
  })

  it('puts a family-wise significant variant first, though its ranking p is not the smallest', async () => {
    const mixed = smallStudy([variant(100, lead, 1e-6), variant(900_000, other, 2e-4, { familyP: 0.04 })], 10)
    const family = await findLoci({ ...mixed, genes }, options, workshop)
    expect(family.loci.map((l) => [l.position, l.significant])).toEqual([
      [900_000, true],
      [100, false],
    ])
    const byTrend = { ...options, significant: { column: 'trend_exact_p' as const, alpha: 1e-5 } }
    const exact = await findLoci({ ...mixed, genes }, byTrend, workshop)
    expect(exact.loci.map((l) => [l.position, l.significant])).toEqual([[100, true]])
  })

  it('ranks by the p of the primary test, and puts what is significant first', async () => {
    const mixed = smallStudy(
      [
        variant(100, lead, 1e-8, { primaryP: 1e-5, firthP: 1e-5 }),
        variant(900_000, other, 1e-5, { primaryP: 1e-7, firthP: 1e-7 }),
        variant(2_000_000, lead, 1e-5, { primaryP: 2e-4, familyP: 0.03, firthP: 2e-4 }),
      ],
      10,
    )
    const byPrimary = { ...options, statistic: 'primary_p' as const }
    const family = await findLoci({ ...mixed, genes }, byPrimary, workshop)
    expect(family.loci.map((l) => [l.position, l.p, l.significant])).toEqual([
      [2_000_000, 2e-4, true],
      [900_000, 1e-7, false],
      [100, 1e-5, false],
    ])
    expect(family.loci[1].sentence).toContain('label sets p 1 x 10^-7 for this variant alone, not significant')
    expect(family.rule).toContain(
      "Leads by the p of the trend test under the primary test's label sets with p <= 0.0001",
    )
    const byFirth = { ...byPrimary, significant: { column: 'firth_p' as const, alpha: 1e-6 } }
    const firth = await findLoci({ ...mixed, genes }, byFirth, workshop)
    expect(firth.loci.map((l) => [l.position, l.significant])).toEqual([
      [900_000, true],
      [100, false],
    ])
    expect(firth.loci[0].sentence).toContain(
      'Firth test p 1 x 10^-7 for this variant alone, significant by the Firth test',
    )
    // The only variant of its region: nothing to choose from.
    expect(firth.loci[0].sentence).toContain('the only variant of its region')
  })

  it('stops at the number of loci asked for and takes the first of identical columns', async () => {
    const twins = smallStudy([variant(100, lead, 1e-8), variant(300, lead, 1e-8), variant(900_000, other, 1e-6)], 10)
    const result = await findLoci({ ...twins, genes }, { ...options, maxLoci: 1 }, workshop)
    expect(result.loci.map((l) => l.lead)).toEqual(['4:100:A:G'])
    expect(result.loci[0].credibleSet.map((c) => [c.key, c.posterior])).toEqual([
      ['4:100:A:G', 0.5],
      ['4:300:A:G', 0.5],
    ])
  })
})
