import type { Plan } from '../results/planning.ts'
import { sayNumber, sayP } from '../results/say.ts'
import type { PlannedTest } from '../statistics/power/index.ts'

export const testNames: Readonly<Record<PlannedTest, string>> = {
  trend_exact_p: 'exact conditional trend',
  trend_midp: 'exact conditional trend, mid-p',
  fisher_p: 'exact 2x3 (Freeman-Halton)',
  firth_p: 'Firth likelihood ratio without covariates',
  allelic_p: 'exact 2x2 of alleles (Fisher)',
  dominant_p: 'exact 2x2 of carriers (Fisher)',
  recessive_p: 'exact 2x2 of people with two copies (Fisher)',
}

/** As a sentence names them. */
export const testPhrases: Readonly<Record<PlannedTest, string>> = {
  trend_exact_p: 'exact conditional trend test',
  trend_midp: 'exact conditional trend test (mid-p)',
  fisher_p: 'exact 2x3 test (Freeman-Halton)',
  firth_p: 'Firth likelihood-ratio test',
  allelic_p: 'exact 2x2 test of alleles',
  dominant_p: 'exact 2x2 test of carriers',
  recessive_p: 'exact 2x2 test of people with two copies',
}

export function sayPower(power: number): string {
  if (power < 0.01) return 'less than 1%'
  return power > 0.99 ? 'more than 99%' : `${Math.round(100 * power)}%`
}

/** Cases at the ends of the interval of the corrected odds ratio. */
function sayRange(range: Plan['replicationRange']): string {
  if (range === undefined || range.fewest === null) return ''
  if (range.holdsNoEffect) return ` (from ${range.fewest} upwards without limit over the interval, which holds 1)`
  return ` (from ${range.fewest} to ${range.most ?? 'more than can be recruited'} over the interval)`
}

/** The corrected effect, what the study could see, and how many new cases a replication takes. */
export function planSentence(plan: Omit<Plan, 'sentence'>, ratio: number): string {
  const { winnersCurse: curse, achieved } = plan
  if (curse === null || achieved === null)
    return 'There is no lead with an estimated effect, so no next study was planned.'
  const interval = `(95% interval ${sayNumber(curse.low)} to ${sayNumber(curse.high)})`
  const parts = curse.selected
    ? [
        `The odds ratio of ${sayNumber(curse.observedOr)} becomes about ${sayNumber(curse.average)} ${interval} once it is taken into account that the lead was reported because it passed the threshold.`,
      ]
    : [
        `The lead is not significant and is shown because it was the best. If it is real at all, its odds ratio of ${sayNumber(curse.observedOr)} becomes about ${sayNumber(curse.average)} ${interval} once that is taken into account` +
          `${curse.low <= 1 && curse.high >= 1 ? '; no effect, an odds ratio of 1, lies within the interval' : ''}.`,
      ]
  parts.push(
    `If that is the truth, this study had ${sayPower(achieved.power)} power at its own threshold (p ${sayP(achieved.alpha)}).`,
  )
  const corrected = plan.replication.find((r) => r.or === achieved.or)
  const strength = (or: number): number => Math.max(or, 1 / or)
  const weaker = plan.replication.find((r) => strength(r.or) < strength(achieved.or))
  if (corrected !== undefined) {
    const controls = `${ratio} ${ratio === 1 ? 'control' : 'controls'} each`
    parts.push(
      corrected.casesNeeded === null
        ? 'No replication of a size considered here would have 80% power at it.'
        : `A replication with 80% power at p ${corrected.alpha} needs about ${corrected.casesNeeded} new cases with ${controls}` +
            sayRange(plan.replicationRange) +
            (weaker === undefined
              ? '.'
              : `, and ${weaker.casesNeeded === null ? 'more than can be recruited' : `about ${weaker.casesNeeded}`} if the odds ratio is ${sayNumber(weaker.or)}.`),
    )
  }
  return parts.join(' ')
}

/**
 * What it takes to find that many reversals: below 1% of people with ALS gain 4 points for a year (Bedlack 2016), and 48 were known to the
 * programme that collects them (2020).
 */
export function recruitmentNote(cases: number): string {
  return (
    `Fewer than 1% of people with ALS ever gain 4 ALSFRS-R points and keep them for 12 months (Bedlack 2016), so ${cases} new reversals means looking through the records of more than ${100 * cases} people with ALS. ` +
    `The programme that collects verified reversals knew of 48 in 2020${cases > 48 ? ': several countries would have to pool theirs.' : '.'}`
  )
}
