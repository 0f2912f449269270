import { describe, expect, it } from 'vitest'
import type { Visit } from '../../../results/clinical.ts'
import { itemTables } from '../../../statistics/index.ts'
import { trajectories } from '../../visits/trajectory.ts'
import { itemLikelihoods } from './item-likelihood.ts'
import { evenly, fitItems, itemRatings } from './items.ts'
import { defaultPriors, publishedModel } from './model.ts'
import { itemPosteriorOf, posteriorOf } from './posterior.ts'
import { latentAt } from './scale.ts'
import { type SimulatedPerson, simulatePerson } from './simulate.ts'
import { noiseParts } from './visit-noise.ts'

const people: SimulatedPerson[] = []
for (let i = 0; i < 80; i++) people.push(simulatePerson(7, i, 'decline', publishedModel, { items: true }))
const ratingsOf = ({ items }: SimulatedPerson) => Int8Array.from((items ?? []).flat())
const model = fitItems(people.map(ratingsOf), 12)
if (model === null) throw new RangeError('no model of the items')
const tables = itemTables(model)
const parts = noiseParts(1, publishedModel, defaultPriors)
const latentOf = (table: Float64Array) => latentAt(table.indexOf(Math.max(...table)))

describe('itemLikelihoods', () => {
  it('are largest near the total where all items are rated', () => {
    let squares = 0
    let visits = 0
    for (const person of people.slice(0, 20)) {
      const found = itemLikelihoods(model, tables, ratingsOf(person), 48, parts)
      person.trajectory.scores.forEach((score, k) => {
        if (score < 6 || score > 42) return
        visits++
        squares += (latentOf(found[k]?.all ?? new Float64Array(1)) - score) ** 2
      })
    }
    expect(visits).toBeGreaterThan(60)
    expect(Math.sqrt(squares / visits)).toBeLessThan(2)
  })

  it('say nothing of what lies beyond an end of every item', () => {
    const [floor, ceiling] = itemLikelihoods(
      model,
      tables,
      Int8Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 4)),
      48,
      parts,
    )
    expect(floor?.all[0]).toBeCloseTo(1, 2)
    expect(ceiling?.all[ceiling.all.length - 1]).toBeCloseTo(1, 2)
  })

  it('leave missing items out, and visits without any', () => {
    const ratings = ratingsOf(people[0]).slice(0, 24)
    const whole = itemLikelihoods(model, tables, ratings, 48, parts)
    const some = ratings.slice()
    some.fill(-1, 18)
    const without = itemLikelihoods(model, tables, some, 48, parts)
    const width = (table: Float64Array) => table.reduce((sum, p) => sum + p, 0)
    expect(width(without[1]?.all ?? new Float64Array(0))).toBeGreaterThan(width(whole[1]?.all ?? new Float64Array(0)))
    some.fill(-1, 12)
    expect(itemLikelihoods(model, tables, some, 48, parts)[1]).toBe(null)
  })
})

describe('posteriors by items', () => {
  it('agree with those by totals in the main, and follow totals where there are no items', () => {
    const items = itemPosteriorOf({ ...publishedModel, itemNoise: 1 }, model, 'ALSFRS-R')
    const totals = posteriorOf(publishedModel)
    let near = 0
    for (let i = 0; i < 30; i++) {
      const person = simulatePerson(8, i, 'reversal', publishedModel, { items: true })
      const a = totals(person.trajectory)?.posterior ?? 0
      const b = items(person.trajectory, ratingsOf(person))?.posterior ?? 0
      if (Math.abs(a - b) < 0.3) near++
      const none = items(person.trajectory, new Int8Array(12 * person.trajectory.days.length).fill(-1))
      expect(none?.posterior).toBeCloseTo(a, 12)
    }
    expect(near).toBeGreaterThan(22)
    expect(items({ ...people[0].trajectory, days: [0], scores: [40] }, new Int8Array(12))).toBe(null)
  })
})

describe('itemRatings', () => {
  it('takes the visits of the trajectory, either form of cutting, and no rating that is none', () => {
    const visit = (patient: string, day: number, change: Partial<Visit>): Visit =>
      ({
        patient,
        day,
        scale: 'ALSFRS-R',
        total: 40,
        q1: 4,
        q2: 3,
        q3: 2,
        q4: 1,
        q5a: null,
        q5b: 2,
        q6: 0,
        q7: 4,
        q8: 4,
        q9: 4,
        q10: 3,
        r1: 4,
        r2: 4,
        r3: 9,
        ...change,
      }) as Visit
    const visits = [
      visit('a', 0, {}),
      visit('a', 5, { total: null }),
      visit('a', 9, { q1: 1.5, q5a: 1 }),
      visit('b', 0, { scale: 'ALSFRS' }),
      visit(
        'c',
        0,
        Object.fromEntries(
          ['q1', 'q2', 'q3', 'q4', 'q5b', 'q6', 'q7', 'q8', 'q9', 'r1', 'r2', 'r3'].map((name) => [name, null]),
        ),
      ),
    ]
    const courses = [...trajectories(visits).values()]
    expect(itemRatings(visits, courses).map((own) => own && [...own])).toEqual([
      [4, 3, 2, 1, 2, 0, 4, 4, 4, 4, 4, -1, -1, 3, 2, 1, 1, 0, 4, 4, 4, 4, 4, -1],
      [4, 3, 2, 1, 2, 0, 4, 4, 4, 3],
      null,
    ])
  })
})

it('evenly spreads a choice', () => {
  expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3])
  expect(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2)).toEqual([2, 7])
})
