import type { PValueColumn } from '../results/association.ts'
import type { Locus } from '../results/loci.ts'
import { sayNumber, sayP } from '../results/say.ts'
import type { LociOptions } from './find-loci.ts'

const testNames: Readonly<Record<PValueColumn, string>> = {
  family_p: 'family-wise test',
  permutation_p: 'label-set test of this variant alone',
  trend_exact_p: 'exact trend test',
  trend_midp: 'exact trend test (mid-p)',
  fisher_p: 'exact 2x3 test',
  firth_p: 'Firth test',
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
  const flags = locus.flags === '' ? '' : ` Flagged: ${locus.flags}.`
  const size = locus.credibleSet.length
  const set =
    size === 0
      ? ''
      : ` The 95% credible set holds ${size} ${size === 1 ? 'variant' : 'variants'}, if exactly one variant of the region is causal and was genotyped.`
  const gene = nearest === undefined ? '' : ' The nearest gene need not be the one through which the variant acts.'
  return `${name}${where}: ${odds}, p ${sayP(locus.p)}, ${verdict}.${flags}${set}${gene}`
}
