import { describe, expect, it } from 'vitest'
import type { Patient, Visit } from '../../results/clinical.ts'
import { parseDefinition } from '../definitions/index.ts'
import { trajectories } from '../visits/trajectory.ts'
import { definitionKappas } from './agreement.ts'
import { caseFlow } from './case-flow.ts'
import { callDefinitions } from './rules.ts'
import { callSensitivity } from './sensitivity.ts'

const rule = (id: string, gain: number, days: number) =>
  parseDefinition({
    file: `${id}.yaml`,
    text: `id: ${id}\nversion: 1.0.0\ntitle: T\ndescription: D\nsource: S\ngroup: reversal\nrule: { kind: sustained-gain, gain: ${gain}, days: ${days}, tolerance_days: 30 }\n`,
  })
const definitions = [rule('four', 4, 365), rule('six', 6, 183)]

const courses: Record<string, [number, number][]> = {
  // Six points held for two years; four for a year; five for half a year, then lost; a decline; one visit.
  a: [
    [0, 24],
    [100, 30],
    [200, 30],
    [465, 30],
    [830, 30],
  ],
  b: [
    [0, 24],
    [100, 28],
    [200, 28],
    [465, 28],
  ],
  c: [
    [0, 24],
    [100, 29],
    [290, 29],
    [465, 20],
  ],
  d: [
    [0, 40],
    [200, 36],
    [465, 30],
  ],
  e: [[0, 30]],
}
const patients = Object.keys(courses).map(
  (patient) =>
    ({
      patient,
      onset_day: null,
      mimic: patient === 'b' ? 'anti-GM1' : null,
      known_mutation: patient === 'a' ? 'SOD1' : null,
    }) as Patient,
)
const visits = Object.entries(courses).flatMap(([patient, points]) =>
  points.map(([day, total]) => ({ patient, day, scale: 'ALSFRS-R', total }) as Visit),
)
const calls = callDefinitions(patients, visits, definitions)
const input = {
  patients,
  courses: trajectories(visits),
  labs: new Map(),
  definitions,
  calls,
  caseDefinition: definitions[0],
}

describe('callSensitivity', () => {
  const found = callSensitivity(input)
  const variant = (parameter: string, value: number | null) =>
    found.variants
      .find((one) => one.parameter === parameter && one.value === value)
      ?.strictness.map(({ yes, unconfirmed }) => [yes, unconfirmed])

  it('counts calls at each strictness, by definition', () => {
    expect(found.definitions).toEqual([
      {
        id: 'four',
        strictness: [
          { level: 'none', yes: 2, unconfirmed: 0 },
          { level: 'mimics', yes: 1, unconfirmed: 0 },
          { level: 'mimics-and-mutations', yes: 0, unconfirmed: 0 },
        ],
      },
      {
        id: 'six',
        strictness: [
          { level: 'none', yes: 1, unconfirmed: 0 },
          { level: 'mimics', yes: 1, unconfirmed: 0 },
          { level: 'mimics-and-mutations', yes: 0, unconfirmed: 0 },
        ],
      },
    ])
  })

  it('changes one parameter of the rule at a time', () => {
    // Half a year: c as well. Two years: a, and b is not seen for long enough.
    expect(variant('days', 183)).toEqual([
      [3, 0],
      [2, 0],
      [1, 0],
    ])
    expect(variant('days', 365)).toEqual([
      [2, 0],
      [1, 0],
      [0, 0],
    ])
    expect(variant('days', 730)).toEqual([
      [1, 1],
      [1, 0],
      [0, 0],
    ])
    expect(variant('gain', 6)).toEqual([
      [1, 0],
      [1, 0],
      [0, 0],
    ])
    expect(variant('longest_gap_days', 215)).toEqual([
      [0, 2],
      [0, 1],
      [0, 0],
    ])
    expect(variant('longest_gap_days', null)).toEqual(variant('days', 365))
    expect(found.variants.filter(({ own }) => own).map(({ parameter, value }) => [parameter, value])).toEqual([
      ['days', 365],
      ['gain', 4],
      ['longest_gap_days', null],
    ])
  })

  it('tries nothing where a rule asks for no time', () => {
    const plateau = { ...definitions[0], rule: { kind: 'progression-rate', above: 1 } as const }
    expect(callSensitivity({ ...input, caseDefinition: plateau }).variants).toEqual([])
  })
})

it('kappa of two definitions is over the people of whom both can tell', () => {
  // four: a, b yes, c and d no; six: a yes, b, c, d no; e cannot be told. Kappa (0.75 - 0.5) / 0.5.
  expect(definitionKappas(calls, definitions)).toMatchObject([{ a: 'four', b: 'six', people: 4, both: 1, kappa: 0.5 }])
})

it('the way to a confirmed call loses everybody once, with a reason', () => {
  const groups = patients.map(({ patient, mimic }) => ({
    patient,
    exclusion: mimic === null ? null : 'mimic',
    posterior: patient === 'a' ? 0.95 : 0.2,
  }))
  const steps = caseFlow({ calls, groups: groups as never, caseDefinition: 'four', definitions })
  expect(steps.map(({ people, lost }) => [people, lost])).toEqual([
    [5, 0],
    [4, 1],
    [3, 1],
    [2, 1],
    [2, 0],
    [1, 1],
    [1, 0],
  ])
})
