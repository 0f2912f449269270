import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Call, Patient, Visit } from '../../results/clinical.ts'
import { type Definition, parseDefinitions, type Rule } from '../definitions/index.ts'
import { callDefinitions } from './rules.ts'

const ids = [
  'large-sustained',
  'large-sustained-6-months',
  'positive-slope-180',
  'plateau-6',
  'plateau-12',
  'plateau-18',
  'slow',
  'typical',
  'rapid',
]
const definitions = parseDefinitions(
  ids.map((id) => {
    const file = `definitions/${id}.yaml`
    return { file, text: readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8') }
  }),
)

function judged(points: [number, number][], onset: number | null = -365.25) {
  const patient = { patient: 'a', onset_day: onset } as Patient
  const visits = points.map(([day, total]) => ({ patient: 'a', day, scale: 'ALSFRS-R', total }) as Visit)
  const calls = new Map<string, Call>()
  for (const call of callDefinitions([patient], visits, definitions)) calls.set(call.definition, call)
  return (id: string) => {
    const call = calls.get(id)
    if (call === undefined) throw new RangeError(id)
    return call
  }
}

describe('progression rates', () => {
  it('say between what they lie where onset is known by year only', () => {
    const visits = [{ patient: 'a', day: 0, scale: 'ALSFRS-R', total: 36 } as Visit]
    const reason = (days: number | null) => {
      const patient = { patient: 'a', onset_day: -365.25, onset_uncertainty_days: days } as Patient
      return callDefinitions([patient], visits, definitions).find(({ definition }) => definition === 'typical')?.reason
    }
    expect(reason(null)).toBe(
      '1.00 points were lost a month from onset (day -365.25) to the lowest score, 36 on day 0.',
    )
    // 12 points in 548.25 days, or in 182.25.
    expect(reason(183)).toContain('Onset is known to within 183 days only: the rate is 0.67 to 2.00.')
    expect(reason(400)).toContain('the rate is 0.48 or more.')
  })
})

describe('large-sustained', () => {
  const oracle = (name: string) =>
    readFileSync(new URL(`../../../tests/oracles/05_mixed/${name}`, import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
  const oracleVisits = () =>
    oracle('inputs.tsv').map(
      (cells) => ({ patient: cells[0], day: Number(cells[1]), scale: 'ALSFRS-R', total: Number(cells[6]) }) as Visit,
    )
  /** With `any`, the oracle's own rule, which does not ask the confirming visit to hold. */
  const ruled = (confirming_visit: 'held' | 'any', longest_gap_days?: number) =>
    definitions
      .filter(({ id }) => id === 'large-sustained')
      .map((one) => ({
        ...one,
        rule: { ...one.rule, confirming_visit, ...(longest_gap_days !== undefined && { longest_gap_days }) } as Rule,
      }))
  const oracleCalls = (rules: readonly Definition[]) => {
    const patients = oracle('expected_patients.tsv').map(([patient]) => ({ patient, onset_day: null }) as Patient)
    return callDefinitions(patients, oracleVisits(), rules)
  }

  it('agrees with the oracle for all 400 people', () => {
    const expected = oracle('expected_patients.tsv')
    const calls = oracleCalls(ruled('any'))
    expect(calls.length).toBe(400)
    calls.forEach((call, i) => {
      expect([call.patient, call.verdict === 'yes' ? '1' : '0']).toEqual([expected[i][0], expected[i][6]])
      if (call.verdict === 'no') expect(call.value).toBe(Number(expected[i][5]))
    })
    expect(calls.filter((call) => call.verdict === 'yes').length).toBe(17)
  })

  it('asks the confirming visit to hold, which two planted decliners of the oracle do not', () => {
    const truth = new Map(oracle('truth.tsv').map(([id, kind]) => [id, kind]))
    const shipped = oracleCalls(definitions.filter(({ id }) => id === 'large-sustained'))
    const literal = oracleCalls(ruled('any'))
    const changed = shipped.filter((call, i) => call.verdict !== literal[i].verdict)
    expect(changed.map(({ patient, verdict }) => [patient, verdict, truth.get(patient)])).toEqual([
      ['M0050', 'unconfirmed', 'decline'],
      ['M0243', 'unconfirmed', 'decline'],
    ])
    expect(changed[1].reason).toBe(
      'The score rose from 33 (day 187) to 38 (day 268) and held to day 268, but the next visit, on day 846, was 21: whether it lasted 365 days was not seen.',
    )
  })

  it('finds planted reversals, fewer where gaps are not allowed', () => {
    const truth = new Map(oracle('truth.tsv').map(([id, kind]) => [id, kind]))
    const found = (rules: readonly Definition[]) => {
      const yes = oracleCalls(rules).filter(({ verdict }) => verdict === 'yes')
      return [yes.filter(({ patient }) => truth.get(patient) === 'sustained_reversal').length, yes.length]
    }
    expect(found(ruled('held'))).toEqual([10, 15])
    expect(found(ruled('held', 400))).toEqual([7, 12])
    expect(found(ruled('held', 215))).toEqual([3, 6])
  })

  it('names the visits that made the call', () => {
    const call = judged([
      [0, 30],
      [100, 24],
      [200, 30],
      [400, 29],
      [560, 31],
    ])('large-sustained')
    expect(call).toEqual({
      patient: 'a',
      definition: 'large-sustained',
      verdict: 'yes',
      start_day: 100,
      end_day: 560,
      value: 5,
      reason:
        'The score rose from 24 (day 100) to 30 (day 200) and 3 visits to day 560 held at least 5 points of it; 4 points over 365 days (less 30) were asked for.',
    })
  })

  it.each<[string, [number, number][], Call['verdict'], Call['verdict']]>([
    [
      'too short to confirm',
      [
        [0, 24],
        [100, 30],
        [200, 30],
      ],
      'unconfirmed',
      'unconfirmed',
    ],
    [
      'six months are enough for the variant',
      [
        [0, 24],
        [100, 30],
        [260, 30],
      ],
      'unconfirmed',
      'yes',
    ],
    [
      'the tolerance counts',
      [
        [0, 24],
        [100, 28],
        [435, 28],
      ],
      'yes',
      'yes',
    ],
    [
      'a day before the tolerance',
      [
        [0, 24],
        [100, 28],
        [434, 28],
      ],
      'unconfirmed',
      'yes',
    ],
    [
      'a gain that is lost',
      [
        [0, 24],
        [100, 30],
        [200, 26],
        [500, 24],
      ],
      'no',
      'no',
    ],
    [
      'three points',
      [
        [0, 24],
        [100, 27],
        [500, 27],
      ],
      'no',
      'no',
    ],
    [
      'steady decline',
      [
        [0, 40],
        [200, 35],
        [400, 30],
      ],
      'no',
      'no',
    ],
    ['one visit', [[0, 40]], 'ineligible', 'ineligible'],
    [
      'half a year of decline',
      [
        [0, 40],
        [200, 36],
      ],
      'ineligible',
      'no',
    ],
    [
      'a second gain counts',
      [
        [0, 30],
        [50, 34],
        [100, 25],
        [200, 30],
        [600, 30],
      ],
      'yes',
      'yes',
    ],
  ])('%s', (_, points, twelve, six) => {
    const call = judged(points)
    expect([call('large-sustained').verdict, call('large-sustained-6-months').verdict]).toEqual([twelve, six])
  })
})

describe('the other definitions', () => {
  it('positive slope needs three visits over 180 days', () => {
    expect(
      judged([
        [0, 30],
        [200, 35],
      ])('positive-slope-180').verdict,
    ).toBe('ineligible')
    const rising = judged([
      [0, 36],
      [90, 30],
      [180, 31],
      [270, 33],
    ])('positive-slope-180')
    expect([rising.verdict, rising.start_day, rising.end_day]).toEqual(['yes', 90, 270])
    expect(rising.value).toBeCloseTo((3 / 180) * 30.4375, 10)
    expect(
      judged([
        [0, 36],
        [90, 35],
        [180, 31],
        [270, 30],
      ])('positive-slope-180').verdict,
    ).toBe('no')
  })

  it('plateau looks at the visit nearest the end of the epoch', () => {
    const call = judged([
      [0, 30],
      [160, 28],
      [185, 30],
      [190, 29],
      [390, 31],
    ])
    expect([call('plateau-6').verdict, call('plateau-6').end_day]).toEqual(['yes', 185])
    expect(call('plateau-12')).toMatchObject({ verdict: 'yes', end_day: 390, value: 1 })
    expect(call('plateau-18').verdict).toBe('ineligible')
  })

  it('rates are measured at the nadir, so a regain is not slow disease', () => {
    const call = judged(
      [
        [0, 36],
        [183, 30],
        [365, 40],
      ],
      -365.25,
    )
    expect(call('typical').value).toBeCloseTo(18 / ((183 + 365.25) / 30.4375), 10)
    expect(['slow', 'typical', 'rapid'].map((id) => call(id).verdict)).toEqual(['no', 'yes', 'no'])
  })

  it('without onset the visits give the rate, when they span 90 days', () => {
    const call = judged(
      [
        [0, 40],
        [61, 38],
        [122, 36],
      ],
      null,
    )
    expect(call('typical').value).toBeCloseTo((2 / 61) * 30.4375, 10)
    expect(
      judged(
        [
          [0, 40],
          [61, 38],
        ],
        null,
      )('slow').verdict,
    ).toBe('ineligible')
  })

  it('everyone gets every definition, also without visits', () => {
    const calls = callDefinitions([{ patient: 'b', onset_day: 0 } as Patient], [], definitions)
    expect(calls.map((call) => call.verdict)).toEqual(ids.map(() => 'ineligible'))
  })
})
