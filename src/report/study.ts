import type { Locus, ProgressionGroup, StudyResults } from '../results/index.ts'
import { clean, italic } from './markup.ts'
import { count } from './numbers.ts'
import type { RoleName } from './tokens.ts'

/** Results with the few names that every figure and sentence needs. */
export interface Study {
  results: StudyResults
  cases: number
  controls: number
  /** Best locus, null when none was made. */
  locus: Locus | null
  /** `rs4242007` or `4:57,064,512 G>A`. */
  leadName: string | null
  /** `IGFBP7` when the lead lies in or nearest a gene. */
  gene: { symbol: string; inside: boolean } | null
  /** Genotypes by count of `alt`: `GG`, `GA`, `AA`. */
  genotypes: [string, string, string]
}

const shortAllele = (allele: string) => (allele.length > 6 ? `${clean(allele, 4)}…` : clean(allele, 6))

export function variantName(v: {
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
}): string {
  const rsid = clean(v.rsid, 24)
  if (rsid !== '' && rsid !== '.') return rsid
  return `${clean(v.chromosome, 8)}:${count(v.position)} ${shortAllele(v.ref)}>${shortAllele(v.alt)}`
}

export function describeStudy(results: StudyResults): Study {
  const lead = results.association?.lead ?? null
  const loci = results.loci?.loci ?? []
  const locus =
    loci.find((l) => lead && l.chromosome === lead.chromosome && l.position === lead.position && l.alt === lead.alt) ??
    loci.at(0) ??
    null
  const named = lead ?? locus
  const nearest = locus?.genes.toSorted((a, b) => a.distance - b.distance).at(0)
  const ref = named ? shortAllele(named.ref) : 'ref'
  const alt = named ? shortAllele(named.alt) : 'alt'
  const glue = ref.length > 1 || alt.length > 1 ? '/' : ''
  return {
    results,
    cases: results.association?.cases ?? results.callsSummary?.cases ?? 0,
    controls: results.association?.controls ?? results.callsSummary?.controls ?? 0,
    locus,
    leadName: named ? variantName(named) : null,
    gene: nearest ? { symbol: clean(nearest.symbol, 20), inside: nearest.distance === 0 } : null,
    genotypes: [`${ref}${glue}${ref}`, `${ref}${glue}${alt}`, `${alt}${glue}${alt}`],
  }
}

/** `rs4242007 in IGFBP7`, with the gene set in italics. */
export function leadWithGene(study: Study): string {
  if (study.leadName === null) return 'no variant'
  if (study.gene === null) return study.leadName
  return `${study.leadName} ${study.gene.inside ? 'in' : 'near'} ${italic(study.gene.symbol)}`
}

export const groupRole: Record<ProgressionGroup, { mark: RoleName; text: RoleName; title: string }> = {
  reversal: { mark: 'reversal', text: 'reversalText', title: 'Reversal' },
  typical: { mark: 'typical', text: 'typicalText', title: 'Typical' },
  slow: { mark: 'slow', text: 'slowText', title: 'Slow' },
  rapid: { mark: 'rapid', text: 'rapidText', title: 'Rapid' },
  plateau: { mark: 'plateau', text: 'plateauText', title: 'Plateau' },
  unassigned: { mark: 'unassigned', text: 'unassignedText', title: 'Unassigned' },
}

/** The role of a group that a file named. */
export const roleOfGroup = (group: string) =>
  Object.hasOwn(groupRole, group)
    ? groupRole[group as ProgressionGroup]
    : { ...groupRole.unassigned, title: clean(group, 24) }

const testNames: Record<string, string> = {
  family: 'Family-wise min\u00a0p',
  family_p: 'Family-wise min\u00a0p',
  permutation: 'Trend, sampled labels',
  permutation_p: 'Trend, sampled labels',
  trend_exact: 'Exact trend',
  trend_exact_p: 'Exact trend',
  trend_midp: 'Exact trend, mid-p',
  trend_asymptotic: 'Asymptotic trend',
  trend_asymptotic_p: 'Asymptotic trend',
  trend_conditional_p: 'Trend on fitted risks',
  trend_stratified_p: 'Exact trend in strata',
  efficient_score_p: 'Efficient score, sampled',
  fisher: 'Fisher, 2 × 3',
  fisher_p: 'Fisher, 2 × 3',
  firth: 'Firth regression',
  firth_p: 'Firth regression',
  dominant: 'Dominant',
  recessive: 'Recessive',
  allelic: 'Allelic',
}

/** A test's name in words. */
export function testName(test: string): string {
  if (Object.hasOwn(testNames, test)) return testNames[test]
  const words = clean(test, 60).replace(/_p$/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A test's name inside a sentence. */
export function testWords(test: string): string {
  const name = testName(test)
  return /^(Firth|Fisher)/.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1)
}

export const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)

const sourceNames: Record<string, string> = {
  'pro-act': 'PRO-ACT',
  'target-als': 'Target ALS',
  'all-als': 'ALL ALS',
  redcap: 'REDCap',
  table: 'plain-table',
}

export const sourceName = (source: string): string =>
  Object.hasOwn(sourceNames, source) ? sourceNames[source] : clean(source, 40)

const variableNames: Record<string, string> = {
  age_at_onset: 'Age at onset',
  observed_days: 'Days observed',
  bulbar_onset: 'Bulbar onset',
  pre_nadir_slope: 'Slope before the nadir',
  sex: 'Sex',
}

export function variableName(variable: string): string {
  if (Object.hasOwn(variableNames, variable)) return variableNames[variable]
  const words = clean(variable, 40).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
