import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../genotypes/index.ts'
import type { ColumnBatch } from '../host/host.ts'
import { RandomStream } from '../numerics/index.ts'
import { associationCells } from '../results/association-cells.ts'
import { conditionalFirth } from '../statistics/conditional-logistic/index.ts'
import type { GenotypeTable } from '../statistics/exact/index.ts'
import { firthRegression } from '../statistics/firth/index.ts'
import { inclusionProbabilities, labelNull } from '../statistics/labels/index.ts'
import { fisherWithinSets, stratifiedTrend } from '../statistics/stratified/index.ts'
import { type AssociateOptions, associate } from './associate.ts'
import { type DesignInput, designStudy } from './design.ts'
import { efficientScoresWithin } from './efficient-score.ts'
import { testWithinSets } from './matched-form.ts'
import { matchedPeople } from './matched-people.ts'
import { type TestVariant, workshop, writeStore } from './testing/store.ts'
import { tableOf } from './unmatched-lead.ts'

const random = new RandomStream(9, 'test/matched association')
/** 16 sets of one case and 1 to 4 controls, two of two cases; a person of no set. */
const sets: string[] = []
const cases: boolean[] = []
for (let s = 0; s < 18; s++)
  for (let i = 0; i < (s < 16 ? 2 + (s % 4) : 6); i++) {
    sets.push(`S${String(s).padStart(2, '0')}`)
    cases.push(i < (s < 16 ? 1 : 2))
  }
const samples = sets.map((_, i) => `P${String((i * 37) % 1000).padStart(3, '0')}`)
const x = sets.map((_, i) => random.normal() + (cases[i] ? 0.5 : 0))
const age = sets.map((s) => 40 + 2 * Number(s.slice(1)))

function draw(q: number, odds = 1, missing = 0): number[] {
  return sets.map((_, i) => {
    if (random.uniform() < missing) return -1
    const f = cases[i] ? (q * odds) / (1 - q + q * odds) : q
    return (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)
  })
}

const genotypes: number[][] = []
for (let v = 0; v < 90; v++)
  genotypes.push(draw(0.01 + 0.45 * random.uniform(), v === 40 ? 9 : 1, v % 2 === 0 ? 0.05 : 0))
// Alike in every set, though not over all; only the first case carries; all missing among cases; the same again.
genotypes.push(sets.map((s) => Number(s.slice(1)) % 3))
genotypes.push(sets.map((_, i) => (i === 0 ? 1 : 0)))
genotypes.push(sets.map((_, i) => (cases[i] ? -1 : i % 3)))
genotypes.push(genotypes[3])
const folders: { remove: () => void }[] = []
afterAll(() => {
  for (const folder of folders) folder.remove()
})

function prepared(over: Partial<DesignInput> = {}, of = genotypes, dosed = false) {
  // The store has the samples in another order than the study.
  const order = samples.map((sample, i) => ({ sample, i })).sort((a, b) => (a.sample < b.sample ? -1 : 1))
  const variants: TestVariant[] = of.map((g, v) => {
    const calls = order.map(({ i }) => g[i])
    return {
      chromosome: '4',
      position: 100 + v,
      genotypes: calls,
      ...(dosed && v % 5 === 1 && { dosages: calls.map((c) => (c < 0 ? 65535 : c * 16384 - (c === 2 ? 3000 : 0))) }),
    }
  })
  const store = writeStore(
    order.map(({ sample }) => sample),
    variants,
  )
  folders.push(store)
  const { design, labels } = designStudy({
    header: store.header,
    people: samples.map((sample, i) => ({ sample, case: cases[i], sex: null, stratum: sets[i] })),
    covariates: [],
    seed: 5,
    primary: { test: 'family', alpha: 0.05, rule: 'as written' },
    permutations: { sets: 100, extend: false },
    sexChromosomes: false,
    matched: { matchedOn: [{ name: 'age', values: age }], notes: ['a note'] },
    ...over,
  })
  /** Values by person of the design. */
  const byPerson = <T>(values: readonly T[]) => design.people.map((sample) => values[samples.indexOf(sample)])
  return { store, design, labels, byPerson }
}

async function run(made: ReturnType<typeof prepared>, options: Partial<AssociateOptions> = {}) {
  const { store, design, labels } = made
  const batches: ColumnBatch[] = []
  const told: string[] = []
  const summary = await associate(
    design,
    labels,
    { store: store.folder, keep: null, ...options },
    workshop(),
    (rows) => {
      told.push(new TextDecoder().decode(rows.lines))
      batches.push(associationCells(rows.lines))
    },
  )
  const rows = batches.flatMap((b) =>
    b.chromosome.map((_, i) => Object.fromEntries(Object.entries(b).map(([k, v]) => [k, v[i]]))),
  )
  return { ...made, summary, rows, text: told.join('') }
}

/** Tables of the sets, whoever is not called left out. */
function setTables(g: readonly number[]): GenotypeTable[] {
  return [...new Set(sets)].map((name) => {
    const members = sets.flatMap((s, i) => (s === name && g[i] >= 0 ? [i] : []))
    return tableOf(
      members.map((i) => g[i]),
      members.map((i) => (cases[i] ? 1 : 0)),
    )
  })
}

describe('a matched design', () => {
  let result: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    result = await run(prepared())
  })

  it('gives each row the tests within the sets of those called', () => {
    const codes = cases.map((c) => (c ? 1 : 0))
    let compared = 0
    genotypes.forEach((g, v) => {
      const row = result.rows[v]
      const tables = setTables(g)
      const trend = stratifiedTrend(tables)
      expect(row.trend_exact_p).toBeCloseTo(trend.p, 12)
      expect(row.trend_midp).toBeCloseTo(trend.midp, 12)
      expect(row.min_attainable_p).toBeCloseTo(trend.minAttainableP, 12)
      const flat = tables.flatMap((t) => [
        ...[t.caseRef + t.controlRef, t.caseHet + t.controlHet, t.caseAlt + t.controlAlt],
        ...[t.caseRef, t.caseHet, t.caseAlt],
      ])
      expect(row.fisher_p).toBeCloseTo(Math.exp(fisherWithinSets(flat, tables.length)), 12)
      expect(String(row.flags)).toContain('within_matched_sets')
      const tested = g.map((c) => (c < 0 ? Number.NaN : c))
      const firth = conditionalFirth({ cases: codes, sets, columns: [], tested })
      if (firth.status === 'collinear') {
        expect(['monomorphic', 'collinear', 'unreachable']).toContain(row.status)
        expect(row.firth_p).toBeNull()
        return
      }
      compared++
      expect(row.firth_p).toBeCloseTo(Math.exp(firth.logP), 9)
      expect(row.or).toBeCloseTo(Math.exp(firth.beta), 4)
      if (row.limits === 'profile' && firth.low !== null) expect(Math.log(Number(row.or_low))).toBeCloseTo(firth.low, 5)
    })
    expect(compared).toBeGreaterThan(80)
  })

  it('ranks by the table of (c, T) under labels redrawn within sets, the row’s own test where no call is missing', () => {
    const { design, labels, byPerson } = result
    expect(design.families.map(({ masks }) => masks)).toEqual(['within matched sets'])
    genotypes.forEach((g, v) => {
      const row = result.rows[v]
      if (row.status === 'monomorphic') return
      const own = byPerson(g)
      const null_ = labelNull(own, design.families[0].scheme)
      let [c, t] = [0, 0]
      own.forEach((copies, i) => {
        if (labels.cases[i] !== 1 || copies < 0) return
        c++
        t += copies
      })
      const logP = null_.logP[(c - null_.from) * null_.stride + t]
      expect(row.primary_p).toBeCloseTo(Math.exp(logP), 12)
      // Where no case is missing, c says in which sets the cases called are.
      if (!g.some((copies, i) => copies < 0 && cases[i]))
        expect(row.primary_p).toBeCloseTo(Number(row.trend_exact_p), 12)
    })
  })

  it('names variants of which no set tells anything', () => {
    const [alike, , uncalled] = result.rows.slice(90)
    expect(alike).toMatchObject({ status: 'collinear', trend_exact_p: 1, trend_midp: 0.5, firth_p: null })
    expect(alike.flags).toContain('alike_within_sets')
    expect(uncalled).toMatchObject({ trend_exact_p: 1, firth_p: null })
    expect(uncalled.flags).toContain('one_group_uncalled')
    expect(result.rows[93].firth_p).toBe(result.rows[3].firth_p)
  })

  it('says what was matched, and shows the lead with the sets ignored beside it', () => {
    const { summary, labels, byPerson } = result
    expect(summary.matched).toEqual({
      sets: 18,
      sizes: [
        { cases: 2, controls: 4, sets: 2 },
        { cases: 1, controls: 4, sets: 4 },
        { cases: 1, controls: 3, sets: 4 },
        { cases: 1, controls: 2, sets: 4 },
        { cases: 1, controls: 1, sets: 4 },
      ],
      matchedOn: ['age'],
      cancelled: [],
      notes: ['a note'],
    })
    expect(summary.lead?.position).toBe(140)
    const tests = new Map(summary.lead?.tests.map((test) => [test.test, test]))
    const g = byPerson(genotypes[40])
    const tested = g.map((c) => (c < 0 ? Number.NaN : c))
    const ages = byPerson(age)
    const ignoring = firthRegression({ cases: labels.cases, columns: [ages], tested })
    expect(tests.get('unmatched_firth_p')?.p).toBeCloseTo(Math.exp(ignoring.logP), 8)
    expect(tests.get('unmatched_firth_p')?.note).toContain('adjusted for age')
    expect(tests.get('firth_p')?.p).toBeCloseTo(Number(result.rows[40].firth_p), 12)
    expect(tests.get('firth_p')?.low).not.toBeNull()
    expect(tests.get('trend_exact_p')?.p).toBeCloseTo(Number(result.rows[40].trend_exact_p), 12)
    expect([...tests.keys()]).toEqual([
      ...['trend_exact_p', 'trend_midp', 'fisher_p', 'allelic_p', 'dominant_p', 'recessive_p', 'firth_p'],
      ...['conditional_logistic_p', 'unmatched_trend_exact_p', 'unmatched_fisher_p', 'unmatched_firth_p'],
      ...['trend_within_sets_p', 'permutation_p'],
    ])
  })

  it('says the same of a variant whatever came before it, and of rows fitted when screened', async () => {
    const alone = await run(prepared({ permutations: { sets: 0, extend: false } }, genotypes.slice(60, 61)))
    expect({ ...alone.rows[0], position: 0, rsid: '', family_p: 0, family_neglog10p: 0, status: '' }).toEqual({
      ...{ ...result.rows[60], position: 0, rsid: '', family_p: 0, family_neglog10p: 0, status: '' },
    })
    const screened = await run(result, { firth: 'screened' })
    let fitted = 0
    screened.rows.forEach((row, v) => {
      if (String(row.flags).includes('firth_screened_out')) return
      fitted++
      expect(row).toEqual(result.rows[v])
    })
    expect(fitted).toBeGreaterThan(3)
    expect(fitted).toBeLessThan(60)
  })
})

describe('a matched design with a covariate', () => {
  it('draws labels by the odds within sets and adjusts Firth', async () => {
    const made = prepared(
      {
        covariates: [
          { name: 'x', values: x },
          { name: 'set', values: age },
        ],
        matched: { matchedOn: [], notes: [] },
      },
      genotypes,
      true,
    )
    const { summary, rows, design, byPerson } = await run(made)
    expect(design.covariates.names).toEqual(['x'])
    expect(summary.matched?.cancelled).toEqual(['set'])
    expect(design.families.map(({ masks }) => masks)).toEqual(['conditional on fitted risks', 'within matched sets'])
    // Probabilities of being the set's case add up to its cases.
    const inclusion = inclusionProbabilities(design.families[0].scheme)
    expect(design.risks).toEqual(inclusion)
    const codes = cases.map((c) => (c ? 1 : 0))
    const fit = conditionalFirth({ cases: codes, sets, columns: [], tested: x })
    const [a, b] = [0, 1].map((i) => design.people.indexOf(samples[i]))
    expect(Math.log(inclusion[a] / inclusion[b])).toBeCloseTo(fit.beta * (x[0] - x[1]), 6)
    genotypes.forEach((g, v) => {
      const tested = g.map((c) => (c < 0 ? Number.NaN : v % 5 === 1 && c === 2 ? 2 - 3000 / 16384 : c))
      const firth = conditionalFirth({ cases: codes, sets, columns: [x], tested })
      if (firth.status === 'collinear') expect(rows[v].firth_p).toBeNull()
      else if (rows[v].firth_p !== null) expect(rows[v].firth_p).toBeCloseTo(Math.exp(firth.logP), 8)
      if (v % 5 === 1 && g.includes(2)) expect(rows[v].flags).toContain('dosage')
    })
    const scores = efficientScoresWithin(byPerson(genotypes[2]), design.covariates.columns, inclusion, design.strata.of)
    // Weighted, they add up to nothing in every set.
    const sums = new Float64Array(design.matched?.sets ?? 0)
    scores.forEach((score, i) => {
      sums[design.strata.of[i]] += score * inclusion[i] * (1 - inclusion[i])
    })
    expect(Math.max(...sums.map(Math.abs))).toBeLessThan(1e-12)
    expect(summary.lead?.tests.map(({ test }) => test)).toContain('efficient_score_p')
  })
})

describe('X in a matched design', () => {
  it('counts a man’s allele twice, or once outside the family, within sets of one sex', async () => {
    const sex = sets.map((name) => (Number(name.slice(1)) % 2 === 0 ? ('male' as const) : ('female' as const)))
    const onX = draw(0.35).map((g, i) => (sex[i] === 'male' ? (g > 0 ? 2 : 0) : g))
    const order = samples.map((sample, i) => ({ sample, i })).sort((a, b) => (a.sample < b.sample ? -1 : 1))
    const ids = order.map(({ sample }) => sample)
    const store = writeStore(ids, [{ chromosome: 'X', position: 5_000_000, genotypes: order.map(({ i }) => onX[i]) }])
    folders.push(store)
    const made = designStudy({
      header: store.header,
      people: samples.map((sample, i) => ({ sample, case: cases[i], sex: sex[i], stratum: sets[i] })),
      covariates: [],
      seed: 5,
      primary: { test: 'family', alpha: 0.05, rule: 'as written' },
      permutations: { sets: 50, extend: false },
      sexChromosomes: true,
      matched: { matchedOn: [], notes: [] },
    })
    expect(made.design.matched?.sets).toBe(18)
    const codes = cases.map((c) => (c ? 1 : 0))
    const rowOf = (cells: ColumnBatch) => Object.fromEntries(Object.entries(cells).map(([k, v]) => [k, v[0]]))
    const rows: Record<string, unknown>[] = []
    await associate(
      made.design,
      made.labels,
      {
        store: store.folder,
        keep: null,
        onOtherCodings(other) {
          rows.push(rowOf(associationCells(other.lines)))
        },
      },
      workshop(),
      (own) => {
        rows.unshift(rowOf(associationCells(own.lines)))
      },
    )
    expect(rows.map((row) => row.male_coding)).toEqual(['0/2', '0/1'])
    for (const [k, coded] of [onX, onX.map((g, i) => (sex[i] === 'male' ? g / 2 : g))].entries()) {
      expect(rows[k].trend_exact_p).toBeCloseTo(stratifiedTrend(setTables(coded)).p, 12)
      const firth = conditionalFirth({ cases: codes, sets, columns: [], tested: coded })
      expect(rows[k].firth_p).toBeCloseTo(Math.exp(firth.logP), 9)
    }
  })
})

describe('people of matched sets', () => {
  const person = (stratum: string | undefined, isCase: boolean, sex: 'male' | 'female' | null = null) => ({
    stratum,
    case: isCase,
    sex,
  })

  it('are those of sets with cases and controls; the others are counted and named', () => {
    const found = matchedPeople(
      [
        person('a', true),
        person('a', false),
        person('b', true),
        person('c', false),
        person('c', false),
        person('d', false),
        person(undefined, false),
        person('', true),
      ],
      false,
    )
    expect(found.kept.length).toBe(2)
    expect(found.left).toEqual([
      { reason: 'in no matched set', people: 2 },
      { reason: 'in a matched set of cases only', people: 1 },
      { reason: 'in a matched set of controls only', people: 3 },
    ])
    expect(found.notes).toEqual([
      'Matched set b holds cases only and says nothing: 1 person is left out.',
      '2 matched sets, c; d, hold controls only and say nothing: 3 people are left out.',
    ])
  })

  it('are divided by sex where X is tested', () => {
    const mixed = [person('a', true, 'male'), person('a', false, 'male'), person('a', false, 'female')]
    const found = matchedPeople(mixed, true)
    expect(found.kept.length).toBe(2)
    expect(found.notes[0]).toContain('set a, female holds controls only')
    expect(found.notes[1]).toContain('1 matched set holds both sexes')
    expect(matchedPeople(mixed, false).kept.length).toBe(3)
  })

  it('that a covariate all but tells apart are refused, with what to do', () => {
    // Far above the controls in all sets but one.
    const apart = sets.map((name, i) => (cases[i] && name !== 'S02' ? 3 : 0) + x[i] / 4)
    expect(() => prepared({ covariates: [{ name: 'PC1', values: apart }] })).toThrow(
      /fitted to PC1 repeat \d+% of the observed cases.*match on them more closely/,
    )
  })

  it('without a case or a control are refused by the design', () => {
    expect(() =>
      prepared({
        people: samples.map((sample, i) => ({ sample, case: i === 0, sex: null, stratum: sets[i] })),
      }),
    ).toThrow(/matched set S01 has no case/)
  })
})

it('the lead of a study that is not matched is tested within sets as the matched study would', async () => {
  const covariates = [{ name: 'x', values: x }]
  for (const over of [{}, { covariates }]) {
    const made = prepared(over)
    const { design, labels, byPerson } = made
    const { lead } = (await run(made)).summary
    if (lead === null) throw new Error('there is a lead')
    const store = await openStore(workshop().host, made.store.folder)
    const found = await testWithinSets(lead, store, { design, labels }, new AbortController().signal)
    expect(
      await testWithinSets({ ...lead, alt: 'N' }, store, { design, labels }, new AbortController().signal),
    ).toBeNull()
    await store.close()
    const at = genotypes[lead.position - 100]
    const whole = conditionalFirth({
      cases: cases.map((c) => (c ? 1 : 0)),
      sets,
      columns: 'covariates' in over ? [x] : [],
      tested: at.map((c) => (c < 0 ? Number.NaN : c)),
    })
    expect(found).toMatchObject({ sets: 18, cases: 20, controls: samples.length - 20 })
    const [trend, firth] = found?.tests ?? []
    expect(firth.test).toBe('matched_firth_p')
    expect(firth.p).toBeCloseTo(Math.exp(whole.logP), 9)
    expect(firth.or).toBeCloseTo(Math.exp(whole.beta), 6)
    if ('covariates' in over) {
      const law = labelNull(byPerson(at), design.families[0].scheme)
      const called = [...labels.cases.keys()].filter((i) => labels.cases[i] === 1 && byPerson(at)[i] >= 0)
      const copies = called.reduce((sum, i) => sum + byPerson(at)[i], 0)
      expect(trend.test).toBe('matched_trend_conditional_p')
      expect(trend.p).toBeCloseTo(Math.exp(law.logP[(called.length - law.from) * law.stride + copies]), 12)
    } else {
      expect(trend.test).toBe('matched_trend_exact_p')
      expect(trend.p).toBeCloseTo(stratifiedTrend(setTables(at)).p, 12)
      expect(trend.note).toContain('sensitivity: exact trend within 18 matched sets of 20 cases')
    }
  }
})
