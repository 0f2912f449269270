import type { TableSchema } from '../host/host.ts'

/** `variants.parquet`: one row a variant of the store, in its order. */
export const variantsTable: TableSchema = {
  name: 'variants',
  key: ['index'],
  columns: [
    { name: 'index', type: 'int32' },
    { name: 'chromosome', type: 'string' },
    { name: 'position', type: 'int32' },
    { name: 'ref', type: 'string' },
    { name: 'alt', type: 'string' },
    { name: 'rsid', type: 'string' },
  ],
}

/** `genotypes.json`: what the files held. */
export interface GenotypesSummary {
  format: string
  build: string
  files: string[]
  samples: number
  variants: number
  /** Of these, the ones with dosages; absent where none has. */
  variantsWithDosages?: number
  records: number
  /**
   * Regions, people and filters that were asked for on reading, a rule each in words; absent where none was. What filters cost is
   * in `dropped`.
   */
  filters?: string[]
  /** What was left out or changed on reading, by reason. */
  dropped: Record<string, number>
  /** Null where no FASTA file was given: reference alleles are as the files say, and keys of indels are not left-aligned. */
  reference: ReferenceSummary | null
  storeDigest: string
  /** In a study of several cohorts: what the files of each held; the members above are then of all of them together. */
  cohorts?: ({ cohort: string } & Omit<GenotypesSummary, 'cohorts' | 'merge'>)[]
  merge?: MergeSummary
}

/** What came of comparing every reference allele with a FASTA file. */
export interface ReferenceSummary {
  file: string
  /** Of the file's bytes, hex. */
  sha256: string
  /** Variants on chromosomes that the file has. */
  compared: number
  /** SNVs whose alternate allele is that of the reference: alleles exchanged, calls with them. */
  exchanged: number
  /** Indels whose key moved. */
  leftAligned: number
  /** Left out, by reason. */
  dropped: Record<string, number>
}

/** `reference.parquet`: one row a variant that does not agree with the reference sequence, in the order of reading. */
export const referenceTable: TableSchema = {
  name: 'reference',
  key: ['row'],
  columns: [
    { name: 'row', type: 'int32' },
    { name: 'cohort', type: 'string' },
    { name: 'file', type: 'string' },
    { name: 'chromosome', type: 'string' },
    { name: 'position', type: 'int32' },
    { name: 'ref', type: 'string' },
    { name: 'alt', type: 'string' },
    { name: 'rsid', type: 'string' },
    { name: 'reference', type: 'string' },
    { name: 'action', type: 'string' },
    { name: 'reason', type: 'string' },
  ],
}

/** What came of merging the stores of several cohorts. */
export interface MergeSummary {
  /** Ids that stand in more than one cohort's files; the people are kept apart. */
  sharedIds: number
  rules: { ambiguous: 'drop' | 'keep'; strand: 'drop' | 'flip'; require: 'all' | 'any' }
  /** Positions at which more than one cohort has a variant. */
  sharedPositions: number
  /** Of the merged store. */
  variants: number
  /** Of these, variants that some cohort lacks, whose people are missing. */
  partial: number
  /** Variants of the merged store that were not merged as they stood, by reason. */
  changed: Record<string, number>
  /** Variants left out, by reason. */
  dropped: Record<string, number>
}

/** `merge.parquet`: one row a variant that was not merged as it stood: repeated ones of each cohort first, then by position. */
export const mergeTable: TableSchema = {
  name: 'merge',
  key: ['row'],
  columns: [
    { name: 'row', type: 'int32' },
    { name: 'chromosome', type: 'string' },
    { name: 'position', type: 'int32' },
    { name: 'ref', type: 'string' },
    { name: 'alt', type: 'string' },
    { name: 'rsid', type: 'string' },
    { name: 'action', type: 'string' },
    { name: 'reason', type: 'string' },
    { name: 'cohorts', type: 'string' },
    { name: 'alleles', type: 'string' },
  ],
}

export interface FilterStep {
  /** 'sample call rate', 'heterozygosity', ... */
  filter: string
  /** The rule in words with its threshold. */
  rule: string
  removed: number
  remaining: number
  /** Sample ids, or the first 100 variant keys. */
  examples: string[]
}

export interface KinshipPair {
  a: string
  b: string
  kinship: number
  relationship: 'duplicate' | 'parent-child' | 'sibling' | 'first degree' | 'second degree' | 'third degree'
  /** Who was removed, null when neither. */
  removed: string | null
  /** In a study of several cohorts: those of a and b. */
  cohorts?: [string, string]
}

/** One row a person, `samples.parquet`. */
export interface SampleQuality {
  sample: string
  /** The cohort whose files the sample is in, null where none is named. */
  cohort: string | null
  kept: boolean
  /** Why not kept, null when kept. */
  reason: string | null
  call_rate: number
  /** Inbreeding coefficient F from autosomal heterozygosity; null without common autosomal variants. */
  heterozygosity_f: number | null
  /** Transitions for one transversion among heterozygous autosomal calls; null without transversions. */
  ti_tv: number | null
  /** Mean depth (DP) of calls; null where the files do not say. */
  depth: number | null
  /** F on X outside PAR, relative to F on the autosomes; null when there are too few variants. */
  x_f: number | null
  genetic_sex: 'female' | 'male' | 'unknown'
  recorded_sex: 'female' | 'male' | null
}

export const samplesTable: TableSchema = {
  name: 'samples',
  key: ['sample'],
  columns: [
    { name: 'sample', type: 'string' },
    // The id says it where there are several cohorts.
    { name: 'cohort', type: 'string', inDigest: false },
    { name: 'kept', type: 'boolean' },
    { name: 'reason', type: 'string' },
    { name: 'call_rate', type: 'float64' },
    { name: 'heterozygosity_f', type: 'float64' },
    { name: 'ti_tv', type: 'float64' },
    { name: 'depth', type: 'float64' },
    { name: 'x_f', type: 'float64' },
    { name: 'genetic_sex', type: 'string' },
    { name: 'recorded_sex', type: 'string' },
  ],
}

/** `quality.json`. The keep-list of variants is `variants.keep`: bit i (least significant first) of byte i>>3. */
export interface Quality {
  samples: { total: number; kept: number; steps: FilterStep[] }
  variants: { total: number; kept: number; steps: FilterStep[] }
  pairs: KinshipPair[]
  /** Calls that sex forbids outside the pseudoautosomal regions, taken as missing by everything after; absent where there are none. */
  forbiddenCalls?: { menHeterozygousX: number; menHeterozygousY: number; womenY: number }
  /** People whose recorded and genetic sex differ. */
  sexMismatches: string[]
  notes: string[]
}

/** `ancestry.parquet`: person, pc1..pcK, outlier. `ancestry.json`: the rest. */
export interface AncestrySummary {
  components: number
  /** Leading components that stand out from noise (Tracy-Widom, 5%); a covariate beyond them adjusts for nothing. */
  informative?: number
  /** Variants left after LD pruning. */
  variants: number
  eigenvalues: number[]
  /** Share of the total variance of each component. */
  explained: number[]
  outliers: string[]
  /** Tukey-Levene rule in words. */
  rule: string
}

export interface AncestryRow {
  sample: string
  /** Components, unit variance over people, sign fixed (largest absolute loading positive). */
  pc: number[]
  outlier: boolean
}

export const componentsStored = 10

export const ancestryTable: TableSchema = {
  name: 'ancestry',
  key: ['sample'],
  columns: [
    { name: 'sample', type: 'string' },
    ...Array.from({ length: componentsStored }, (_, k) => ({ name: `pc${k + 1}`, type: 'float64' as const })),
    { name: 'outlier', type: 'boolean' },
  ],
}
