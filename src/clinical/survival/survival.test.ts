import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { exp, log } from '../../numerics/special.ts'
import { coxFirth } from '../../statistics/survival/index.ts'
import { analyseSurvival, type SurvivalPerson } from './analyse.ts'
import { copyHazard, type Followed } from './copy-hazard.ts'
import { incidenceByGenotype } from './incidence.ts'
import { survivalRegression } from './regression.ts'
import { followUp } from './times.ts'

const days = (onset: number | null, first: number | null, last: number | null, death: number | null) => ({
  onset_day: onset,
  first_visit_day: first,
  last_visit_day: last,
  death_day: death,
})

/** 60 people seen from 100 days on, of whom every fourth is lost; carriers die sooner. */
const people = Array.from({ length: 60 }, (_, i): Followed => {
  const copies = i % 3 === 0 ? 1 : 0
  return {
    follow: { entry: 100 + (i % 7) * 30, end: 500 + ((i * 97) % 41) * 20 - 200 * copies, status: i % 4 === 0 ? 0 : 2 },
    copies,
    covariates: [i % 2, 40 + ((i * 31) % 30)],
    cohort: 'a',
  }
})

describe('time under observation', () => {
  it('runs from onset, begins at the first visit and ends with death or the last one', () => {
    expect(followUp(days(-200, 10, 400, null))).toEqual({ entry: 210, end: 600, status: 0 })
    expect(followUp(days(-200, 10, 400, 500))).toEqual({ entry: 210, end: 700, status: 2 })
    // A visit before the recorded onset.
    expect(followUp(days(50, 0, 400, null))).toEqual({ entry: 0, end: 350, status: 0 })
  })
  it('counts a reversal when it is confirmed, whatever comes after', () => {
    expect(followUp(days(-200, 10, 400, 500), 300)).toEqual({ entry: 210, end: 500, status: 1 })
  })
  it('says why there is none', () => {
    expect(followUp(days(null, 10, 400, null))).toBe('day of onset not known')
    expect(followUp(days(0, null, null, 400))).toBe('no visit')
    expect(followUp(days(0, 10, 10, null))).toBe('not seen again after the first visit')
    expect(followUp(days(0, 10, null, null))).toBe('not seen again after the first visit')
    expect(followUp(days(20, 10, 20, null))).toBe('last seen by the recorded onset')
  })
})

describe('the hazard by copies', () => {
  it('is coxFirth’s with entry times, whatever the scale of covariates', () => {
    const found = copyHazard(people, 2, ['sex', 'age'])
    const plain = coxFirth({
      time: people.map(({ follow }) => follow.end),
      entry: people.map(({ follow }) => follow.entry),
      status: people.map(({ follow }) => (follow.status === 2 ? 1 : 0)),
      columns: [0, 1].map((j) => people.map(({ covariates }) => covariates[j])),
      tested: people.map(({ copies }) => copies),
    })
    expect(found).toMatchObject({ status: 'ok', people: 60, events: 45, adjustedFor: ['sex', 'age'], leftOut: [] })
    expect(log(found.ratio ?? 0)).toBeCloseTo(plain.beta, 8)
    expect(log(found.low ?? 0)).toBeCloseTo(plain.low ?? 0, 6)
    expect(log(found.p ?? 0)).toBeCloseTo(plain.logP, 8)
    expect(found.byCopies).toEqual([
      { people: 40, events: 30 },
      { people: 20, events: 15 },
      { people: 0, events: 0 },
    ])
  })

  it('leaves out what does not differ, and covariates where events are few', () => {
    const men = people.map((one) => ({ ...one, covariates: [1, one.covariates[1]] }))
    expect(copyHazard(men, 2, ['sex', 'age'])).toMatchObject({
      adjustedFor: ['age'],
      leftOut: ['sex (the same for everybody)'],
    })
    const few = people.map(
      (one, i): Followed => (i % 12 === 1 ? one : { ...one, follow: { ...one.follow, status: 0 } }),
    )
    expect(copyHazard(few, 2, ['sex', 'age'])).toMatchObject({
      status: 'ok',
      events: 5,
      adjustedFor: [],
      leftOut: ['sex (fewer than 2 events a column)', 'age (fewer than 2 events a column)'],
    })
  })

  it('has a finite answer where every event is a carrier’s', () => {
    const separated = people.map(
      (one): Followed => (one.copies === 1 ? one : { ...one, follow: { ...one.follow, status: 0 } }),
    )
    const found = copyHazard(separated, 2, [])
    expect(found.status).toBe('ok')
    expect(found.low).toBeGreaterThan(1)
    expect(found.ratio).toBeLessThan(1e4)
  })

  it('says what it cannot do', () => {
    const status = (of: Followed[]) => copyHazard(of, 2, ['sex', 'age']).status
    expect(status([])).toBe('nobody')
    expect(status(people.map((one) => ({ ...one, follow: { ...one.follow, status: 0 } })))).toBe('no_events')
    expect(status(people.map((one) => ({ ...one, copies: 0 })))).toBe('monomorphic')
    expect(
      status(people.map((one, i) => (i === 1 ? one : { ...one, follow: { ...one.follow, status: 0 as const } }))),
    ).toBe('few_events')
    expect(status(people.map((one) => ({ ...one, copies: one.covariates[0] })))).toBe('collinear')
    // Carriers and others are in different cohorts, and so never at risk together.
    expect(status(people.map((one) => ({ ...one, cohort: one.copies === 1 ? 'b' : 'a' })))).toBe('collinear')
    const many = Array.from({ length: 4800 }, (_, i) => people[i % 60])
    expect(status(many.map((one, i) => ({ ...one, follow: { ...one.follow, status: i % 60 === 0 ? 0 : 2 } })))).toBe(
      'too_large',
    )
  })
})

describe('shares by genotype', () => {
  it('are counts where nobody is lost or enters late', () => {
    const plain = Array.from({ length: 40 }, (_, i): Followed => {
      const carrier = i < 10
      const status = i % 2 === 0 ? 1 : 2
      return {
        follow: { entry: 0, end: i % 5 === 0 ? 300 : 2000 + i, status },
        copies: carrier ? 1 : 0,
        covariates: [],
        cohort: 'a',
      }
    })
    const found = incidenceByGenotype(plain)
    expect(found?.fromDay).toBe(0)
    const [carriers, others] = found?.groups ?? []
    expect(carriers.years[0]).toMatchObject({ year: 1, atRisk: 8, reversed: 0.1, died: 0.1 })
    expect(others.years[0]).toMatchObject({ year: 1, atRisk: 24, reversed: 0.1, died: 0.1 })
    expect(carriers.curve.map(({ day }) => day)).toEqual([300])
    expect(carriers.curve[0]).toMatchObject({ reversed: 0.1, died: 0.1, reversedLow: carriers.years[0].reversedLow })
    // All end before the sixth year.
    expect(carriers.years.at(-1)?.year).toBe(5)
  })
  it('turn to the other allele where it is the rarer, and are not given of fewer than five', () => {
    const twisted = people.map((one) => ({ ...one, copies: 2 - one.copies }))
    expect(incidenceByGenotype(twisted)).toEqual({ ...incidenceByGenotype(people), rareAllele: 'ref' })
    expect(incidenceByGenotype(people.map((one, i) => ({ ...one, copies: i < 4 ? 1 : 0 })))).toBeNull()
    expect(incidenceByGenotype([])).toBeNull()
    const many = Array.from({ length: 6000 }, (_, i) => people[i % 60])
    expect(incidenceByGenotype(many)).toBeNull()
  })
})

/** Exponential deaths; reversal, likelier with copies, comes to whoever lives: nothing links copies and death. */
function cohort(random: RandomStream): { people: SurvivalPerson[]; copies: Map<string, number> } {
  const copies = new Map<string, number>()
  const made = Array.from({ length: 160 }, (_, i): SurvivalPerson => {
    const g = random.uniform() < 0.3 ? 1 : 0
    const death = -1000 * log(random.uniform())
    const reversal = (g === 1 ? -700 : -7000) * log(random.uniform())
    const reversed = reversal < death && reversal < 2000
    copies.set(`s${i}`, g)
    return {
      sample: `s${i}`,
      patient: {
        cohort: 'a',
        onset_day: 0,
        first_visit_day: 0,
        last_visit_day: Math.ceil(Math.min(death, 2000)),
        death_day: death < 2000 ? Math.ceil(death) : null,
      },
      role: reversed ? 'case' : 'control',
      confirmedDay: reversed ? Math.ceil(reversal) : null,
      covariates: [],
    }
  })
  return { people: made, copies }
}

describe('the analysis of a lead', () => {
  it('finds no link with death that is not there, except among controls, where it says so', () => {
    const sums = { controls: 0, death: 0, reversal: 0 }
    const rounds = 30
    let sentence = ''
    for (let round = 0; round < rounds; round++) {
      const { people: made, copies } = cohort(new RandomStream(4, 'test/survival', round))
      const [lead] = analyseSurvival({
        people: made,
        covariates: [],
        leads: [{ lead: '1:5:A:C', copies }],
        left: [],
      }).leads
      for (const name of ['controls', 'death', 'reversal'] as const) sums[name] += log(lead[name].ratio ?? 1) / rounds
      sentence = lead.sentence
    }
    // Standard errors of the means are below 0.05.
    expect(Math.abs(sums.death)).toBeLessThan(0.2)
    expect(exp(sums.reversal)).toBeGreaterThan(7)
    expect(exp(sums.reversal)).toBeLessThan(14)
    expect(exp(sums.controls)).toBeGreaterThan(1.5)
    expect(sentence).toContain('seems to shorten life there')
    expect(sentence).toContain('not those of a test made once')
  })

  it('counts who is left out, and says what is missing', () => {
    const { people: made, copies } = cohort(new RandomStream(5, 'test/survival', 0))
    copies.delete('s0')
    const alive = made.map((person, i) => ({
      ...person,
      patient: { ...person.patient, death_day: null, onset_day: i === 1 ? null : 0 },
    }))
    alive[2] = { ...alive[2], role: 'case', confirmedDay: null }
    const found = analyseSurvival({
      people: alive,
      covariates: [],
      leads: [
        { lead: '1:5:A:C', copies },
        { lead: '1:6:A:C', copies: null },
      ],
      left: [{ reason: 'excluded: mimic', people: 3 }],
    })
    expect(found.left).toEqual([
      { reason: 'day of onset not known', people: 1 },
      { reason: 'excluded: mimic', people: 3 },
      { reason: 'reversal without a day', people: 1 },
    ])
    expect(found.notes).toEqual(['No death is recorded, so nothing can be said about survival.'])
    const [first, second] = found.leads
    expect(first.controls.status).toBe('no_events')
    expect(first.sentence).toContain('survival could not be compared by genotypes of 1:5:A:C: none happened')
    expect(first.notes).toContain('1 people have no call of 1:5:A:C.')
    expect(second.controls.status).toBe('nobody')
    expect(analyseSurvival({ people: [], covariates: [], leads: [], left: [] }).notes).toEqual([
      'There is no lead whose survival could be looked at.',
    ])
  })
})

describe('the regression of a table', () => {
  const oracle = new URL('../../../tests/oracles/08_survival/', import.meta.url)
  const [header, ...lines] = readFileSync(new URL('inputs_cox.tsv', oracle), 'utf8').trim().split('\n')
  const cells = lines.map((line) => line.split('\t').map(Number))
  const column = (name: string) => cells.map((row) => row[header.split('\t').indexOf(name)])
  const [time, status, g, age, id] = ['time', 'status', 'g', 'age', 'id'].map(column)
  const competing = status.map((s, i) => (s === 1 && id[i] % 3 === 0 ? 2 : s))

  it('gives every column its ratio, and death as a competing event', () => {
    const found = survivalRegression({ time, status: competing, columns: [g, age], names: ['g', 'age'], ties: 'efron' })
    expect(found.people).toBe(180)
    expect(found.events + found.competing + found.censored).toBe(180)
    // R: coxph(Surv(time, cause == 1) ~ g + age), and finegray with coxph, as in the tests of the models.
    expect(log(found.columns[0].plain.ratio ?? 0)).toBeCloseTo(0.264535420376655, 8)
    expect(log(found.columns[1].plain.ratio ?? 0)).toBeCloseTo(0.0293928482502924, 8)
    expect(log(found.columns[0].subdistribution?.ratio ?? 0)).toBeCloseTo(0.0329019693547169, 8)
    const { low, high } = found.columns[1].subdistribution ?? {}
    expect(log((high ?? 1) / (low ?? 1)) / (2 * 1.959963984540054)).toBeCloseTo(0.0129950058425257, 8)
    expect(found.columns[0].competingFirth?.status).toBe('ok')
    expect(found.incidence[50].high).toBeGreaterThan(found.incidence[50].low ?? 1)
    const all = survivalRegression({ time: [1, 2], status: [1, 1], columns: [[0, 1]], names: ['x'], ties: 'efron' })
    expect(all.incidence.at(-1)).toMatchObject({ incidence: 1, low: null, high: 1 })
    expect(all.groups).toMatchObject([{ value: 'all', people: 2, competingIncidence: [] }])
  })

  it('gives the incidence of both events by group, and the numbers at risk', () => {
    const table = { time, status: competing, columns: [g], names: ['g'], ties: 'efron' } as const
    const found = survivalRegression({ ...table, by: g.map(String) })
    expect(found.groups.map(({ value }) => value)).toEqual(['0', '1', '2'])
    expect(found.groups.reduce((sum, { people }) => sum + people, 0)).toBe(180)
    for (const group of found.groups) {
      const own = [...g.keys()].filter((i) => String(g[i]) === group.value)
      const alone = survivalRegression({
        ...table,
        time: own.map((i) => time[i]),
        status: own.map((i) => competing[i]),
        columns: [],
        names: [],
      })
      expect(group.incidence).toEqual(alone.incidence)
      expect(group.events + group.competing).toBe(alone.events + alone.competing)
      // Both shares and whoever has neither make everybody.
      const sum = (group.incidence.at(-1)?.incidence ?? 0) + (group.competingIncidence.at(-1)?.incidence ?? 0)
      expect(sum).toBeLessThanOrEqual(1 + 1e-12)
      for (const { time: at, people } of group.atRisk) expect(people).toBe(own.filter((i) => time[i] >= at).length)
    }
    expect(found.groups[0].atRisk.length).toBeLessThanOrEqual(7)
    expect(() => survivalRegression({ ...table, by: age.map(String) })).toThrow(/at most 4/)
  })

  it('says what it cannot do', () => {
    const none = survivalRegression({ time: [1, 2], status: [0, 0], columns: [[0, 1]], names: ['x'], ties: 'efron' })
    expect(none.columns[0]).toMatchObject({
      firth: { status: 'no_events' },
      plain: { status: 'no_events' },
      competingFirth: null,
    })
    expect(none.incidence).toEqual([])
    const separated = survivalRegression({
      time: [1, 2, 3, 4],
      status: [1, 1, 0, 0],
      columns: [
        [1, 1, 0, 0],
        [1, 2, 2, 1],
      ],
      names: ['x', 'y'],
      ties: 'efron',
    })
    expect(separated.columns[0].plain.status).toBe('infinite')
    expect(separated.columns[0].firth.status).toBe('ok')
    const many = Array.from({ length: 8000 }, (_, i) => i + 1)
    expect(() =>
      survivalRegression({ time: many, status: many.map(() => 2), columns: [many], names: ['x'], ties: 'efron' }),
    ).toThrow(/8000 events times 8000 people are more than 50000000/)
    const entered = survivalRegression({
      time: [3, 4, 5],
      status: [1, 2, 0],
      entry: [0, 1, 1],
      columns: [[1, 0, 1]],
      names: ['x'],
      ties: 'efron',
    })
    expect(entered.columns[0].subdistribution).toBeNull()
    expect(entered.notes[0]).toContain('neither entry times nor strata')
  })
})
