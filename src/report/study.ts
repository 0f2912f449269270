import type {
  AssociationSummary,
  Calibration,
  LeadTest,
  Locus,
  ProgressionGroup,
  Rate,
  StudyResults,
} from '../results/index.ts'
import { clean, italic } from './markup.ts'
import { chosenPercent, count, plural } from './numbers.ts'
import type { RoleName } from './tokens.ts'

/** Results with the few names that every figure and sentence needs. */
export interface Study {
  results: StudyResults
  cases: number
  controls: number
  /** The lead's own locus, null when none was made of it. */
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
    loci.find(
      (l) =>
        lead &&
        l.chromosome === lead.chromosome &&
        l.position === lead.position &&
        l.ref === lead.ref &&
        l.alt === lead.alt,
    ) ?? null
  const nearest = locus?.genes.toSorted((a, b) => a.distance - b.distance).at(0)
  const ref = lead ? shortAllele(lead.ref) : 'ref'
  const alt = lead ? shortAllele(lead.alt) : 'alt'
  const glue = ref.length > 1 || alt.length > 1 ? '/' : ''
  return {
    results,
    cases: results.association?.cases ?? results.callsSummary?.cases ?? 0,
    controls: results.association?.controls ?? results.callsSummary?.controls ?? 0,
    locus,
    leadName: lead ? variantName(lead) : null,
    gene: nearest ? { symbol: clean(nearest.symbol, 20), inside: nearest.distance === 0 } : null,
    genotypes: [`${ref}${glue}${ref}`, `${ref}${glue}${alt}`, `${alt}${glue}${alt}`],
  }
}

export const isFirth = (test: string): boolean => test.startsWith('firth')

/** The p of one variant that the primary ranks by, and that its thresholds are for: for an axis, and for a sentence; without `firth` that of the trend. */
export function primaryStatistic(
  study: Study,
  firth = isFirth(study.results.association?.primary.test ?? ''),
): { firth: boolean; axis: string; words: string } {
  const association = study.results.association
  if (firth) return { firth: true, axis: 'Firth', words: 'Firth regression' }
  const masks = masksOf(association)
  if (masks === fittedRisks) return { firth: false, axis: 'trend on fitted risks', words: `trend ${fittedRisks}` }
  if (masks === 'within matched sets')
    return { firth: false, axis: 'exact trend in sets', words: 'exact trend within matched sets' }
  return masks === 'stratified'
    ? { firth: false, axis: 'exact trend in strata', words: 'exact trend within strata' }
    : { firth: false, axis: 'exact trend', words: 'exact trend' }
}

const fittedRisks = 'conditional on fitted risks'

/** How the primary's labels are redrawn, or would be. */
function masksOf(association: AssociationSummary | null | undefined): AssociationSummary['families'][number]['masks'] {
  const family = association?.families.at(0)
  if (family !== undefined) return family.masks
  if (association && adjusted(association)) return fittedRisks
  return association?.matched === undefined ? 'uniform' : 'within matched sets'
}

/** The study has covariates: tests of the bare genotype table answer another question, and are not shown. */
export const adjusted = (association: Pick<AssociationSummary, 'covariates'>): boolean =>
  association.covariates.length > 0

/** Tests of the genotype table alone, blind to covariates. */
const ofTableAlone =
  /^(unmatched_)?(trend_exact|trend_midp|trend_asymptotic|trend_saddlepoint|fisher|allelic|dominant|recessive|barnard|boschloo)/

/** The lead's tests that answer the study's question: with covariates none of the genotype table alone. */
export function leadTests(association: AssociationSummary): LeadTest[] {
  const tests = association.lead?.tests ?? []
  return adjusted(association) ? tests.filter((t) => !ofTableAlone.test(t.test)) : tests
}

/** The effect of one more copy of the lead's alternate allele, by Firth with profile limits, wherever it was written. */
export function leadEffect(study: Study): { or: number; low: number | null; high: number | null } | null {
  const firth = study.results.association?.lead?.tests.find((t) => isFirth(t.test))
  if (firth && firth.or !== null && Number.isFinite(firth.or)) return { or: firth.or, low: firth.low, high: firth.high }
  const locus = study.locus
  if (locus && locus.or !== null && Number.isFinite(locus.or))
    return { or: locus.or, low: locus.orLow, high: locus.orHigh }
  return null
}

export type CalibrationVerdict = Calibration['tests'][number]['verdict'] | 'uncertain'

export const verdictWords = (verdict: CalibrationVerdict): string =>
  verdict === 'uncertain' ? 'cannot be told' : verdict

/** What one rate says: a departure of a tenth is none, and limits too wide to show one say nothing. */
export function rateVerdict({
  rate,
  low,
  high,
  alpha,
}: Pick<Rate, 'rate' | 'low' | 'high' | 'alpha'>): CalibrationVerdict {
  if (Math.abs(rate - alpha) > 0.1 * alpha) {
    if (low > alpha) return 'anti-conservative'
    if (high < alpha) return 'conservative'
  }
  return high - low > 2 * alpha || (low <= alpha / 2 && high >= 2 * alpha) ? 'uncertain' : 'calibrated'
}

/** A study of which only some results matter. */
export interface PartOfStudy<K extends keyof StudyResults> {
  results: Pick<StudyResults, K>
}

/** Type I error of the frozen primary: of whole studies for the family-wise test, of variants for Firth. */
export function primaryCalibration(
  study: PartOfStudy<'calibration'>,
): { alpha: number; rate: number; low: number; high: number; verdict: CalibrationVerdict; counted: string } | null {
  const calibration = study.results.calibration
  if (!calibration) return null
  if (!isFirth(calibration.primary.test)) {
    const f = calibration.familywise
    return { ...f, counted: `${count(f.errors)} of ${count(f.replicates)} null studies` }
  }
  const firth = calibration.tests.find((t) => isFirth(t.test))
  const all = firth?.rates.filter((r) => r.bin === 'all') ?? []
  const rate = all.find((r) => r.alpha === 0.05) ?? all.at(0)
  if (!firth || !rate) return null
  return {
    alpha: rate.alpha,
    rate: rate.rate,
    low: rate.low,
    high: rate.high,
    verdict: firth.verdict,
    counted: `${plural(rate.variants, 'variant')} in ${plural(rate.replicates, 'null study', 'null studies')} at ${chosenPercent(rate.alpha)} a variant`,
  }
}

/** The lead's test by which the family-wise primary ranks. */
const rankedBy: Record<AssociationSummary['families'][number]['masks'], string> = {
  uniform: 'trend_exact',
  stratified: 'trend_stratified',
  'within matched sets': 'trend_within_sets',
  'conditional on fitted risks': 'trend_conditional',
}

/** −log10 of that p for the lead. */
export function leadStrength(study: Study): number | undefined {
  const { association, strongest } = study.results
  const lead = association?.lead
  if (!association || !lead) return undefined
  if (study.locus) return study.locus.negLog10P
  const row = strongest.find(
    (r) => r.chromosome === lead.chromosome && r.position === lead.position && r.ref === lead.ref && r.alt === lead.alt,
  )
  if (typeof row?.primary_neglog10p === 'number') return row.primary_neglog10p
  const masks = masksOf(association)
  const test = primaryStatistic(study).firth ? 'firth' : rankedBy[masks]
  return lead.tests.find((t) => t.test.startsWith(test))?.negLog10P
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
  trend_within_sets_p: 'Trend in matched sets',
  trend_within_sets_midp: 'Its mid-p in sets',
  conditional_logistic_p: 'Conditional logistic',
  matched_trend_exact_p: 'Trend in matched sets',
  matched_trend_conditional_p: 'Trend on risks in sets',
  matched_firth_p: 'Firth in matched sets',
  unmatched_trend_exact_p: 'Trend, sets ignored',
  unmatched_trend_midp: 'Its mid-p, sets ignored',
  unmatched_fisher_p: 'Fisher, sets ignored',
  unmatched_firth_p: 'Firth, sets ignored',
  unmatched_allelic_p: 'Allelic, sets ignored',
  unmatched_dominant_p: 'Dominant, sets ignored',
  unmatched_recessive_p: 'Recessive, sets ignored',
  unmatched_trend_asymptotic_p: 'Armitage, sets ignored',
  trend_conditional_midp: 'Its mid-p, fitted risks',
  trend_stratified_midp: 'Its mid-p in strata',
  efficient_score_p: 'Efficient score',
  fisher: 'Fisher, 2 × 3',
  fisher_p: 'Fisher, 2 × 3',
  firth: 'Firth regression',
  firth_p: 'Firth regression',
  logf_p: 'Log-F(1,1) regression',
  saddlepoint_p: 'Score, saddlepoint',
  corrected_p: 'False cases allowed for',
  conditional_firth_p: 'Firth within strata',
  dominant_barnard_p: 'Dominant, Barnard',
  dominant_boschloo_p: 'Dominant, Boschloo',
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

/** Prose of a stage with names of columns and variables turned into words. */
export const readable = (prose: string): string =>
  prose
    .replace(/\bprimary_p\b/g, 'the primary’s p')
    .replace(/\bpre[ _]nadir[ _]slope\b/g, 'the slope before the nadir')
    .replace(
      /\b(?:family|permutation|trend_[a-z]+|efficient_score|fisher|conditional_firth|firth|logf|saddlepoint)_?p\b/g,
      (test) => `the ${testWords(test)}`,
    )

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
  source
    .split(', ')
    .map((name) => (Object.hasOwn(sourceNames, name) ? sourceNames[name] : clean(name, 40)))
    .join(' and ')

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
