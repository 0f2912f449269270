import { expect, it } from 'vitest'
import { type Rivals, recommend } from './recommend.ts'

const rate = (alpha: number, low: number, at: number) => ({
  bin: 'all',
  alpha,
  rate: at,
  low,
  high: 2 * at,
  variants: 100,
  replicates: 400,
})
const power = (value: number) => [{ or: 5, maf: 0.1, power: value, low: value, high: value }]
const rivals: Rivals = {
  alpha: 0.05,
  familywise: { verdict: 'calibrated', rate: 0.05, low: 0.03, high: 0.07 },
  firth: {
    test: 'firth_p',
    verdict: 'calibrated',
    sentence: '',
    rates: [rate(0.05, 0.04, 0.05), rate(0.001, 0.0005, 0.001)],
  },
  familyPower: power(0.4),
  firthPower: power(0.6),
  familyThreshold: 1e-5,
  bonferroni: 1e-6,
  replicates: 400,
}
const failing = { verdict: 'anti-conservative', rate: 0.12, low: 0.09, high: 0.15 } as const

it('names the test whose error was measured at its own level, even if the other sees more', () => {
  const { test, sentence } = recommend(rivals)
  expect(test).toBe('family')
  expect(sentence).toContain('sees 40.0% of effects at its threshold for one variant (p 1 x 10^-5), Firth 60.0%')
  expect(sentence).toContain('400 label sets say nothing of p 1 x 10^-6')
})

it('falls back on Firth only where no level shows it wrong too often, else on nothing', () => {
  expect(recommend({ ...rivals, familywise: failing }).test).toBe('firth')
  const firth = { ...rivals.firth, rates: [rate(0.05, 0.04, 0.05), rate(0.001, 0.002, 0.004)] }
  const none = recommend({ ...rivals, familywise: failing, firth })
  expect(none.test).toBeNull()
  expect(none.sentence).toContain('Firth is wrong too often at 0.001 (0.4%)')
  const untested = { ...rivals.firth, verdict: 'untested' as const, rates: [] }
  expect(recommend({ ...rivals, familywise: failing, firth: untested }).test).toBeNull()
})

it('asks for more label sets where they are too few', () => {
  const familywise = { verdict: 'uncertain', rate: 0.04, low: 0, high: 0.2 } as const
  const { test, sentence } = recommend({ ...rivals, familywise })
  expect(test).toBe('family')
  expect(sentence).toContain('too few to show it here (0.0% to 20.0% where 5.0% is meant): draw more')
})
