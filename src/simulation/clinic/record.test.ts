import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import type { Member, TrueClass } from '../people/roster.ts'
import { drawPerson } from '../people/traits.ts'
import { daysPerMonth, drawCourse, latentScore, scoreAt } from './course.ts'
import { type ClinicalRecord, makeRecord } from './record.ts'

const member = (index: number, trueClass: TrueClass): Member => ({
  person: drawPerson(3, index, 0.15, 0.04),
  trueClass,
  patient: `${index}`,
  column: index,
  ownSample: `S${index}`,
  sample: `S${index}`,
})

function records(trueClass: TrueClass, count: number, natural = false, freeIgf1 = 0): ClinicalRecord[] {
  return Array.from({ length: count }, (_, i) =>
    makeRecord(3, member(i, trueClass), { igfbp7: 0, freeIgf1, reverses: false }, { natural, salivaCases: false }),
  )
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

describe('true courses', () => {
  it('of reversals drop, turn and hold a gain of at least eight points for a year and a half', () => {
    for (let i = 0; i < 300; i++) {
      const course = drawCourse(new RandomStream(1, 'test/course', i), 'reversal', false, false)
      const { nadir, complete, gain, held } = course.turn!
      const low = latentScore(course, nadir)
      expect(latentScore(course, 0) - low).toBeGreaterThan(2.5)
      for (let month = complete; month <= held; month += 0.5)
        expect(latentScore(course, month) - low).toBeCloseTo(gain, 9)
      expect(gain).toBeGreaterThanOrEqual(8)
      expect(held - complete).toBeGreaterThanOrEqual(18)
      expect(latentScore(course, held)).toBeLessThan(48)
    }
  })

  it('of everyone else never rise, and begin at 48', () => {
    for (const trueClass of ['typical', 'slow', 'rapid', 'plateau', 'pseudo-reversal'] as const)
      for (let i = 0; i < 60; i++) {
        const course = drawCourse(new RandomStream(2, 'test/course', i), trueClass, i % 4 === 0, false)
        for (let month = 1; month < 60; month++)
          expect(scoreAt(course, month)).toBeLessThanOrEqual(scoreAt(course, month - 1))
        expect(Math.abs(48 - course.rate * course.onset - scoreAt(course, 0))).toBeLessThan(6)
      }
  })
})

describe('records', () => {
  it('hold visits about three months apart whose items sum to the total, until death or drop-out', () => {
    const gaps: number[] = []
    for (const record of records('typical', 200)) {
      record.visits.forEach(({ day, total, items }, i) => {
        expect(items.reduce((a, b) => a + b, 0)).toBe(total)
        if (i === 0) expect(day).toBe(0)
        else gaps.push(day - record.visits[i - 1].day)
      })
      expect(record.visits.length).toBeGreaterThanOrEqual(4)
      if (record.deathDay !== null) expect(record.deathDay).toBeGreaterThanOrEqual(record.visits.at(-1)!.day)
      expect(record.diagnosisDay).toBeGreaterThan(record.onsetDay)
      expect(record.diagnosisDay).toBeLessThanOrEqual(0)
    }
    expect(Math.min(...gaps)).toBeGreaterThan(30)
    // every missed visit (8%) doubles a gap
    expect(mean(gaps)).toBeGreaterThan(91)
    expect(mean(gaps)).toBeLessThan(106)
  })

  it('scatter about the true score by the noise of a visit', () => {
    const squares = records('typical', 300).flatMap(({ visits, course }) =>
      visits
        .map(({ day, total }) => ({ total, truth: latentScore(course, day / daysPerMonth) }))
        .filter(({ truth }) => truth > 8 && truth < 40)
        .map(({ total, truth }) => (total - truth) ** 2),
    )
    // 1.7 squared and the rounding of whole points
    expect(mean(squares)).toBeGreaterThan(2.6)
    expect(mean(squares)).toBeLessThan(3.4)
  })

  it('of the population decline by 1.0 (0.75) points a month and half die within 2 to 4 years of onset', () => {
    const people = records('typical', 1500, true)
    const rates = people.map(({ course }) => course.rate)
    const average = mean(rates)
    // truncation at 0.05 and 4 lifts the mean, bulbar onset by 0.05 more
    expect(average).toBeGreaterThan(1.05)
    expect(average).toBeLessThan(1.25)
    const sd = Math.sqrt(mean(rates.map((rate) => (rate - average) ** 2)))
    expect(sd).toBeGreaterThan(0.55)
    expect(sd).toBeLessThan(0.75)
    const survival = people
      .map(({ deathDay, onsetDay }) => ((deathDay ?? 1e6) - onsetDay) / 365.25)
      .sort((a, b) => a - b)
    expect(survival[750]).toBeGreaterThan(2)
    expect(survival[750]).toBeLessThan(4)
  })

  it('of pseudo-reversals show a jump of several points that the true score does not have', () => {
    let jumps = 0
    for (const { visits, course } of records('pseudo-reversal', 100)) {
      const { from, to } = course.outlier!
      const low = visits.filter(({ day }) => day / daysPerMonth >= from && day / daysPerMonth < to)
      const after = visits.filter(({ day }) => day / daysPerMonth >= to)
      if (low.length > 0 && mean(after.map(({ total }) => total)) - Math.min(...low.map(({ total }) => total)) >= 4)
        jumps++
    }
    expect(jumps).toBeGreaterThan(80)
  })

  it('hold IGF-1 near 100 ng/mL that falls with age, is higher in men and with more free IGF-1', () => {
    const level = (list: ClinicalRecord[]) => mean(list.map(({ igf1 }) => Math.log(igf1[0].value)))
    const people = records('typical', 800)
    const persons = people.map((record, i) => ({ record, person: member(i, 'typical').person }))
    const part = (keep: (one: (typeof persons)[number]) => boolean) =>
      level(persons.filter(keep).map(({ record }) => record))
    expect(Math.exp(level(people))).toBeGreaterThan(92)
    expect(Math.exp(level(people))).toBeLessThan(112)
    expect(part(({ record }) => record.age < 55) - part(({ record }) => record.age > 70)).toBeGreaterThan(0.2)
    expect(part(({ person }) => person.male) - part(({ person }) => !person.male)).toBeGreaterThan(0)
    // seven tenths of a standard deviation of 0.6 for one of free IGF-1
    expect(level(records('typical', 800, false, 1)) - level(people)).toBeCloseTo(0.42, 6)
    const below = records('typical', 800, false, -2)
      .flatMap(({ igf1 }) => igf1)
      .filter(({ value }) => value < 25).length
    // about 8% of some 2,200 levels
    expect(below).toBeGreaterThan(80)
    expect(below).toBeLessThan(350)
  })
})
