import { expect, it } from 'vitest'
import { logFRegression, misclassifiedCases } from '../statistics/logistic/index.ts'
import { addCorrected } from './corrected-lead.ts'
import type { LeadVariant } from './lead.ts'

const genotypes = Int8Array.from([0, 1, 2, 1, 1, 0, 2, -1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0])
const cases = Uint8Array.from(genotypes, (_, i) => (i < 8 ? 1 : 0))
const variant = (inheritance: 0 | 1): LeadVariant => ({
  index: 0,
  chromosome: '4',
  position: 1,
  ref: 'A',
  alt: 'G',
  rsid: '',
  inheritance,
  genotypes,
  dosages: null,
})

function run(truth: { prior: number; of: Float64Array }[] | undefined, inheritance: 0 | 1 = 0) {
  const found: { test: string; logP: number; note: string; or?: number }[] = []
  addCorrected(variant(inheritance), truth === undefined ? { cases } : { cases, truth }, (test, logP, note, ratio) =>
    found.push({ test, logP, note, or: ratio?.or }),
  )
  return found
}

it('corrects the odds ratio for cases that may be none, over the priors', () => {
  const of = (p: number) => Float64Array.from(genotypes, (_, i) => (i < 8 ? p : Number.NaN))
  const [found] = run([
    { prior: 0.005, of: of(0.8) },
    { prior: 0.001, of: of(0.5) },
    { prior: 0.02, of: of(1) },
  ])
  expect(found.test).toBe('corrected_p')
  expect(found.or).toBeCloseTo(Math.exp(misclassifiedCases(genotypes, cases, of(0.8)).beta), 10)
  const naive = Math.exp(
    logFRegression({ cases, columns: [], tested: Float64Array.from(genotypes, (g) => (g < 0 ? Number.NaN : g)) }).beta,
  )
  expect(found.or).toBeGreaterThan(naive)
  expect(found.note).toContain('mean 80% at a prior of 0.5%')
  expect(found.note).toContain(`${naive.toPrecision(3)} at a prior of 2%`)
})

it('says who was left out, and nothing where nothing is known', () => {
  const some = Float64Array.from(genotypes, (_, i) => (i === 0 ? Number.NaN : 0.9))
  expect(run([{ prior: 0.005, of: some }])[0].note).toContain('cases without a probability left out: 1')
  expect(run(undefined)).toEqual([])
  expect(run([{ prior: 0.005, of: some }], 1)).toEqual([])
  expect(run([{ prior: 0.005, of: new Float64Array(20).fill(Number.NaN) }])).toEqual([])
})
