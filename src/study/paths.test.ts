import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { LoadedStudy } from './load.ts'
import { clinicalInputs } from './paths.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-paths-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('every table that a clinical source is read from decides its stage, wherever the mapping finds it', async () => {
  mkdirSync(join(folder, 'c'))
  for (const name of ['c/visits.csv', 'c/people.csv', 'c/.hidden', 'labs.csv']) writeFileSync(join(folder, name), '')
  const loaded = { folder } as LoadedStudy
  const inputs = async (path: string, mapping = {}) =>
    (await clinicalInputs(loaded, { source: 'table', path, mapping })).map((file) => file.slice(folder.length + 1))
  const mapping = { patients: { file: 'people.csv' }, labs: { file: '../labs.csv' } }
  expect(await inputs('c')).toEqual(['c/people.csv', 'c/visits.csv'])
  expect(await inputs('c', mapping)).toEqual(['c/people.csv', 'c/visits.csv', 'labs.csv'])
  expect(await inputs('c/visits.csv')).toEqual(['c/visits.csv'])
  expect(await inputs('c/visits.csv', mapping)).toEqual(['c/people.csv', 'c/visits.csv', 'labs.csv'])
})
