import { expect, test } from 'vitest'
import { hardyWeinberg } from './hardy-weinberg.ts'
import { hardyWeinbergNull } from './hardy-weinberg-null.ts'
import { agree } from './testing/enumeration.ts'

function compare(people: number, rare: number, step = 1): void {
  const { logP, logMidp } = hardyWeinbergNull(people, rare)
  expect(logP).toHaveLength(Math.floor(rare / 2) + 1)
  for (let i = 0; i < logP.length; i += step) {
    const het = (rare % 2) + 2 * i
    const hom = (rare - het) / 2
    const one = hardyWeinberg(hom, het, people - het - hom)
    agree(logP[i], one.logP, 1e-12, `${people} ${rare} ${het} p`)
    agree(logMidp[i], one.logMidp, 1e-12, `${people} ${rare} ${het} mid-p`)
  }
}

test('every number of heterozygotes has the p of the test of one', () => {
  for (let people = 0; people <= 30; people++) for (let rare = 0; rare <= people; rare++) compare(people, rare)
  for (const [people, rare] of [
    [265, 264],
    [265, 265],
    [265, 7],
    [1000, 999],
    [1000, 500],
  ])
    compare(people, rare)
})

test('far tails of large cohorts do not underflow', () => {
  compare(65_536, 1024, 37)
  compare(65_536, 65_535, 4001)
  const { logP } = hardyWeinbergNull(65_536, 65_536)
  // Nobody heterozygous.
  expect(logP[0]).toBeLessThan(-40_000)
  expect(Math.max(...logP)).toBe(0)
})

test('the largest p is 1 and no mid-p is above it', () => {
  for (const [people, rare] of [
    [0, 0],
    [1, 1],
    [2, 2],
    [265, 100],
  ]) {
    const { logP, logMidp } = hardyWeinbergNull(people, rare)
    expect(Math.max(...logP)).toBe(0)
    logP.forEach((p, i) => {
      expect(logMidp[i]).toBeLessThan(p)
    })
  }
  expect(() => hardyWeinbergNull(3, 4)).toThrow('rarer')
})
