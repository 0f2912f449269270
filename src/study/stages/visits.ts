import { resolve } from 'node:path'
import { readClinical } from '../../clinical/index.ts'
import { labsTable, patientsTable, visitsTable } from '../../results/clinical.ts'
import { clinicalInputs, cohortOf } from '../paths.ts'
import { writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

export const visits: Stage = {
  name: 'visits',
  version: 1,
  reads: [],
  publish: ['patients.parquet', 'visits.parquet', 'intake.json'],
  parameters: (study) =>
    Object.entries(study.cohorts).map(([name, cohort]) => ({
      name,
      source: cohort.clinical.source,
      mapping: cohort.clinical.mapping ?? null,
      biomarkers: study.biomarkers,
    })),
  inputs: (loaded) => clinicalInputs(loaded, cohortOf(loaded).cohort.clinical.path),
  async run(context) {
    const { name, cohort } = cohortOf(context.loaded)
    const { host, signal } = context.workshop
    const path = resolve(context.loaded.folder, cohort.clinical.path)
    const read = await readClinical(
      { kind: cohort.clinical.source, path, cohort: name, mapping: cohort.clinical.mapping },
      host,
      signal,
    )
    const wanted = new Set(context.study.biomarkers.map((test) => test.toUpperCase()))
    const labs = read.labs.filter((lab) => wanted.has(lab.test.toUpperCase()))
    const patients = read.patients.map((patient) => ({ ...patient, sample: patient.sample ?? patient.patient }))
    await writeRows(host, context.file('patients.parquet'), patientsTable, patients)
    await writeRows(host, context.file('visits.parquet'), visitsTable, read.visits)
    await writeRows(host, context.file('labs.parquet'), labsTable, labs)
    await context.json('intake.json', read.intake, ['file'])
  },
}
