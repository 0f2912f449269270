import { exp, log } from '../../numerics/special.ts'
import type { MetaEstimate, MetaStudy, MetaVariant } from '../../results/meta.ts'
import { sayNumber, sayP } from '../../results/say.ts'
import type { GenotypeTable, TwoByTwoTable } from '../../statistics/exact/index.ts'
import {
  leaveOneOut,
  type MetaAnalysis,
  metaAnalysis,
  peto,
  type StudyEffect,
  woolf,
} from '../../statistics/meta/index.ts'
import { mantelHaenszel, stratifiedExact, stratifiedTrend } from '../../statistics/stratified/index.ts'
import { tableFirth } from '../test-table.ts'

/** What one study knows of one variant. */
export interface StudyData {
  study: string
  /** Log odds ratio of the effect allele and its standard error. */
  effect: StudyEffect | null
  genotypes: GenotypeTable | null
  table: TwoByTwoTable | null
  cases: number | null
  controls: number | null
}

/** A variant's name for people, and what its odds ratio is for. */
export interface VariantName {
  variant: string
  rsid: string
  effectAllele: string
}

const perLog10 = 1 / Math.LN10
const neglog10 = (logP: number): number => (logP === 0 ? 0 : -logP * perLog10)

interface Used {
  effect: StudyEffect
  source: string
}

/** The study's own effect, else one made from its counts; null where they have none. */
export function effectOf({ effect, genotypes, table }: StudyData): Used | null {
  if (effect !== null) return { effect, source: 'as given' }
  if (genotypes !== null) {
    const { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt } = genotypes
    const genotypesSeen = [caseRef + controlRef, caseHet + controlHet, caseAlt + controlAlt].filter((n) => n > 0)
    if (genotypesSeen.length < 2 || caseRef + caseHet + caseAlt === 0 || controlRef + controlHet + controlAlt === 0)
      return null
    const fit = tableFirth(genotypes)
    if (!fit.converged) return null
    return {
      effect: { estimate: fit.beta, standardError: fit.standardError },
      source: 'Firth, from genotype counts, for one copy',
    }
  }
  if (table === null) return null
  const { caseWith, caseWithout, controlWith, controlWithout } = table
  const informative =
    caseWith + caseWithout > 0 &&
    controlWith + controlWithout > 0 &&
    caseWith + controlWith > 0 &&
    caseWithout + controlWithout > 0
  const effect2 = informative ? woolf(table, 'all') : null
  return effect2 && { effect: effect2, source: 'from counts, one half added to each' }
}

const ratioOf = (x: number): number | null => (Number.isNaN(x) ? null : x)

function estimateOf(
  method: string,
  logP: number,
  note: string,
  or: { or: number; low: number; high: number } | null,
): MetaEstimate {
  const known = Number.isFinite(logP)
  return {
    method,
    or: or && ratioOf(or.or),
    low: or && ratioOf(or.low),
    high: or && (or.high === Number.POSITIVE_INFINITY ? null : ratioOf(or.high)),
    p: known ? exp(logP) : null,
    negLog10P: known ? neglog10(logP) : null,
    note,
  }
}

const odds = ({ estimate, low, high }: { estimate: number; low: number; high: number }) => ({
  or: exp(estimate),
  low: exp(low),
  high: exp(high),
})

/** Every way of putting tables together, exact first. */
function fromTables(data: readonly StudyData[]): MetaEstimate[] {
  const estimates: MetaEstimate[] = []
  const genotypes = data.flatMap((d) => (d.genotypes === null ? [] : [d.genotypes]))
  if (genotypes.length > 0) {
    const trend = stratifiedTrend(genotypes)
    const many = genotypes.length < data.length ? ` of ${genotypes.length} studies` : ''
    estimates.push(
      estimateOf(
        'exact_trend',
        trend.logP,
        `exact trend over studies${many}, cases compared with their own controls; smallest attainable p ${sayP(trend.minAttainableP)}`,
        null,
      ),
      estimateOf('exact_trend_midp', trend.logMidp, 'mid-p of the same', null),
    )
  }
  const dominant = genotypes.map((g) => ({
    caseWith: g.caseHet + g.caseAlt,
    caseWithout: g.caseRef,
    controlWith: g.controlHet + g.controlAlt,
    controlWithout: g.controlRef,
  }))
  const tables = [...dominant, ...data.flatMap((d) => (d.table === null ? [] : [d.table]))]
  if (tables.length === 0) return estimates
  const what = dominant.length > 0 ? 'carriers against others, ' : ''
  const exact = stratifiedExact(tables)
  estimates.push(
    estimateOf(
      'exact',
      exact.logP,
      `${what}exact over studies, conditional odds ratio; smallest attainable p ${sayP(exact.minAttainableP)}`,
      exact.oddsRatio === 0 || Number.isFinite(exact.oddsRatio)
        ? { or: exact.oddsRatio, low: exact.low, high: exact.high }
        : { or: Number.NaN, low: exact.low, high: exact.high },
    ),
    estimateOf('exact_midp', exact.logMidp, 'mid-p of the same', null),
  )
  const mh = mantelHaenszel(tables)
  if (mh.oddsRatio > 0 && mh.oddsRatio < Number.POSITIVE_INFINITY)
    estimates.push(
      estimateOf('mantel_haenszel', mh.chiSquareLogP, `${what}asymptotic`, {
        or: mh.oddsRatio,
        low: mh.low,
        high: mh.high,
      }),
    )
  const one = peto(tables)
  if (one.effect !== null)
    estimates.push(
      estimateOf('peto', one.effect.logP, `${what}one-step; biased for groups of unequal size`, odds(one.effect)),
    )
  return estimates
}

function fromEffects(analysis: MetaAnalysis): MetaEstimate[] {
  const { fixed, random } = analysis
  const estimates = [estimateOf('fixed', fixed.logP, 'one common effect, inverse variance', odds(fixed))]
  if (analysis.studies < 2) return estimates
  const { DL, REML } = random
  estimates.push(estimateOf('dersimonian_laird', DL.normal.logP, 'effects differ, moment estimator', odds(DL.normal)))
  estimates.push(estimateOf('reml', REML.normal.logP, 'effects differ, REML', odds(REML.normal)))
  const { hartungKnapp, hartungKnappModified } = REML
  if (hartungKnapp !== null)
    estimates.push(
      estimateOf('hartung_knapp', hartungKnapp.logP, 'REML, Student’s t (Hartung and Knapp)', odds(hartungKnapp)),
    )
  if (hartungKnappModified !== null)
    estimates.push(
      estimateOf(
        'hartung_knapp_modified',
        hartungKnappModified.logP,
        'the same, never more certain than agreement by chance allows',
        odds(hartungKnappModified),
      ),
    )
  return estimates
}

/** Puts studies of one variant together in every way that their data allow. */
export function poolStudies(
  name: VariantName,
  data: readonly StudyData[],
  warnings: readonly string[] = [],
): MetaVariant {
  const used = data.map(effectOf)
  const effects = used.flatMap((u) => (u === null ? [] : [u.effect]))
  const analysis = effects.length > 0 ? metaAnalysis(effects) : null
  let k = 0
  const studies = data.map((d, i): MetaStudy => {
    const u = used[i]
    const at = u === null ? -1 : k++
    const z = 1.959963984540054
    const counts = d.genotypes
      ? [
          d.genotypes.caseRef,
          d.genotypes.caseHet,
          d.genotypes.caseAlt,
          d.genotypes.controlRef,
          d.genotypes.controlHet,
          d.genotypes.controlAlt,
        ]
      : d.table && [d.table.caseWith, d.table.caseWithout, d.table.controlWith, d.table.controlWithout]
    return {
      study: d.study,
      or: u && exp(u.effect.estimate),
      low: u && exp(u.effect.estimate - z * u.effect.standardError),
      high: u && exp(u.effect.estimate + z * u.effect.standardError),
      logOr: u?.effect.estimate ?? null,
      se: u?.effect.standardError ?? null,
      weightFixed: u === null ? null : (analysis?.fixedWeights[at] ?? null),
      weightRandom: u === null ? null : (analysis?.randomWeights[at] ?? null),
      cases: d.cases,
      controls: d.controls,
      counts,
      source: u === null ? 'nothing to estimate: everybody is alike, or a group is empty' : u.source,
    }
  })
  const estimates = [...fromTables(data), ...(analysis === null ? [] : fromEffects(analysis))]
  const names = studies.filter((s) => s.logOr !== null).map((s) => s.study)
  const found = {
    ...name,
    studies,
    estimates,
    heterogeneity:
      analysis === null || analysis.studies < 2
        ? null
        : {
            q: analysis.heterogeneity.q,
            df: analysis.heterogeneity.df,
            p: exp(analysis.heterogeneity.logP),
            i2: analysis.heterogeneity.i2,
            i2Low: analysis.i2Interval?.low ?? null,
            i2High: analysis.i2Interval?.high ?? null,
            tau2: analysis.random.REML.tau2,
            tau2Low: analysis.tau2Interval?.low ?? null,
            tau2High: analysis.tau2Interval?.high ?? null,
            prediction: analysis.random.REML.prediction && {
              low: exp(analysis.random.REML.prediction.low),
              high: exp(analysis.random.REML.prediction.high),
            },
          },
    leaveOneOut:
      effects.length < 2
        ? []
        : leaveOneOut(effects).map(({ study, analysis: without }) => ({
            study: names[study],
            ...odds(without.fixed),
            p: exp(without.fixed.logP),
          })),
    warnings: [...warnings],
  }
  return { ...found, sentence: sentenceOf(found) }
}

const percent = (share: number): string => `${Math.round(100 * share)}%`

/** What the studies say together, in plain words: estimate, doubt, and how much hangs on one study. */
function sentenceOf(found: Omit<MetaVariant, 'sentence'>): string {
  const with_ = found.studies.filter((s) => s.logOr !== null)
  if (with_.length === 0) return 'No study has an effect to put together.'
  const by = (method: string) => found.estimates.find((e) => e.method === method)
  const fixed = by('fixed')
  const random = by('hartung_knapp_modified')
  const say = (e: MetaEstimate | undefined) =>
    e === undefined || e.or === null
      ? 'not estimated'
      : `${sayNumber(e.or)} (95% limits ${e.low === null ? 'none' : sayNumber(e.low)} to ${e.high === null ? 'none' : sayNumber(e.high)})`
  const warned = found.warnings.length > 0 ? `${found.warnings.join(' ')} ` : ''
  const allele = found.effectAllele === '' ? '' : ` for ${found.effectAllele}`
  if (with_.length === 1)
    return `${warned}Only ${with_[0].study} has an effect: odds ratio${allele} ${say(fixed)}; one study is no meta-analysis.`
  const exact = by('exact_trend') ?? by('exact')
  const { heterogeneity } = found
  const parts = [
    `${with_.length} studies: odds ratio${allele} ${say(fixed)} if the effect is one and the same, p ${sayP(fixed?.p ?? 1)}; ${say(random)} if it may differ by study, p ${sayP(random?.p ?? 1)}.`,
  ]
  if (exact !== undefined && exact.p !== null)
    parts.push(`The exact ${exact.method === 'exact_trend' ? 'trend ' : ''}test over studies gives p ${sayP(exact.p)}.`)
  if (heterogeneity !== null) {
    const limits =
      heterogeneity.i2Low === null || heterogeneity.i2High === null
        ? ''
        : `, 95% limits ${percent(heterogeneity.i2Low)} to ${percent(heterogeneity.i2High)}`
    parts.push(
      heterogeneity.p < 0.05
        ? `The studies differ by more than chance (I2 ${percent(heterogeneity.i2)}${limits}): say why before quoting one number.`
        : `No sign that the studies differ (I2 ${percent(heterogeneity.i2)}${limits}), which ${with_.length} studies can hardly rule out.`,
    )
  }
  const alone = found.leaveOneOut.filter((l) => l.p >= 0.05)
  if ((fixed?.p ?? 1) < 0.05 && alone.length > 0)
    parts.push(`Without ${alone.map((l) => l.study).join(', or without ')} it would not stand at 0.05.`)
  return warned + parts.join(' ')
}

/** Warnings of studies that give the same numbers: the same people, perhaps. */
export function sameNumbers(data: readonly (StudyData & { caseGroup?: string })[]): string[] {
  const warnings: string[] = []
  for (let i = 0; i < data.length; i++)
    for (let j = i + 1; j < data.length; j++) {
      const [a, b] = [data[i], data[j]]
      const pair = `${a.study} and ${b.study}`
      if (a.caseGroup !== undefined && a.caseGroup !== '' && a.caseGroup === b.caseGroup)
        warnings.push(
          `${pair} have the same cases (${a.caseGroup}): they are one study, not two; leave one of them out.`,
        )
      else if (sameCases(a, b))
        warnings.push(
          `${pair} have the same counts among cases: if these are the same people, they are one study, not two; leave one of them out.`,
        )
      else if (
        a.effect !== null &&
        b.effect !== null &&
        a.effect.estimate === b.effect.estimate &&
        a.effect.standardError === b.effect.standardError
      )
        warnings.push(`${pair} give the very same estimate: if it is one study twice, leave one of them out.`)
    }
  return warnings
}

function sameCases(a: StudyData, b: StudyData): boolean {
  if (a.genotypes !== null && b.genotypes !== null) {
    const [x, y] = [a.genotypes, b.genotypes]
    return x.caseHet + x.caseAlt > 0 && x.caseRef === y.caseRef && x.caseHet === y.caseHet && x.caseAlt === y.caseAlt
  }
  if (a.table === null || b.table === null) return false
  return a.table.caseWith > 0 && a.table.caseWith === b.table.caseWith && a.table.caseWithout === b.table.caseWithout
}

/** Log odds ratio and standard error from an odds ratio and 95% limits. */
export function effectFromLimits(or: number, low: number, high: number): StudyEffect {
  return { estimate: log(or), standardError: log(high / low) / (2 * 1.959963984540054) }
}
