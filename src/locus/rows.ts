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

/** What decides whether a row is wanted, before it is made: millions are not. */
export interface RowGlance {
  chromosome: string
  position: number
  /** -log10 p of the ranking statistic; null where it was not computed. */
  negLog10P: number | null
  p: number | null
  /** Of the column that decides significance. */
  decisive: number | null
}

/** The wanted rows of the table, a list for each batch, with the p of `statistic` and of `decisive`. */
export async function* associationRows(
  associations: Associations,
  statistic: PValueColumn,
  decisive: PValueColumn,
  wanted: (row: RowGlance) => boolean,
): AsyncGenerator<AssociationRow[]> {
  let first = 0
  const glance: RowGlance = { chromosome: '', position: 0, negLog10P: null, p: null, decisive: null }
  for await (const batch of associations()) {
    const number = (name: string, i: number): number | null => {
      const value = batch[name]?.[i]
      return typeof value === 'number' && Number.isFinite(value) ? value : null
    }
    const text = (name: string, i: number): string => {
      const value = batch[name]?.[i]
      return typeof value === 'string' ? value : ''
    }
    const rows: AssociationRow[] = []
    const size = batch.position.length
    const negLog10P = neglog10Name(statistic)
    for (let i = 0; i < size; i++) {
      glance.chromosome = text('chromosome', i)
      glance.position = number('position', i) ?? 0
      glance.p = number(statistic, i)
      glance.negLog10P = number(negLog10P, i)
      glance.decisive = number(decisive, i)
      if (!wanted(glance)) continue
      const ref = text('ref', i)
      const alt = text('alt', i)
      rows.push({
        ...glance,
        order: first + i,
        key: `${glance.chromosome}:${glance.position}:${ref}:${alt}`,
        ref,
        alt,
        rsid: text('rsid', i),
        firthNegLog10P: number(neglog10Name('firth_p'), i),
        or: number('or', i),
        orSe: number('or_se', i),
        orLow: number('or_low', i),
        orHigh: number('or_high', i),
        counts: countColumns.map((name) => number(name, i) ?? 0) as AssociationRow['counts'],
        status: text('status', i) as AssociationStatus,
        flags: text('flags', i),
      })
    }
    first += size
    yield rows
  }
}
