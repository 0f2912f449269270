import { type Call, callsTable } from '../../results/clinical.ts'
import { rowsTsv } from '../tables/tsv.ts'

/** Calls as a tab-separated table. */
export const callsTsv = (calls: readonly Call[]): string => rowsTsv(callsTable, calls)
