import type { Biomarker } from '../../results/biomarkers.ts'

/** Three significant digits. */
const number = (value: number): string => String(Number(value.toPrecision(3)))

/** 0.034, or 2.1 x 10^-5. */
export function sayP(negLog10P: number, p: number): string {
  if (p >= 0.001) return String(Number(p.toPrecision(2)))
  const exponent = Math.ceil(negLog10P)
  const mantissa = p > 0 ? Number((p * Number(`1e${Math.min(exponent, 300)}`)).toPrecision(2)) : 1
  return `${mantissa} x 10^-${exponent}`
}

/**
 * What has been published on IGF-1 in ALS, for and against (checked in the abstracts of the papers named).
 */
export const igf1Literature =
  'Published evidence on IGF-1 in ALS is mixed: serum IGF-1 did not differ between 294 patients and 504 controls (Nagel 2020), though very high values went with longer survival; ' +
  'it was 36% higher in long survivors (Hosback 2007, 28 patients); and higher free IGF-1 went with worse function (Corbo 2010). ' +
  'That it is higher in people whose ALS reversed is a hypothesis, not a finding.'

/** One or a few sentences: the contrast, how sure, and for IGF-1 the contrary literature. */
export function biomarkerSentence(b: Omit<Biomarker, 'sentence'>): string {
  const parts: string[] = []
  const size = (group: string): number => b.points.filter((point) => point.group === group).length
  if (b.contrast === null)
    parts.push(
      `${b.name} could not be compared between reversals (${size('reversal')} with a value) and typical progressors (${size('typical')}).`,
    )
  else {
    const { ratio, low, high, p, negLog10P, adjustedFor } = b.contrast
    const adjusted = adjustedFor.length === 0 ? 'unadjusted' : `adjusted for ${adjustedFor.join(' and ')}`
    const open = low <= 1 && high >= 1 ? '; these data are compatible with no difference' : ''
    parts.push(
      `${b.name} in ${size('reversal')} reversals was ${number(ratio)} times that in ${size('typical')} typical progressors ` +
        `(95% interval ${number(low)} to ${number(high)}, likelihood-ratio p ${sayP(negLog10P, p)}, ${adjusted}${open}).`,
    )
  }
  if (b.genotype !== null) {
    const { ratio, low, high, p, negLog10P, variant } = b.genotype
    parts.push(
      `Each copy of the alternate allele of ${variant} went with ${number(ratio)} times the level ` +
        `(${number(low)} to ${number(high)}, p ${sayP(negLog10P, p)}).`,
    )
  }
  if (b.censored > 0) parts.push(`${b.censored} of ${b.n} values were outside the assay's range and enter as censored.`)
  if (b.name.includes('IGF-1')) parts.push(igf1Literature)
  return parts.join(' ')
}
