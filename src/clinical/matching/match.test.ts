import { describe, expect, it } from 'vitest'
import { mahalanobisDistances } from './mahalanobis.ts'
import { matchControls } from './match.ts'
import type { MatchingOptions, MatchPerson } from './person.ts'

const person = (patient: string, role: 'case' | 'control', age: number | null, rest: Partial<MatchPerson> = {}) => ({
  patient,
  role,
  variables: { age },
  exact: { sex: 'female' },
  observedDays: 900,
  confirmedDay: role === 'case' ? 800 : null,
  ...rest,
})
const options: MatchingOptions = { ratio: 1, exact: [], calipers: {}, distance: 'mahalanobis' }

describe('matchControls', () => {
  it('gives the distances of a table worked by hand', () => {
    // Within-group squares: cases 2, controls 8; S = 10 / (2 + 3 - 2).
    const { distances } = mahalanobisDistances([[1], [3]], [[4], [6], [8]], ['x'])
    const sd = Math.sqrt(10 / 3)
    expect([...distances].map((d) => d * sd)).toEqual([3, 5, 7, 1, 3, 5].map((d) => expect.closeTo(d, 12)))
  })

  it('leaves out of a risk set whoever was not observed long enough, and counts them', () => {
    const people = [
      person('c1', 'case', 50),
      person('k1', 'control', 50, { observedDays: 799 }),
      person('k2', 'control', 60, { observedDays: 800 }),
      person('k3', 'control', 50, { observedDays: null }),
      person('k4', 'control', null),
    ]
    const { rows, summary } = matchControls(people, options)
    expect(rows.map((r) => [r.set, r.patient, r.role])).toEqual([
      [1, 'c1', 'case'],
      [1, 'k2', 'control'],
    ])
    expect(summary.controlsNotAtRisk).toBe(2)
    expect(summary.controlsIncomplete).toBe(1)
    expect(summary.sets).toEqual([{ set: 1, case: 'c1', confirmedDay: 800, atRisk: 1, eligible: 1, matched: 1 }])
  })

  it('is optimal where the nearest first is not', () => {
    // Greedy gives c1 the control of 51 and leaves c2 the one of 70: |50-51| + |52-70| = 19; the optimum is 1 + ... reversed.
    const people = [
      person('c1', 'case', 50),
      person('c2', 'case', 52),
      person('k1', 'control', 51.5),
      person('k2', 'control', 40),
    ]
    const { rows } = matchControls(people, options)
    expect(rows.filter((r) => r.role === 'control').map((r) => r.patient)).toEqual(['k2', 'k1'])
  })

  it('keeps calipers and exact variables, and names the unmatched', () => {
    const people = [
      person('c1', 'case', 50),
      person('c2', 'case', 70, { exact: { sex: 'male' } }),
      person('c3', 'case', 50, { exact: { sex: null } }),
      person('k1', 'control', 58),
      person('k2', 'control', 71),
    ]
    const { rows, summary } = matchControls(people, { ...options, exact: ['sex'], calipers: { age: 10 } })
    expect(rows.map((r) => r.patient)).toEqual(['c1', 'k1'])
    expect(summary.unmatched).toEqual(['c2', 'c3'])
    expect(summary.sets.map((s) => [s.case, s.set, s.atRisk, s.eligible])).toEqual([
      ['c1', 1, 2, 1],
      ['c2', null, 2, 0],
    ])
    expect(summary.balance.map((b) => b.variable)).toEqual(['age', 'sex: female'])
  })

  it('does not depend on the order of the people, ties included', () => {
    const people = [
      person('c2', 'case', 50),
      person('c1', 'case', 50),
      ...['k5', 'k3', 'k4', 'k1', 'k2'].map((id) => person(id, 'control', 52)),
      person('k6', 'control', 80),
    ]
    const forward = matchControls(people, { ...options, ratio: 2 })
    const backward = matchControls([...people].reverse(), { ...options, ratio: 2 })
    expect(backward).toEqual(forward)
    expect(forward.rows.map((r) => r.patient)).not.toContain('k6')
  })

  it('weighs controls of small sets up: each case counts once after matching', () => {
    const people = [
      person('c1', 'case', 40),
      person('c2', 'case', 60),
      person('k1', 'control', 41),
      person('k2', 'control', 43),
      person('k3', 'control', 62),
    ]
    const { summary } = matchControls(people, { ...options, ratio: 2, calipers: { age: 5 } })
    expect(summary.balance[0].meanControlsBefore).toBeCloseTo((41 + 43 + 62) / 3, 12)
    expect(summary.balance[0].meanControlsAfter).toBeCloseTo((42 + 62) / 2, 12)
    // sd of the cases is sqrt(200).
    expect(summary.balance[0].smdAfter).toBeCloseTo(-2 / Math.sqrt(200), 12)
    expect(summary.notes).toEqual([])
    const far = matchControls(
      [person('c1', 'case', 40), person('c2', 'case', 42), person('k1', 'control', 60)],
      options,
    )
    expect(far.summary.notes?.[0]).toContain('age (-')
  })

  it('refuses what was measured after the nadir, two rows of one person, collinear variables', () => {
    const late = person('c1', 'case', 50, { nadirDay: 300, measuredDays: { age: 301 } })
    expect(() => matchControls([late], options)).toThrow(/after the nadir/)
    expect(() => matchControls([person('a', 'case', 1), person('a', 'control', 1)], options)).toThrow(/twice/)
    const people = [1, 2, 4, 8].map((x, i) => ({
      ...person(`p${i}`, i < 2 ? 'case' : 'control', x),
      variables: { age: x * x, double: 2 * x * x + 1 },
    }))
    expect(() => matchControls(people, options)).toThrow(/double is a linear combination of age/)
    expect(() => matchControls(people, { ...options, calipers: { weight: 3 } })).toThrow(/no matching variable weight/)
  })

  it('matches nobody without an error when there are no cases, or no controls', () => {
    expect(matchControls([person('k1', 'control', 50)], options).rows).toEqual([])
    expect(matchControls([person('c1', 'case', 50)], options).summary.unmatched).toEqual(['c1'])
  })

  it('says for each case short of controls which rule left it so, and how near the nearest was', () => {
    const people = [
      person('c1', 'case', 50),
      person('c2', 'case', 70, { exact: { sex: 'male' } }),
      person('c3', 'case', 90),
      person('c4', 'case', 51, { confirmedDay: 5000 }),
      person('c5', 'case', null),
      person('c6', 'case', 52, { confirmedDay: null }),
      person('c7', 'case', 49),
      person('k1', 'control', 58),
      person('k2', 'control', 71, { observedDays: 810 }),
    ]
    const { summary } = matchControls(people, { ...options, exact: ['sex'], calipers: { age: 15 } })
    expect(summary.losses?.map((l) => [l.case, l.rule, l.matched])).toEqual([
      ['c2', 'exact', 0],
      ['c3', 'caliper', 0],
      ['c4', 'risk_set', 0],
      ['c5', 'variable_missing', 0],
      ['c6', 'not_confirmed', 0],
      ['c7', 'taken', 0],
    ])
    expect(summary.losses?.map((l) => l.reason)).toEqual([
      'c2: of 2 controls at risk none have equal sex male.',
      'c3: of 2 controls at risk and equal, age within 15 of 90 leaves 0 (the nearest is 19 away).',
      'c4: confirmed 5000 days after onset, and no controls were alive and under observation that long (the longest: 900 days).',
      'c5: age is missing.',
      'c6: the day of confirmation after onset is not known, so its risk set is not either.',
      'c7: 1 control is eligible, but other cases need them and none is left.',
    ])
    expect(summary.notes?.at(-1)).toContain('6 of 7 cases have no control')
  })

  it('takes a timed variable of a control as it stood at the nadir of its case', () => {
    const course = { days: [100, 400, 800], values: [-0.2, -1, -3] }
    const people = [
      person('c1', 'case', -1, { nadirDay: 500 }),
      person('k1', 'control', -3, { timed: { age: course } }),
      person('k2', 'control', -1.5),
      person('k3', 'control', -4),
    ]
    const { rows, summary } = matchControls(people, options)
    // At day 500 the last visit of k1 was that of day 400: its value is the case's own.
    expect(rows.map((r) => [r.patient, r.distance])).toEqual([
      ['c1', 0],
      ['k1', 0],
    ])
    const [age] = summary.balance
    expect([age.meanControlsBefore, age.meanControlsAfter]).toEqual([-8.5 / 3, -1])
    // Before any visit the first one stands in, and the method says so.
    const early = matchControls([{ ...people[0], nadirDay: 50 }, ...people.slice(1)], options)
    expect(early.summary.method).toContain('or of its first visit where none was earlier')
    expect(summary.method).not.toContain('first visit')
  })

  it('matches on the propensity within its caliper, also where the variables separate the groups', () => {
    const people = [
      ...[40, 41, 43].map((age, i) => person(`c${i}`, 'case', age)),
      ...[50, 52, 56, 60].map((age, i) => person(`k${i}`, 'control', age)),
    ]
    const { rows, summary } = matchControls(people, { ...options, distance: 'propensity' })
    expect(rows.filter((r) => r.role === 'control').map((r) => r.patient)).toEqual(
      expect.arrayContaining(['k0', 'k1', 'k2']),
    )
    // One variable: the logit in its standard deviations is the variable in its own.
    const sd = Math.sqrt((7 / 3 + 59 / 3) / 2)
    expect(summary.totalDistance).toBeCloseTo((16 + 11 + 7) / sd, 8)
    const within = matchControls(people, { ...options, calipers: { propensity: 7.5 / sd } })
    expect(within.rows.map((r) => r.patient)).toEqual(['c2', 'k0'])
    const both = people.map((p) => ({ ...p, variables: { age: p.variables.age, twice: 2 * (p.variables.age ?? 0) } }))
    expect(() => matchControls(both, { ...options, distance: 'propensity' })).toThrow(/linear combinations/)
  })

  it('has variance ratios of cases to controls, none for 0/1 variables', () => {
    const people = [
      ...[40, 50].map((age, i) => person(`c${i}`, 'case', age)),
      ...[41, 43, 49].map((age, i) => person(`k${i}`, 'control', age)),
    ].map((p, i) => ({ ...p, variables: { ...p.variables, flag: i === 1 || i > 2 ? 1 : 0 } }))
    const { summary } = matchControls(people, options)
    expect(summary.balance[0].varianceRatioBefore).toBeCloseTo(50 / (104 / 6), 12)
    expect(summary.balance[0].varianceRatioAfter).toBeCloseTo(50 / 32, 12)
    expect(summary.balance[1].varianceRatioBefore).toBeNull()
  })
})
