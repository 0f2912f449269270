import { bodyRegions, type DiagnosticFindings, type RegionFindings } from './findings.ts'
import { all, any, type Known } from './logic.ts'

/** Categories of the revised El Escorial criteria, most certain first; `none`: not even suspected. */
export const elEscorialCategories = [
  'definite',
  'probable',
  'probable-laboratory-supported',
  'possible',
  'suspected',
  'none',
] as const
export type ElEscorial = (typeof elEscorialCategories)[number]
/** Awaji has no laboratory-supported category: electromyography counts as an examination does. */
export type Awaji = Exclude<ElEscorial, 'probable-laboratory-supported'>

interface Signs {
  umn: boolean
  lmn: boolean
  emg: boolean
}

/** Every region's signs with what is not known taken as `unknown`. */
function complete(findings: DiagnosticFindings, unknown: boolean): Signs[] {
  const one = ({ umn, lmn, emg }: RegionFindings) => ({
    umn: umn ?? unknown,
    lmn: lmn ?? unknown,
    emg: emg ?? unknown,
  })
  return bodyRegions.map((region) => one(findings.regions[region]))
}

/** Regions are rostral first. */
function categoryOf(regions: readonly Signs[], laboratory: boolean): ElEscorial {
  const both = regions.filter(({ umn, lmn }) => umn && lmn).length
  const umn = regions.filter((region) => region.umn).length
  const lmn = regions.filter((region) => region.lmn).length
  const emg = regions.filter((region) => region.emg).length
  const umnAboveLmn = regions.some((above, i) => above.umn && regions.slice(i + 1).some((below) => below.lmn))
  const lmnAboveUmn = regions.some((above, i) => above.lmn && regions.slice(i + 1).some((below) => below.umn))
  if (both >= 3) return 'definite'
  if (both >= 2 && umnAboveLmn) return 'probable'
  if (laboratory && umn >= 1 && emg >= 2) return 'probable-laboratory-supported'
  if (both >= 1 || umn >= 2 || lmnAboveUmn) return 'possible'
  return umn + lmn >= 1 ? 'suspected' : 'none'
}

/** More signs never make a category less certain, so it is known where none and all of the unknown signs give the same. */
function known<T extends ElEscorial>(least: ElEscorial, most: ElEscorial): T | null {
  return least === most ? (least as T) : null
}

/**
 * The revised El Escorial criteria from findings by region: definite, upper and lower motor neuron signs in three regions; probable, in two with some
 * upper sign rostral to lower ones; laboratory-supported, both in one region or upper signs in one, with electromyography of two; possible, both in one, or
 * upper signs in two, or lower signs rostral to upper ones; suspected, lower or upper signs alone. Null where what is not recorded could change it.
 * Brooks et al. 2000, as BMJ Best Practice words it.
 */
export function revisedElEscorial(findings: DiagnosticFindings): ElEscorial | null {
  return known(categoryOf(complete(findings, false), true), categoryOf(complete(findings, true), true))
}

/**
 * The Awaji criteria: electromyographic evidence (fasciculation potentials included, as whoever recorded it judged) is lower motor neuron evidence as a sign
 * is, and there is no laboratory-supported category. Null where what is not recorded could change it. de Carvalho et al. 2008.
 */
export function awaji(findings: DiagnosticFindings): Awaji | null {
  const merged = (unknown: boolean) =>
    complete(findings, unknown).map((region) => ({ ...region, lmn: region.lmn || region.emg }))
  return known(categoryOf(merged(false), false), categoryOf(merged(true), false))
}

/**
 * The Gold Coast criteria, all three: progressive motor impairment documented after normal function; upper and lower motor neuron dysfunction in at least one
 * region (the same, where only one is involved) or lower motor neuron dysfunction in two; other disease excluded. Lower motor neuron dysfunction is by
 * examination or electromyography. Null where what is not recorded decides. Shefner et al. 2020.
 */
export function goldCoast(findings: DiagnosticFindings): Known {
  const regions = bodyRegions.map((region) => findings.regions[region])
  const lower = regions.map(({ lmn, emg }) => any(lmn, emg))
  const certain = lower.filter((found) => found === true).length
  const open = lower.filter((found) => found === null).length
  const twoLower: Known = certain >= 2 ? true : certain + open >= 2 ? null : false
  // Where only one region is involved, upper and lower signs that are both there are in the same one.
  const upperAndLower = all(any(...regions.map(({ umn }) => umn)), any(...lower))
  return all(findings.progression, any(upperAndLower, twoLower), findings.otherDiseaseExcluded)
}

/** A recorded category in the words used here; null for words that are none of them. */
export function recordedElEscorial(text: string | null): ElEscorial | null {
  const words = (text ?? '').toLowerCase().replace(/[^a-z]+/g, ' ')
  if (/definite/.test(words)) return 'definite'
  if (/probable/.test(words)) return /lab/.test(words) ? 'probable-laboratory-supported' : 'probable'
  if (/possible/.test(words)) return 'possible'
  return /suspected/.test(words) ? 'suspected' : null
}
