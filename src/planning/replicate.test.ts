import { describe, expect, it } from 'vitest'
import { oneSidedTrend, replicate, type SecondStudy, type TableCounts } from './index.ts'

const loci = [
  { lead: '4:57040000:A:G', or: 12, rsid: '' },
  { lead: '12:66400000:C:T', or: 0.4, rsid: '' },
  { lead: '1:5:A:T', or: 3, rsid: '' },
]
const second = (rest: Partial<SecondStudy> = {}): SecondStudy => ({
  cohort: 'second',
  cases: 22,
  controls: 103,
  sharedCases: 0,
  sharedControls: 0,
  counts: new Map<string, TableCounts | null>([
    ['4:57040000:A:G', [10, 9, 3, 95, 8, 0]],
    ['12:66400000:C:T', [2, 10, 10, 40, 50, 13]],
    ['1:5:A:T', null],
  ]),
  ...rest,
})

describe('oneSidedTrend', () => {
  it('is the enumeration of all labellings', () => {
    // 2 cases among copies 0 0 1 1 2; cases have 1 + 2: T = 3. Of 10 pairs, sums: 0 1 1 2 1 1 2 2 3 3.
    const { upper, lower } = oneSidedTrend([0, 1, 1, 2, 1, 0])
    expect(upper).toBeCloseTo(2 / 10, 13)
    expect(lower).toBeCloseTo(1, 13)
    expect(oneSidedTrend([1, 1, 0, 1, 1, 1]).lower).toBeCloseTo(5 / 10, 13)
    expect(() => oneSidedTrend([1, 0.5, 0, 1, 1, 1])).toThrow(/whole numbers/)
  })
})

describe('replicate', () => {
  it('tests each locus with the exact p and Firth, in new cases', () => {
    const found = replicate(loci, second())
    expect(found.kind).toBe('replication')
    const [lead, opposite] = found.loci
    expect(lead.or).toBeCloseTo(11.00036, 4)
    expect(lead.low).toBeCloseTo(4.085511, 4)
    expect(lead.high).toBeCloseTo(33.58537, 3)
    expect(lead.p).toBeCloseTo(5.2e-7, 8)
    expect(lead.oneSidedP).toBeLessThanOrEqual(lead.p)
    expect([lead.sameDirection, lead.replicated]).toEqual([true, true])
    // The first study said that T protects; here it is the other way.
    expect([opposite.sameDirection, opposite.replicated]).toEqual([false, false])
    expect(opposite.oneSidedP).toBeGreaterThan(0.9)
    expect(found.missing).toEqual([{ lead: '1:5:A:T', reason: 'not in the second cohort' }])
    expect(found.sentence).toContain('1 of 2 loci replicated at one-sided p <= 0.025')
  })

  it('never calls the same cases a replication', () => {
    const found = replicate(loci, second({ sharedCases: 22, sharedControls: 5 }))
    expect(found.kind).toBe('control-set robustness')
    expect(found.loci.every((l) => !l.replicated)).toBe(true)
    expect(found.sentence).toContain('shares all its cases with the first study')
    expect(found.sentence).toContain('it is not a replication')
    expect(found.sentence).toContain('5 controls are in both')
    expect(replicate(loci, second({ sharedCases: 1 })).kind).toBe('control-set robustness')
  })

  it('says what cannot be tested, and that there is no second cohort', () => {
    const counts = new Map<string, TableCounts | null>([
      ['4:57040000:A:G', [22, 0, 0, 103, 0, 0]],
      ['12:66400000:C:T', [0, 0, 0, 90, 10, 3]],
      ['1:5:A:T', [5, 5, 1, 0, 0, 0]],
    ])
    expect(replicate(loci, second({ counts })).missing.map((m) => m.reason)).toEqual([
      'does not vary in the second cohort',
      'no case has a genotype',
      'no control has a genotype',
    ])
    expect(replicate(loci, null)).toMatchObject({ kind: 'none', loci: [] })
  })
})
