import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Patient, Visit } from '../../results/clinical.ts'
import { alsfrsItems } from '../../results/clinical.ts'
import { trajectories } from '../visits/trajectory.ts'
import {
  kingsStage,
  lostFunctions,
  mitosStage,
  observedDays,
  olsSlope,
  postNadirSlope,
  preNadirSlope,
  progressionRate,
  subscores,
  totalOfItems,
} from './index.ts'

const full: Visit = {
  patient: 'a',
  day: 0,
  scale: 'ALSFRS-R',
  total: 48,
  ...(Object.fromEntries(alsfrsItems.map((item) => [item, item === 'q5b' || item === 'q10' ? null : 4])) as Omit<
    Visit,
    'patient' | 'day' | 'scale' | 'total'
  >),
}
const visit = (change: Partial<Visit>): Visit => ({ ...full, ...change })

describe('scores', () => {
  it('sums the items of the scale, item 5 either way', () => {
    expect(totalOfItems(full)).toBe(48)
    expect(totalOfItems(visit({ q5a: null, q5b: 1 }))).toBe(45)
    expect(totalOfItems(visit({ q5b: 1 }))).toBe(null)
    expect(totalOfItems(visit({ r2: null }))).toBe(null)
    expect(totalOfItems(visit({ scale: 'ALSFRS', q10: 2, r1: null, r2: null, r3: null }))).toBe(38)
  })

  it('keeps a domain missing when one of its items is', () => {
    expect(subscores(visit({ q1: 3, q4: null, r3: 0 }))).toEqual({
      bulbar: 11,
      fineMotor: null,
      grossMotor: 12,
      motor: null,
      respiratory: 8,
    })
  })
})

describe('kingsStage', () => {
  it.each<[string, Partial<Visit>, string | null]>([
    ['full score', {}, '0'],
    ['items that are not used', { q6: 0, q7: 0, q9: 0, r2: 0 }, '0'],
    ['bulbar', { q2: 3 }, '1'],
    ['bulbar and arm', { q1: 3, q5a: 3 }, '2'],
    ['three regions', { q1: 3, q4: 3, q8: 3 }, '3'],
    ['gastrostomy', { q5a: null, q5b: 4 }, '4A'],
    ['dyspnoea 0', { r1: 0 }, '4B'],
    ['dyspnoea 1', { r1: 1 }, '0'],
    ['any ventilation', { r3: 3 }, '4B'],
    ['both', { r3: 3, q5a: null, q5b: 2 }, '4A+4B'],
    ['a missing item that decides', { q3: null }, null],
    ['a missing item beside one that is lost', { q3: null, q1: 2 }, '1'],
    ['missing respiratory item', { r1: null }, null],
    ['missing respiratory item beside ventilation', { r1: null, r3: 2 }, '4B'],
    ['5a and 5b both answered', { q5b: 4 }, null],
    ['neither 5a nor 5b', { q5a: null }, null],
    ['ALSFRS', { scale: 'ALSFRS', q10: 4 }, null],
  ])('%s', (_, change, stage) => {
    expect(kingsStage(visit(change))).toBe(stage)
  })

  it('is 5 at death and 4A with a recorded gastrostomy', () => {
    expect(kingsStage(full, { dead: true })).toBe('5')
    expect(kingsStage(full, { gastrostomy: true })).toBe('4A')
  })
})

describe('mitosStage', () => {
  it.each<[string, Partial<Visit>, number | null]>([
    ['full score', {}, 0],
    ['speech alone is not communication', { q1: 0 }, 0],
    ['speech and writing', { q1: 1, q4: 1 }, 1],
    ['walking or dressing', { q6: 1 }, 1],
    ['breathing by ventilation', { r3: 2 }, 1],
    ['ventilation 3 is not lost', { r3: 3 }, 0],
    ['all four', { q1: 0, q4: 0, q3: 1, q8: 1, r1: 1 }, 4],
    ['missing swallowing', { q3: null }, null],
    ['missing writing with full speech', { q4: null }, 0],
    ['missing writing with lost speech', { q4: null, q1: 1 }, null],
  ])('%s', (_, change, stage) => {
    expect(mitosStage(visit(change))).toBe(stage)
  })

  it('is 5 at death; breathing is unknown on the ALSFRS', () => {
    expect(mitosStage(full, { dead: true })).toBe(5)
    expect(lostFunctions(visit({ scale: 'ALSFRS', q10: 0 })).breathing).toBe(null)
  })
})

describe('slopes', () => {
  it('agrees with lm() in R for every person of the oracle with three visits or more', () => {
    const table = (name: string) =>
      readFileSync(new URL(`../../../tests/oracles/05_mixed/${name}`, import.meta.url), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t'))
    const visits = table('inputs.tsv').map((cells) =>
      visit({ patient: cells[0], day: Number(cells[1]), total: Number(cells[6]) }),
    )
    const people = trajectories(visits)
    let compared = 0
    for (const [id, , intercept, slope, se] of table('expected_patients.tsv')) {
      const trajectory = people.get(id)
      if (trajectory === undefined || trajectory.days.length < 3) continue
      const fit = olsSlope(trajectory, 0, trajectory.days.length - 1)
      // The oracle's months are rounded to four digits.
      expect(fit?.slope).toBeCloseTo(Number(slope), 3)
      expect(fit?.intercept).toBeCloseTo(Number(intercept), 3)
      expect(fit?.se).toBeCloseTo(Number(se), 3)
      compared++
    }
    expect(compared).toBeGreaterThan(380)
  })

  it('splits at the nadir', () => {
    const [trajectory] = trajectories([40, 36, 34, 38, 42].map((total, i) => visit({ day: i * 61, total }))).values()
    expect(preNadirSlope(trajectory)?.visits).toBe(3)
    expect(preNadirSlope(trajectory)?.slope).toBeCloseTo((-3 / 61) * 30.4375, 12)
    expect(postNadirSlope(trajectory)?.slope).toBeCloseTo((4 / 61) * 30.4375, 12)
    expect(postNadirSlope(trajectory)?.se).toBeCloseTo(0, 12)
  })

  it('gives delta-FS only after onset', () => {
    expect(progressionRate(36, 48, -365.25, 0)).toBeCloseTo(1, 12)
    expect(progressionRate(36, 48, null, 0)).toBe(null)
    expect(progressionRate(36, 48, 0, 0)).toBe(null)
  })

  it('keeps the two scales of a person apart', () => {
    const mixed = [
      visit({ day: 0, total: 40 }),
      visit({ day: 30, scale: 'ALSFRS', total: 30 }),
      visit({ day: 60, scale: 'ALSFRS', total: 29 }),
      visit({ day: 90, total: null }),
    ]
    expect(trajectories(mixed).get('a')).toEqual({ patient: 'a', scale: 'ALSFRS', days: [30, 60], scores: [30, 29] })
  })

  it('observes from onset to death or the last visit', () => {
    const patient = { onset_day: -100, last_visit_day: 200, death_day: 250 } as Patient
    expect(observedDays(patient)).toBe(350)
    expect(observedDays({ ...patient, death_day: null })).toBe(300)
    expect(observedDays({ ...patient, onset_day: null })).toBe(null)
  })
})
