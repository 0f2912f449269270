import type { Biomarker } from '../../results/biomarkers.ts'
import { sayNumber, sayP } from '../../results/say.ts'

/**
 * What has been published on IGF-1 in ALS, for and against (checked in the abstracts of the papers named).
 */
const igf1Literature =
  'Published evidence on IGF-1 in ALS is mixed: serum IGF-1 did not differ between 294 patients and 504 controls (Nagel 2020), though very high values went with longer survival; ' +
  'it was 36% higher in long survivors (Hosback 2007, 28 patients); and higher free IGF-1 went with worse function (Corbo 2010). ' +
  'That it is higher in people whose ALS reversed is a hypothesis, not a finding.'

type Said = Omit<Biomarker, 'sentence' | 'claim'>

/** The claim that people make of a biomarker, with what this study says to it; null where there is none. IGF-1: that reversals have more of it. */
export function claimOf(b: Said): Biomarker['claim'] {
  if (b.name !== 'IGF-1') return null
  const c = b.contrast
  const verdict = c === null ? 'untested' : c.low > 1 ? 'supported' : c.high < 1 ? 'contrary' : ('compatible' as const)
  return { claim: 'People whose ALS reversed have higher IGF-1.', verdict, evidence: igf1Literature }
}

const verdicts: Readonly<Record<NonNullable<Biomarker['claim']>['verdict'], string>> = {
  untested: 'this study could not test it',
  supported: 'in this study it was higher, which one study of this size cannot settle',
  contrary: 'in this study it was lower, against the claim',
  compatible: 'this study neither bears it out nor rules it out',
}

/** One or a few sentences: the contrast, how sure, and for IGF-1 the claim and the contrary literature. */
export function biomarkerSentence(b: Said): string {
  const parts: string[] = []
  const size = (group: string): number => b.points.filter((point) => point.group === group).length
  if (b.contrast === null)
    parts.push(
      `${b.name} could not be compared between reversals (${size('reversal')} with a value) and typical progressors (${size('typical')}).`,
    )
  else {
    const { ratio, low, high, p, adjustedFor } = b.contrast
    const adjusted = adjustedFor.length === 0 ? 'unadjusted' : `adjusted for ${adjustedFor.join(' and ')}`
    const open = low <= 1 && high >= 1 ? '; these data are compatible with no difference' : ''
    parts.push(
      `${b.name} in ${size('reversal')} reversals was ${sayNumber(ratio)} times that in ${size('typical')} typical progressors ` +
        `(95% interval ${sayNumber(low)} to ${sayNumber(high)}, likelihood-ratio p ${sayP(p)}, ${adjusted}${open}).`,
    )
  }
  if (b.genotype !== null) {
    const { ratio, low, high, p, variant } = b.genotype
    parts.push(
      `Each copy of the alternate allele of ${variant} went with ${sayNumber(ratio)} times the level ` +
        `(${sayNumber(low)} to ${sayNumber(high)}, p ${sayP(p)}).`,
    )
  }
  if (b.survival?.joint != null) {
    const { hazardRatio, low, high, p } = b.survival.joint
    parts.push(
      `A doubling of the true level went with ${sayNumber(hazardRatio)} times the hazard of death at that time ` +
        `(${sayNumber(low)} to ${sayNumber(high)}, p ${sayP(p)}, joint model, ${b.survival.deaths} deaths).`,
    )
  }
  if (b.censored > 0) parts.push(`${b.censored} of ${b.n} values were outside the assay's range and enter as censored.`)
  const claim = claimOf(b)
  if (claim != null)
    parts.push(`The claim that reversals have higher IGF-1: ${verdicts[claim.verdict]}.`, claim.evidence)
  else if (b.name.includes('IGF-1')) parts.push(igf1Literature)
  return parts.join(' ')
}
