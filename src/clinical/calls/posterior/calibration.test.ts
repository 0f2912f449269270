import { expect, it } from 'vitest'
import { runInline } from '../../../compute/task.ts'
import { memoryHost } from '../../testing/memory-host.ts'
import { calibrate, calibrationEdges, fitSimulated } from './calibration.ts'
import { publishedModel } from './model.ts'
import { simulatedCourses } from './simulate.ts'

const people = {
  decline: 200,
  plateau: 100,
  transientGain: 100,
  smallGain: 60,
  ratingShift: 60,
  outlyingSpell: 40,
  reversal: 150,
}

it('holds posteriors against the truth at the stated prevalence', () => {
  const found = calibrate(20240815, people, [{ model: null, items: null }])
  expect(found.people).toBe(710)
  expect(found.bins.length).toBe(calibrationEdges.length - 1)
  // Of those whose scores hardly rise some are left out, and the others stand for them.
  const weighed = found.bins.reduce((sum, bin) => sum + bin.people, 0)
  expect(weighed).toBeGreaterThan(350)
  expect(weighed).toBeLessThan(710)
  for (const { from, to, meanPosterior, trueShare, effective } of found.bins) {
    if (meanPosterior === null) continue
    expect(meanPosterior).toBeGreaterThanOrEqual(from)
    expect(meanPosterior).toBeLessThanOrEqual(to)
    expect(effective).toBeGreaterThan(0)
    const { value, low, high } = trueShare
    expect((low ?? -1) <= (value ?? -1) && (value ?? 2) <= (high ?? 2)).toBe(true)
  }
  expect(found.bins[0].trueShare.value ?? 1).toBeLessThan(0.002)
  expect(found.confident.sensitivity.value ?? 0).toBeGreaterThan(0.2)
  expect(found.confident.sensitivity.value ?? 0).toBeGreaterThan(found.confident.sensitivityAll.value ?? 1)
  expect(found.confident.falseCalls.value ?? 1).toBeLessThan(0.001)
  // What the posterior is for: the plain rule finds more, and most of what it finds at this prevalence is noise.
  expect(found.rule.sensitivity.value ?? 0).toBeGreaterThan(0.5)
  expect(found.rule.trueAmongCalled.value ?? 1).toBeLessThan(0.5)
  expect(Object.keys(found.rule.byCourse).sort()).toEqual(
    simulatedCourses.filter((course) => course !== 'reversal').sort(),
  )
})

it('fits the model that a study of the simulated people would have', async () => {
  const { signal } = new AbortController()
  const workshop = { run: runInline(memoryHost({}), signal), signal, progress: () => {} }
  const { model, items } = await fitSimulated(3, 120, { departures: { noise: 1.5 } }, workshop)
  expect(items).toBe(null)
  expect(model?.sdNoise ?? 0).toBeGreaterThan(1.2 * publishedModel.sdResidual)
  expect(model?.neighbours ?? 1).toBeLessThan(0.15)
  expect((await fitSimulated(3, 10, {}, workshop)).model).toBe(null)
})
