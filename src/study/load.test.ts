import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../errors/index.ts'
import { type Problem, parseStudy } from './load.ts'

const minimal =
  'name: a\ncohorts:\n  s:\n    clinical: { source: table, path: x }\n    genotypes: { bed: y.bed, build: GRCh38 }\n'

function problemsOf(text: string): Problem[] {
  try {
    parseStudy(text, 'study.yaml')
  } catch (error) {
    if (!isUpturnError(error, 'StudyInvalid')) throw error
    return error.details.problems as Problem[]
  }
  return []
}

describe('study file', () => {
  it('fills in the defaults of the design', () => {
    const { study } = parseStudy(minimal, 'study.yaml')
    expect(study).toMatchObject({
      seed: 1,
      phenotype: { definition: 'large-sustained', cases: 'reversal', controls: 'typical', strictness: 'mimics' },
      covariates: ['sex', 'age_at_onset', 'PC1', 'PC2'],
      quality: { sample_call_rate: 0.97, variant_call_rate: 0.95, maf: 0.01, kinship: 0.0884 },
      matching: { ratio: 4, exact: ['sex'] },
      primary: { test: 'family', alpha: 0.05 },
      permutations: 1000,
    })
  })
  it('reports six mistakes at once, each at its place, with what would be right', () => {
    const problems = problemsOf(
      [
        'name: x',
        'sead: 3',
        'cohorts:',
        '  star:',
        '    clinical: { source: proact, path: clinical/ }',
        '    genotypes: { vcf: a.vcf.gz, build: hg19 }',
        'covariates: [sex, agee]',
        'quality: { maf: 0.7 }',
        'permutations: lots',
      ].join('\n'),
    )
    expect(problems.map((p) => [p.line, p.column, p.path])).toEqual([
      [2, 1, 'sead'],
      [5, 25, 'cohorts.star.clinical.source'],
      [6, 40, 'cohorts.star.genotypes.build'],
      [7, 19, 'covariates.1'],
      [8, 17, 'quality.maf'],
      [9, 15, 'permutations'],
    ])
    expect(problems[0].message).toContain('did you mean seed')
    expect(problems[1].message).toContain('did you mean pro-act')
    expect(problems[2].message).toContain('hg19 is written GRCh37 here')
  })
  it('takes filters on reading, and says which one a format cannot have', () => {
    const given = (filters: string, format = 'vcf') =>
      minimal.replace('bed: y.bed', `${format}: y.bed`).replace('build: GRCh38', `build: GRCh38, filters: ${filters}`)
    const filters = '{ keep_filtered: true, min_gq: 20, min_dp: 8, allele_balance: [0.2, 0.8] }'
    expect(parseStudy(given(filters), 'study.yaml').study.cohorts.s.genotypes.filters).toEqual({
      keep_filtered: true,
      min_gq: 20,
      min_dp: 8,
      allele_balance: [0.2, 0.8],
    })
    for (const [text, format, path, message] of [
      ['{ min_gq: 0 }', 'vcf', 'filters.min_gq', '1'],
      ['{ allele_balance: [0.8, 0.2] }', 'vcf', 'filters.allele_balance', 'must be below the second'],
      ['{ min_dp: 8 }', 'bed', 'filters.min_dp', 'a bed file does not hold'],
      ['{ keep_filtered: true, min_gq: 5 }', 'pgen', 'filters.min_gq', 'a pgen file does not hold'],
    ] as const)
      expect(problemsOf(given(text, format))).toMatchObject([
        { line: 5, path: `cohorts.s.genotypes.${path}`, message: expect.stringContaining(message) },
      ])
  })
  it('takes regions and a list of samples, and says which region has no such form', () => {
    const given = (regions: string) =>
      minimal.replace('build: GRCh38', `build: GRCh38, regions: ${regions}, samples: list.txt`)
    expect(parseStudy(given('[chr1:5-9, X]'), 'study.yaml').study.cohorts.s.genotypes).toMatchObject({
      regions: ['chr1:5-9', 'X'],
      samples: 'list.txt',
    })
    expect(parseStudy(given('exome.bed'), 'study.yaml').study.cohorts.s.genotypes.regions).toBe('exome.bed')
    expect(problemsOf(given("['1:5', chr1:9-5]"))).toMatchObject([
      { line: 5, path: 'cohorts.s.genotypes.regions.1', message: expect.stringContaining('ends before it begins') },
    ])
  })
  it('places a missing setting at its parent', () => {
    expect(problemsOf('name: a\ncohorts:\n  s:\n    clinical: { source: table, path: x }\n')).toMatchObject([
      { line: 4, path: 'cohorts.s.genotypes' },
    ])
  })
  it('wants exactly one genotype format', () => {
    expect(problemsOf(minimal.replace('bed: y.bed', 'bed: y.bed, vcf: z.vcf'))[0].message).toMatch(
      /vcf and bed are given/,
    )
    expect(problemsOf(minimal.replace('bed: y.bed, ', ''))[0].message).toMatch(/none is given/)
  })
  it('knows every format', () => {
    for (const format of ['vcf', 'bcf', 'bed', 'pgen'])
      expect(problemsOf(minimal.replace('bed: y.bed', `${format}: y.${format}`))).toEqual([])
  })
  it('wants to be told which allele of a BGEN file is the reference, and of nothing else', () => {
    const bgen = (settings: string) =>
      problemsOf(minimal.replace('bed: y.bed', settings)).map((p) => [p.path, p.message])
    expect(bgen('bgen: y.bgen, ref: first')).toEqual([])
    expect(bgen('bgen: [y.bgen, z.bgen], ref: last, sample: y.sample')).toEqual([])
    expect(bgen('bgen: [y.bgen, z.bgen], ref: last, sample: [y.sample, z.sample]')).toEqual([])
    expect(bgen('bgen: y.bgen')).toEqual([
      ['cohorts.s.genotypes.bgen', expect.stringMatching(/add ref: first .* or ref: last/)],
    ])
    expect(bgen('bgen: y.bgen, ref: second')[0]).toEqual(['cohorts.s.genotypes.ref', expect.stringContaining('first')])
    expect(bgen('bgen: [y.bgen, z.bgen], ref: last, sample: [y.sample]')).toEqual([
      ['cohorts.s.genotypes.sample', expect.stringContaining('1 .sample files for 2 BGEN files')],
    ])
    expect(bgen('bed: y.bed, ref: first, sample: y.sample').map(([path]) => path)).toEqual([
      'cohorts.s.genotypes.ref',
      'cohorts.s.genotypes.sample',
    ])
  })
  it('refuses broken YAML, aliases, and what is not a mapping', () => {
    expect(problemsOf('name: [a')[0].message).toMatch(/not valid YAML/)
    expect(problemsOf('name: &a x\nseed: *a')[0].message).toMatch(/aliases/)
    expect(problemsOf('- a\n- b')[0].message).toMatch(/is a list/)
    expect(problemsOf('')[0].message).toMatch(/is empty/)
  })
  it('takes a study called __proto__ for what it is', () => {
    const { study } = parseStudy(minimal.replace('  s:', '  __proto__x:'), 'study.yaml')
    expect(Object.keys(study.cohorts)).toEqual(['__proto__x'])
  })
})

describe('a study of several cohorts', () => {
  const cohort = (name: string, build = 'GRCh38') =>
    `  ${name}:\n    clinical: { source: table, path: a.csv }\n    genotypes: { vcf: a.vcf, build: ${build} }\n`
  const problems = (text: string) =>
    problemsOf(text)
      .map(({ line, path, message }) => `${line} ${path}: ${message}`)
      .join('\n')

  it('has defaults for merging, and takes any number', () => {
    const text = `name: x\ncohorts:\n${cohort('star')}${cohort('harbor')}${cohort('bay')}`
    const { study } = parseStudy(text, 'study.yaml')
    expect(Object.keys(study.cohorts)).toEqual(['star', 'harbor', 'bay'])
    expect(study.merge).toEqual({ ambiguous: 'drop', strand: 'drop', require: 'all' })
  })

  it('refuses builds that differ, of cohorts and of the second one, each at its place', () => {
    const text = `name: x\ncohorts:\n${cohort('star')}${cohort('harbor', 'GRCh37')}`
    expect(problems(text)).toMatch(
      /^8 cohorts\.harbor\.genotypes\.build: GRCh37 where star is on GRCh38; positions are not lifted over/,
    )
    const second = `name: x\ncohorts:\n${cohort('star')}controls_2: { genotypes: { vcf: b.vcf, build: NCBI36 } }\n`
    expect(problems(second)).toMatch(/^6 controls_2\.genotypes\.build: NCBI36 where the study is on GRCh38/)
  })

  it('refuses names that could not stand before an id, of several cohorts alone', () => {
    const odd = cohort('"a:b"')
    expect(problems(`name: x\ncohorts:\n${odd}`)).toBe('')
    expect(problems(`name: x\ncohorts:\n${odd}${cohort('star')}`)).toMatch(
      /^4 cohorts\.a:b: of several cohorts, each name stands before its people’s ids/,
    )
  })

  it('refuses other words for merging', () => {
    const text = `name: x\nmerge: { ambiguous: flip, requires: any }\ncohorts:\n${cohort('star')}`
    expect(problems(text)).toMatch(/^2 merge\.ambiguous: "flip" is not one of drop, keep/)
    expect(problems(text)).toMatch(/merge\.requires: there is no such setting; did you mean require\?/)
  })
})
