import { measureEveryone, rowsTsv } from '../../clinical/index.ts'
import { writeWhole } from '../../host/node/files.ts'
import {
  type LabValue,
  labsTable,
  type Patient,
  patientsTable,
  type Visit,
  visitsTable,
} from '../../results/clinical.ts'
import { measuresTable, visitMeasuresTable } from '../../results/measures.ts'
import { readRows, writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

export const measures: Stage = {
  name: 'measures',
  version: 2,
  reads: ['visits'],
  publish: ['measures.parquet', 'measures.tsv', 'measures.json', 'visit-measures.parquet', 'visit-measures.tsv'],
  parameters: () => null,
  inputs: async () => [],
  async run(context) {
    const { host } = context.workshop
    const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
    const visits = await readRows<Visit>(host, context.from('visits', 'visits.parquet'), visitsTable)
    const labs = await readRows<LabValue>(host, context.from('visits', 'labs.parquet'), labsTable)
    const found = measureEveryone(patients, visits, labs)
    for (const [name, schema, rows] of [
      ['measures', measuresTable, found.people],
      ['visit-measures', visitMeasuresTable, found.visits],
    ] as const) {
      await writeRows(host, context.file(`${name}.parquet`), schema, rows)
      await writeWhole(context.file(`${name}.tsv`), rowsTsv(schema, rows))
    }
    await context.json('measures.json', found.summary)
  },
}
