import { UpturnError } from '../../errors/index.ts'
import type { GenotypeFilters } from './file.ts'

/** Filters that files of a format can be read with. */
export function filtersOf(format: string): readonly (keyof GenotypeFilters)[] {
  if (format === 'vcf' || format === 'bcf') return ['keepFiltered', 'minGq', 'minDp', 'alleleBalance']
  return format === 'pgen' ? ['keepFiltered'] : []
}

/** Refuses filters on what a file of this format does not hold, with BadArgument. */
export function refuseFilters(format: string, path: string, filters: GenotypeFilters): void {
  const known = filtersOf(format)
  for (const [key, name] of Object.entries(names) as [keyof GenotypeFilters, string][])
    if (filters[key] !== undefined && !known.includes(key))
      throw new UpturnError('BadArgument', `${name} is not in a ${format} file; leave this filter out`, {
        place: { file: path },
      })
}

const names: Readonly<Record<keyof GenotypeFilters, string>> = {
  keepFiltered: 'FILTER',
  minGq: 'genotype quality (GQ)',
  minDp: 'read depth (DP)',
  alleleBalance: 'reads by allele (AD)',
}

/** The filters in words, one rule each; none where nothing is asked for. */
export function filterRules({ keepFiltered, minGq, minDp, alleleBalance }: GenotypeFilters): string[] {
  const rules: string[] = []
  if (keepFiltered === true) rules.push('records are kept whatever their FILTER says')
  if (minGq !== undefined && minGq > 0) rules.push(`calls with a genotype quality (GQ) below ${minGq} are missing`)
  if (minDp !== undefined && minDp > 0) rules.push(`calls with a read depth (DP) below ${minDp} are missing`)
  if (alleleBalance !== undefined) {
    const [low, high] = alleleBalance
    rules.push(
      `heterozygous calls are missing where the second allele has less than ${low} or more than ${high} of the reads, homozygous ones where other alleles have more than ${low} beside the reference, or an alternate allele less than ${high}`,
    )
  }
  return rules
}
