import { exp } from '../numerics/special.ts'
import type { Locus } from '../results/loci.ts'
import type { Replication } from '../results/planning.ts'
import { sayNumber, sayP } from '../results/say.ts'
import { exactTrend } from '../statistics/exact/index.ts'
import { firthRegression } from '../statistics/firth/index.ts'
import { oneSidedTrend, type TableCounts } from './one-sided-trend.ts'

/** A second cohort, or a second set of controls. */
export interface SecondStudy {
  cohort: string
  /** Cases and controls that it has, shared ones included. */
  cases: number
  controls: number
  /** Cases of this study that are also cases of the first: by id, or because their genotypes are identical. */
  sharedCases: number
  /** Controls that were also controls of the first. */
  sharedControls: number
  /** Genotypes of cases and controls (0, 1, 2 copies of the first study's alt) at its loci; null where the variant is not there. */
  counts: ReadonlyMap<string, TableCounts | null>
}

/**
 * The first study's loci in a second one. With any case in common this is control-set robustness: the finding could be the same luck of the
 * same cases, and nothing is called replicated. Otherwise a locus is replicated when the exact one-sided p towards the first study's direction is at or
 * below 0.05 / loci tested. The odds ratio is Firth's, without covariates, with profile limits.
 */
export function replicate(
  loci: readonly Pick<Locus, 'lead' | 'or' | 'rsid'>[],
  second: SecondStudy | null,
): Replication {
  if (second === null)
    return {
      kind: 'none',
      cohort: '',
      sharedCases: 0,
      cases: 0,
      controls: 0,
      loci: [],
      missing: [],
      sentence: 'There is no second cohort: nothing has been replicated.',
    }
  const kind: Replication['kind'] = second.sharedCases > 0 ? 'control-set robustness' : 'replication'
  const missing: Replication['missing'] = []
  const tested: Replication['loci'] = []
  for (const locus of loci) {
    const counts = second.counts.get(locus.lead) ?? null
    const reason = untestable(locus.or, counts)
    if (reason !== null || counts === null)
      missing.push({ lead: locus.lead, reason: reason ?? 'not in the second cohort' })
    else tested.push(one(locus.lead, locus.or as number, counts))
  }
  const level = 0.05 / Math.max(1, tested.length)
  for (const locus of tested)
    locus.replicated = kind === 'replication' && locus.sameDirection && locus.oneSidedP <= level
  const result = {
    kind,
    cohort: second.cohort,
    sharedCases: second.sharedCases,
    cases: second.cases,
    controls: second.controls,
    loci: tested,
    missing,
  }
  return { ...result, sentence: say(result, second.sharedControls, level) }
}

function untestable(or: number | null, counts: TableCounts | null): string | null {
  if (counts === null) return 'not in the second cohort'
  if (or === null) return 'no direction in the first study'
  const [c0, c1, c2, k0, k1, k2] = counts
  if (c0 + c1 + c2 === 0) return 'no case has a genotype'
  if (k0 + k1 + k2 === 0) return 'no control has a genotype'
  const people = c0 + c1 + c2 + k0 + k1 + k2
  if ([c0 + k0, c1 + k1, c2 + k2].includes(people)) return 'does not vary in the second cohort'
  return null
}

function one(lead: string, firstOr: number, counts: TableCounts): Replication['loci'][number] {
  const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
  const exact = exactTrend({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt })
  const cases: number[] = []
  const tested: number[] = []
  counts.forEach((n, i) => {
    for (let person = 0; person < n; person++) {
      cases.push(i < 3 ? 1 : 0)
      tested.push(i % 3)
    }
  })
  const fitted = firthRegression({ cases, columns: [], tested }, { profile: true })
  const { upper, lower } = oneSidedTrend(counts)
  return {
    lead,
    counts: [...counts],
    or: exp(fitted.beta),
    // A side without a limit below |20| on the log scale is given at that bound.
    low: exp(fitted.low ?? -20),
    high: exp(fitted.high ?? 20),
    p: exact.p,
    negLog10P: exact.logP === 0 ? 0 : -exact.logP / Math.LN10,
    oneSidedP: firstOr >= 1 ? upper : lower,
    sameDirection: firstOr >= 1 ? fitted.beta > 0 : fitted.beta < 0,
    replicated: false,
    status: fitted.status,
  }
}

function say(result: Omit<Replication, 'sentence'>, sharedControls: number, level: number): string {
  const { kind, cohort, sharedCases, cases, controls, loci, missing } = result
  const people = `${cases} cases and ${controls} controls`
  const parts: string[] = []
  if (kind === 'control-set robustness')
    parts.push(
      `${cohort} (${people}) shares ${sharedCases === cases ? 'all its' : `${sharedCases} of its`} cases with the first study, so it tests whether the finding depends on the choice of controls; it is not a replication.`,
    )
  else parts.push(`${cohort} (${people}) has no case in common with the first study: a replication.`)
  if (sharedControls > 0) parts.push(`${sharedControls} controls are in both, so the two are not independent.`)
  const first = loci[0]
  if (first !== undefined)
    parts.push(
      `${first.lead}: odds ratio ${sayNumber(first.or)} (${sayNumber(first.low)} to ${sayNumber(first.high)}), ${first.sameDirection ? 'the same direction' : 'the opposite direction'}, exact one-sided p ${sayP(first.oneSidedP)}.`,
    )
  if (kind === 'replication' && loci.length > 0)
    parts.push(
      `${loci.filter((l) => l.replicated).length} of ${loci.length} loci replicated at one-sided p <= ${sayNumber(level)}.`,
    )
  if (missing.length > 0) parts.push(`${missing.length} loci could not be tested there.`)
  return parts.join(' ')
}
