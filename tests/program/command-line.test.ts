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
      'associate',
      'test-table',
      'intake',
      'call',
      'match',
      'calibrate',
      'biomarkers',
      'plan',
      'report',
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
})
