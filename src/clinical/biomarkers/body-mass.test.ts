import { expect, it } from 'vitest'
import type { LabValue } from '../../results/clinical.ts'
import { bodyMassIndex } from './body-mass.ts'

const lab = (test: string, day: number, value: number, unit: string): LabValue => ({
  patient: 'a',
  day,
  test,
  value,
  qualifier: '',
  unit,
})

it('takes a recorded index, or the nearest weight over the height, in known units only', () => {
  const records = [lab('HEIGHT', 900, 180, 'cm'), lab('WEIGHT', 0, 81, 'kg'), lab('WEIGHT', 60, 154.323584, 'lb')]
  const bmi = bodyMassIndex(records)
  expect(bmi('a', 10)).toBeCloseTo(81 / 3.24, 10)
  expect(bmi('a', 50)).toBeCloseTo(70 / 3.24, 6)
  expect(bmi('a', 200)).toBeNull()
  expect(bmi('b', 0)).toBeNull()
  expect(bodyMassIndex([...records, lab('BMI', 12, 24, 'kg/m2')])('a', 10)).toBe(24)
  // A height without a unit, and one that makes an impossible index.
  expect(bodyMassIndex([lab('HEIGHT', 0, 180, ''), lab('WEIGHT', 0, 81, 'kg')])('a', 0)).toBeNull()
  expect(bodyMassIndex([lab('HEIGHT', 0, 180, 'm'), lab('WEIGHT', 0, 81, 'kg')])('a', 0)).toBeNull()
})
