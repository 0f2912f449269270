import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import type { TableFormat } from '../tables/index.ts'
import { type LayoutName, layoutNamed, layoutNames, recogniseLayout, sourceFiles } from './layouts.ts'
import { createReading } from './reading.ts'
import { type ClinicalRecords, finishRecords } from './records.ts'
import type { TableMapping } from './table.ts'

export interface ClinicalSource {
  /** Recognised by the files when left out. */
  kind?: LayoutName
  /** A folder, or for some layouts also a file. */
  path: string
  cohort: string
  /** For `table`: which columns mean what. */
  mapping?: TableMapping
  /** What the tables cannot say of themselves. */
  format?: TableFormat
}

/**
 * Reads a clinical source. Every quirk of its layout has a rule, and `intake` counts and places each time a rule was
 * used: nothing is mended or left out in silence. Refuses tables that are broken as tables, with file and line.
 */
export async function readClinical(source: ClinicalSource, host: Host, signal: AbortSignal): Promise<ClinicalRecords> {
  const { kind, path, cohort } = source
  const files = await sourceFiles(path, host, signal, source.format)
  const layout = kind === undefined ? await recogniseLayout(files) : layoutNamed(kind)
  if (layout === undefined)
    throw new UpturnError('BadArgument', `'${String(kind)}' is no clinical source; use ${layoutNames.join(', ')}`)
  const reading = createReading(files, host, signal, source)
  await layout.read(reading)
  return finishRecords(layout.name, cohort, reading)
}

export { type FindingCode, type FindingRow, type Findings, findingRules } from './findings.ts'
export { findingsTsv } from './findings-tsv.ts'
export type { LabTable } from './labs.ts'
export { type LayoutName, layoutNames } from './layouts.ts'
export { tableName } from './pro-act.ts'
export type { ClinicalRecords } from './records.ts'
export type { PatientColumn, TableMapping } from './table.ts'
