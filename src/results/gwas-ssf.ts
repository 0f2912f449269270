/**
 * GWAS-SSF v1.0.2: tab-separated, mandatory columns first, missing values `#NA`. The effect is Firth's odds ratio for
 * alt, the p-value its penalised likelihood ratio; the exact trend, which decides, stands in columns of its own.
 */
const columns = [
  // `ssfPlace`
  'chromosome',
  'base_pair_location',
  'effect_allele',
  'other_allele',
  'odds_ratio',
  'standard_error',
  'effect_allele_frequency',
  'neg_log_10_p_value',
  'ci_lower',
  'ci_upper',
  // `ssfKey`
  'variant_id',
  'rsid',
  'ref_allele',
  'n',
  'trend_exact_neg_log_10_p_value',
  'trend_mid_neg_log_10_p_value',
  'status',
]

export const ssfMissing = '#NA'

export const ssfHeader = (): string => `${columns.join('\t')}\n`

/** The first four cells as a line: chromosome, position, effect and other allele. */
export const ssfPlace = (chromosome: string, position: number, ref: string, alt: string): string =>
  `${chromosomeCode(chromosome)}\t${position}\t${alt}\t${ref}\n`

/** Name, rsid and which allele is that of the reference, as a line. */
export const ssfKey = (chromosome: string, position: number, ref: string, alt: string, rsid: string): string =>
  `${chromosome}_${position}_${ref}_${alt}\t${/^rs[0-9]+$/.test(rsid) ? rsid : ssfMissing}\tOA\n`

/** Allele frequencies below this are written as this: rare counts in a small study point at people. */
export const frequencyFloor = 0.01

/**
 * Frequency of alt of the controls' counts, never nearer to 0 or 1 than the floor; the cases' frequency is not given. NaN
 * without a control.
 */
export function publishedFrequency(ref: number, het: number, alt: number): number {
  const alleles = 2 * (ref + het + alt)
  if (alleles === 0) return Number.NaN
  return Math.min(1 - frequencyFloor, Math.max(frequencyFloor, Math.round(((het + 2 * alt) / alleles) * 1000) / 1000))
}

const chromosomeCode = (chromosome: string): string => ({ X: '23', Y: '24', MT: '25' })[chromosome] ?? chromosome

export interface SsfMetadata {
  study: string
  build: string
  cases: number
  controls: number
  covariates: readonly string[]
  variants: number
  version: string
  fileName: string
  md5: string
  /** Of a matched design: its sets, and the covariates that they stand for. */
  matched?: { sets: number; matchedOn: readonly string[] }
}

/** The YAML file that goes with the table. */
export function ssfMetadata(m: SsfMetadata): string {
  const text = (value: string) => JSON.stringify(value)
  const { matched } = m
  const likelihood =
    matched === undefined
      ? 'Firth penalised likelihood'
      : `Firth penalised conditional likelihood within ${matched.sets} matched sets${matched.matchedOn.length > 0 ? ` (matched on ${matched.matchedOn.join(', ')})` : ''}`
  return [
    '# Controlled access: with few cases a genome-wide list of effects tells who took part. Do not publish this file.',
    'file_type: "GWAS-SSF v1.0.2"',
    `data_file_name: ${text(m.fileName)}`,
    `data_file_md5sum: ${text(m.md5)}`,
    `genome_assembly: ${text(m.build)}`,
    'coordinate_system: "1-based"',
    `trait_description: [${text(`${m.study}: ALS reversal against typical progression`)}]`,
    'genotyping_technology: ["Genome-wide sequencing or genotyping array, as supplied"]',
    'samples:',
    '  - sample_ancestry_category: ["not stated"]',
    '    ancestry_method: ["principal components, as covariates"]',
    `    sample_size: ${m.cases + m.controls}`,
    '    case_control_study: true',
    `    case_count: ${m.cases}`,
    `    control_count: ${m.controls}`,
    `adjusted_covariates: [${m.covariates.map(text).join(', ')}]`,
    `minor_allele_freq_lower_limit: ${frequencyFloor}`,
    `analysis_software: ${text(`Upturn ${m.version}, ${likelihood}`)}`,
    'is_harmonised: false',
    'is_sorted: true',
    '',
  ].join('\n')
}
