import {
  type CallsResult,
  type ClinicalRecords,
  type LayoutName,
  makeCalls,
  parseDefinitions,
  readClinical,
} from '../clinical/index.ts'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { ProgressionGroup } from '../results/clinical.ts'
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
}

export interface CalledFolder extends ClinicalRecords {
  called: CallsResult
  definition: string
}

/**
 * Reads a folder of clinical records and calls everyone by the definitions of the package, without a study file and without genotypes. Refuses a folder in
 * which nobody is a case or a control.
 */
export async function callFolder(options: FolderOptions, workshop: Workshop): Promise<CalledFolder> {
  const { path, definition = 'large-sustained', controls = 'typical' } = options
  const records = await readClinical(
    { ...(options.source !== undefined && { kind: options.source }), path, cohort: 'folder' },
    workshop.host,
    workshop.signal,
  )
  const called = await makeCalls(
    records.patients,
    records.visits,
    {
      definitions: parseDefinitions(await definitionTexts()),
      caseDefinition: definition,
      cases: 'reversal',
      controls,
      strictness: 'mimics',
    },
    workshop,
  )
  if (called.summary.cases === 0)
    throw new UpturnError('NoCases', `nobody of ${records.patients.length} people is a case by ${definition}`, {
      place: { file: path },
    })
  if (called.summary.controls === 0)
    throw new UpturnError('NoControls', `nobody of ${records.patients.length} people is in the group ${controls}`, {
      place: { file: path },
    })
  return { ...records, called, definition }
}
