import {
  type Adjudication,
  type CallsResult,
  type ClinicalRecords,
  type LabTable,
  type LayoutName,
  makeCalls,
  neededTests,
  parseDefinitions,
  readClinical,
  type Strictness,
} from '../clinical/index.ts'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { LabValue, ProgressionGroup } from '../results/clinical.ts'
import { adjudicationsPath, loadAdjudications } from './adjudications.ts'
import { definitionTexts } from './clinical-files.ts'

/** What is asked of a folder of clinical records that no study file describes. */
export interface FolderOptions {
  path: string
  /** Layout; recognised by its files when left out. */
  source?: LayoutName
  /** Default `large-sustained`. */
  definition?: string
  /** Default `typical`. */
  controls?: ProgressionGroup | 'others'
  /** Files or folders with further definitions. */
  definitions?: readonly string[]
  /** Default `mimics`. */
  strictness?: Strictness
  /** Default: those of adjudications.jsonl beside the folder, where there is one. */
  adjudications?: readonly Adjudication[]
}

export interface CalledFolder extends Omit<ClinicalRecords, 'labs'> {
  /** Those that measures and definitions look at. */
  labs: LabValue[]
  /** All of them. */
  laboratory: LabTable
  called: CallsResult
  definition: string
}

/** Reads a folder of clinical records and calls everyone by every definition, without a study file and without genotypes. */
export async function callRecords(options: FolderOptions, workshop: Workshop): Promise<CalledFolder> {
  const { path, definition = 'large-sustained', controls = 'typical' } = options
  const records = await readClinical(
    { ...(options.source !== undefined && { kind: options.source }), path, cohort: 'folder' },
    workshop.host,
    workshop.signal,
  )
  const definitions = parseDefinitions(await definitionTexts(options.definitions))
  const labs = records.labs.of(neededTests(definitions))
  const called = await makeCalls(
    records.patients,
    records.visits,
    {
      definitions,
      caseDefinition: definition,
      cases: 'reversal',
      controls,
      strictness: options.strictness ?? 'mimics',
      labs,
      adjudications: options.adjudications ?? (await loadAdjudications(adjudicationsPath(path))),
    },
    workshop,
  )
  return { ...records, labs, laboratory: records.labs, called, definition }
}

/** The same for whoever needs both: refuses a folder in which nobody is a case or a control. */
export async function callFolder(options: FolderOptions, workshop: Workshop): Promise<CalledFolder> {
  const { path, controls = 'typical' } = options
  const folder = await callRecords(options, workshop)
  const { called, definition } = folder
  const people = folder.patients.length
  if (called.summary.cases === 0)
    throw new UpturnError('NoCases', `nobody of ${people} people is a case by ${definition}`, { place: { file: path } })
  if (called.summary.controls === 0)
    throw new UpturnError('NoControls', `nobody of ${people} people is in the group ${controls}`, {
      place: { file: path },
    })
  return folder
}
