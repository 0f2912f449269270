import { describe, expect, it } from 'vitest'
import { publishedFrequency, ssfHeader, ssfKey, ssfMetadata, ssfPlace } from './gwas-ssf.ts'

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
    expect(publishedFrequency(95, 8, 0)).toBe(0.039)
    expect(publishedFrequency(103, 0, 0)).toBe(0.01)
    expect(publishedFrequency(0, 1, 102)).toBe(0.99)
    expect(publishedFrequency(0, 0, 0)).toBeNaN()
    expect(ssfPlace('X', 3_000_000, 'C', 'T')).toBe('23\t3000000\tT\tC\n')
    expect(ssfPlace('4', 57_100_000, 'A', 'G')).toBe('4\t57100000\tG\tA\n')
    expect(ssfKey('4', 57_100_000, 'A', 'G', 'sim12')).toBe('4_57100000_A_G\t#NA\tOA\n')
    expect(ssfKey('X', 3, 'C', 'T', 'rs7')).toBe('X_3_C_T\trs7\tOA\n')
    const cells = [ssfPlace('X', 3, 'C', 'T'), ssfKey('X', 3, 'C', 'T', 'rs7')].map((line) => line.split('\t').length)
    expect(names.slice(cells[0] + 6, cells[0] + 6 + cells[1])).toEqual(['variant_id', 'rsid', 'ref_allele'])
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
      matched: { sets: 22, matchedOn: ['sex', 'PC1'] },
    })
    expect(text).toContain('conditional likelihood within 22 matched sets (matched on sex, PC1)')
    expect(text).toMatch(/Controlled access/)
    expect(text).toContain('trait_description: ["a \\"b\\": c: ALS')
    expect(text).toContain('case_count: 22')
  })
})
