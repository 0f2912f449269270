import { UpturnError } from '../errors/index.ts'
import { exp, log, normalLogTail, normalQuantile, normalQuantileLog } from '../numerics/special.ts'
import type { Plan } from '../results/planning.ts'
import { sayNumber, sayP } from '../results/say.ts'
import {
  type GeneticModel,
  type Inheritance,
  type PlannedTest,
  type PowerOptions,
  rejectionRule,
  tablePower,
} from '../statistics/power/index.ts'
import { conditionalEstimates } from '../statistics/winners-curse/index.ts'
import { type Recruitment, type Registry, recruit } from './recruitment.ts'
import { powerScenario, scenarioCases } from './scenario.ts'
import { planTrial, type TrialDesign, type TrialQuestion } from './trial.ts'
import { sayPower, testNames, testPhrases } from './words.ts'

/** A plan asked for by numbers alone, without a study. */
export interface PlanQuestion {
  or: number
  /** 95% limits of the odds ratio, for the correction for selection. */
  limits?: { low: number; high: number }
  /** What selected the variant: a two-sided p below which it was shown, or being the best of so many. */
  selectedAt?: number
  bestOf?: number
  /** Of the counted allele among controls. */
  frequency: number
  inheritance: Inheritance
  test: PlannedTest
  alpha: number
  power: number
  ratio: number
  otherRatios: readonly number[]
  maxCases: number
  /** A size whose power is asked, instead of a size. */
  size?: { cases: number; controls: number }
  registry?: Registry
  /** Other reversal rates at which the years are given. */
  otherRates?: readonly number[]
  trial?: Omit<TrialQuestion, 'carriers'> & { carriers?: number }
  seed: number
  replicates: number
}

export interface PlanAnswer extends Plan {
  /** Years to the cases that a replication needs at the corrected odds ratio, by reversal rate; empty without a registry. */
  recruitment: Recruitment[]
  trial: TrialDesign[]
  sentences: string[]
}

/**
 * Corrects an odds ratio for having been selected, gives power or the size of a study by the test actually used, the years that a
 * registry takes to find the cases, and a trial in carriers and others. The same calculations as the plan of a study.
 */
export function planQuestion(question: PlanQuestion): PlanAnswer {
  const { or, frequency, inheritance, test, ratio, alpha } = question
  if (!(or > 0 && or < Infinity && or !== 1))
    throw new UpturnError('BadArgument', `an odds ratio of ${or} has no power: give one above 0 other than 1`)
  if (!(alpha > 0 && alpha <= 0.5 && question.power > alpha && question.power < 1))
    throw new UpturnError('BadArgument', `give a level above 0 and at most 0.5, and a power between it and 1`)
  if (!(ratio > 0 && ratio < Infinity)) throw new UpturnError('BadArgument', `${ratio} controls a case make no study`)
  const sentences: string[] = []
  const notes: string[] = []
  const curse = correction(question)
  const corrected = curse?.average ?? or
  const power: PowerOptions = { seed: question.seed, replicates: question.replicates, enumerationLimit: 100_000 }
  const model = (value: number): GeneticModel => ({ frequency, or: value, inheritance })
  if (curse !== null)
    sentences.push(
      `An odds ratio of ${sayNumber(or)} that was shown because of ${curse.conditionedOn} corresponds to about ${sayNumber(corrected)} (95% interval ${sayNumber(curse.low)} to ${sayNumber(curse.high)}${curse.low <= 1 && curse.high >= 1 ? ', no effect among them' : ''}).`,
    )
  const per = { additive: 'a copy', dominant: 'carriers', recessive: 'two copies' }[inheritance]

  let achieved: Plan['achieved'] = null
  if (question.size !== undefined) {
    const { cases, controls } = question.size
    const found = tablePower(model(corrected), cases, controls, rejectionRule(test, alpha), {
      ...power,
      replicates: 4 * power.replicates,
    })
    achieved = {
      or: corrected,
      maf: Math.min(frequency, 1 - frequency),
      altFrequency: frequency,
      alpha,
      power: found.power,
      low: found.low,
      high: found.high,
      test: testNames[test],
    }
    sentences.push(
      `${cases} cases and ${controls} controls have ${sayPower(found.power)} power at p ${sayP(alpha)} for an odds ratio of ${sayNumber(corrected)} (${per}) at a frequency of ${sayNumber(frequency)}, by the ${testPhrases[test]} (${found.method === 'enumeration' ? 'every table enumerated' : `${found.tables} simulated studies, ${sayPower(found.low)} to ${sayPower(found.high)}`}).`,
    )
  }
  const scenarios = [or, corrected, ...(curse === null ? [] : [Math.sqrt(corrected)])].filter(
    (value, i, all) => all.indexOf(value) === i && Math.abs(log(value)) > 1e-9,
  )
  const replication = scenarios.map((value) => powerScenario(model(value), test, question, power))
  const main = replication.find((r) => r.or === corrected) ?? replication[0]
  sentences.push(
    main.casesNeeded === null
      ? `No study of up to ${question.maxCases} cases has ${Math.round(100 * question.power)}% power at p ${sayP(alpha)} for an odds ratio of ${sayNumber(main.or)}.`
      : `${Math.round(100 * question.power)}% power at p ${sayP(alpha)} needs about ${main.casesNeeded} new cases with ${ratio} ${ratio === 1 ? 'control' : 'controls'} each at an odds ratio of ${sayNumber(main.or)}${replication
          .filter((r) => r !== main)
          .map((r) => `, ${r.casesNeeded ?? `more than ${question.maxCases}`} at ${sayNumber(r.or)}`)
          .join('')}.`,
  )
  const byRatio = [...new Set([ratio, ...question.otherRatios])]
    .sort((a, b) => a - b)
    .map((each) => {
      const cases =
        each === ratio ? main.casesNeeded : scenarioCases(model(main.or), test, { ...question, ratio: each }, power)
      return {
        ratio: each,
        casesNeeded: cases,
        controls: cases === null ? null : Math.max(1, Math.round(cases * each)),
      }
    })

  const recruitment: Recruitment[] = []
  if (question.registry !== undefined && main.casesNeeded !== null) {
    const { registry } = question
    for (const reversalRate of new Set([registry.reversalRate, ...(question.otherRates ?? [])]))
      recruitment.push(recruit({ ...registry, reversalRate }, main.casesNeeded))
    sentences.push(recruitmentSentence(recruitment[0], recruitment.slice(1)))
    notes.push(
      `The registry's numbers are as given: ${registry.patients} people, each in it for ${sayNumber(registry.stay)} years, of whom ${sayNumber(100 * registry.reversalRate)}% ever reverse and ${sayNumber(100 * registry.consent)}% of those are found and agree. Fewer than 1% ever gain 4 ALSFRS-R points for 12 months (Bedlack 2016); the rate is not known more closely. Reversals are taken to come evenly over a stay, so half of them have come today. The programme that collects verified reversals knew of 48 in 2020.`,
    )
  }
  const trial = question.trial === undefined ? [] : trialOf(question.trial, frequency, inheritance, sentences, notes)
  notes.push(
    `Power of the ${testPhrases[test]} at controls in Hardy-Weinberg proportions and without covariates: by enumeration of all tables where these are few, else from ${power.replicates} simulated studies a size (the same random numbers for every size).`,
    'A replication must use new cases: the same cases against other controls test the choice of controls, not the finding.',
    'Research use only: nothing here replaces the advice of a doctor.',
  )
  return {
    lead: null,
    winnersCurse: curse,
    achieved,
    replication,
    discovery: [],
    byRatio,
    recruitment,
    trial,
    sentences,
    sentence: sentences.join(' '),
    notes,
  }
}

/** The correction for selection, null when nothing was said of one. */
function correction(question: PlanQuestion): Plan['winnersCurse'] {
  const { or, limits, selectedAt, bestOf } = question
  if (selectedAt === undefined && bestOf === undefined) return null
  if (limits === undefined)
    throw new UpturnError(
      'BadArgument',
      'the correction for selection needs the 95% limits of the odds ratio (--low, --high)',
    )
  const { low, high } = limits
  if (!(low > 0 && low < or && or < high && high < Infinity))
    throw new UpturnError('BadArgument', `limits of ${low} and ${high} do not lie around an odds ratio of ${or}`)
  if (selectedAt !== undefined && !(selectedAt > 0 && selectedAt < 1))
    throw new UpturnError('BadArgument', `a p of ${selectedAt} selects nothing: give one between 0 and 1`)
  const beta = log(or)
  const se = (log(high) - log(low)) / (2 * normalQuantile(0.975))
  const z = beta / se
  const threshold = selectedAt === undefined ? Infinity : normalQuantileLog(log(selectedAt / 2))
  if (selectedAt !== undefined && Math.abs(z) <= threshold && bestOf === undefined)
    throw new UpturnError(
      'BadArgument',
      `the odds ratio and its limits give p = ${sayP(exp(normalLogTail(Math.abs(z)) + Math.LN2))}, which is not below ${sayP(selectedAt)}: it was not selected by that; give --best-of, the number of variants that it was the best of`,
    )
  const found = conditionalEstimates({ beta, se, z, threshold, bestOf })
  return {
    observedOr: or,
    z,
    se,
    threshold: selectedAt ?? 1,
    selected: found.condition === 'threshold',
    conditionedOn:
      found.condition === 'threshold'
        ? `p below ${sayP(selectedAt as number)}`
        : `being the best of ${bestOf} independent variants`,
    mle: exp(found.mle),
    mean: exp(found.mean),
    average: exp(found.average),
    low: exp(found.low),
    high: exp(found.high),
  }
}

const sayYears = (years: number): string =>
  years === 0 ? 'at once' : years < 1 ? 'within a year' : `in about ${sayNumber(years)} years`

function recruitmentSentence(main: Recruitment, others: readonly Recruitment[]): string {
  const first = `A registry of ${main.patients} people gives about ${sayNumber(main.atStart)} consenting cases at the start and ${sayNumber(main.perYear)} a year (${main.perYearLow} to ${main.perYearHigh}) if ${sayNumber(100 * main.reversalRate)}% reverse: ${main.wanted} are there ${sayYears(main.yearsHalf)} with even odds, ${sayYears(main.yearsNineTenths)} with odds of nine in ten`
  const rest = others.map((r) => `${sayYears(r.yearsHalf)} if ${sayNumber(100 * r.reversalRate)}% do`)
  return `${first}${rest.length === 0 ? '' : `; ${rest.join(', ')}`}.`
}

function trialOf(
  asked: NonNullable<PlanQuestion['trial']>,
  frequency: number,
  inheritance: Inheritance,
  sentences: string[],
  notes: string[],
): TrialDesign[] {
  const two = frequency * frequency
  const carriers = asked.carriers ?? (inheritance === 'recessive' ? two : 2 * frequency - two)
  const trial = planTrial({ ...asked, carriers })
  const share = sayNumber(100 * carriers)
  for (const { design, asks, enrolled, genotyped, power, carriersPower } of trial)
    sentences.push(
      enrolled === null || genotyped === null || power === null
        ? `Trial, ${design} (${asks}): more than ${asked.mostPerArm} people an arm.`
        : `Trial, ${design} (${asks}): ${enrolled} people${genotyped > enrolled ? ` out of ${genotyped} genotyped` : ''}, ${sayPower(power)} power at ${sayNumber(asked.alpha)}${carriersPower === null ? '' : `, and ${sayPower(carriersPower)} for the effect in carriers`}.`,
    )
  notes.push(
    `The trial: ${share}% carriers, a difference of ${sayNumber(asked.effectCarriers)} in carriers and ${sayNumber(asked.effectOthers)} in others with a standard deviation of ${sayNumber(asked.sd)}, two arms of equal size randomised within genotype, t-tests. A trial that asks more than one of these questions shares its level among them.`,
  )
  return trial
}
