import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, it } from 'vitest'
import { workbook } from '../../src/clinical/testing/workbook.ts'
import { upturn } from './upturn.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-intake-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('reads visits of Parquet, people of a workbook and values of European text, and tells everything it did', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT 'p' || i AS patient, 30 * j AS day, 'ALSFRS-R' AS scale, (40 - j)::DOUBLE AS total FROM range(3) t(i), range(4) u(j) ORDER BY i, j)
     TO '${join(folder, 'visits.parquet')}' (FORMAT parquet)`,
  )
  connection.closeSync()
  instance.closeSync()
  const text = (...cells: string[]) => cells.map((cell) => `<c t="str"><v>${cell}</v></c>`).join('')
  writeFileSync(
    join(folder, 'patients.xlsx'),
    workbook({
      sheets: {
        People: `<row>${text('patient', 'sex', 'onset_day', 'diagnosis_day')}</row><row>${text('p0', 'F')}<c><v>-100</v></c><c><v>-300</v></c></row><row>${text('p1', 'X')}<c t="e"><v>#N/A</v></c></row>`,
      },
    }),
  )
  writeFileSync(
    join(folder, 'labs.csv'),
    Buffer.from('patient;day;test;value;unit\np0;0;Kreatinin;1,5;mg/dl\np0;1;Kreatinin;<0,5;\xb5mol\n', 'latin1'),
  )
  writeFileSync(join(folder, 'lies-mich.txt'), 'x')
  const out = join(folder, 'out')

  const undeclared = upturn(['intake', folder, '--json'])
  expect(undeclared.code).toBe(2)
  expect(JSON.parse(undeclared.stdout).error).toMatchObject({ code: 'FormatInvalid', line: 3 })
  expect(JSON.parse(upturn(['intake', folder, '--encoding', 'iso-8859-1', '--json']).stdout).error).toMatchObject({
    code: 'ValueInvalid',
    file: 'labs.csv',
    line: 2,
    column: 4,
  })

  const declared = ['intake', folder, '--encoding', 'windows-1252', '--decimals', 'comma']
  const done = upturn([...declared, '--out', out, '--json'])
  expect(done.code).toBe(0)
  const result = JSON.parse(done.stdout)
  expect([result.source, result.patients, result.visits, result.labValues]).toEqual(['table', 3, 12, 2])
  const counts = Object.fromEntries(
    result.findings.map(({ code, count }: { code: string; count: number }) => [code, count]),
  )
  expect(counts).toEqual({
    cell_error: 1,
    lab_qualified: 1,
    onset_diagnosis_swapped: 1,
    total_unverified: 12,
    value_invalid: 1,
  })
  expect(result.filesNotRead).toEqual(['lies-mich.txt'])
  const rows = readFileSync(join(out, 'intake.tsv'), 'utf8').trim().split('\n')
  expect(rows.length).toBe(1 + 16)
  expect(rows).toContain(
    '\tmended\tonset_diagnosis_swapped\tpatients.xlsx\t2\tonset_day\tonset -100, diagnosis -300\tonset -300, diagnosis -100',
  )
  expect(readFileSync(join(out, 'intake.svg'), 'utf8')).toContain('are exchanged')
  expect(JSON.parse(readFileSync(join(out, 'intake.json'), 'utf8')).files.length).toBe(3)

  const shown = upturn(declared)
  expect(shown.stdout).toContain('mended 1\n')
  expect(shown.stdout).toContain('onset_diagnosis_swapped, first at patients.xlsx:2:onset_day')
})
