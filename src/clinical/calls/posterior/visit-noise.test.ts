import { describe, expect, it } from 'vitest'
import { defaultPriors, publishedModel } from './model.ts'
import { entryOf, latentAt, tableLength } from './scale.ts'
import { noiseParts, totalLikelihood } from './visit-noise.ts'

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
