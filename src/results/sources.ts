/** One measure of a sample's technical quality, by source of the DNA. Label-blind. */
export interface SourceMeasure {
  /** 'call rate', 'heterozygosity F', 'transitions to transversions', 'depth'. */
  measure: string
  bySource: { source: string; people: number; median: number; low: number; high: number }[]
  /** Kruskal-Wallis over sources; null with fewer than two sources of five people. */
  p: number | null
  /** p below the level that all measures share. */
  differs: boolean
}

/** Allele frequencies of controls from one source against controls from all others. */
export interface SourceContrast {
  source: string
  controls: number
  others: number
  /** Why there is no test, null when there is one; the members below are then null or empty. */
  untested: string | null
  /** How labels of source were redrawn among controls. */
  masks: string | null
  labelSets: number
  variants: number
  /** Genomic inflation of the exact trend's mid-p, before any adjustment. */
  lambda: number | null
  /** As in AssociationSummary. */
  qq: { expected: number[]; observed: number[]; low: number[]; high: number[] } | null
  /** Chance that some variant differs as much as the most different one, with its 95% limits. */
  familyP: number | null
  familyPLow: number | null
  familyPHigh: number | null
  /** Variants beyond the family-wise threshold of 5%; the most different first, 100 at most. */
  differing: number
  most: { key: string; rsid: string; p: number; alleles: string; here: number; there: number }[]
}

export type SourceVerdict = 'not recorded' | 'one source' | 'confounded' | 'cannot be told' | 'alike' | 'differ'

/** `sources.json`: whether the sources of the DNA differ in what only a laboratory should decide. */
export interface SourcesSummary {
  people: { source: string; cases: number; controls: number }[]
  measures: SourceMeasure[]
  contrasts: SourceContrast[]
  verdict: SourceVerdict
  /** The verdict, why it matters and what would settle it. */
  sentences: string[]
}
