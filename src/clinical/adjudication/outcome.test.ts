import { describe, expect, it } from 'vitest'
import type { Call, GroupRow } from '../../results/clinical.ts'
import { adjudicatedGroup } from '../calls/groups.ts'
import {
  type Adjudication,
  type AdjudicationVerdict,
  lastWords,
  outcomeOf,
  raterAgreement,
  summariseAdjudications,
} from './index.ts'

const entry = (patient: string, who: string, verdict: AdjudicationVerdict, definition = 'd'): Adjudication => ({
  patient,
  who,
  verdict,
  definition,
  reason: 'r',
  when: '2026-11-26T12:00:00Z',
  evidence: { diagnosis: 'yes', progression: 'yes', recovery: 'yes', mimics: 'yes' },
  call: { verdict: 'yes', start_day: 0, end_day: 400, value: 6 },
  previous: '',
  sha256: '',
})
const call = (patient: string, change: Partial<Call> = {}): Call => ({
  patient,
  definition: 'd',
  verdict: 'yes',
  start_day: 0,
  end_day: 400,
  value: 6,
  reason: '',
  ...change,
})

describe('what raters come to', () => {
  it.each<[AdjudicationVerdict[], string]>([
    [['confirm'], 'confirmed'],
    [['confirm', 'confirm'], 'confirmed'],
    [['reject'], 'rejected'],
    [['confirm', 'reject'], 'disagreed'],
    [['confirm', 'reject', 'defer'], 'disagreed'],
    [['confirm', 'defer'], 'deferred'],
    [['reject', 'defer'], 'deferred'],
    [['defer'], 'deferred'],
  ])('%j', (verdicts, outcome) => {
    expect(outcomeOf(verdicts.map((verdict) => ({ verdict })))).toBe(outcome)
  })

  it('counts the last word of each, under one definition', () => {
    const words = lastWords(
      [
        entry('a', 'A', 'defer'),
        entry('a', 'A', 'confirm'),
        entry('a', 'B', 'reject', 'other'),
        entry('b', 'B', 'reject'),
      ],
      'd',
    )
    expect([...words].map(([patient, own]) => [patient, outcomeOf(own.values()), own.size])).toEqual([
      ['a', 'confirmed', 1],
      ['b', 'rejected', 1],
    ])
  })

  it('makes a case, or neither case nor control', () => {
    expect(adjudicatedGroup('typical', 'reversal', 'confirmed')).toBe('reversal')
    expect(adjudicatedGroup('reversal', 'reversal', 'confirmed')).toBe('reversal')
    expect(adjudicatedGroup('reversal', 'reversal', 'rejected')).toBe('unassigned')
    expect(adjudicatedGroup('reversal', 'reversal', 'deferred')).toBe('unassigned')
    expect(adjudicatedGroup('reversal', 'reversal', 'disagreed')).toBe('unassigned')
    expect(adjudicatedGroup('typical', 'reversal', 'rejected')).toBe('typical')
    expect(adjudicatedGroup('slow', 'reversal', null)).toBe('slow')
  })
})

it('agreement of two raters is kappa over the people of both', () => {
  const entries = [
    ...['a', 'b', 'c', 'e'].flatMap((patient) => [entry(patient, 'A', 'confirm'), entry(patient, 'B', 'confirm')]),
    ...['f', 'g'].flatMap((patient) => [entry(patient, 'A', 'reject'), entry(patient, 'B', 'reject')]),
    entry('h', 'A', 'confirm'),
    entry('h', 'B', 'reject'),
    entry('i', 'A', 'defer'),
    entry('i', 'B', 'reject'),
    entry('j', 'A', 'confirm'),
    entry('a', 'C', 'reject'),
  ]
  const [pair, ...rest] = raterAgreement(lastWords(entries, 'd'))
  expect(pair).toMatchObject({ a: 'A', b: 'B', differ: ['h', 'i'] })
  expect(pair.table).toEqual([
    [4, 1, 0],
    [0, 2, 0],
    [0, 1, 0],
  ])
  // Observed 6/8; expected (5 x 4 + 2 x 4 + 1 x 0) / 64 = 28/64; kappa (48 - 28) / (64 - 28) = 20/36.
  expect(pair.kappa.kappa).toBeCloseTo(20 / 36, 12)
  // Confirm against the rest: 4 1 / 0 3; observed 7/8, expected (5 x 4 + 3 x 4) / 64 = 1/2.
  expect(pair.confirm.kappa).toBeCloseTo(0.75, 12)
  expect(rest.map(({ a, b, kappa }) => [a, b, kappa.people])).toEqual([
    ['A', 'C', 1],
    ['B', 'C', 1],
  ])
})

it('the summary says what is of other definitions, of nobody, and what has changed since', () => {
  const groups = [
    { patient: 'a', rule_case: 1 },
    { patient: 'b', rule_case: 0 },
  ] as GroupRow[]
  const entries = [
    entry('a', 'A', 'reject'),
    entry('b', 'A', 'confirm'),
    entry('gone', 'A', 'confirm'),
    entry('a', 'A', 'confirm', 'x'),
  ]
  const found = summariseAdjudications(entries, 'd', [call('a'), call('b', { end_day: 500 })], groups)
  expect(found).toMatchObject({
    entries: 4,
    people: 2,
    confirmed: 1,
    rejected: 1,
    outdated: 1,
    raters: [{ who: 'A', people: 3 }],
    agreement: [],
    without: { cases: 1, controls: 1 },
  })
  expect(found.notes.join(' ')).toMatch(
    /1 person was adjudicated who is not.*1 adjudication is of another definition.*has changed since it was judged \(b\)/,
  )
})
