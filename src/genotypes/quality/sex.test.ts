import { expect, test } from 'vitest'
import { geneticSex, outlyingValues } from './sex.ts'

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
