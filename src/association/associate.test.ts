import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ColumnBatch } from '../host/host.ts'
import { RandomStream } from '../numerics/index.ts'
import { kernels } from '../numerics/kernels.ts'
import { associationsTable } from '../results/association.ts'
import { associationCells } from '../results/association-cells.ts'
import { conditionalFirth } from '../statistics/conditional-logistic/index.ts'
import { exactTrend } from '../statistics/exact/index.ts'
import { firthRegression } from '../statistics/firth/index.ts'
import { LabelSets, labelNull, labelScheme } from '../statistics/labels/index.ts'
import { logFRegression, saddlepointScore } from '../statistics/logistic/index.ts'
import { associate } from './associate.ts'
import { type DesignInput, designStudy, personPlane } from './design.ts'
import { FamilyMinima, scanFamilies } from './family-minima.ts'
import { adaptive } from './lead.ts'
import { scanSetup } from './scan.ts'
import { type TestVariant, workshop, writeStore } from './testing/store.ts'
import { tableOf } from './unmatched-lead.ts'

const people = 70
const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
const random = new RandomStream(4, 'test/associate')
const cases = samples.map((_, i) => i % 7 === 3)
const sex = samples.map(() => (random.uniform() < 0.5 ? ('male' as const) : ('female' as const)))
const age = samples.map((_, i) => 50 + 10 * random.normal() + (cases[i] ? 4 : 0))

/** Genotypes at frequency q, cases with odds multiplied, some missing. */
function draw(q: number, odds = 1, missing = 0): number[] {
  return samples.map((_, i) => {
    if (random.uniform() < missing) return -1
    const f = cases[i] ? (q * odds) / (1 - q + q * odds) : q
    return (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)
  })
}

const variants: TestVariant[] = []
for (let v = 0; v < 120; v++)
  variants.push({
    chromosome: '4',
    position: 1000 + v,
    genotypes: draw(0.02 + 0.45 * random.uniform(), v === 40 ? 15 : 1, v % 3 === 0 ? 0.05 : 0),
  })
variants.push({ chromosome: '5', position: 10, genotypes: samples.map(() => 0) })
variants.push({ chromosome: '5', position: 11, ref: 'A', alt: 'T', genotypes: variants[7].genotypes })
// The mirror image of variant 8, missing calls where they were.
variants.push({
  chromosome: '5',
  position: 12,
  genotypes: Array.from(variants[8].genotypes, (g) => (g < 0 ? g : 2 - g)),
})
variants.push({ chromosome: '5', position: 13, genotypes: samples.map((_, i) => (cases[i] ? -1 : i % 3)) })
variants.push({ chromosome: '5', position: 14, genotypes: samples.map((_, i) => (sex[i] === 'male' ? 1 : 0)) })
const autosomal = [...variants]
variants.push({
  chromosome: 'X',
  position: 5_000_000,
  genotypes: draw(0.3).map((g, i) => (sex[i] === 'male' && g === 1 ? (i % 9 === 0 ? 1 : 2) : g)),
})
variants.push(
  { chromosome: 'X', position: 20_000, genotypes: draw(0.3) }.position === 20_000
    ? {
        chromosome: 'X',
        position: 5_000_001,
        genotypes: draw(0.2).map((g, i) => (sex[i] === 'male' ? (g > 0 ? 2 : 0) : g)),
      }
    : variants[0],
)

function input(over: Partial<DesignInput>, header: DesignInput['header']): DesignInput {
  return {
    header,
    people: samples.map((sample, i) => ({ sample, case: cases[i], sex: sex[i] })),
    covariates: [],
    seed: 11,
    primary: { test: 'family', alpha: 0.05, rule: 'as written' },
    permutations: { sets: 200, extend: false },
    sexChromosomes: false,
    ...over,
  }
}

const folders: { remove: () => void }[] = []
function store(of: TestVariant[]) {
  const made = writeStore(samples, of)
  folders.push(made)
  return made
}
afterAll(() => {
  for (const f of folders) f.remove()
})

async function run(of: TestVariant[], over: Partial<DesignInput> = {}) {
  const { folder, header } = store(of)
  const { design, labels } = designStudy(input(over, header))
  const batches: ColumnBatch[] = []
  const summary = await associate(design, labels, { store: folder, keep: null }, workshop(), (rows) => {
    batches.push(associationCells(rows.lines))
  })
  const rows = batches.flatMap((b) =>
    b.chromosome.map((_, i) => Object.fromEntries(Object.entries(b).map(([k, v]) => [k, v[i]]))),
  )
  return { summary, rows, design, labels, folder, batch: batches[0] }
}

describe('a scan without covariates', () => {
  let result: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    result = await run(autosomal)
  })

  it('writes every column of the table and no other, one row a variant in order', () => {
    expect(Object.keys(result.batch).sort()).toEqual(associationsTable.columns.map((c) => c.name).sort())
    expect(result.rows.length).toBe(autosomal.length)
    expect(result.rows.map((r) => r.position)).toEqual(autosomal.map((v) => v.position))
  })

  it('gives each row the tests of its own table', () => {
    const codes = Uint8Array.from(cases, (c) => (c ? 1 : 0))
    autosomal.forEach(({ genotypes }, v) => {
      const row = result.rows[v]
      const table = tableOf(genotypes, codes)
      expect([row.case_ref, row.case_het, row.case_alt, row.control_ref, row.control_het, row.control_alt]).toEqual([
        table.caseRef,
        table.caseHet,
        table.caseAlt,
        table.controlRef,
        table.controlHet,
        table.controlAlt,
      ])
      const trend = exactTrend(table)
      expect(row.trend_exact_p).toBeCloseTo(trend.p, 13)
      expect(row.trend_midp).toBeCloseTo(trend.midp, 13)
      expect(row.min_attainable_p).toBeCloseTo(trend.minAttainableP, 13)
      if (row.status === 'monomorphic' || row.n_cases === 0) {
        expect(row.firth_p).toBeNull()
        return
      }
      const tested = Float64Array.from(genotypes, (g) => (g < 0 ? Number.NaN : g))
      const firth = firthRegression({ cases: codes, tested, columns: [] }, { profile: false })
      expect(row.or).toBeCloseTo(Math.exp(firth.beta), 8)
      expect(row.or_se).toBeCloseTo(firth.standardError, 8)
      expect(row.firth_p).toBeCloseTo(Math.exp(firth.logP), 9)
      expect(row.limits).toBe((row.firth_p as number) < 1e-3 ? 'profile' : 'wald')
    })
  })

  it('says what is wrong with a row in one word and in flags', () => {
    const at = (position: number) => result.rows.find((r) => r.chromosome === '5' && r.position === position)
    expect(at(10)).toMatchObject({ status: 'monomorphic', trend_exact_p: 1, trend_midp: 0.5, family_p: null })
    expect(at(11)?.flags).toContain('strand_ambiguous')
    expect(at(13)).toMatchObject({ status: 'unreachable', n_cases: 0, trend_exact_p: 1 })
    expect(at(13)?.flags).toContain('one_group_uncalled')
    expect(at(13)?.flags).toContain('low_call_rate')
    expect(at(13)?.flags).toContain('differential_missingness')
  })

  it('counts identical columns and mirror images once', () => {
    const { summary } = result
    const columns = new Set(
      autosomal
        .filter(({ genotypes }) => new Set(Array.from(genotypes).filter((g) => g >= 0)).size > 1)
        .map(({ genotypes }) => {
          const first = Array.from(genotypes).find((g) => g === 0 || g === 2)
          return Array.from(genotypes, (g) => (g < 0 || first === 0 ? g : 2 - g)).join()
        }),
    )
    const polymorphic = result.rows.filter((r) => r.status !== 'monomorphic').length
    expect(summary.variantsTested).toBe(polymorphic)
    expect(columns.size).toBeLessThan(polymorphic)
    expect(summary.families[0].distinctVariants).toBe(columns.size)
    expect(summary.bonferroni.tests).toBe(columns.size)
  })

  it('gives the family-wise p that relabelling person by person gives', () => {
    const { design, summary, rows } = result
    const sets = new LabelSets(design.families[0].scheme)
    const nulls = autosomal.map(({ genotypes }) => labelNull(genotypes, design.families[0].scheme))
    const minima = Array.from({ length: 200 }, (_, r) => {
      const set = sets.draw(design.seed, design.families[0].purpose, r)
      return Math.min(
        0,
        ...autosomal.map(({ genotypes }, v) => {
          const called = [...set].filter((i) => genotypes[i] >= 0)
          const t = called.reduce((sum, i) => sum + genotypes[i], 0)
          return nulls[v].logP[(called.length - nulls[v].from) * nulls[v].stride + t]
        }),
      )
    })
    for (const row of rows) {
      if (row.family_p === null) continue
      const logP = Math.log(row.trend_exact_p as number)
      const b = minima.filter((m) => m <= logP + 1e-9).length
      expect(row.family_p).toBeCloseTo((b + 1) / 201, 12)
    }
    const best = Math.min(...rows.map((r) => r.trend_exact_p as number))
    expect(summary.families[0].minimumP).toBeCloseTo(best, 14)
    expect(summary.lead?.position).toBe(1040)
    expect(summary.primary.p).toBe(summary.families[0].familyP)
    const allowed = Math.floor(0.05 * 201) - 1
    expect(Math.log(summary.families[0].threshold)).toBeCloseTo([...minima].sort((a, b) => a - b)[allowed], 9)
  })

  it('finds the same minima when nothing is left out', async () => {
    const { design, labels, folder, summary } = result
    const scan = scanSetup(folder, design, null)
    const request = [{ family: design.families[0], first: 0, count: 200 }]
    const options = { observed: null, label: '' }
    const skipping = await scanFamilies(design, scan, request, options, workshop())
    const whole = await scanFamilies(design, scan, request, { ...options, skip: false }, workshop())
    expect(Array.from(skipping.minima[0])).toEqual(Array.from(whole.minima[0]))
    expect(whole.skipped[0]).toBe(0)
    expect(skipping.skipped[0]).toBeGreaterThan(0)
    expect(summary.families[0].skipped).toBe(skipping.skipped[0])
    expect(labels.cases.reduce((a, b) => a + b, 0)).toBe(10)
  })

  it('counts Tarone as the definition does', () => {
    const least = new Map<string, number>()
    result.rows.forEach((row, v) => {
      if (row.status === 'monomorphic') return
      const g = autosomal[v].genotypes
      const first = Array.from(g).find((x) => x === 0 || x === 2)
      least.set(Array.from(g, (x) => (x < 0 || first === 0 ? x : 2 - x)).join(), row.min_attainable_p as number)
    })
    let k = 1
    while ([...least.values()].filter((p) => p <= (0.05 / k) * (1 + 1e-12)).length > k) k++
    expect(result.summary.tarone.tests).toBe(k)
  })
})

describe('a scan with covariates and sex chromosomes', () => {
  it('relabels by fitted risks within sex, and codes males 0 or 2', async () => {
    const { summary, rows, design } = await run(variants, {
      covariates: [{ name: 'age', values: age }],
      sexChromosomes: true,
    })
    expect(summary.families.map((f) => f.masks)).toEqual(['conditional on fitted risks', 'stratified'])
    expect(design.strata.names).toEqual(['female', 'male'])
    const x = rows.find((r) => r.chromosome === 'X' && r.position === 5_000_000)
    expect(x?.male_coding).toBe('0/2')
    const g = variants[autosomal.length].genotypes
    const maleAlt = samples.filter((_, i) => sex[i] === 'male' && g[i] === 2)
    expect((x?.case_hemizygous_alt as number) + (x?.control_hemizygous_alt as number)).toBe(maleAlt.length)
    const impossible = samples.filter((_, i) => sex[i] === 'male' && g[i] === 1).length
    expect(impossible).toBeGreaterThan(0)
    expect((x?.n_cases as number) + (x?.n_controls as number)).toBe(people - impossible)
    const tested = Float64Array.from(g, (v, i) => (v < 0 || (sex[i] === 'male' && v === 1) ? Number.NaN : v))
    const columns = [age, sex.map((s) => (s === 'male' ? 1 : 0))]
    const codes = cases.map((c) => (c ? 1 : 0))
    expect(x?.or).toBeCloseTo(Math.exp(firthRegression({ cases: codes, tested, columns }, { profile: false }).beta), 7)
    const auto = rows.find((r) => r.position === 1005)
    const own = Float64Array.from(variants[5].genotypes, (v) => (v < 0 ? Number.NaN : v))
    expect(auto?.or).toBeCloseTo(
      Math.exp(firthRegression({ cases: codes, tested: own, columns: [age] }, { profile: false }).beta),
      7,
    )
    expect(auto?.case_hemizygous_ref).toBeNull()
    expect(summary.lead?.tests.map((t) => t.test)).toContain('trend_conditional_p')
    expect(summary.lead?.tests.map((t) => t.test)).toContain('efficient_score_p')
    const lead = variants.find((v) => v.chromosome === summary.lead?.chromosome && v.position === summary.lead.position)
    const called = Float64Array.from(lead?.genotypes ?? [], (v) => (v < 0 ? Number.NaN : v))
    const ofLead = (test: string) => summary.lead?.tests.find((t) => t.test === test)
    const plain = { cases: codes, columns: [age], tested: called }
    expect(lead?.chromosome).not.toBe('X')
    expect(ofLead('logf_p')?.negLog10P).toBeCloseTo(-logFRegression(plain).logP / Math.LN10, 6)
    expect(ofLead('saddlepoint_p')?.negLog10P).toBeCloseTo(-saddlepointScore(plain).logP / Math.LN10, 6)
    const within = conditionalFirth({ ...plain, sets: sex.map(String) })
    expect(ofLead('conditional_firth_p')?.negLog10P).toBeCloseTo(-within.logP / Math.LN10, 6)
    expect(ofLead('conditional_firth_p')?.or).toBeCloseTo(Math.exp(within.beta), 6)
    expect(ofLead('dominant_barnard_p')?.p).toBeGreaterThan(0)
    expect(kernels()).toBeDefined()
  })

  it('finds the same minima and the same best when nothing is left out', async () => {
    // Without the mirror image: weighted, it is the same column but for the last digits, and skipping takes the first.
    const { folder, header } = store(variants.filter((v) => v.chromosome !== '5' || v.position !== 12))
    const over = { covariates: [{ name: 'age', values: age }] }
    for (const sexChromosomes of [false, true]) {
      const { design, labels } = designStudy(input({ ...over, sexChromosomes }, header))
      const scan = scanSetup(folder, design, null)
      const [weighted, plain] = design.families
      // The second shares its tables with the first.
      const requests = [
        { family: weighted, first: 0, count: 150 },
        { family: weighted, first: 0, count: 70, purpose: 'test/other labels' },
        { family: plain, first: 0, count: 200 },
      ]
      const observed = personPlane(design, (i) => labels.cases[i] === 1)
      const least: number[][] = []
      const options = { observed, label: '', each: (r: { least: Float64Array }) => least.push(Array.from(r.least)) }
      const skipping = await scanFamilies(design, scan, requests, options, workshop())
      const whole = await scanFamilies(design, scan, requests, { ...options, skip: false }, workshop())
      expect(skipping.minima.map((m) => Array.from(m))).toEqual(whole.minima.map((m) => Array.from(m)))
      expect(skipping.best).toEqual(whole.best)
      expect(least[0]).toEqual(least[1])
      expect(least[0].length).toBeGreaterThan(100)
      for (const skipped of skipping.skipped) expect(skipped).toBeGreaterThan(0)
    }
  })

  it('gives X rows once more with a man’s allele counting once, outside the family', async () => {
    const { folder, header } = store(variants)
    const { design, labels } = designStudy(
      input({ covariates: [{ name: 'age', values: age }], sexChromosomes: true }, header),
    )
    const main: ColumnBatch[] = []
    const others: ColumnBatch[] = []
    const summary = await associate(
      design,
      labels,
      { store: folder, keep: null, onOtherCodings: (rows) => void others.push(associationCells(rows.lines)) },
      workshop(),
      (rows) => void main.push(associationCells(rows.lines)),
    )
    const onX = variants.filter(({ chromosome }) => chromosome === 'X')
    expect(others.flatMap((batch) => batch.position)).toEqual(onX.map(({ position }) => position))
    const [batch] = others
    expect(Object.keys(batch).sort()).toEqual(associationsTable.columns.map((c) => c.name).sort())
    let forbidden = 0
    for (const [i, { genotypes }] of onX.entries()) {
      const impossible = samples.map((_, s) => sex[s] === 'male' && genotypes[s] === 1)
      forbidden += impossible.filter(Boolean).length
      const once = samples.map((_, s) =>
        genotypes[s] < 0 || impossible[s] ? -1 : sex[s] === 'male' ? genotypes[s] / 2 : genotypes[s],
      )
      const isCase = cases.map((c) => (c ? 1 : 0))
      const table = tableOf(once, isCase)
      expect(batch.male_coding[i]).toBe('0/1')
      expect([batch.case_ref[i], batch.case_het[i], batch.case_alt[i]]).toEqual([
        table.caseRef,
        table.caseHet,
        table.caseAlt,
      ])
      expect(batch.trend_exact_p[i]).toBeCloseTo(Math.exp(exactTrend(table).logP), 12)
      const tested = Float64Array.from(once, (g) => (g < 0 ? Number.NaN : g))
      const columns = [age, sex.map((s) => (s === 'male' ? 1 : 0))]
      const fit = firthRegression({ cases: isCase, tested, columns }, { profile: false })
      expect(batch.or[i]).toBeCloseTo(Math.exp(fit.beta), 7)
      expect([batch.primary_p[i], batch.family_p[i], batch.permutation_p[i]]).toEqual([null, null, null])
      // What does not depend on the coding is that of the main table.
      const row = main[0].position.lastIndexOf(batch.position[i])
      for (const name of ['maf', 'hwe_p', 'call_rate', 'case_hemizygous_alt', 'control_hemizygous_alt', 'n_cases'])
        expect(batch[name][i], name).toBe(main[0][name][row])
      expect(batch.or[i]).not.toBe(main[0].or[row])
    }
    expect(forbidden).toBeGreaterThan(0)
    expect(summary.forbiddenCalls).toBe(forbidden)
    // Men alone have one coding.
    const men = samples.map((sample, s) => ({ sample, case: cases[s], sex: 'male' as const }))
    const alone = designStudy(input({ people: men, sexChromosomes: true }, header))
    const options = { store: folder, keep: null, onOtherCodings: () => expect.unreachable() }
    await associate(alone.design, alone.labels, options, workshop(), () => undefined)
  })

  it('refuses X and Y when somebody’s sex is missing, with the names', () => {
    const { header } = store(variants)
    const unknown = samples.map((sample, s) => ({ sample, case: cases[s], sex: s === 5 ? null : sex[s] }))
    expect(() => designStudy(input({ people: unknown, sexChromosomes: true }, header))).toThrow(/missing for P005/)
  })

  it('leaves sex chromosomes out when sex is not recorded, and a covariate that is the variant', async () => {
    const { rows, summary } = await run(variants, {
      people: samples.map((sample, i) => ({ sample, case: cases[i], sex: null, source: i % 2 === 0 ? 'a' : 'b' })),
      covariates: [{ name: 'sex', values: sex.map((s) => (s === 'male' ? 1 : 0)) }],
      permutations: { sets: 0, extend: false },
    })
    expect(rows.find((r) => r.chromosome === 'X')?.status).toBe('sex_missing')
    expect(rows.find((r) => r.chromosome === '5' && r.position === 14)?.status).toBe('collinear')
    expect(summary.families).toEqual([])
    expect(rows.every((r) => r.family_p === null && r.permutation_p === null)).toBe(true)
    expect(summary.sourceConfounded).toBe(false)
  })

  it('speaks by Firth alone where Firth is the primary test', async () => {
    const { summary, rows } = await run(autosomal, { primary: { test: 'firth', alpha: 1e-3, rule: 'as written' } })
    const smallest = Math.min(...rows.map((r) => (r.firth_p as number | null) ?? 1))
    expect(summary.primary).toMatchObject({ test: 'firth', alpha: 1e-3, significant: smallest < 1e-3 })
    expect(summary.primary.p).toBeCloseTo(smallest, 14)
    expect(summary.lead?.position).toBe(rows.find((r) => r.firth_p === smallest)?.position)
    for (const row of rows)
      if (row.status === 'unreachable') expect(row.min_attainable_p).toBeGreaterThan(1e-3)
      else if (row.status === 'ok') expect(row.min_attainable_p).toBeLessThanOrEqual(1e-3)
  })

  it('draws more label sets while the interval covers alpha, unless told not to', async () => {
    const few = autosomal.slice(41, 80)
    const told = await run(few, { permutations: { sets: 20, extend: false } })
    expect(told.summary.families[0].labelSets).toBe(20)
    expect(told.summary.primary.sentence).toContain('not significant at 0.05.')
    const free = await run(few, { permutations: { sets: 20, extend: true } })
    const f = free.summary.families[0]
    const first = new FamilyMinima(new Float64Array(0))
    expect(first.sets).toBe(0)
    expect(f.labelSets === 320 || f.familyPLow > 0.05 || f.familyPHigh < 0.05).toBe(true)
  })

  it('keeps to p <= alpha, but says so where an explicit number of label sets cannot tell', async () => {
    const { summary } = await run(autosomal.slice(38, 43), { permutations: { sets: 20, extend: false } })
    const { familyP, familyPLow, familyPHigh } = summary.families[0]
    expect(familyP).toBeCloseTo(1 / 21, 12)
    expect(familyPLow).toBe(0)
    expect(familyPHigh).toBeGreaterThan(0.05)
    expect(summary.primary.significant).toBe(true)
    expect(summary.primary.sentence).toContain(
      'is 0.048 (95% limits 0 to 0.17), too few label sets to tell whether it is below 0.05: draw more.',
    )
  })

  it.each([
    ['family', false],
    ['family', true],
    ['firth', false],
  ] as const)('ranks by primary_p (%s, covariate: %s): its smallest is the lead', async (test, adjusted) => {
    const { summary, rows, design } = await run(autosomal, {
      primary: { test, alpha: 0.05, rule: 'as written' },
      covariates: adjusted ? [{ name: 'age', values: age }] : [],
    })
    const scheme = design.families[0].scheme
    autosomal.forEach(({ genotypes }, v) => {
      const row = rows[v]
      if (test === 'firth') {
        expect(row.primary_p).toBe(row.firth_p)
        return
      }
      if (row.status === 'monomorphic') {
        expect(row.primary_p).toBeNull()
        return
      }
      const law = labelNull(genotypes, scheme)
      const called = samples.map((_, i) => i).filter((i) => cases[i] && genotypes[i] >= 0)
      const t = called.reduce((sum, i) => sum + genotypes[i], 0)
      const logP = law.logP[(called.length - law.from) * law.stride + t]
      expect(Math.log(row.primary_p as number)).toBeCloseTo(logP, 9)
      expect(row.primary_neglog10p).toBeCloseTo(-logP / Math.LN10, 9)
    })
    const smallest = Math.min(...rows.map((r) => (r.primary_p as number | null) ?? 1))
    if (test === 'family') expect(summary.families[0].minimumP).toBeCloseTo(smallest, 14)
    const first = rows.find((r) => r.primary_p === smallest)
    expect(first).toMatchObject({ position: summary.lead?.position, chromosome: summary.lead?.chromosome })
    if (adjusted) expect(rows.some((r) => r.primary_p !== r.trend_exact_p)).toBe(true)
  })
})

describe('a design', () => {
  const made = () => store(autosomal.slice(0, 2)).header

  it.each([0, -0.05, 0.500001, 1, Number.NaN])('is refused with an alpha of %d', (alpha) => {
    const over = { primary: { test: 'family' as const, alpha, rule: 'as written' } }
    expect(() => designStudy(input(over, made()))).toThrow(expect.objectContaining({ code: 'BadArgument' }))
  })

  it('is refused with strata that name the cases, and says which', () => {
    const of = (stratum: (i: number) => string) =>
      input(
        { people: samples.map((sample, i) => ({ sample, case: cases[i], sex: sex[i], stratum: stratum(i) })) },
        made(),
      )
    expect(() => designStudy(of((i) => (cases[i] ? 'fast' : 'slow')))).toThrow(
      expect.objectContaining({
        code: 'NoOverlap',
        message: expect.stringContaining('fast (10 of 10 are cases), slow (0 of 60 are cases)'),
      }),
    )
    expect(designStudy(of((i) => (i < 35 ? 'a' : 'b'))).design.families[0].masks).toBe('stratified')
  })
})

describe('where a component confounds', () => {
  it('the quantiles are those of the label sets, not of the ordinary table', async () => {
    const draw = new RandomStream(8, 'test/confounded')
    const n = 200
    const ids = Array.from({ length: n }, (_, i) => `Q${String(i).padStart(3, '0')}`)
    const component = ids.map(() => draw.normal())
    const ranked = component.map((x, i) => [x + 1.2 * draw.normal(), i]).sort((a, b) => b[0] - a[0])
    const isCase = new Set(ranked.slice(0, 24).map(([, i]) => i))
    const tracking = Array.from({ length: 150 }, (_, v): TestVariant => {
      const column = component.map((x) => {
        const f = 1 / (1 + Math.exp(1.2 - 0.9 * x))
        return (draw.uniform() < f ? 1 : 0) + (draw.uniform() < f ? 1 : 0)
      })
      return { chromosome: '4', position: 1000 + v, genotypes: column }
    })
    const made = writeStore(ids, tracking)
    folders.push(made)
    const { design, labels } = designStudy({
      header: made.header,
      people: ids.map((sample, i) => ({ sample, case: isCase.has(i), sex: null })),
      covariates: [{ name: 'PC1', values: component }],
      seed: 3,
      primary: { test: 'family', alpha: 0.05, rule: 'as written' },
      permutations: { sets: 100, extend: false },
      sexChromosomes: false,
    })
    const ordinary: number[] = []
    const summary = await associate(design, labels, { store: made.folder, keep: null }, workshop(), (rows) => {
      for (const midp of associationCells(rows.lines).trend_midp) ordinary.push(Number(midp))
    })
    ordinary.sort((a, b) => a - b)
    // The ordinary mid-p has its median far below one half here.
    expect(ordinary[75]).toBeLessThan(0.1)
    expect(summary.lambda).toBeLessThan(1.4)
    // As many are expected as are observed, and the ends agree.
    const { qq } = summary
    expect(Math.abs(qq.observed[0] - qq.expected[0])).toBeLessThan(1)
    expect(qq.observed.filter((o, i) => o > qq.high[i]).length).toBeLessThan(0.2 * qq.observed.length)
  })
})

describe('label sets within matched sets', () => {
  // Sets of one case and six controls, one of them with two cases; calls are missing of cases and controls.
  const sets = samples.map((_, i) => `set ${Math.floor(i / 7)}`)
  const twice = samples.map((_, i) => cases[i] || i === 1)
  const matched = samples.map((sample, i) => ({ sample, case: twice[i], sex: sex[i], stratum: sets[i] }))
  const none = autosomal.filter((v) => v.chromosome === '4')

  it('has the minima that a plain loop over variants and sets finds, with and without skipping', async () => {
    const { folder, header } = store(none)
    const { design, labels } = designStudy(input({ people: matched }, header))
    expect(design.families.map((f) => f.masks)).toEqual(['stratified'])
    const scan = scanSetup(folder, design, null)
    const [family] = design.families
    const observed = personPlane(design, (i) => labels.cases[i] === 1)
    const options = { observed, label: '', each: () => undefined }
    const requests = [{ family, first: 0, count: 130 }]
    const skipping = await scanFamilies(design, scan, requests, options, workshop())
    const whole = await scanFamilies(design, scan, requests, { ...options, skip: false }, workshop())
    expect(Array.from(skipping.minima[0])).toEqual(Array.from(whole.minima[0]))
    expect(skipping.best).toEqual(whole.best)
    expect(skipping.skipped[0]).toBeGreaterThan(0)
    const laws = none.map(({ genotypes }) => labelNull(genotypes, family.scheme))
    const drawn = new LabelSets(family.scheme)
    for (let r = 0; r < 130; r++) {
      const set = drawn.draw(design.seed, family.purpose, r)
      const inSets = new Map<string, number>()
      for (const i of set) inSets.set(sets[i], (inSets.get(sets[i]) ?? 0) + 1)
      expect([inSets.get('set 0'), inSets.get('set 4'), inSets.size]).toEqual([2, 1, 10])
      let least = 0
      none.forEach(({ genotypes }, v) => {
        if (new Set(Array.from(genotypes).filter((g) => g >= 0)).size < 2) return
        let [c, t] = [0, 0]
        for (const i of set)
          if (genotypes[i] >= 0) {
            c++
            t += genotypes[i]
          }
        least = Math.min(least, laws[v].logP[(c - laws[v].from) * laws[v].stride + t])
      })
      expect(Math.abs(whole.minima[0][r] - least)).toBeLessThan(1e-11 * Math.max(1, Math.abs(least)))
    }
  })

  it('gives the lead an adaptive p that its own table confirms', async () => {
    const { folder, header } = store(none)
    const { design, labels } = designStudy(input({ people: matched }, header))
    const summary = await associate(design, labels, { store: folder, keep: null }, workshop(), () => undefined)
    const { tests } = summary.lead ?? { tests: [] }
    const own = tests.find((t) => t.test === 'trend_stratified_p')?.p ?? Number.NaN
    const sampled = tests.find((t) => t.test === 'permutation_p')
    const [, exceed, drawn] = /^(\d+) of (\d+) label sets/.exec(sampled?.note ?? '') ?? []
    expect(sampled?.p).toBeCloseTo((Number(exceed) + 1) / (Number(drawn) + 1), 15)
    const error = Math.sqrt((own * (1 - own)) / Number(drawn))
    expect(Math.abs((sampled?.p ?? 0) - own)).toBeLessThan(5 * error + 1 / Number(drawn))
  })
})

describe('the adaptive Monte-Carlo p', () => {
  const scheme = labelScheme(new Int32Array(20), Int32Array.of(5))
  const drawn = (share: number) => {
    let asked = 0
    const made = adaptive(new LabelSets(scheme), 9, 'test/adaptive', () => asked++ % Math.round(1 / share) === 0)
    return { ...made, asked }
  }

  it('stops at 50 exceedances, or at 20,000 label sets, and is never 0', () => {
    expect(drawn(0.1)).toEqual({ exceed: 50, sets: 491, asked: 491, p: 51 / 492 })
    expect(drawn(1 / 30_000)).toEqual({ exceed: 1, sets: 20_000, asked: 20_000, p: 2 / 20_001 })
    const never = adaptive(new LabelSets(scheme), 9, 'test/adaptive', () => false)
    expect(never).toEqual({ exceed: 0, sets: 20_000, p: 1 / 20_001 })
  })
})
