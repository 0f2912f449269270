/** What is done with variants that cohorts write differently; see docs/merging.md. */
export interface MergeRules {
  /** A/T and C/G: left out, or kept where every cohort has the alleles as written. */
  readonly ambiguous: 'drop' | 'keep'
  /** SNVs that are not strand-ambiguous and fit after complementing: left out, or complemented and counted. */
  readonly strand: 'drop' | 'flip'
  /** Variants must be in all cohorts, or in any: people of the others are then missing. */
  readonly require: 'all' | 'any'
}

export interface SiteVariant {
  readonly ref: string
  readonly alt: string
}

/** A variant of the merged store. */
export interface MergedVariant extends SiteVariant {
  /** By cohort: place in the cohort's list, -1 where it has none; `exchange`: its calls count the other allele. */
  readonly from: readonly { readonly variant: number; readonly exchange: boolean }[]
}

export const mergeReasons = {
  ambiguous: 'strand-ambiguous',
  strand: 'alleles of the other strand',
  exchanged: 'reference and alternate exchanged',
  twice: 'the same variant twice in one cohort, written differently',
  duplicate: 'duplicate of an earlier variant',
  other: 'other alleles at the position',
  contradiction: 'another reference allele at the position',
  absent: 'not in every cohort',
} as const

export type MergeAction = 'dropped' | 'exchanged' | 'flipped' | 'kept, missing where absent' | 'first one kept'

/** What was done with one variant, and why. */
export interface SiteRow extends SiteVariant {
  readonly action: MergeAction
  readonly reason: (typeof mergeReasons)[keyof typeof mergeReasons]
  /** Places of the cohorts that differ from the first that has the variant, or that lack it. */
  readonly cohorts: readonly number[]
  /** By cohort: its alleles at the position that the row is about, such as `A>G`; empty where it has none. */
  readonly alleles: readonly string[]
}

export interface SiteDecision {
  /** By ref, then alt, in code units. */
  readonly merged: readonly MergedVariant[]
  readonly rows: readonly SiteRow[]
}

const complements: Readonly<Record<string, string>> = { A: 'T', C: 'G', G: 'C', T: 'A' }

/** True for one base each, of A, C, G and T. */
export const isSnv = ({ ref, alt }: SiteVariant): boolean =>
  ref.length === 1 && alt.length === 1 && Object.hasOwn(complements, ref) && Object.hasOwn(complements, alt)

/** True for A/T and C/G, which look the same on both strands. */
export const isAmbiguous = (variant: SiteVariant): boolean => isSnv(variant) && complements[variant.ref] === variant.alt

/**
 * SNVs that are one variant on some strand and in some orientation share a class: `AC` for A/C and G/T, `AG` for A/G and C/T, `AT`, `CG`. Of
 * one reference base no two SNVs are of one class. Other variants are of a class only with their equals.
 */
function classOf(variant: SiteVariant): string {
  if (!isSnv(variant)) return `${variant.ref}>${variant.alt}`
  const pair = [variant.ref, variant.alt].sort().join('')
  return pair === 'GT' ? 'AC' : pair === 'CT' ? 'AG' : pair
}

const written = ({ ref, alt }: SiteVariant): string => `${ref}>${alt}`

/** A variant that several cohorts may have, in the orientation of the first of them. */
interface Candidate extends SiteVariant {
  readonly isSnv: boolean
  readonly from: { variant: number; exchange: boolean }[]
  readonly alleles: string[]
  readonly exchanged: number[]
  readonly flipped: number[]
}

/**
 * Decides what the variants of several cohorts at one position become. Alleles are those of the first cohort, in the order given, that has the
 * variant. An SNV that is not strand-ambiguous and has reference and alternate exchanged in another cohort is exchanged there, which is
 * exact; insertions and deletions never are, because one of each can look so. Nothing is complemented unless the rules ask for it.
 * @param site one list a cohort: its variants at the position, no two alike
 */
export function mergeSite(site: readonly (readonly SiteVariant[])[], rules: MergeRules): SiteDecision {
  const rows: SiteRow[] = []
  const candidates: Candidate[] = []
  for (const members of classes(site)) {
    const first = site[members[0].cohort][members[0].variant]
    const alleles = site.map((variants, c) =>
      members
        .filter(({ cohort }) => cohort === c)
        .map(({ variant }) => written(variants[variant]))
        .join(', '),
    )
    const drop = (reason: SiteRow['reason'], cohorts: readonly number[]) =>
      rows.push({ ref: first.ref, alt: first.alt, action: 'dropped', reason, cohorts, alleles })
    const cohorts = members.map(({ cohort }) => cohort)
    const twice = cohorts.filter((cohort, k) => cohorts.indexOf(cohort) !== k)
    if (twice.length > 0) {
      drop(mergeReasons.twice, [...new Set(twice)])
      continue
    }
    const departing = members.filter(({ cohort, variant }) => written(site[cohort][variant]) !== written(first))
    if (isAmbiguous(first) && (rules.ambiguous === 'drop' || departing.length > 0)) {
      drop(mergeReasons.ambiguous, rules.ambiguous === 'drop' ? cohorts : departing.map(({ cohort }) => cohort))
      continue
    }
    const candidate: Candidate = {
      ...first,
      isSnv: isSnv(first),
      from: site.map(() => ({ variant: -1, exchange: false })),
      alleles,
      exchanged: [],
      flipped: [],
    }
    for (const { cohort, variant } of members) {
      const { ref } = site[cohort][variant]
      const flipped = ref !== first.ref && ref !== first.alt
      const exchange = (flipped ? complements[ref] : ref) !== first.ref
      if (flipped) candidate.flipped.push(cohort)
      else if (exchange) candidate.exchanged.push(cohort)
      candidate.from[cohort] = { variant, exchange }
    }
    if (candidate.flipped.length > 0 && rules.strand === 'drop') drop(mergeReasons.strand, candidate.flipped)
    else candidates.push(candidate)
  }
  const merged = settle(candidates, rules, rows)
  return { merged: merged.sort(byAlleles), rows: rows.sort(byAlleles) }
}

/** Members of each class, by cohort and place; classes in the order in which they are met. */
function classes(site: readonly (readonly SiteVariant[])[]): { cohort: number; variant: number }[][] {
  const found = new Map<string, { cohort: number; variant: number }[]>()
  for (const [cohort, variants] of site.entries())
    for (const [variant, alleles] of variants.entries()) {
      const name = classOf(alleles)
      const members = found.get(name)
      if (members === undefined) found.set(name, [{ cohort, variant }])
      else members.push({ cohort, variant })
    }
  return [...found.values()]
}

/** Leaves out candidates that contradict the reference of the position, or that are not where they must be. */
function settle(candidates: readonly Candidate[], rules: MergeRules, rows: SiteRow[]): MergedVariant[] {
  const presence = (candidate: Candidate) => candidate.from.filter(({ variant }) => variant >= 0).length
  // Who has the most cohorts says what the reference is; of equals the one met first.
  const most = candidates.reduce<Candidate | undefined>(
    (best, one) => (best === undefined || presence(one) > presence(best) ? one : best),
    undefined,
  )
  // By cohort, for SNVs and for others: it has variants of the kind that some cohort lacks.
  const alone = (candidates[0]?.from ?? []).map(() => [false, false])
  for (const candidate of candidates)
    if (presence(candidate) < candidate.from.length)
      for (const [cohort, { variant }] of candidate.from.entries())
        if (variant >= 0) alone[cohort][Number(candidate.isSnv)] = true
  const merged: MergedVariant[] = []
  for (const candidate of candidates) {
    const { ref, alt, from, alleles, exchanged, flipped } = candidate
    const absent = from.flatMap(({ variant }, cohort) => (variant < 0 ? [cohort] : []))
    const row = (action: MergeAction, reason: SiteRow['reason'], cohorts: readonly number[]) =>
      rows.push({ ref, alt, action, reason, cohorts, alleles })
    if (ref[0] !== most?.ref[0]) {
      const having = from.flatMap(({ variant }, cohort) => (variant < 0 ? [] : [cohort]))
      row('dropped', mergeReasons.contradiction, having)
      continue
    }
    if (absent.length > 0) {
      const otherAlleles = absent.filter((cohort) => alone[cohort][Number(candidate.isSnv)])
      const reason = otherAlleles.length > 0 ? mergeReasons.other : mergeReasons.absent
      row(rules.require === 'all' ? 'dropped' : 'kept, missing where absent', reason, absent)
      if (rules.require === 'all') continue
    }
    if (exchanged.length > 0) row('exchanged', mergeReasons.exchanged, exchanged)
    if (flipped.length > 0) row('flipped', mergeReasons.strand, flipped)
    merged.push({ ref, alt, from })
  }
  return merged
}

function byAlleles(a: SiteVariant, b: SiteVariant): number {
  return a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : a.alt < b.alt ? -1 : a.alt > b.alt ? 1 : 0
}
