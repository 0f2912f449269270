import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Calibration } from '../../src/results/calibration.ts'
import { upturn } from './upturn.ts'

describe('calibrate before any phenotype exists', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-calibrate-'))
  const study = join(folder, 'study.yaml')
  const blind = join(folder, 'blind.yaml')
  beforeAll(() => {
    expect(upturn(['simulate', '--out', folder, '--people', '120', '--variants', '1500', '--quiet']).code).toBe(0)
    const text = readFileSync(study, 'utf8')
    writeFileSync(blind, `${text.replace(/\n +clinical:.*/, '')}calibration: { replicates: 40 }\n`)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const read = (out: string): Calibration => JSON.parse(readFileSync(join(folder, out, 'calibration.json'), 'utf8'))

  it('needs the number of cases alone, from a flag or from the study file', () => {
    const flag = upturn(['calibrate', blind, '--cases', '15', '--out', join(folder, 'a'), '--workers', '1'])
    expect(flag.code).toBe(0)
    expect(flag.stdout).toContain('Name the family-wise test primary')
    const made = read('a')
    expect(made.design).toMatchObject({ cases: 15, blind: true, covariates: ['PC1', 'PC2'] })
    expect(made.notes.join(' ')).toContain('confounding was not tested')
    expect(made.notes.join(' ')).toContain('take no part: sex, age_at_onset.')
    expect(readFileSync(join(folder, 'a', 'figures', 'calibration.svg'), 'utf8')).toContain('Asymptotic trend')
    writeFileSync(blind, readFileSync(blind, 'utf8').replace('replicates: 40', 'replicates: 40, cases: 15'))
    expect(upturn(['calibrate', blind, '--out', join(folder, 'b'), '--quiet']).code).toBe(0)
    expect(read('b')).toEqual(made)
  })

  it('asks nobody who is a case where clinical records are there', () => {
    const out = join(folder, 'c')
    const found = upturn(['calibrate', study, '--cases', '15', '--out', out, '--quiet', '--json'])
    expect(found.code).toBe(0)
    const stages = JSON.parse(found.stdout).stages.map(({ stage }: { stage: string }) => stage)
    expect(stages).not.toContain('calls')
    expect(read('c').design).toMatchObject({ cases: 15, blind: true })
  })

  it('is refused everywhere else, with what to do', () => {
    const run = upturn(['run', blind, '--out', join(folder, 'd')])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('take it out once there are phenotypes')
    const without = join(folder, 'without.yaml')
    writeFileSync(without, readFileSync(blind, 'utf8').replace(', cases: 15', ''))
    expect(upturn(['calibrate', without]).stderr).toContain('with the number of cases planned (--cases')
    expect(upturn(['calibrate', blind, '--cases', '1000', '--out', join(folder, 'e')]).stderr).toContain('are no study')
    expect(upturn(['check', blind]).stdout).toContain('no clinical records yet')
  })
})
