import type { TableSchema } from '../host/host.ts'
import { integer, number, text } from './columns.ts'

export type AssociationStatus =
  | 'monomorphic'
  | 'sex_missing'
  | 'collinear'
  | 'not_converged'
  | 'separated'
  | 'unreachable'
  | 'ok'

/** p-value columns; each has `<name>_neglog10p` beside it, computed from logs: `trend_exact_p` and `trend_exact_neglog10p`. */
export const pValueColumns = [
  'trend_exact_p',
  'trend_midp',
  'fisher_p',
  'firth_p',
  'primary_p',
  'family_p',
  'permutation_p',
] as const

/**
 * `primary_p` is the p of one variant by which the primary test ranks variants: the exact trend under the primary's own label
 * sets, or Firth. `family_p` and the thresholds judge it.
 */
export type PValueColumn = (typeof pValueColumns)[number]

/** `trend_exact_p` -> `trend_exact_neglog10p`, `trend_midp` -> `trend_mid_neglog10p`. */
export function neglog10Name(column: PValueColumn): string {
  return column.replace(/p$/, 'neglog10p').replace(/midneg/, 'mid_neg')
}

/**
 * `associations.parquet`: one row a variant tested, in order of position. Odds ratios are for `alt`, by Firth. Where the design is matched every
 * test is its form within the sets, and every row has the flag `within_matched_sets`. `associations.x.parquet`
 * has the same columns: X variants with men's one allele counted once (`male_coding` 0/1), outside the family.
 */
export const associationsTable: TableSchema = {
  name: 'associations',
  key: ['chromosome', 'position', 'ref', 'alt'],
  columns: [
    text('chromosome'),
    integer('position'),
    text('ref'),
    text('alt'),
    text('rsid'),
    integer('n_cases'),
    integer('n_controls'),
    integer('case_ref'),
    integer('case_het'),
    integer('case_alt'),
    integer('control_ref'),
    integer('control_het'),
    integer('control_alt'),
    // Male hemizygotes outside PAR (already inside *_ref and *_alt, coded 0/2): null on autosomes.
    integer('case_hemizygous_ref'),
    integer('case_hemizygous_alt'),
    integer('control_hemizygous_ref'),
    integer('control_hemizygous_alt'),
    text('male_coding'),
    number('call_rate'),
    number('maf'),
    number('hwe_p'),
    number('min_attainable_p'),
    ...pValueColumns.flatMap((name) => [number(name), number(neglog10Name(name))]),
    number('or'),
    number('or_se'),
    number('or_low'),
    number('or_high'),
    text('limits'),
    text('status'),
    // A row without flags has an empty text, no missing one.
    { ...text('flags'), emptyText: true },
  ],
}

/** A whole family of label sets and what its minima say. */
export interface FamilySummary {
  masks: 'uniform' | 'stratified' | 'within matched sets' | 'conditional on fitted risks'
  labelSets: number
  variantsTested: number
  /** Distinct genotype columns: identical ones are tested once. */
  distinctVariants: number
  /** Observed minimum p over the family. */
  minimumP: number
  minimumNegLog10P: number
  familyP: number
  /** 95% Clopper-Pearson limits of the family-wise p. */
  familyPLow: number
  familyPHigh: number
  /** 5% quantile of the replicates' minima: the p below which a variant is significant family-wise. */
  threshold: number
  thresholdNegLog10P: number
  /** Mean overlap of a mask with the observed cases, share of cases. */
  meanOverlap: number
  /** Variant-by-replicate pairs that could not change the answer. */
  skipped: number
}

/** One test on the lead variant, for the forest. */
export interface LeadTest {
  test: string
  p: number
  negLog10P: number
  or: number | null
  low: number | null
  high: number | null
  note: string
}

/** How a matched design was analysed: every test of the rows is then its form within the sets. */
export interface MatchedSummary {
  sets: number
  /** Sets by the people in them. */
  sizes: { cases: number; controls: number; sets: number }[]
  /** Covariates that the matching takes care of: they enter the unmatched form alone. */
  matchedOn: string[]
  /** Covariates that do not vary within any set, and so cancel. */
  cancelled: string[]
  notes: string[]
}

/** `association.json`. */
export interface AssociationSummary {
  /** The frozen primary test, as written in the study or chosen by its stated rule. */
  primary: { test: string; alpha: number; significant: boolean; p: number; negLog10P: number; sentence: string }
  cases: number
  controls: number
  covariates: string[]
  /** Absent where the design is not matched. */
  matched?: MatchedSummary
  variantsTested: number
  statuses: Partial<Record<AssociationStatus, number>>
  flags: Record<string, number>
  /**
   * Calls outside the pseudoautosomal regions that a person's sex forbids (heterozygous ones of men on X and Y, any of women on
   * Y), taken as missing; absent where there are none.
   */
  forbiddenCalls?: number
  bonferroni: { tests: number; threshold: number }
  tarone: { tests: number; threshold: number }
  families: FamilySummary[]
  /** Genomic inflation from the median mid-p of the trend under the first family's label sets: adjusted where there are covariates. */
  lambda: number
  /** Observed and expected quantiles for the QQ plot, -log10, thinned; expected under each variant's discrete null under those label sets. */
  qq: { expected: number[]; observed: number[]; low: number[]; high: number[] }
  /** Thinned points for the Manhattan plot: chromosome, position, -log10 p of the exact trend. */
  lead: {
    chromosome: string
    position: number
    ref: string
    alt: string
    rsid: string
    counts: [number, number, number, number, number, number]
    tests: LeadTest[]
    /** Label-set p of the lead alone, adaptive. */
    permutation: { exceed: number; sets: number; p: number } | null
  } | null
  /** Cases or controls come from sources that hold only one of them. */
  sourceConfounded: boolean
  sourceSentence: string | null
}
