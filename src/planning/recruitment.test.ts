import { describe, expect, it } from 'vitest'
import { RandomStream } from '../numerics/random.ts'
import { recruit } from './recruitment.ts'

const germany = { patients: 10_000, stay: 3, reversalRate: 0.005, consent: 0.5 }

describe('recruitment from a registry', () => {
  it('counts what is there and what comes', () => {
    const found = recruit(germany, 40)
    expect(found.atStart).toBeCloseTo(12.5, 12)
    expect(found.perYear).toBeCloseTo(25 / 3, 12)
    // R 4.2.2: qpois(c(0.025, 0.975), 25 / 3); (qchisq(c(0.5, 0.9), 80) / 2 - 12.5) / (25 / 3)
    expect([found.perYearLow, found.perYearHigh]).toEqual([3, 14])
    expect(found.yearsHalf).toBeCloseTo(3.26006, 5)
    expect(found.yearsNineTenths).toBeCloseTo(4.294692, 5)
  })

  it('has the cases at once where the registry holds enough', () => {
    expect(recruit({ ...germany, reversalRate: 0.05 }, 3)).toMatchObject({ yearsHalf: 0, yearsNineTenths: 0 })
  })

  it('is what arrivals drawn at random give', () => {
    const { yearsNineTenths } = recruit(germany, 30)
    const random = new RandomStream(5, 'test/recruitment')
    const poisson = (mean: number): number => {
      let count = -1
      for (let reached = 0; reached < mean; count++) reached -= Math.log(1 - random.uniform())
      return count
    }
    let reached = 0
    for (let r = 0; r < 4000; r++) if (poisson(12.5) + poisson((25 / 3) * yearsNineTenths) >= 30) reached++
    expect(Math.abs(reached / 4000 - 0.9)).toBeLessThan(4 * Math.sqrt(0.09 / 4000))
  })

  it('refuses registries and shares that are none', () => {
    expect(() => recruit({ ...germany, patients: 0 }, 5)).toThrow(/recruits nobody/)
    expect(() => recruit({ ...germany, stay: Number.NaN }, 5)).toThrow(/recruits nobody/)
    expect(() => recruit({ ...germany, reversalRate: 2 }, 5)).toThrow(/shares/)
    expect(() => recruit({ ...germany, consent: 0 }, 5)).toThrow(/shares/)
    expect(() => recruit(germany, 0)).toThrow(/whole number/)
  })
})
