import type { TableSchema } from '../host/host.ts'
import { integer, number, text } from './columns.ts'

/** One study in a meta-analysis of one variant. */
export interface MetaStudy {
  study: string
  /** For the effect allele; null where the study gives none. */
  or: number | null
  low: number | null
  high: number | null
  logOr: number | null
  se: number | null
  /** Shares of the common-effect and of the random-effects (REML) estimate. */
  weightFixed: number | null
  weightRandom: number | null
  cases: number | null
  controls: number | null
  /** Counts as given: genotypes of cases and controls, or cases and controls with and without. */
  counts: number[] | null
  /** What the effect was made from. */
  source: string
}

/** One way of putting the studies together. */
export interface MetaEstimate {
  method: string
  or: number | null
  low: number | null
  high: number | null
  p: number | null
  negLog10P: number | null
  note: string
}

export interface MetaHeterogeneity {
  q: number
  df: number
  p: number
  i2: number
  i2Low: number | null
  i2High: number | null
  tau2: number
  tau2Low: number | null
  tau2High: number | null
  /** Odds ratio of a new study, 95%; null below three studies. */
  prediction: { low: number; high: number } | null
}

/** One variant, or one question, over studies. */
export interface MetaVariant {
  variant: string
  rsid: string
  /** Empty where the studies do not say. */
  effectAllele: string
  studies: MetaStudy[]
  estimates: MetaEstimate[]
  heterogeneity: MetaHeterogeneity | null
  /** Common effect without each study; empty below two. */
  leaveOneOut: { study: string; or: number; low: number; high: number; p: number }[]
  warnings: string[]
  sentence: string
}

/** `meta.json`. */
export interface MetaSummary {
  studies: { name: string; file: string; variants: number }[]
  /** Variants in at least one study, in at least two, and left out by reason. */
  variants: number
  pooled: number
  leftOut: Record<string, number>
  /** By which p the lead was chosen. */
  rankedBy: string
  bonferroni: { tests: number; threshold: number }
  lead: MetaVariant | null
  warnings: string[]
  notes: string[]
}

/**
 * `meta.tsv` or `meta.parquet`: one row a variant of at least one study. `directions`: one sign a study for the effect of alt, `?` where it gives none.
 * `fixed_*`: common effect; `random_*`: REML with Hartung and Knapp's test, scale at least 1; `exact_*`: exact trend over studies.
 */
export const metaTable: TableSchema = {
  name: 'meta',
  key: ['chromosome', 'position', 'ref', 'alt'],
  columns: [
    text('chromosome'),
    integer('position'),
    text('ref'),
    text('alt'),
    text('rsid'),
    integer('studies'),
    text('directions'),
    integer('n_cases'),
    integer('n_controls'),
    number('fixed_or'),
    number('fixed_low'),
    number('fixed_high'),
    number('fixed_p'),
    number('fixed_neglog10p'),
    number('random_or'),
    number('random_low'),
    number('random_high'),
    number('random_p'),
    number('random_neglog10p'),
    number('tau2'),
    number('i2'),
    number('heterogeneity_p'),
    number('exact_p'),
    number('exact_neglog10p'),
    number('exact_midp'),
    number('exact_min_attainable_p'),
    text('status'),
  ],
}
