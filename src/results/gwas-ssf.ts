import type { Cell, ColumnBatch } from '../host/host.ts'

/**
 * GWAS-SSF v1.0.2: tab-separated, mandatory columns first, missing values `#NA`. The effect is Firth's odds ratio for
 * alt, the p-value its penalised likelihood ratio; the exact trend, which decides, stands in columns of its own.
 */
const columns: readonly { name: string; from: (row: (column: string) => Cell) => Cell }[] = [
  { name: 'chromosome', from: (row) => chromosomeCode(String(row('chromosome'))) },
  { name: 'base_pair_location', from: (row) => row('position') },
  { name: 'effect_allele', from: (row) => row('alt') },
  { name: 'other_allele', from: (row) => row('ref') },
  { name: 'odds_ratio', from: (row) => row('or') },
  { name: 'standard_error', from: (row) => row('or_se') },
  { name: 'effect_allele_frequency', from: controlFrequency },
  { name: 'neg_log_10_p_value', from: (row) => row('firth_neglog10p') },
  { name: 'ci_lower', from: (row) => row('or_low') },
  { name: 'ci_upper', from: (row) => row('or_high') },
  { name: 'variant_id', from: (row) => `${row('chromosome')}_${row('position')}_${row('ref')}_${row('alt')}` },
  { name: 'rsid', from: (row) => (/^rs[0-9]+$/.test(String(row('rsid'))) ? row('rsid') : null) },
  { name: 'ref_allele', from: () => 'OA' },
  { name: 'n', from: (row) => Number(row('n_cases')) + Number(row('n_controls')) },
  { name: 'trend_exact_neg_log_10_p_value', from: (row) => row('trend_exact_neglog10p') },
  { name: 'trend_mid_neg_log_10_p_value', from: (row) => row('trend_mid_neglog10p') },
  { name: 'status', from: (row) => row('status') },
]

/** Allele frequencies below this are written as this: rare counts in a small study point at people. */
export const frequencyFloor = 0.01

/** Frequency of alt among controls, never nearer to 0 or 1 than the floor; the cases' frequency is not given. */
function controlFrequency(row: (column: string) => Cell): Cell {
  const ref = Number(row('control_ref'))
  const het = Number(row('control_het'))
  const alt = Number(row('control_alt'))
  const alleles = 2 * (ref + het + alt)
  if (alleles === 0) return null
  return Math.min(1 - frequencyFloor, Math.max(frequencyFloor, Math.round(((het + 2 * alt) / alleles) * 1000) / 1000))
}

const chromosomeCode = (chromosome: string): string => ({ X: '23', Y: '24', MT: '25' })[chromosome] ?? chromosome

export const ssfHeader = (): string => `${columns.map((column) => column.name).join('\t')}\n`

/** Lines of a batch of association rows. */
export function ssfLines(batch: ColumnBatch): string {
  const rows = batch.chromosome.length
  let text = ''
  for (let i = 0; i < rows; i++) {
    const row = (column: string): Cell => batch[column][i]
    text += `${columns
      .map(({ from }) => {
        const value = from(row)
        return value === null || (typeof value === 'number' && !Number.isFinite(value)) ? '#NA' : String(value)
      })
      .join('\t')}\n`
  }
  return text
}

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
}

/** The YAML file that goes with the table. */
export function ssfMetadata(m: SsfMetadata): string {
  const text = (value: string) => JSON.stringify(value)
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
    `analysis_software: ${text(`Upturn ${m.version}, Firth penalised likelihood`)}`,
    'is_harmonised: false',
    'is_sorted: true',
    '',
  ].join('\n')
}
