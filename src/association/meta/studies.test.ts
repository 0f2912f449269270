import { describe, expect, it } from 'vitest'
import { fisherExact } from '../../statistics/exact/index.ts'
import { poolStudies, type StudyData, sameNumbers } from './studies.ts'

const empty: StudyData = { study: '', effect: null, genotypes: null, table: null, cases: null, controls: null }
const name = { variant: '4:56989510:G:A', rsid: 'rs4242007', effectAllele: 'A' }

const genotypes = (study: string, [a, b, c, d, e, f]: number[]): StudyData => ({
  ...empty,
  study,
  genotypes: { caseRef: a, caseHet: b, caseAlt: c, controlRef: d, controlHet: e, controlAlt: f },
  cases: a + b + c,
  controls: d + e + f,
})

describe('studies of one variant', () => {
  it('is the tests of the table where there is one study', () => {
    const one = poolStudies(name, [genotypes('StAR', [10, 9, 3, 95, 8, 0])])
    const exact = one.estimates.find((e) => e.method === 'exact')
    const fisher = fisherExact({ caseWith: 12, caseWithout: 10, controlWith: 8, controlWithout: 95 })
    expect(exact?.or).toBeCloseTo(fisher.oddsRatio, 10)
    expect(exact?.p).toBeCloseTo(fisher.p, 15)
    // Exact trend of the reconstructed table.
    expect(one.estimates.find((e) => e.method === 'exact_trend')?.p).toBeCloseTo(5.2e-7, 8)
    expect(one.studies[0].or).toBeCloseTo(Math.exp(2.3979282800174899), 7)
    expect(one.sentence).toMatch(/^Only StAR has an effect: odds ratio for A 11/)
    expect(one).toMatchObject({ heterogeneity: null, leaveOneOut: [] })
  })

  it('says what hangs on one study, and how little two studies tell', () => {
    const two = poolStudies(name, [genotypes('A', [10, 9, 3, 95, 8, 0]), genotypes('B', [20, 2, 0, 95, 8, 0])])
    expect(two.leaveOneOut.map((l) => l.study)).toEqual(['A', 'B'])
    expect(two.leaveOneOut[0].or).toBeCloseTo(two.studies[1].or ?? 0, 12)
    expect(two.sentence).toMatch(/Without A it would not stand at 0.05/)
    expect(two.sentence).toMatch(/exact trend test over studies gives p/)
    expect(two.heterogeneity?.df).toBe(1)
    expect((two.studies[0].weightFixed ?? 0) + (two.studies[1].weightFixed ?? 0)).toBeCloseTo(1, 14)
  })

  it('keeps studies that cannot say anything in the list and out of the estimate', () => {
    const silent = genotypes('nobody carries it', [22, 0, 0, 103, 0, 0])
    const found = poolStudies(name, [genotypes('A', [10, 9, 3, 95, 8, 0]), silent, { ...empty, study: 'no data' }])
    expect(found.studies.map((s) => s.or === null)).toEqual([false, true, true])
    expect(found.sentence).toMatch(/^Only A has an effect/)
    const none = poolStudies(name, [silent])
    expect(none.sentence).toBe('No study has an effect to put together.')
    expect(none.estimates.find((e) => e.method === 'exact')).toMatchObject({ p: 1, or: null })
  })

  it('takes 2 x 2 counts and effects together', () => {
    const found = poolStudies(name, [
      { ...empty, study: 'counts', table: { caseWith: 5, caseWithout: 17, controlWith: 0, controlWithout: 103 } },
      { ...empty, study: 'effect', effect: { estimate: 1, standardError: 0.5 } },
    ])
    expect(found.estimates.map((e) => e.method)).toEqual([
      'exact',
      'exact_midp',
      'peto',
      'fixed',
      'dersimonian_laird',
      'reml',
      'hartung_knapp',
      'hartung_knapp_modified',
    ])
    // No control has it: no upper limit, and no estimate.
    expect(found.estimates[0]).toMatchObject({ or: null, high: null })
    expect(found.estimates[0].low).toBeGreaterThan(1)
  })
})

describe('the same people twice', () => {
  const a = genotypes('A', [10, 9, 3, 95, 8, 0])
  it.each([
    ['the same counts among cases', [a, genotypes('B', [10, 9, 3, 130, 10, 0])], /same counts among cases/],
    [
      'a name of their own',
      [
        { ...a, caseGroup: 'StAR' },
        { ...genotypes('B', [9, 9, 4, 130, 10, 0]), caseGroup: 'StAR' },
      ],
      /same cases \(StAR\)/,
    ],
    [
      'the same estimate',
      [
        { ...empty, study: 'A', effect: { estimate: 1, standardError: 0.5 } },
        { ...empty, study: 'B', effect: { estimate: 1, standardError: 0.5 } },
      ],
      /very same estimate/,
    ],
    [
      'the same 2 x 2 counts',
      [
        { ...empty, study: 'A', table: { caseWith: 5, caseWithout: 17, controlWith: 0, controlWithout: 103 } },
        { ...empty, study: 'B', table: { caseWith: 5, caseWithout: 17, controlWith: 4, controlWithout: 140 } },
      ],
      /same counts among cases/,
    ],
  ])('is told by %s', (_, data, words) => {
    const warnings = sameNumbers(data)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(words)
    expect(poolStudies(name, data, warnings).sentence.startsWith(warnings[0])).toBe(true)
  })
  it('is not told of studies where no case carries it', () => {
    expect(sameNumbers([genotypes('A', [22, 0, 0, 95, 8, 0]), genotypes('B', [22, 0, 0, 130, 10, 0])])).toEqual([])
  })
})
