import type { PValueColumn } from '../results/association.ts'
import type { Locus } from '../results/loci.ts'
import { sayNumber, sayP } from '../results/say.ts'
import type { LociOptions } from './find-loci.ts'

const testNames: Readonly<Record<PValueColumn, string>> = {
  primary_p: 'primary test for one variant',
  family_p: 'family-wise test',
  permutation_p: 'label-set test of this variant alone',
  trend_exact_p: 'exact trend test',
  trend_midp: 'exact trend test (mid-p)',
  fisher_p: 'exact 2x3 test',
  firth_p: 'Firth test',
}

/** The test whose p ranks variants, by its name for readers. The family-wise test ranks by the trend under its own label sets. */
export function rankingTest({ statistic, significant }: Pick<LociOptions, 'statistic' | 'significant'>): string {
  if (statistic !== 'primary_p') return testNames[statistic]
  return significant.column === 'family_p'
    ? "trend test under the primary test's label sets"
    : testNames[significant.column]
}

/** The credible set against the variants that it was chosen from: a region of one variant gives no information. */
function saySet({ credibleSet, region }: Pick<Locus, 'credibleSet' | 'region'>): string {
  const size = credibleSet.length
  const among = region.variants.length
  if (size === 0) return ''
  if (among <= 1) return ' It is the only variant of its region, so there is nothing to choose a credible set from.'
  return ` The 95% credible set holds ${size} of the ${among} variants in the region, if exactly one of them is causal and was genotyped.`
}

/** Where the lead lies, how strong and how sure it is, and what a credible set does not say. */
export function locusSentence(locus: Omit<Locus, 'sentence'>, options: LociOptions): string {
  const name = locus.rsid === '' ? locus.lead : `${locus.rsid} (${locus.lead})`
  const nearest = locus.genes[0]
  const inside = locus.genes.filter((gene) => gene.distance === 0).map((gene) => gene.symbol)
  const where =
    inside.length > 0
      ? ` lies in ${inside.join(' and ')}`
      : nearest === undefined
        ? ''
        : ` lies ${sayNumber(nearest.distance / 1000)} kb from ${nearest.symbol}`
  const odds =
    locus.or === null || locus.orLow === null || locus.orHigh === null
      ? `no odds ratio could be estimated (${locus.status})`
      : `odds ratio ${sayNumber(locus.or)} a copy of ${locus.alt} (95% interval ${sayNumber(locus.orLow)} to ${sayNumber(locus.orHigh)})`
  const { column, alpha } = options.significant
  const verdict = `${locus.significant ? 'significant' : 'not significant'} by the ${testNames[column]} at ${alpha}`
  // That the design is matched is no warning.
  const warnings = locus.flags.split(',').filter((flag) => flag !== '' && flag !== 'within_matched_sets')
  const flags = warnings.length === 0 ? '' : ` Flagged: ${warnings.join(',')}.`
  const set = locus.significant ? saySet(locus) : ''
  const gene = nearest === undefined ? '' : ' The nearest gene need not be the one through which the variant acts.'
  return `${name}${where}: ${odds}, ${rankingTest(options)} p ${sayP(locus.p)} for this variant alone, ${verdict}.${flags}${set}${gene}`
}
