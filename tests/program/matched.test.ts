import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { RandomStream } from '../../src/numerics/random.ts'
import type { AssociationSummary } from '../../src/results/association.ts'
import type { Calibration } from '../../src/results/calibration.ts'
import type { Manifest } from '../../src/results/manifest.ts'
import type { Plan } from '../../src/results/planning.ts'
import { conditionalFirth } from '../../src/statistics/conditional-logistic/index.ts'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))

describe('a matched study from end to end', () => {
  const study = join(folder, 'cohort', 'study.yaml')
  const run = (name: string, workers: number) =>
    upturn(['run', study, '--out', join(folder, name), '--workers', String(workers), '--quiet'])
  beforeAll(() => {
    const made = upturn([
      'simulate',
      '--out',
      join(folder, 'cohort'),
      '--people',
      '130',
      '--variants',
      '4000',
      '--seed',
      '5',
      '--quiet',
    ])
    expect(made.code).toBe(0)
    appendFileSync(
      study,
      '\ndesign: matched\ngene_tests: { sets: 200 }\ncalibration: { replicates: 40, firth_replicates: 20 }\n',
    )
    writeFileSync(study, readFileSync(study, 'utf8').replace('permutations: 1000', 'permutations: 100'))
    const first = run('one', 1)
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
  }, 600_000)

  it('takes the matched people alone and says who was left out and how every test was made', () => {
    const summary = read<AssociationSummary>('one', 'association.json')
    const { matched } = summary
    expect(matched?.sets).toBe(summary.cases)
    expect(matched?.sizes.reduce((sum, { controls, sets }) => sum + controls * sets, 0)).toBe(summary.controls)
    expect(summary.families.at(-1)?.masks).toBe('within matched sets')
    expect([...(matched?.matchedOn ?? []), ...(matched?.cancelled ?? []), ...summary.covariates].sort()).toEqual([
      ...['PC1', 'PC2', 'age_at_onset', 'sex'],
    ])
    expect(summary.flags.within_matched_sets).toBe(Object.values(summary.statuses).reduce((a, b) => a + b, 0))
    const lead = summary.lead?.tests.map(({ test }) => test) ?? []
    for (const test of ['trend_exact_p', 'firth_p', 'unmatched_trend_exact_p', 'unmatched_firth_p'])
      expect(lead).toContain(test)
    const calibration = read<Calibration>('one', 'calibration.json')
    expect(calibration.design).toMatchObject({ matched: true, strata: matched?.sets, cases: summary.cases })
    expect(calibration.tests.at(-1)?.test).toBe('firth_p')
    expect(read<Plan>('one', 'plan.json').achieved?.test).toContain('within matched sets')
    const report = readFileSync(join(folder, 'one', 'report.html'), 'utf8')
    expect(report).toContain('The design is matched')
    expect(report).toContain('sets ignored')
  })

  it('gives the same result digest with two workers', () => {
    expect(run('two', 2).code).toBe(0)
    expect(read<Manifest>('two', 'manifest.json').resultDigest).toBe(
      read<Manifest>('one', 'manifest.json').resultDigest,
    )
  }, 600_000)

  it('refuses a matched certificate before anybody is a case', () => {
    const blind = join(folder, 'cohort', 'blind.yaml')
    writeFileSync(blind, readFileSync(study, 'utf8').replace('{ replicates: 40', '{ cases: 20, replicates: 40'))
    const { code, stderr } = upturn(['calibrate', blind, '--out', join(folder, 'blind'), '--quiet'])
    expect(code).toBe(2)
    expect(stderr).toContain('matched sets exist once it is known who is a case')
  })
})

describe('matched sets of a table', () => {
  const random = new RandomStream(31, 'test/matched program')
  // 20 sets of one case and three controls; a set of controls only; two people of no set.
  const people = Array.from({ length: 86 }, (_, i) => ({
    id: `S${i}`,
    set: i < 80 ? `m${i >> 2}` : i < 84 ? 'alone' : '',
    isCase: i < 80 && i % 4 === 0,
  }))
  const calls = Array.from({ length: 40 }, (_, v) =>
    people.map(({ isCase }) => {
      const f = v === 7 && isCase ? 0.5 : 0.15
      return random.uniform() < 0.02 ? -1 : (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)
    }),
  )
  const vcf = join(folder, 'small.vcf')
  const table = join(folder, 'people.tsv')
  const sets = join(folder, 'sets.tsv')
  writeFileSync(
    vcf,
    [
      '##fileformat=VCFv4.2',
      '##contig=<ID=21>',
      '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
      `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${people.map(({ id }) => id).join('\t')}`,
      ...calls.map(
        (of, v) =>
          `21\t${31_660_000 + v}\t.\tA\tG\t.\tPASS\t.\tGT\t${of.map((g) => ['./.', '0/0', '0/1', '1/1'][g + 1]).join('\t')}`,
      ),
      '',
    ].join('\n'),
  )
  writeFileSync(
    table,
    ['IID\tcase\tset', ...people.map(({ id, set, isCase }) => `${id}\t${isCase ? 2 : 1}\t${set || 'NA'}`), ''].join(
      '\n',
    ),
  )
  writeFileSync(
    sets,
    ['set\tpatient', ...people.filter(({ set }) => set !== '').map(({ id, set }) => `${set}\t${id}`), ''].join('\n'),
  )
  const tested = (command: string, out: string, ...more: string[]) =>
    upturn([
      ...[command, vcf, '--phenotypes', table, '--case', 'case', '--out', join(folder, out), '--quiet', '--json'],
      ...more,
    ])

  it('switch every test of upturn associate, from a column or a file', () => {
    const first = tested('associate', 'column', '--permutations', '100', '--matched', 'set')
    expect(first.stderr).toBe('')
    const said = JSON.parse(first.stdout)
    expect(said.left).toEqual({ 'in no matched set': 2, 'in a matched set of controls only': 4 })
    expect(said.matched).toMatchObject({ sets: 20, sizes: [{ cases: 1, controls: 3, sets: 20 }] })
    expect(said.notes.join(' ')).toContain(
      'Matched set alone holds controls only and says nothing: 4 people are left out.',
    )
    expect(said.notes.join(' ')).toContain('The design is matched: 20 sets (20 of 1 case and 3 controls).')
    const rows = (out: string) => readFileSync(join(folder, out, 'associations.tsv'), 'utf8')
    const [head, ...lines] = rows('column').trim().split('\n')
    const at = head.split('\t').indexOf('firth_p')
    const inSets = people.slice(0, 80)
    calls.forEach((of, v) => {
      const firth = conditionalFirth({
        cases: inSets.map(({ isCase }) => (isCase ? 1 : 0)),
        sets: inSets.map(({ set }) => set),
        columns: [],
        tested: of.slice(0, 80).map((g) => (g < 0 ? Number.NaN : g)),
      })
      expect(Number(lines[v].split('\t')[at])).toBeCloseTo(Math.exp(firth.logP), 8)
    })
    expect(tested('associate', 'file', '--permutations', '100', '--matched', sets).code).toBe(0)
    expect(rows('file')).toBe(rows('column'))
  })

  it('keep the labels of gene tests within them', () => {
    const { stdout } = tested(
      'gene-tests',
      'genes',
      '--in',
      '21:31660000-31660100',
      '--max-maf',
      '0.5',
      '--matched',
      'set',
    )
    const said = JSON.parse(stdout)
    expect(said.regions[0].status).toBe('ok')
    expect(said.notes.join(' ')).toContain('The design is matched')
  })

  it('refuse strata beside them, and a file without sets', () => {
    const both = tested('associate', 'both', '--matched', 'set', '--strata', 'set')
    expect(both.code).toBe(2)
    expect(both.stdout).toContain('give --strata or --matched, not both')
    writeFileSync(join(folder, 'other.tsv'), 'patient\tgroup\nS1\ta\n')
    const other = tested('associate', 'other', '--matched', join(folder, 'other.tsv'))
    expect(other.stdout).toContain('a file of matched sets has a column set')
    const none = tested('associate', 'none', '--matched', 'nothing')
    expect(none.stdout).toContain('there is no column nothing')
  })
})
