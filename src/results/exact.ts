import type { TableSchema } from '../host/host.ts'
import { integer, number, text } from './columns.ts'

/** `exact`: exact tests of every variant on its table alone, one row a variant, by position. Columns as in `associations`. */
export const exactTable: TableSchema = {
  name: 'exact',
  key: ['chromosome', 'position', 'ref', 'alt'],
  columns: [
    text('chromosome'),
    integer('position'),
    text('ref'),
    text('alt'),
    text('rsid'),
    integer('case_ref'),
    integer('case_het'),
    integer('case_alt'),
    integer('control_ref'),
    integer('control_het'),
    integer('control_alt'),
    number('min_attainable_p'),
    number('trend_exact_p'),
    number('trend_exact_neglog10p'),
    number('trend_midp'),
    number('trend_mid_neglog10p'),
    number('fisher_p'),
    number('fisher_neglog10p'),
  ],
}
