import { expect, it } from 'vitest'
import { sayNumber, sayP } from './say.ts'

it('says numbers with the digits they carry', () => {
  expect([12.04, 0.5, 1234, 1].map(sayNumber)).toEqual(['12', '0.5', '1230', '1'])
  expect([0.0342, 0.001, 2.1e-5, 9.97e-5, 1, 1e-310, 0].map(sayP)).toEqual([
    '0.034',
    '0.001',
    '2.1 x 10^-5',
    '1 x 10^-4',
    '1',
    'less than 10^-300',
    'less than 10^-300',
  ])
})
