import { callsTsv, makeCalls, parseDefinitions, rowsTsv } from '../../clinical/index.ts'
import { UpturnError } from '../../errors/index.ts'
import { writeWhole } from '../../host/node/files.ts'
import {
  callsTable,
  groupsTable,
  type LabValue,
  labsTable,
  type Patient,
  patientsTable,
  type Visit,
  visitsTable,
} from '../../results/clinical.ts'
import { adjudicationInputs, adjudicationsPath, loadAdjudications } from '../adjudications.ts'
import { definitionFiles } from '../clinical-files.ts'
import { readRows, writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

export const calls: Stage = {
  name: 'calls',
  version: 7,
  reads: ['visits'],
  publish: ['calls.parquet', 'calls.tsv', 'calls.json', 'groups.parquet', 'groups.tsv'],
  parameters: (study) => study.phenotype,
  inputs: async (loaded) => [
    ...(await definitionFiles(loaded)).map(({ file }) => file),
    ...(await adjudicationInputs(loaded)),
  ],
  async run(context) {
    const { host } = context.workshop
    const { phenotype } = context.study
    const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
    const visits = await readRows<Visit>(host, context.from('visits', 'visits.parquet'), visitsTable)
    const labs = await readRows<LabValue>(host, context.from('visits', 'labs.parquet'), labsTable)
    const definitions = parseDefinitions(await definitionFiles(context.loaded))
    const result = await makeCalls(
      patients,
      visits,
      {
        definitions,
        caseDefinition: phenotype.definition,
        cases: phenotype.cases,
        controls: phenotype.controls,
        strictness: phenotype.strictness,
        labs,
        adjudications: await loadAdjudications(adjudicationsPath(context.loaded)),
      },
      context.workshop,
    )
    if (result.summary.cases === 0)
      throw new UpturnError(
        'NoCases',
        `nobody is a case: no one of ${patients.length} people has a confirmed ${phenotype.cases} by ${phenotype.definition}; look at the visits (upturn intake), or choose another definition`,
        {
          place: { file: context.loaded.file, ...context.loaded.locate(['phenotype', 'definition']) },
        },
      )
    if (result.summary.controls === 0)
      throw new UpturnError(
        'NoControls',
        `nobody is a control: no one of ${patients.length} people is in the group ${phenotype.controls}; choose another group under phenotype.controls`,
        {
          place: { file: context.loaded.file, ...context.loaded.locate(['phenotype', 'controls']) },
        },
      )
    await writeRows(host, context.file('calls.parquet'), callsTable, result.calls)
    await writeRows(host, context.file('groups.parquet'), groupsTable, result.groups)
    await writeWhole(context.file('calls.tsv'), callsTsv(result.calls))
    await writeWhole(context.file('groups.tsv'), rowsTsv(groupsTable, result.groups))
    await context.json('calls.json', result.summary)
  },
}
