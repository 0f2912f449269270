import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Intake } from '../../src/results/clinical.ts'
import type { Loci } from '../../src/results/loci.ts'
import type { Manifest } from '../../src/results/manifest.ts'
import type { SurvivalSummary } from '../../src/results/survival.ts'
import { scratch, startUpturn, upturn } from './upturn.ts'

const folder = scratch()
const study = join(folder, 'cohort', 'study.yaml')
const manifestOf = (out: string) => JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest
const out = (name: string) => join(folder, name)
const run = (name: string, workers: number, file = study) =>
  upturn(['run', file, '--out', out(name), '--workers', String(workers), '--quiet'])

/** Names of files that a finished or a failed run must not leave. */
const leftovers = (name: string) =>
  existsSync(out(name))
    ? readdirSync(out(name), { recursive: true })
        .map(String)
        .filter((file) => /partial|\.building|\.chunks|duckdb|lock$/.test(file))
    : []

describe('a study from end to end', () => {
  beforeAll(() => {
    const made = upturn([
      'simulate',
      '--out',
      join(folder, 'cohort'),
      '--people',
      '125',
      '--variants',
      '12000',
      '--seed',
      '7',
      '--quiet',
    ])
    expect(made.stderr).toBe('')
    expect(made.code).toBe(0)
    const first = run('one', 1)
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
  })

  it('writes what the design promises, and nothing half-made', () => {
    for (const file of [
      'manifest.json',
      'report.html',
      'loci.json',
      'survival.json',
      'associations.parquet',
      'calls.tsv',
      'quality.json',
      'calibration.json',
      'plan.json',
    ])
      expect(existsSync(join(out('one'), file)), file).toBe(true)
    expect(leftovers('one')).toEqual([])
  })

  it('looks at the survival of the lead, and leaves nobody uncounted', () => {
    const read = (name: string) => JSON.parse(readFileSync(join(out('one'), name), 'utf8'))
    const { leads, left } = read('survival.json') as SurvivalSummary
    const { loci } = read('loci.json') as Loci
    expect(leads.map(({ lead }) => lead)).toEqual(loci.slice(0, 5).map(({ lead }) => lead))
    const [{ lead, reversal, death, controls, notes }] = leads
    // Everybody with a time: those in the model and those left out make up the clinic; missing calls are noted.
    const patients = (read('intake.json') as Intake).patients
    const missing = Number(notes.find((note) => note.endsWith(`no call of ${lead}.`))?.split(' ')[0] ?? 0)
    expect(reversal.people + missing + left.reduce((sum, { people }) => sum + people, 0)).toBe(patients)
    expect(death.people).toBe(reversal.people)
    expect(reversal.events).toBeGreaterThan(15)
    expect(controls.people).toBeLessThan(reversal.people)
  })

  it('gives the same result digest with two workers, and when it exports', () => {
    const exporting = join(folder, 'cohort', 'study-exports.yaml')
    writeFileSync(exporting, `${readFileSync(study, 'utf8')}\nexports: [calls, fhir]\n`)
    expect(run('two', 2, exporting).code).toBe(0)
    expect(readdirSync(join(out('two'), 'exports')).sort()).toEqual([
      'README.txt',
      'calls-people.tsv',
      'calls.tsv',
      'fhir.ndjson',
    ])
    expect(manifestOf(out('two')).resultDigest).toBe(manifestOf(out('one')).resultDigest)
    const digests = (name: string) => manifestOf(out(name)).stages.map((stage) => [stage.stage, stage.digest])
    expect(digests('two')).toEqual(digests('one'))
  })

  it('gives the same result digest from PLINK files as from VCF', () => {
    const bed = join(folder, 'cohort', 'study-bed.yaml')
    writeFileSync(bed, readFileSync(study, 'utf8').replace(/vcf: *[^,\n}]+/, 'bed: genotypes.bed'))
    expect(run('bed', 2, bed)).toMatchObject({ code: 0 })
    expect(manifestOf(out('bed')).resultDigest).toBe(manifestOf(out('one')).resultDigest)
  })

  it('uses what has not changed, and only runs what has', () => {
    const again = run('one', 1)
    expect(again.code).toBe(0)
    expect(manifestOf(out('one')).stages.every((stage) => stage.cached)).toBe(true)
    const other = join(folder, 'cohort', 'study-ratio.yaml')
    writeFileSync(
      other,
      `${readFileSync(study, 'utf8')}\nmatching: { ratio: 2 }\n`.replace(/^matching:.*\n(?=[\s\S]*^matching:)/m, ''),
    )
    expect(run('one', 1, other).code).toBe(0)
    const changed = manifestOf(out('one'))
      .stages.filter((stage) => !stage.cached)
      .map((stage) => stage.stage)
    expect(changed).toContain('matching')
    expect(changed).not.toContain('genotypes')
    expect(changed).not.toContain('association')
  })

  it('goes on after kill -9 at any moment and ends with the same digest', async () => {
    const expected = manifestOf(out('two'))
    const whole = expected.seconds * 1000
    for (const [index, share] of [0.25, 0.5, 0.75].entries()) {
      const child = startUpturn(['run', study, '--out', out('killed'), '--workers', '2', '--quiet'])
      const exited = new Promise((resolve) => child.once('exit', resolve))
      await new Promise((resolve) => setTimeout(resolve, whole * share * (0.9 + 0.1 * index)))
      child.kill('SIGKILL')
      await exited
    }
    const last = run('killed', 2)
    expect(last.stderr).toBe('')
    expect(last.code).toBe(0)
    expect(manifestOf(out('killed')).resultDigest).toBe(expected.resultDigest)
    expect(leftovers('killed')).toEqual([])
  })

  it('ends in exit code 3 on SIGTERM and goes on afterwards', async () => {
    const child = startUpturn(['run', study, '--out', out('stopped'), '--workers', '1', '--quiet'])
    let said = ''
    child.stderr?.on('data', (text) => {
      said += String(text)
    })
    const exited = new Promise((resolve) => child.once('exit', resolve))
    while (!existsSync(join(out('stopped'), '.stages', 'progress.json')))
      await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 500))
    child.kill('SIGTERM')
    expect(await exited).toBe(3)
    expect(said).toMatch(/run the same command again/)
    expect(existsSync(join(out('stopped'), 'report.html'))).toBe(false)
    expect(run('stopped', 1).code).toBe(0)
    expect(manifestOf(out('stopped')).resultDigest).toBe(manifestOf(out('two')).resultDigest)
  })

  it('refuses a second run in the same folder while the first is at work', async () => {
    const child = startUpturn(['run', study, '--out', out('busy'), '--workers', '1', '--quiet'])
    const exited = new Promise((resolve) => child.once('exit', resolve))
    while (!existsSync(join(out('busy'), '.stages', 'lock'))) await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const second = run('busy', 1)
    expect(second.code).toBe(2)
    expect(second.stderr).toMatch(/is writing to this folder/)
    child.kill('SIGTERM')
    await exited
  })

  describe('says one clear thing when the input is wrong, and leaves nothing', () => {
    const broken = (name: string, change: (cohort: string) => void) => {
      const copy = join(folder, name)
      cpSync(join(folder, 'cohort'), copy, { recursive: true, filter: (path) => !path.includes('results') })
      change(copy)
      const result = upturn(['run', join(copy, 'study.yaml'), '--workers', '1', '--quiet'])
      const results = join(copy, 'results')
      expect(existsSync(join(results, 'manifest.json'))).toBe(false)
      expect(existsSync(join(results, 'report.html'))).toBe(false)
      if (existsSync(results))
        expect(
          readdirSync(results, { recursive: true })
            .map(String)
            .filter((file) => /partial|\.building|\.chunks|duckdb/.test(file)),
        ).toEqual([])
      expect(result.stderr).not.toMatch(/at .*\.js:\d+/)
      return result
    }

    it('a VCF that is cut', () => {
      const result = broken('cut', (cohort) => {
        const file = join(cohort, 'genotypes.vcf.gz')
        const bytes = readFileSync(file)
        writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
      })
      expect(result.code).toBe(2)
      expect(result.stderr).toMatch(/genotypes\.vcf\.gz.*(cut|ends|truncated)/i)
    })
    it('a file of another kind', () => {
      const result = broken('kind', (cohort) => writeFileSync(join(cohort, 'genotypes.vcf.gz'), 'subject_id,q1\n1,2\n'))
      expect(result.code).toBe(2)
      expect(result.stderr).toMatch(/genotypes\.vcf\.gz/)
    })
    it('sample names that do not overlap', () => {
      const result = broken('names', (cohort) => {
        for (const file of readdirSync(join(cohort, 'clinical')).filter((name) => /GENOTYPED/i.test(name))) {
          const path = join(cohort, 'clinical', file)
          const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
          const column = head.split(',').indexOf('sample_id')
          const renamed = lines.map((line) =>
            line
              .split(',')
              .map((cell, i) => (i === column ? `other-${cell}` : cell))
              .join(','),
          )
          writeFileSync(path, `${[head, ...renamed].join('\n')}\n`)
        }
      })
      expect(result.code).toBe(2)
      expect(result.stderr).toMatch(/no person in common/)
    })
    it('a study file with six mistakes, each at its place', () => {
      const result = broken('six', (cohort) =>
        writeFileSync(
          join(cohort, 'study.yaml'),
          [
            'name: ALS',
            'sead: 1',
            'cohorts:',
            '  star:',
            '    clinical: { source: proact, path: clinical/ }',
            '    genotypes: { vcf: genotypes.vcf.gz, build: hg38 }',
            'covariates: [sex, age]',
            'quality: { maf: 0.7 }',
            'primary: { test: famly, alpha: 0.05 }',
            '',
          ].join('\n'),
        ),
      )
      expect(result.code).toBe(2)
      for (const place of ['2:1 sead', '5:', '6:', '7:', '8:', '9:'])
        expect(result.stderr).toContain(`study.yaml:${place}`)
      expect(result.stderr).toMatch(/6 things do not fit/)
      expect(result.stderr).toMatch(/hg38 is written GRCh38/)
    })
    it('a gene that there is not, before any long work', () => {
      const result = broken('gene', (cohort) => {
        const path = join(cohort, 'study.yaml')
        writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\ngene_tests: { genes: [NOTAGENE1] }\n`)
      })
      expect(result.code).toBe(2)
      expect(result.stderr).toMatch(/gene_tests: no protein-coding gene is called NOTAGENE1/)
    })
    it('a phenotype with no cases', () => {
      const result = broken('nobody', (cohort) => {
        const file = readdirSync(join(cohort, 'clinical')).find((name) => /ALSFRS/i.test(name)) ?? ''
        const path = join(cohort, 'clinical', file)
        const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
        const names = head.split(',')
        // Keep the first two visits of everyone: nothing can be sustained for a year.
        const seen = new Map<string, number>()
        const kept = lines.filter((line) => {
          const id = line.split(',')[names.indexOf('subject_id')]
          seen.set(id, (seen.get(id) ?? 0) + 1)
          return (seen.get(id) ?? 0) <= 2
        })
        writeFileSync(path, `${[head, ...kept].join('\n')}\n`)
      })
      expect(result.code).toBe(2)
      expect(result.stderr).toMatch(/nobody is a case/i)
    })
  })
})
