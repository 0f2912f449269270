import { describe, expect, it } from 'vitest'
import { defaultPriors, publishedModel } from './model.ts'
import { entryOf, latentAt, tableLength } from './scale.ts'
import { noiseParts, sharedNoise, shiftedBy, totalLikelihood } from './visit-noise.ts'

const parts = noiseParts(1.8, { ...publishedModel, tails: 0.1 }, defaultPriors)

describe('totalLikelihood', () => {
  it('is a distribution over scores at each latent score', () => {
    for (const latent of [-5, 0, 0.25, 20, 47.5, 48, 55]) {
      const i = entryOf(latent, tableLength(48))
      let sum = 0
      for (let score = 0; score <= 48; score++) {
        const { all, logMost } = totalLikelihood(score, 48, parts)
        sum += all[i] * Math.exp(logMost)
      }
      expect(sum).toBeCloseTo(1, 12)
    }
  })

  it('tells nothing of what lies beyond the ends of the scale', () => {
    const floor = totalLikelihood(0, 48, parts).all
    expect(floor[0]).toBeCloseTo(1, 3)
    expect(floor[entryOf(-6, floor.length)] / floor[entryOf(-8, floor.length)]).toBeGreaterThan(0.98)
    const ceiling = totalLikelihood(40, 40, parts).all
    expect(ceiling[ceiling.length - 1]).toBeCloseTo(1, 3)
  })

  it('is largest at its score and lets an outlying visit be', () => {
    const { all, regular } = totalLikelihood(30, 48, parts)
    let top = 0
    for (let i = 0; i < all.length; i++) if (all[i] > all[top]) top = i
    expect(latentAt(top)).toBe(30)
    const far = entryOf(15, all.length)
    expect(all[far] / regular[far]).toBeGreaterThan(30)
    expect(all[far]).toBeGreaterThan(1e-4)
  })
})

describe('shiftedBy', () => {
  it('is the likelihood of latent scores so much higher, and goes on beyond its ends', () => {
    const own = totalLikelihood(30, 48, parts)
    const moved = shiftedBy(-1.5, own)
    const length = own.all.length
    for (const latent of [10, 28.25, 31.5, 40])
      expect(moved.all[entryOf(latent, length)]).toBe(own.all[entryOf(latent - 1.5, length)])
    expect(moved.all[0]).toBe(own.all[0])
    expect(shiftedBy(2, totalLikelihood(48, 48, parts)).all[length - 1]).toBeCloseTo(1, 3)
    expect(shiftedBy(0.1, own).regular).toEqual(own.regular)
  })
})

describe('sharedNoise', () => {
  it('is what the difference of two runs of three visits has, against the differences of neighbours', () => {
    for (const rho of [0.1, 0.3, 0.6]) {
      let sum = 0
      for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) sum += rho ** Math.abs(i - j) - rho ** (3 + j - i)
      expect(sharedNoise(rho)).toBeCloseTo(Math.sqrt(sum / 3 / (1 - rho)), 12)
    }
    expect(sharedNoise(0)).toBe(1)
    expect(noiseParts(2, { ...publishedModel, neighbours: 0.3 }, defaultPriors)[0].sd).toBe(2 * sharedNoise(0.3))
  })
})
