import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Call, Patient, Visit } from '../../results/clinical.ts'
import { parseDefinitions } from '../definitions/index.ts'
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

describe('large-sustained', () => {
  it('agrees with the oracle for all 400 people', () => {
    const table = (name: string) =>
      readFileSync(new URL(`../../../tests/oracles/05_mixed/${name}`, import.meta.url), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t'))
    const visits = table('inputs.tsv').map(
      (cells) => ({ patient: cells[0], day: Number(cells[1]), scale: 'ALSFRS-R', total: Number(cells[6]) }) as Visit,
    )
    const expected = table('expected_patients.tsv')
    const patients = expected.map(([patient]) => ({ patient, onset_day: null }) as Patient)
    const calls = callDefinitions(patients, visits, definitions).filter((call) => call.definition === 'large-sustained')
    expect(calls.length).toBe(400)
    calls.forEach((call, i) => {
      expect([call.patient, call.verdict === 'yes' ? '1' : '0']).toEqual([expected[i][0], expected[i][6]])
      if (call.verdict === 'no') expect(call.value).toBe(Number(expected[i][5]))
    })
    expect(calls.filter((call) => call.verdict === 'yes').length).toBeGreaterThan(5)
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
