import type { ColumnBatch } from '../host/host.ts'
import { type AssociationStatus, neglog10Name, type PValueColumn } from '../results/association.ts'

/** What the loci need of an association row. */
export interface AssociationRow {
  /** Position in the order of the table. */
  order: number
  key: string
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  /** Of the statistic that ranks; null where it was not computed. */
  p: number | null
  negLog10P: number | null
  /** Of the column that decides significance. */
  decisive: number | null
  firthNegLog10P: number | null
  or: number | null
  orSe: number | null
  orLow: number | null
  orHigh: number | null
  counts: [number, number, number, number, number, number]
  status: AssociationStatus
  flags: string
}

/** Batches of associations.parquet. */
export type Associations = () => AsyncIterable<ColumnBatch>

const countColumns = ['case_ref', 'case_het', 'case_alt', 'control_ref', 'control_het', 'control_alt'] as const

/** Rows of the table one after another, with the p of `statistic` and of `decisive`. */
export async function* associationRows(
  associations: Associations,
  statistic: PValueColumn,
  decisive: PValueColumn,
): AsyncGenerator<AssociationRow> {
  let order = 0
  for await (const batch of associations()) {
    const number = (name: string, i: number): number | null => {
      const value = batch[name]?.[i]
      return typeof value === 'number' && Number.isFinite(value) ? value : null
    }
    const text = (name: string, i: number): string => {
      const value = batch[name]?.[i]
      return typeof value === 'string' ? value : ''
    }
    for (let i = 0; i < batch.position.length; i++) {
      const chromosome = text('chromosome', i)
      const position = number('position', i) ?? 0
      const ref = text('ref', i)
      const alt = text('alt', i)
      yield {
        order: order++,
        key: `${chromosome}:${position}:${ref}:${alt}`,
        chromosome,
        position,
        ref,
        alt,
        rsid: text('rsid', i),
        p: number(statistic, i),
        negLog10P: number(neglog10Name(statistic), i),
        decisive: number(decisive, i),
        firthNegLog10P: number(neglog10Name('firth_p'), i),
        or: number('or', i),
        orSe: number('or_se', i),
        orLow: number('or_low', i),
        orHigh: number('or_high', i),
        counts: countColumns.map((name) => number(name, i) ?? 0) as AssociationRow['counts'],
        status: text('status', i) as AssociationStatus,
        flags: text('flags', i),
      }
    }
  }
}
