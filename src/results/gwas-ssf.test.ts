import { describe, expect, it } from 'vitest'
import { ssfHeader, ssfLines, ssfMetadata } from './gwas-ssf.ts'

const batch = {
  chromosome: ['4', 'X'],
  position: [57_100_000, 3_000_000],
  ref: ['A', 'C'],
  alt: ['G', 'T'],
  rsid: ['sim12', 'rs7'],
  or: [11.00036, null],
  or_se: [0.5382473, null],
  or_low: [4.1, null],
  or_high: [33.6, null],
  n_cases: [22, 22],
  n_controls: [103, 103],
  control_ref: [95, 103],
  control_het: [8, 0],
  control_alt: [0, 0],
  firth_neglog10p: [6.4577, null],
  trend_exact_neglog10p: [6.284, null],
  trend_mid_neglog10p: [6.3, null],
  status: ['ok', 'monomorphic'],
}

describe('GWAS-SSF', () => {
  it('keeps the order of the mandatory columns and floors the frequency', () => {
    const names = ssfHeader().trim().split('\t')
    expect(names.slice(0, 8)).toEqual([
      'chromosome',
      'base_pair_location',
      'effect_allele',
      'other_allele',
      'odds_ratio',
      'standard_error',
      'effect_allele_frequency',
      'neg_log_10_p_value',
    ])
    const [first, second] = ssfLines(batch)
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(first.length).toBe(names.length)
    expect(first[names.indexOf('effect_allele_frequency')]).toBe('0.039')
    expect(first[names.indexOf('rsid')]).toBe('#NA')
    expect(second[0]).toBe('23')
    expect(second[names.indexOf('odds_ratio')]).toBe('#NA')
    expect(second[names.indexOf('effect_allele_frequency')]).toBe('0.01')
    expect(second[names.indexOf('rsid')]).toBe('rs7')
  })
  it('says in the metadata that access is controlled, whatever the study is called', () => {
    const text = ssfMetadata({
      study: 'a "b": c',
      build: 'GRCh38',
      cases: 22,
      controls: 103,
      covariates: ['sex'],
      variants: 2,
      version: '0.1.0',
      fileName: 'x',
      md5: 'y',
    })
    expect(text).toMatch(/Controlled access/)
    expect(text).toContain('trait_description: ["a \\"b\\": c: ALS')
    expect(text).toContain('case_count: 22')
  })
})
