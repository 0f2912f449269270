import { UpturnError } from '../errors/index.ts'
import { exp, log, log1p, normalQuantileLog } from '../numerics/special.ts'
import type { PValueColumn } from '../results/association.ts'
import type { Locus } from '../results/loci.ts'
import type { Plan } from '../results/planning.ts'
import {
  type GeneticModel,
  matchedPower,
  type PlannedTest,
  type PowerOptions,
  rejectionRule,
  type SetSize,
  tablePower,
} from '../statistics/power/index.ts'
import { conditionalEstimates } from '../statistics/winners-curse/index.ts'
import { matchedTest, type PowerScenario, powerScenario, scenarioCases } from './scenario.ts'
import { planSentence, recruitmentNote, testNames, testPhrases } from './words.ts'

/** What a plan must know of the study that found the lead. */
export interface StudySummary {
  cases: number
  controls: number
  /** Column of the primary test. The family-wise p is that of the exact trend test, which is then the test planned for. */
  test: PValueColumn
  /** p of one variant below which it is significant: the 5% quantile of the replicates' minima for the family-wise test, else the frozen alpha. */
  threshold: number
  /** Family-wise level that the threshold has, null when it is simply a level for one variant. */
  familyAlpha: number | null
  /** Distinct variants tested, of which the lead is the best. */
  variants: number
  /** The sets of a matched design: the next study is then planned as matched, and power is that of the test within sets. */
  matched?: readonly SetSize[]
}

export interface PlanOptions {
  /** Controls a case in the next study. */
  ratio: number
  /** Other ratios for which the cases needed are given. */
  otherRatios: readonly number[]
  /** Level (two-sided) of a replication, and the power wanted of it. */
  alpha: number
  power: number
  /** Sizes above this are not considered. */
  maxCases: number
  /** Tables drawn a size where there are too many to enumerate: the standard error of power is at most 0.5 / sqrt(replicates). */
  replicates: number
}

export const planDefaults: PlanOptions = {
  ratio: 4,
  otherRatios: [1, 2, 10],
  alpha: 0.05,
  power: 0.8,
  maxCases: 1000,
  replicates: 600,
}

/** Of a matched study sizes above this are not considered: every size is simulated. */
const mostSets = 300

/** Columns of a scan that may be the primary test. */
const scanTests = ['trend_exact_p', 'trend_midp', 'fisher_p', 'firth_p'] as const

/**
 * The next study, from the best lead of this one: its odds ratio corrected for having been selected, the power that this study had at
 * the corrected value, and the cases needed to replicate it (at `alpha`) or to discover it anew (at this study's threshold), by the test that this study used.
 *
 * z is the signed root of the penalised likelihood ratio and its standard error is log OR / z, so that no selection means no change. A significant lead is
 * conditioned on its threshold, any other on being the best of m, with m the number of independent variants that the family-wise threshold implies, or
 * all variants tested. Power assumes Hardy-Weinberg controls at the controls' frequency of the counted allele and no covariates.
 */
export function planNextStudy(
  lead: Pick<Locus, 'lead' | 'or' | 'firthNegLog10P' | 'counts' | 'significant'> | null,
  study: StudySummary,
  asked: PlanOptions,
  seed: number,
): Plan {
  const { matched } = study
  const options = matched === undefined ? asked : { ...asked, maxCases: Math.min(mostSets, asked.maxCases) }
  if (!(study.threshold > 0 && study.threshold < 1))
    throw new UpturnError('BadArgument', `the study's threshold is ${study.threshold}: give a p-value between 0 and 1`)
  const empty: Omit<Plan, 'sentence'> = {
    lead: lead?.lead ?? null,
    winnersCurse: null,
    achieved: null,
    replication: [],
    discovery: [],
    byRatio: [],
    notes: [],
  }
  if (lead === null || lead.or === null || lead.firthNegLog10P === null || lead.or === 1) {
    const plan = {
      ...empty,
      notes: [lead === null ? 'The study has no lead.' : 'The effect of the lead could not be estimated.'],
    }
    return { ...plan, sentence: planSentence(plan, options.ratio) }
  }

  const notes: string[] = []
  const curse = winnersCurse(lead.or, lead.firthNegLog10P, lead.significant, study, notes)
  const test: PlannedTest = scanTests.find((name) => name === study.test) ?? 'trend_exact_p'
  const isTrend = test === 'trend_exact_p' || test === 'trend_midp'
  const power: PowerOptions = {
    seed,
    replicates: isTrend && matched === undefined ? options.replicates : Math.min(400, options.replicates),
    enumerationLimit: isTrend ? 30_000 : 0,
  }
  const frequency = controlFrequency(lead.counts, notes)
  const maf = Math.min(frequency, 1 - frequency)
  const model = (or: number): GeneticModel => ({ frequency, or })
  const corrected = curse.average
  const half = Math.sqrt(corrected)

  const more = { ...power, replicates: 4 * power.replicates }
  const now =
    matched === undefined
      ? tablePower(model(corrected), study.cases, study.controls, rejectionRule(test, study.threshold), more)
      : matchedPower(model(corrected), matched, matchedTest(test), study.threshold, more)
  const form = { matched: matched !== undefined }
  const scenario = (or: number, alpha: number): PowerScenario =>
    powerScenario(model(or), test, { ...options, ...form, alpha }, power)
  const ratios = [lead.or, corrected, half].filter((or, i, all) => all.indexOf(or) === i)
  const replication = ratios.map((or) => scenario(or, options.alpha))
  const discovery = ratios.map((or) => scenario(or, study.threshold))
  const replicationCases = (or: number, ratio: number): number | null =>
    scenarioCases(model(or), test, { ...options, ...form, ratio }, power)
  const byRatio = [...new Set([options.ratio, ...options.otherRatios])]
    .sort((a, b) => a - b)
    .map((ratio) => {
      const cases =
        ratio === options.ratio
          ? (replication.find((r) => r.or === corrected)?.casesNeeded ?? null)
          : replicationCases(corrected, ratio)
      return { ratio, casesNeeded: cases, controls: cases === null ? null : Math.max(1, Math.round(cases * ratio)) }
    })
  const holdsNoEffect = curse.low <= 1 && curse.high >= 1
  const tame = (or: number): number => Math.min(1e6, Math.max(1e-6, or))
  const [far, near] = corrected < 1 ? [curse.low, curse.high] : [curse.high, curse.low]
  const replicationRange = {
    fewest: replicationCases(tame(far), options.ratio),
    most: holdsNoEffect ? null : replicationCases(tame(near), options.ratio),
    holdsNoEffect,
  }

  const within = matched === undefined ? '' : ' within matched sets'
  notes.push(
    `Power of the ${testPhrases[test]}${within} at a minor allele frequency of ${Number(maf.toPrecision(3))} among controls in Hardy-Weinberg proportions and no covariates: ${matched === undefined ? 'by enumeration of all tables where these are few, else' : 'sets of one case, with controls whose genotypes what was matched on does not change,'} from ${power.replicates} simulated studies a size (the same random numbers for every size). ` +
      `Sizes above ${options.maxCases} cases were not considered.`,
  )
  const needed = replication.find((r) => r.or === corrected)?.casesNeeded
  if (needed != null) notes.push(recruitmentNote(needed))
  notes.push(
    'A replication must use new cases: the same cases against other controls test the choice of controls, not the finding.',
  )
  const plan = {
    ...empty,
    winnersCurse: curse,
    achieved: {
      or: corrected,
      maf,
      altFrequency: frequency,
      alpha: study.threshold,
      power: now.power,
      low: now.low,
      high: now.high,
      test: `${testNames[test]}${within}`,
    },
    replication,
    replicationRange,
    discovery,
    byRatio,
    notes,
  }
  return { ...plan, sentence: planSentence(plan, options.ratio) }
}

function winnersCurse(
  or: number,
  firthNegLog10P: number,
  significant: boolean,
  study: StudySummary,
  notes: string[],
): NonNullable<Plan['winnersCurse']> {
  const beta = log(or)
  const size = normalQuantileLog(-firthNegLog10P * Math.LN10 - Math.LN2)
  const z = beta < 0 ? -size : size
  const se = beta / z
  const c = normalQuantileLog(log(study.threshold / 2))
  let selection: { threshold: number; bestOf?: number }
  let conditionedOn: string
  if (significant && size > c) {
    selection = { threshold: c }
    conditionedOn = study.familyAlpha === null ? 'passing the frozen threshold' : 'passing the family-wise threshold'
  } else if (significant) {
    // The selecting test and the penalised likelihood ratio disagree about which side of the threshold this is.
    selection = { threshold: size * (1 - 1e-12) }
    conditionedOn = 'passing its own p-value'
    notes.push(
      'The lead passed the threshold by its exact test but not by the penalised likelihood ratio, so its own p-value stands for the threshold in the correction.',
    )
  } else {
    const m =
      study.familyAlpha === null
        ? Math.max(1, study.variants)
        : Math.max(1, Math.min(study.variants, Math.round(log1p(-study.familyAlpha) / log1p(-study.threshold))))
    selection = { threshold: Infinity, bestOf: m }
    conditionedOn = `being the best of ${m} ${study.familyAlpha === null ? 'variants tested' : 'independent variants, the number that the family-wise threshold implies'}`
    notes.push('The lead is not significant: its corrected odds ratio is what is left of the best of many.')
  }
  const { mle, mean, average, low, high } = conditionalEstimates({ beta, se, z, ...selection })
  return {
    observedOr: or,
    z,
    se,
    threshold: study.threshold,
    selected: significant,
    conditionedOn,
    mle: exp(mle),
    mean: exp(mean),
    average: exp(average),
    low: exp(low),
    high: exp(high),
  }
}

/** Frequency of the counted allele among controls; half an allele where they have none or nothing else. */
function controlFrequency(counts: readonly number[], notes: string[]): number {
  const [, , , k0, k1, k2] = counts
  const alleles = 2 * (k0 + k1 + k2)
  const copies = k1 + 2 * k2
  if (alleles > 0 && copies > 0 && copies < alleles) return copies / alleles
  notes.push('No control, or every control, carries the allele: half an allele was taken for its frequency.')
  const half = 0.5 / (alleles + 1)
  return copies === 0 ? half : 1 - half
}
