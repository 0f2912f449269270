import { resolve } from 'node:path'
import { type ClinicalRecords, type Findings, type LabTable, readClinical } from '../clinical/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { Host } from '../host/host.ts'
import type { Intake, IntakeFinding, LabValue } from '../results/clinical.ts'
import { cohortsOf, studyId } from './cohorts.ts'
import type { LoadedStudy } from './load.ts'
import type { Cohort } from './schema.ts'

/** Reads the clinical source of one cohort; ids are those of the source. */
export async function readCohort(
  loaded: LoadedStudy,
  name: string,
  { clinical }: Cohort,
  host: Host,
  signal: AbortSignal,
): Promise<ClinicalRecords> {
  if (clinical === undefined)
    throw new UpturnError('StudyInvalid', `cohort ${name} has no clinical records, without which nobody is a case`, {
      place: { file: loaded.file, ...loaded.locate(['cohorts', name]) },
    })
  const path = resolve(loaded.folder, clinical.path)
  const { source: kind, mapping, encoding, decimals, dates, sheet } = clinical
  const format = { encoding, decimals, dates, sheet }
  return readClinical({ kind, path, cohort: name, mapping, format }, host, signal)
}

const mostPlaces = 100

/** Findings of several sources by code. */
function joinFindings(lists: readonly (readonly IntakeFinding[])[]): IntakeFinding[] {
  const found = new Map<string, IntakeFinding>()
  for (const finding of lists.flat()) {
    const before = found.get(finding.code)
    found.set(finding.code, {
      ...finding,
      count: finding.count + (before?.count ?? 0),
      where: [...(before?.where ?? []), ...finding.where].slice(0, mostPlaces),
    })
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

const findingsOf = (cohort: string, findings: Findings): Findings => ({
  size: findings.size,
  *rows() {
    for (const row of findings.rows()) yield { ...row, cohort }
  },
})

function renamedLabs(labs: LabTable, id: (own: string) => string): LabTable {
  const renamed = (lab: LabValue) => ({ ...lab, patient: id(lab.patient) })
  return {
    size: labs.size,
    of: (wanted) => labs.of(wanted).map(renamed),
    *[Symbol.iterator]() {
      for (const lab of labs) yield renamed(lab)
    },
  }
}

const joinedLabs = (tables: readonly LabTable[]): LabTable => ({
  size: tables.reduce((sum, { size }) => sum + size, 0),
  of: (wanted) => tables.flatMap((table) => table.of(wanted)),
  *[Symbol.iterator]() {
    for (const table of tables) yield* table
  },
})

/**
 * The records of all cohorts of a study under the ids of the study, sorted as those of one. Everybody has a sample id: the source's own, or
 * else the patient's. Of one cohort they are what its source gave.
 */
export async function studyRecords(loaded: LoadedStudy, host: Host, signal: AbortSignal): Promise<ClinicalRecords> {
  const { study } = loaded
  const cohorts: (ClinicalRecords & { name: string })[] = []
  for (const { name, cohort } of cohortsOf(loaded)) {
    const records = await readCohort(loaded, name, cohort, host, signal)
    const id = (own: string) => studyId(study, name, own)
    const renamed = <T extends { patient: string }>(rows: readonly T[]) =>
      rows.map((row) => ({ ...row, patient: id(row.patient) }))
    cohorts.push({
      name,
      patients: renamed(records.patients).map((patient, i) => ({
        ...patient,
        sample: id(patient.sample ?? records.patients[i].patient),
      })),
      visits: renamed(records.visits),
      labs: renamedLabs(records.labs, id),
      intake: records.intake,
      findings: findingsOf(name, records.findings),
    })
  }
  const [first] = cohorts
  if (cohorts.length === 1) return first
  // A cohort's name and colon begin the id of nobody else, so cohorts stay together and each is sorted in itself.
  const sorted = [...cohorts].sort((a, b) => (`${a.name}:` < `${b.name}:` ? -1 : 1))
  const sum = (count: (intake: Intake) => number) => cohorts.reduce((total, { intake }) => total + count(intake), 0)
  return {
    patients: sorted.flatMap(({ patients }) => patients),
    visits: sorted.flatMap(({ visits }) => visits),
    labs: joinedLabs(sorted.map(({ labs }) => labs)),
    findings: {
      size: sorted.reduce((total, { findings }) => total + findings.size, 0),
      *rows() {
        for (const { findings } of sorted) yield* findings.rows()
      },
    },
    intake: {
      source: [...new Set(cohorts.map(({ intake }) => intake.source))].join(', '),
      patients: sum(({ patients }) => patients),
      visits: sum(({ visits }) => visits),
      labValues: sum(({ labValues }) => labValues),
      findings: joinFindings(cohorts.map(({ intake }) => intake.findings)),
      files: cohorts.flatMap(({ intake }) => intake.files ?? []),
      filesNotRead: cohorts.flatMap(({ intake }) => intake.filesNotRead ?? []),
      cohorts: cohorts.map(({ name, intake }) => ({ cohort: name, ...intake })),
    },
  }
}
