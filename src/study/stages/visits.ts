import { bodyMassTests, findingsTsv, neededTests, parseDefinitions, testName } from '../../clinical/index.ts'
import { labsTable, patientsTable, visitsTable } from '../../results/clinical.ts'
import { definitionFiles } from '../clinical-files.ts'
import { studyRecords } from '../clinical-records.ts'
import { cohortsOf } from '../cohorts.ts'
import { clinicalInputs } from '../paths.ts'
import { writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'
import { writeText } from '../text-file.ts'

export const visits: Stage = {
  name: 'visits',
  version: 4,
  reads: [],
  publish: ['patients.parquet', 'visits.parquet', 'intake.json', 'intake.tsv'],
  parameters: (study) =>
    Object.entries(study.cohorts).map(([name, cohort]) => ({
      name,
      clinical: cohort.clinical === undefined ? null : { ...cohort.clinical, path: null },
      biomarkers: study.biomarkers,
    })),
  async inputs(loaded) {
    const inputs: string[] = []
    for (const { cohort } of cohortsOf(loaded))
      if (cohort.clinical !== undefined) inputs.push(...(await clinicalInputs(loaded, cohort.clinical)))
    inputs.push(...(await definitionFiles(loaded)).map(({ file }) => file))
    return inputs
  },
  async run(context) {
    const { host, signal } = context.workshop
    const read = await studyRecords(context.loaded, host, signal)
    const needed = neededTests(parseDefinitions(await definitionFiles(context.loaded)))
    const markers = new Set([...context.study.biomarkers.map(testName), ...bodyMassTests])
    const labs = read.labs.of((test) => markers.has(testName(test)) || needed(test))
    await writeRows(host, context.file('patients.parquet'), patientsTable, read.patients)
    await writeRows(host, context.file('visits.parquet'), visitsTable, read.visits)
    await writeRows(host, context.file('labs.parquet'), labsTable, labs)
    await context.json('intake.json', read.intake, ['file', 'files', 'filesNotRead'])
    await writeText(host, context.file('intake.tsv'), findingsTsv(read.findings))
  },
}
