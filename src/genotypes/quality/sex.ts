import type { SampleQuality } from '../../results/genotypes.ts'
import type { PersonCounts } from './person-counts.ts'
import type { ForbiddenCalls } from './variant-filter.ts'

/** F on X below which a person is a woman and above which a man: the limits of PLINK's check. */
const womanBelow = 0.2
const manAbove = 0.8

/** Fewer common X variants than this give no F. */
export const fewestXVariants = 50

/** Sex by the inbreeding coefficient on X outside the pseudoautosomal regions; NaN gives `unknown`. */
export function geneticSex(f: number): SampleQuality['genetic_sex'] {
  if (f < womanBelow) return 'female'
  return f > manAbove ? 'male' : 'unknown'
}

/**
 * F on X measured against the heterozygosity that the person's own autosomes lead one to expect. A woman of an ancestry
 * that is rare in the cohort, or of related parents, has fewer heterozygous calls everywhere, and is no man for that.
 */
export function relativeToAutosomes(fX: number, fAutosomes: number): number {
  if (Number.isNaN(fAutosomes)) return fX
  return 1 - (1 - fX) / (1 - Math.min(0.9, Math.max(0, fAutosomes)))
}

/**
 * Places of people whose value is further than `limit` standard deviations from the mean of the rest, found in rounds:
 * whoever is beyond the limit leaves, mean and deviation are taken again, until nobody leaves. At most ten rounds.
 * NaN is never an outlier.
 */
export function outlyingValues(values: readonly number[], limit: number): number[] {
  const out = new Set<number>()
  for (let round = 0; round < 10; round++) {
    const rest = values.map((_, i) => i).filter((i) => !out.has(i) && !Number.isNaN(values[i]))
    if (rest.length < 3) break
    const mean = rest.reduce((sum, i) => sum + values[i], 0) / rest.length
    const variance = rest.reduce((sum, i) => sum + (values[i] - mean) * (values[i] - mean), 0) / (rest.length - 1)
    const bound = limit * Math.sqrt(variance)
    const leaving = rest.filter((i) => Math.abs(values[i] - mean) > bound)
    if (leaving.length === 0) break
    for (const i of leaving) out.add(i)
  }
  return [...out].sort((a, b) => a - b)
}

/** What is done with calls that sex forbids, in words. */
export function forbiddenSentence({ menHeterozygousX, menHeterozygousY, womenY }: ForbiddenCalls): string {
  const of = (calls: number, kind: string, who: string) =>
    calls > 0 ? [`${calls} ${kind}${calls === 1 ? '' : 's'} of ${who}`] : []
  const list = [
    ...of(menHeterozygousX, 'heterozygous call', 'men on X'),
    ...of(menHeterozygousY, 'heterozygous call', 'men on Y'),
    ...of(womenY, 'call', 'women on Y'),
  ]
  return `Outside the pseudoautosomal regions ${list.join(', ')} counted as missing.`
}

/** What is known of sex, by column of the store. */
export interface SexEvidence {
  samples: readonly string[]
  /** Columns of the people to speak of. */
  present: readonly number[]
  recorded: readonly SampleQuality['recorded_sex'][]
  genetic: readonly SampleQuality['genetic_sex'][]
  /** NaN where there are too few variants. */
  xF: readonly number[]
  /** Missing calls on Y. */
  y: PersonCounts
}

/** Sentences on what the sex check could not decide; none of it removes anyone. */
export function sexNotes({ samples, present, recorded, genetic, xF, y }: SexEvidence): string[] {
  const notes: string[] = []
  const list = (people: readonly number[]): string => {
    const named = people.slice(0, 10).map((s) => samples[s])
    return `${people.length}: ${named.join(', ')}${people.length > 10 ? ', ...' : ''}`
  }
  if (present.every((s) => Number.isNaN(xF[s])))
    notes.push(`Fewer than ${fewestXVariants} common X variants: sex was not checked.`)
  const between = present.filter((s) => genetic[s] === 'unknown' && !Number.isNaN(xF[s]))
  if (between.length > 0) notes.push(`F on X lies between 0.2 and 0.8, so sex is uncertain, in ${list(between)}.`)
  const unrecorded = present.filter((s) => recorded[s] === null)
  if (unrecorded.length > 0) notes.push(`Sex is not recorded for ${list(unrecorded)}.`)
  if (y.used > 0) {
    const hasY = (s: number): boolean => y.missing[s] < y.used / 2
    const women = present.filter((s) => genetic[s] === 'female')
    const womenWithY = women.filter(hasY)
    const menWithoutY = present.filter((s) => genetic[s] === 'male' && !hasY(s))
    // Some callers write women's Y as the reference; then calls on Y say nothing.
    if (womenWithY.length > women.length / 2) notes.push('Women have calls on Y, so Y says nothing about sex here.')
    else if (womenWithY.length + menWithoutY.length > 0)
      notes.push(`Calls on Y contradict the sex by X in ${list([...womenWithY, ...menWithoutY])}.`)
  }
  return notes
}
