import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const study = join(folder, 'study.yaml')
const results = join(folder, 'results')
const read = (name: string) => readFileSync(join(results, name), 'utf8')

describe('upturn export', () => {
  beforeAll(() => {
    expect(
      upturn(['simulate', '--out', folder, '--people', '60', '--variants', '100', '--seed', '7', '--quiet']).code,
    ).toBe(0)
  }, 120_000)

  it('asks for results first', () => {
    const { code, stderr } = upturn(['export', study, '--as', 'fhir'])
    expect(code).toBe(2)
    expect(stderr).toContain('there are no results to export; run the study first')
  })

  it('writes pseudonyms, the same each time, and phenopackets that read back as the visits of the study', () => {
    expect(upturn(['call', study, '--quiet']).code).toBe(0)
    const original = join(folder, 'visits.tsv')
    const intake = upturn(['intake', join(folder, 'clinical'), '--visits', original, '--json'])
    expect(intake.code).toBe(0)
    const said = upturn(['export', study, '--as', 'phenopackets', '--json'])
    expect(said.code).toBe(0)
    const { people } = JSON.parse(said.stdout)
    expect(people).toBe(JSON.parse(intake.stdout).patients)
    const text = read('exports/phenopackets.json')
    const ids = new Map(
      read('export-ids.tsv')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t').reverse() as [string, string]),
    )
    expect(ids.size).toBe(people)
    for (const patient of ids.values()) expect(text).not.toContain(`"${patient}"`)
    // Nobody but the owner may read the key.
    expect(statSync(join(results, 'export-key')).mode & 0o077).toBe(0)

    const back = join(folder, 'back.tsv')
    const again = upturn(['intake', join(results, 'exports/phenopackets.json'), '--visits', back, '--json'])
    expect(again.code).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({ source: 'phenopackets', patients: people })
    const rows = (path: string, rename: (id: string) => string) =>
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.replace(/^[^\t]*/, rename))
        .sort()
    expect(rows(back, (id) => ids.get(id) ?? id)).toEqual(rows(original, (id) => id))

    expect(upturn(['export', study, '--as', 'phenopackets', '--quiet']).code).toBe(0)
    const withoutTime = (json: string) => json.replace(/"created":"[^"]*"/g, '')
    expect(withoutTime(read('exports/phenopackets.json'))).toBe(withoutTime(text))
  })

  it('writes calls as TSV and FHIR bundles a line, and says what they are for', () => {
    for (const kind of ['calls', 'fhir']) {
      const { code, stdout } = upturn(['export', study, '--as', kind])
      expect(code).toBe(0)
      expect(stdout).toContain('Research use only')
    }
    const calls = read('exports/calls.tsv').trim().split('\n')
    expect(calls[0].split('\t')).toEqual([
      'patient',
      'definition',
      'verdict',
      'start_day',
      'end_day',
      'value',
      'reason',
    ])
    expect(calls[1]).toMatch(/^UP-[0-9a-f]{16}\t/)
    const bundles = read('exports/fhir.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(bundles.length).toBe(read('exports/calls-people.tsv').trim().split('\n').length - 1)
    for (const { entry } of bundles) expect(entry[0].resource).toMatchObject({ resourceType: 'Patient' })
    expect(read('exports/README.txt')).toContain('CONTROLLED ACCESS')
    const kept = join(folder, 'own.tsv')
    expect(upturn(['export', study, '--as', 'calls', '--keep-ids', '--file', kept]).code).toBe(0)
    expect(readFileSync(kept, 'utf8')).toBe(read('calls.tsv'))
  })
})
