import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findingTests, type LayoutName, measureEveryone, type Strictness } from '../clinical/index.ts'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { TableSchema } from '../host/host.ts'
import { fileExists, withPath } from '../host/node/files.ts'
import {
  type Call,
  type CallsSummary,
  callsTable,
  type GroupRow,
  groupsTable,
  type LabValue,
  labsTable,
  type Patient,
  patientsTable,
  type Visit,
  visitsTable,
} from '../results/clinical.ts'
import type { Manifest } from '../results/manifest.ts'
import type { PersonMeasures, VisitMeasures } from '../results/measures.ts'
import { adjudicationsPath, loadAdjudications } from './adjudications.ts'
import { callRecords } from './clinical-folder.ts'
import { loadStudy } from './load.ts'
import { readRows as rowsOf } from './rows.ts'

/** Calls and what they were made of, of a study that was run or of a folder of records. */
export interface Called {
  patients: Patient[]
  visits: Visit[]
  calls: Call[]
  groups: GroupRow[]
  summary: CallsSummary
  measures: PersonMeasures[]
  visitMeasures: VisitMeasures[]
  labs: LabValue[]
  /** Where verdicts of people are kept. */
  adjudications: string
}

export interface CalledOptions {
  /** Results folder of a study. */
  out: string
  source?: LayoutName
  definition?: string
  definitions?: readonly string[]
  strictness?: Strictness
  /** Another file of adjudications. */
  adjudications?: string
}

export const isStudyFile = (path: string): boolean => /\.ya?ml$/i.test(path)

/** Reads the calls of a study's current results, or makes them anew of a folder or a table of records. */
export async function calledOf(path: string, options: CalledOptions, workshop: Workshop): Promise<Called> {
  if (isStudyFile(path)) return calledStudy(path, options, workshop)
  const file = options.adjudications ?? adjudicationsPath(path)
  const { patients, visits, labs, called } = await callRecords(
    {
      path,
      ...(options.source !== undefined && { source: options.source }),
      ...(options.definition !== undefined && { definition: options.definition }),
      ...(options.definitions !== undefined && { definitions: options.definitions }),
      ...(options.strictness !== undefined && { strictness: options.strictness }),
      adjudications: await loadAdjudications(file),
    },
    workshop,
  )
  const measured = measureEveryone(patients, visits, labs)
  return {
    patients,
    visits,
    labs,
    calls: called.calls,
    groups: called.groups,
    summary: called.summary,
    measures: measured.people,
    visitMeasures: measured.visits,
    adjudications: file,
  }
}

async function calledStudy(path: string, options: CalledOptions, workshop: Workshop): Promise<Called> {
  const { host } = workshop
  const loaded = await loadStudy(path)
  const manifestPath = join(options.out, 'manifest.json')
  const refuse = (): never => {
    throw new UpturnError('FileNotFound', `the study has no calls yet; run upturn call ${path} first`, {
      place: { file: manifestPath },
    })
  }
  if (!(await fileExists(manifestPath))) refuse()
  const manifest = JSON.parse(await withPath(manifestPath, () => readFile(manifestPath, 'utf8'))) as Manifest
  const of = (stage: string, name: string) => {
    const folder = manifest.stages.find((record) => record.stage === stage)?.folder ?? refuse()
    return join(options.out, '.stages', folder, name)
  }
  const readRows = async <T>(file: string, schema: TableSchema): Promise<T[]> => {
    try {
      return await rowsOf<T>(host, file, schema)
    } catch (cause) {
      throw new UpturnError(
        'FormatInvalid',
        `these calls were made by another version; run upturn call ${path} again`,
        {
          place: { file },
          cause,
        },
      )
    }
  }
  const patients = await readRows<Patient>(of('visits', 'patients.parquet'), patientsTable)
  const visits = await readRows<Visit>(of('visits', 'visits.parquet'), visitsTable)
  const labs = await readRows<LabValue>(of('visits', 'labs.parquet'), labsTable)
  const measured = measureEveryone(patients, visits, labs)
  return {
    patients,
    visits,
    labs,
    calls: await readRows<Call>(of('calls', 'calls.parquet'), callsTable),
    groups: await readRows<GroupRow>(of('calls', 'groups.parquet'), groupsTable),
    summary: JSON.parse(
      await withPath(of('calls', 'calls.json'), () => readFile(of('calls', 'calls.json'), 'utf8')),
    ) as CallsSummary,
    measures: measured.people,
    visitMeasures: measured.visits,
    adjudications: options.adjudications ?? adjudicationsPath(loaded),
  }
}

/** Measurements of one person that are no signs of an examination, by test and day. */
export const measurementsOf = (labs: readonly LabValue[], patient: string): LabValue[] =>
  labs.filter((lab) => lab.patient === patient && !findingTests.includes(lab.test))
