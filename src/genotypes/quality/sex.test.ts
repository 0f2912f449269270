import { expect, test } from 'vitest'
import { geneticSex, outlyingValues, relativeToAutosomes } from './sex.ts'

test('limits of F on X', () => {
  expect([-0.1, 0.199, 0.2, 0.8, 0.801, Number.NaN].map(geneticSex)).toEqual([
    'female',
    'female',
    'unknown',
    'unknown',
    'male',
    'unknown',
  ])
})

test('F on X is measured against the autosomes', () => {
  expect(relativeToAutosomes(0.3, 0)).toBeCloseTo(0.3, 15)
  expect(relativeToAutosomes(0.3, Number.NaN)).toBe(0.3)
  expect(relativeToAutosomes(0.3, 0.3)).toBeCloseTo(0, 15)
  expect(relativeToAutosomes(0.3, -0.5)).toBeCloseTo(0.3, 15)
  // Nobody heterozygous on X is a man, whatever the autosomes are like.
  expect(relativeToAutosomes(1, 0.4)).toBe(1)
  expect(relativeToAutosomes(1, 1)).toBe(1)
})

test('an outlier that hides behind a larger one is found in the next round', () => {
  const values = Array.from({ length: 100 }, (_, i) => (i % 10) / 100)
  values[7] = 50
  values[20] = 1
  expect(outlyingValues(values, 6)).toEqual([7, 20])
  expect(outlyingValues(values, 1e9)).toEqual([])
})

test('equal values, few values and NaN are never outliers', () => {
  expect(outlyingValues([0.3, 0.3, 0.3, 0.3], 6)).toEqual([])
  expect(outlyingValues([1, 100], 0.1)).toEqual([])
  expect(outlyingValues([Number.NaN, 0, 0.1, 0, 0.1, 0], 6)).toEqual([])
})
