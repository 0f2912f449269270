import { expect, test } from 'vitest'
import { tickFormat } from './axes.ts'
import { extent, linear, logarithmic, roundTicks } from './scale.ts'
import { shorten, spread, textWidth, wrap } from './text.ts'

test('linear scales map ends to ends and survive an empty domain', () => {
  const x = linear([0, 48], [100, 0])
  expect([x(0), x(24), x(48)]).toEqual([100, 50, 0])
  expect(Number.isFinite(linear([3, 3], [0, 10])(3))).toBe(true)
})

test('logarithmic scales space decades evenly and clip what is not positive', () => {
  const x = logarithmic([0.1, 1000], [0, 400])
  expect(x(1)).toBeCloseTo(100, 9)
  expect(x(10)).toBeCloseTo(200, 9)
  expect(x(-1)).toBe(0)
  expect(x.ticks).toContain(1)
  expect(logarithmic([1, 20], [0, 100], 7).ticks).toEqual([1, 2, 5, 10, 20])
})

test('ticks are round and inside', () => {
  expect(roundTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(roundTicks(-0.37, 1.02, 7)).toEqual([-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1])
  expect([0, 0.5, 1].map(tickFormat([0, 0.5, 1]))).toEqual(['0.0', '0.5', '1.0'])
})

test('an extent ignores what is not finite', () => {
  expect(extent([Number.NaN, 3, Number.POSITIVE_INFINITY, -1])).toEqual([-1, 3])
  expect(extent([])).toEqual([0, 1])
})

test('spread keeps the order, the gap and the limits', () => {
  const placed = spread([50, 50, 51, 10, 99], 10, 0, 100)
  expect(placed[3]).toBeCloseTo(10)
  const sorted = [placed[3], placed[0], placed[1], placed[2], placed[4]]
  for (let i = 1; i < sorted.length; i++) expect(sorted[i] - sorted[i - 1]).toBeGreaterThanOrEqual(10 - 1e-9)
  expect(Math.min(...placed)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...placed)).toBeLessThanOrEqual(100)
  // More labels than room: the gap shrinks, nothing leaves the frame.
  const crowded = spread(
    Array.from({ length: 30 }, () => 5),
    10,
    0,
    100,
  )
  expect(Math.max(...crowded)).toBeLessThanOrEqual(100 + 1e-9)
  expect(Math.min(...crowded)).toBeGreaterThanOrEqual(0)
})

test('words wrap and are cut to a width', () => {
  const lines = wrap('sex or a covariate is missing, or not at risk', 120, 11)
  expect(lines.length).toBeGreaterThan(1)
  for (const l of lines) expect(textWidth(l, 11)).toBeLessThanOrEqual(120)
  expect(lines.join(' ')).toBe('sex or a covariate is missing, or not at risk')
  expect(shorten('a very long name of a variable', 60, 11).endsWith('…')).toBe(true)
  expect(shorten('short', 60, 11)).toBe('short')
})
