import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { fitLevels, type LevelRow } from './level-model.ts'

/** Two groups at a ratio of 1.5 on plates whose levels scatter; `mixed`: both groups on every plate. */
function rows(plates: number, people: number, scatter: number, mixed: boolean, seed: number): LevelRow[] {
  const random = new RandomStream(seed, 'plates test', 0)
  const levels = Array.from({ length: plates }, () => scatter * random.normal())
  return Array.from({ length: people }, (_, i) => {
    const plate = i % plates
    const group = mixed ? Math.floor(i / plates) % 2 : plate % 2
    const value = 100 * Math.exp(Math.log(1.5) * group + levels[plate] + 0.2 * random.normal())
    return { value, censoring: 0 as const, columns: [group], plate: `p${plate}` }
  })
}

describe('fitLevels', () => {
  it('finds a difference within plates, as fixed and as random effects', () => {
    const data = rows(8, 160, 0.5, true, 3)
    for (const how of ['fixed', 'random'] as const) {
      const model = fitLevels(data, 1, how)
      if (typeof model === 'string') throw new Error(model)
      const ratio = model.ratio(0)
      expect(Math.abs(Math.log((ratio?.ratio ?? 0) / 1.5))).toBeLessThan(0.1)
      expect(ratio?.p).toBeLessThan(1e-8)
      expect(model.sdPlates === null).toBe(how === 'fixed')
      if (how === 'random') expect(model.sdPlates).toBeGreaterThan(0.2)
    }
    // Left out, the scatter of plates widens the limits.
    const none = fitLevels(data, 1, 'none')
    const fixed = fitLevels(data, 1, 'fixed')
    if (typeof none === 'string' || typeof fixed === 'string') throw new Error('no model')
    const width = (m: typeof none) => Math.log((m.ratio(0)?.high ?? 0) / (m.ratio(0)?.low ?? 1))
    expect(width(none)).toBeGreaterThan(1.5 * width(fixed))
  })

  it('refuses to tell groups from plates that hold one group each, also as random effects', () => {
    const data = rows(6, 60, 0.5, false, 4)
    expect(fitLevels(data, 1, 'fixed')).toBe('plates_confounded')
    expect(fitLevels(data, 1, 'random')).toBe('plates_confounded')
    expect(typeof fitLevels(data, 1, 'none')).toBe('object')
  })

  it('leaves out plates on which nothing was measured, and calls them no confounding', () => {
    const data = rows(6, 60, 0.5, true, 7)
    const hidden = data.map((row) => (row.plate === 'p0' ? { ...row, value: 500, censoring: -1 as const } : row))
    const found = fitLevels(hidden, 1, 'fixed')
    const without = fitLevels(
      data.filter(({ plate }) => plate !== 'p0'),
      1,
      'fixed',
    )
    if (typeof found === 'string' || typeof without === 'string') throw new Error('no model')
    expect(found.people).toBe(50)
    expect(found.ratio(0)).toEqual(without.ratio(0))
    expect(typeof fitLevels(hidden, 1, 'random')).toBe('object')
  })

  it('says that plates do not scatter, and takes few plates as fixed', () => {
    const same = fitLevels(rows(6, 60, 0, true, 5), 1, 'random')
    if (typeof same === 'string') throw new Error(same)
    expect(same.sdPlates).toBeLessThan(0.08)
    const few = fitLevels(rows(3, 60, 0.5, true, 6), 1, 'random')
    expect(typeof few === 'string' ? few : few.sdPlates).toBeNull()
    expect(fitLevels(rows(3, 3, 0.5, true, 6), 1, 'fixed')).toBe('too_few')
  })
})
