import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runInline } from '../../../compute/task.ts'
import { memoryHost } from '../../testing/memory-host.ts'
import type { Trajectory } from '../../visits/trajectory.ts'
import { defaultPriors } from './model.ts'
import { cohortPosteriors, largestRise } from './task.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../../../tests/oracles/05_mixed/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))

it('recovers the planted reversals of a simulated cohort', async () => {
  const people = new Map<string, Trajectory>()
  for (const [patient, day, , , , , score] of read('inputs.tsv')) {
    const own = people.get(patient) ?? { patient, scale: 'ALSFRS-R', days: [], scores: [] }
    own.days.push(Number(day))
    own.scores.push(Number(score))
    people.set(patient, own)
  }
  const cohort = [...people.values()]
  const { signal } = new AbortController()
  const { posteriors, fitted } = await cohortPosteriors(
    cohort,
    cohort.map(() => null),
    defaultPriors,
    { run: runInline(memoryHost({}), signal), signal, progress: () => {} },
  )
  // Planted: mean slope -0.9 (and 0.075 and 0.25 steeper by group and site), SD 0.65 but at or below zero; noise 1.8.
  const { model, items } = fitted['ALSFRS-R']
  expect(items).toBe(null)
  expect(model?.slopePerMonth).toBeGreaterThan(-1.1)
  expect(model?.slopePerMonth).toBeLessThan(-0.75)
  expect(Math.abs((model?.sdNoise ?? 0) - 1.8)).toBeLessThan(0.25)

  const kinds = new Map(read('truth.tsv').map(([patient, kind]) => [patient, kind]))
  const slopes = new Map(read('expected_patients.tsv').map(([patient, , , slope]) => [patient, Number(slope)]))
  let recovered = 0
  cohort.forEach(({ patient }, i) => {
    const posterior = posteriors[i].totals?.posterior ?? 0
    const kind = kinds.get(patient)
    if (kind === 'sustained_reversal') {
      if (posterior >= 0.5) recovered++
    } else if (posterior >= 0.5) {
      // The simulator's slopes are normal, so a few people without a planted reversal do rise all the time.
      expect(kind, patient).toBe('decline')
      expect(slopes.get(patient), patient).toBeGreaterThan(0)
    }
  })
  // One of the twelve was seen four times, three of them after a year: nothing can be said.
  expect(recovered).toBeGreaterThanOrEqual(11)
})

it('finds the largest rise', () => {
  expect(largestRise([40, 38, 35, 39, 30])).toBe(4)
  expect(largestRise([3])).toBe(0)
  expect(largestRise([])).toBe(0)
})
