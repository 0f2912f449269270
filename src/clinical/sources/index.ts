import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { readProAct } from './pro-act.ts'
import type { ClinicalRecords } from './records.ts'
import { readTables, type TableMapping } from './table.ts'

export interface ClinicalSource {
  kind: 'pro-act' | 'table'
  /** A folder, or for `table` also the visit table itself. */
  path: string
  cohort: string
  /** For `table`: which columns mean what. */
  mapping?: TableMapping
}

/**
 * Reads a clinical source. Every quirk of its layout has a rule, and `intake` counts and places each time a rule was
 * used: nothing is mended or left out in silence. Refuses tables that are broken as tables, with file and line.
 */
export async function readClinical(source: ClinicalSource, host: Host, signal: AbortSignal): Promise<ClinicalRecords> {
  switch (source.kind) {
    case 'pro-act':
      return readProAct(source.path, source.cohort, host, signal)
    case 'table':
      return readTables(source.path, source.cohort, host, signal, source.mapping)
    default:
      throw new UpturnError('BadArgument', `'${String(source.kind)}' is no clinical source; use pro-act or table`)
  }
}

export { type FindingCode, findingRules } from './findings.ts'
export { tableName } from './pro-act.ts'
export type { ClinicalRecords } from './records.ts'
export type { PatientColumn, TableMapping } from './table.ts'
