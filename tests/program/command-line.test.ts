import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { upturn } from './upturn.ts'

describe('command line', () => {
  it('has a manual with every command, the exit codes and the research notice', () => {
    const { code, stdout } = upturn(['--help'])
    expect(code).toBe(0)
    for (const command of [
      'demo',
      'simulate',
      'run',
      'check',
      'status',
      'inspect',
      'convert',
      'import',
      'quality',
      'kinship',
      'pca',
      'ld',
      'associate',
      'gene-tests',
      'test-table',
      'survival',
      'meta',
      'intake',
      'call',
      'match',
      'calibrate',
      'biomarkers',
      'plan',
      'report',
      'export',
    ])
      expect(stdout, command).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
    expect(stdout).toMatch(/Exit status/)
    expect(stdout).toMatch(/Research use only/)
  })
  it('prints the version of the package', () => {
    expect(upturn(['--version']).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  })
  it('refuses an unknown command with exit code 2 and a suggestion', () => {
    const { code, stderr } = upturn(['demmo'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/Did you mean demo/)
  })
  it('answers in JSON when asked, also on failure', () => {
    const { code, stdout } = upturn(['check', 'no-such-study.yaml', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'FileNotFound', file: 'no-such-study.yaml' } })
  })
  it('plans from numbers alone, with sentences, JSON and a figure', () => {
    const folder = mkdtempSync(join(tmpdir(), 'upturn-plan-'))
    try {
      const figure = join(folder, 'plan.svg')
      const words = '--or 12 --low 4.1 --high 34.6 --selected-at 1e-4 --frequency 0.04 --registry 10000'.split(' ')
      const said = upturn(['plan', ...words, '--replicates', '200', '--figure', figure])
      expect(said.code).toBe(0)
      expect(said.stdout).toContain('A registry of 10000 people gives about 12.5 consenting cases')
      expect(readFileSync(figure, 'utf8')).toContain('Power')
      const { stdout } = upturn(['plan', ...words, '--replicates', '200', '--json'])
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, recruitment: [{ patients: 10000 }, {}, {}], trial: [] })
      expect(upturn(['plan']).stderr).toContain('needs --or')
      expect(upturn(['plan', 'study.yaml', '--or', '3']).stderr).toContain('not of both')
      expect(upturn(['plan', '--or', '3', '--frequency', '0.1', '--low', '2']).stderr).toContain('go together')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
  it('inspects with filters, and refuses what is no share of reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'upturn-command-'))
    try {
      const path = join(folder, 'a.vcf')
      const record = '1\t5\t.\tA\tC\t.\tPASS\t.\tGT:AD:DP:GQ\t0/1:9,1:10:40\t0/1:5,5:10:15\n'
      writeFileSync(
        path,
        `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n${record}`,
      )
      const { stdout } = upturn(['inspect', path, '--json', '--min-gq', '20', '--allele-balance', '0.2,0.8'])
      expect(JSON.parse(stdout)).toMatchObject({
        ok: true,
        dropped: { 'call below the GQ or DP limit': 1, 'call outside the allele balance': 1 },
      })
      const wrong = upturn(['inspect', path, '--allele-balance', '0.8,0.2'])
      expect(wrong.code).toBe(2)
      expect(wrong.stderr).toContain('--allele-balance takes two shares')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
