import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LabValue } from '../../results/clinical.ts'
import { isTest, parseDefinition, testsOf } from '../definitions/index.ts'
import type { RuleOf } from '../definitions/schema.ts'
import { objectiveGain, sustainedGain } from './sustained.ts'

const shipped = (id: string) => {
  const file = `definitions/${id}.yaml`
  return parseDefinition({ file, text: readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8') })
}
const rule = (id: string) => shipped(id).rule as RuleOf<'objective-gain'>

const labs = (test: string, values: [number, number][], change: Partial<LabValue> = {}): LabValue[] =>
  values.map(([day, value]) => ({ patient: 'a', day, test, value, qualifier: '', unit: '%', ...change }))

describe('an objective measure', () => {
  it('of vital capacity is regained beyond noise and held', () => {
    const found = objectiveGain(
      rule('objective-vital-capacity'),
      labs('FVC_PERCENT', [
        [0, 70],
        [90, 52],
        [180, 71.5],
        [270, 74],
        [350, 70],
      ]),
    )
    expect(found).toEqual({
      verdict: 'yes',
      start_day: 90,
      end_day: 350,
      value: 18,
      reason:
        'The FVC_PERCENT (%) rose from 52 (day 90) to 71.5 (day 180) and 3 visits to day 350 held at least 18 of it; 17 % over 183 days (less 30) were asked for.',
    })
  })

  it.each<[string, string, LabValue[], string, RegExp]>([
    [
      'nothing recorded',
      'objective-vital-capacity',
      labs('IGF-1', [[0, 100]]),
      'ineligible',
      /No value of FVC_PERCENT/,
    ],
    [
      'less than noise',
      'objective-vital-capacity',
      labs('FVC_PERCENT', [
        [0, 60],
        [100, 76],
        [300, 76],
      ]),
      'no',
      /never rose 17 % above an earlier visit; the largest gain was 16/,
    ],
    [
      'forced and slow are not mixed',
      'objective-vital-capacity',
      [
        ...labs('FVC_PERCENT', [[0, 50]]),
        ...labs('SVC_PERCENT', [
          [100, 80],
          [300, 80],
        ]),
      ],
      'no',
      /SVC_PERCENT/,
    ],
    [
      'units are not mixed',
      'objective-strength',
      [
        ...labs('GRIP_LEFT', [[0, 10]], { unit: 'kg' }),
        ...labs(
          'GRIP_LEFT',
          [
            [100, 22],
            [300, 22],
          ],
          { unit: 'lb' },
        ),
      ],
      'no',
      /GRIP_LEFT \(lb\)/,
    ],
    [
      'one hand is enough',
      'objective-strength',
      [
        ...labs(
          'GRIP_LEFT',
          [
            [0, 10],
            [100, 9],
            [300, 8],
          ],
          { unit: 'kg' },
        ),
        ...labs(
          'GRIP_RIGHT',
          [
            [0, 10],
            [100, 15],
            [300, 16],
          ],
          { unit: 'kg' },
        ),
      ],
      'yes',
      /GRIP_RIGHT \(kg\) rose from 10 \(day 0\) to 15/,
    ],
    [
      'a percentage of nothing is not taken',
      'objective-strength',
      labs(
        'GRIP_LEFT',
        [
          [0, 0],
          [50, 4],
          [100, 6],
          [300, 7],
        ],
        { unit: 'kg' },
      ),
      'yes',
      /from 4 \(day 50\) to 6/,
    ],
    [
      'always zero',
      'objective-strength',
      labs(
        'GRIP_LEFT',
        [
          [0, 0],
          [100, 0],
          [300, 0],
        ],
        { unit: 'kg' },
      ),
      'no',
      /largest gain was 0/,
    ],
    [
      'denervation resolved',
      'objective-emg',
      labs(
        'EMG_DENERVATION',
        [
          [0, 5],
          [200, 0],
          [400, 0],
        ],
        { unit: 'muscles' },
      ),
      'yes',
      /fell from 5 \(day 0\) to 0 \(day 200\)/,
    ],
    [
      'denervation less, not none',
      'objective-emg',
      labs(
        'EMG_DENERVATION',
        [
          [0, 5],
          [200, 1],
          [400, 1],
        ],
        { unit: 'muscles' },
      ),
      'no',
      /never fell 2 muscles below an earlier visit to 0; the largest gain was 4/,
    ],
    [
      'one examination without denervation',
      'objective-emg',
      labs(
        'EMG_DENERVATION',
        [
          [0, 5],
          [200, 0],
        ],
        { unit: 'muscles' },
      ),
      'unconfirmed',
      /too short to confirm/,
    ],
    [
      'a value below the limit says nothing',
      'objective-vital-capacity',
      [...labs('FVC_PERCENT', [[0, 50]]), ...labs('FVC_PERCENT', [[100, 80]], { qualifier: '>' })],
      'ineligible',
      /1 visit over 0 days/,
    ],
  ])('%s', (_, id, values, verdict, reason) => {
    const found = objectiveGain(rule(id), values)
    expect(found.verdict).toBe(verdict)
    expect(found.reason).toMatch(reason)
  })

  it('is found by the beginning of its name', () => {
    expect(isTest('GRIP_LEFT', ['GRIP*'])).toBe(true)
    expect(isTest('HANDGRIP', ['GRIP*', 'MMT'])).toBe(false)
    expect(
      testsOf([shipped('objective-emg'), shipped('large-sustained'), shipped('objective-vital-capacity')]),
    ).toEqual(['EMG_DENERVATION', 'FVC_PERCENT', 'SVC_PERCENT'])
  })
})

describe('gaps and the confirming visit', () => {
  const gain = { kind: 'sustained-gain', gain: 4, days: 365, tolerance_days: 30 } as const
  const course = (points: [number, number][]) => ({
    patient: 'a',
    scale: 'ALSFRS-R' as const,
    days: points.map(([day]) => day),
    scores: points.map(([, score]) => score),
  })

  it('says when nobody looked for long', () => {
    const seen = course([
      [0, 24],
      [100, 30],
      [600, 31],
    ])
    expect(sustainedGain(gain, seen)).toMatchObject({
      verdict: 'yes',
      reason: expect.stringContaining('with none in the 500 days between'),
    })
    const limited = sustainedGain({ ...gain, longest_gap_days: 400 }, seen)
    expect(limited).toMatchObject({ verdict: 'unconfirmed', end_day: 600, value: 6 })
    expect(limited.reason).toContain('for 500 days nobody looked; at most 400 are allowed')
    expect(sustainedGain({ ...gain, longest_gap_days: 500 }, seen).verdict).toBe('yes')
  })

  it('a confirming visit that has lost the gain confirms nothing', () => {
    const seen = course([
      [0, 24],
      [100, 30],
      [600, 25],
    ])
    expect(sustainedGain(gain, seen)).toMatchObject({ verdict: 'unconfirmed', end_day: 100, value: 6 })
    const any = sustainedGain({ ...gain, confirming_visit: 'any' }, seen)
    expect(any).toMatchObject({ verdict: 'yes', end_day: 100, value: 6 })
    expect(any.reason).toContain('a visit on day 600 closes the time without being asked to hold')
    // The least gain that held counts the confirming visit.
    expect(
      sustainedGain(
        gain,
        course([
          [0, 24],
          [100, 30],
          [600, 28],
        ]),
      ).value,
    ).toBe(4)
  })
})
