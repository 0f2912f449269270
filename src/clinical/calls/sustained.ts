import type { LabValue } from '../../results/clinical.ts'
import { isTest } from '../definitions/index.ts'
import type { RuleOf } from '../definitions/schema.ts'
import { seriesOf } from '../measures/index.ts'
import type { Trajectory } from '../visits/trajectory.ts'
import { ineligible, type Judgement } from './judgement.ts'

/** How long a gain must hold, as a rule says it. */
type Holding = Pick<RuleOf<'sustained-gain'>, 'days' | 'tolerance_days' | 'confirming_visit' | 'longest_gap_days'>

/** A gain that nothing confirmed. */
interface Open {
  i: number
  j: number
  held: number
  /** The last visit at which it was seen. */
  last: number
  why: string
}

interface Words {
  /** 'score', 'FVC_PERCENT (% of normal)'. */
  what: string
  /** '4 points'. */
  asked: string
  unit: string
  /** Values are shown with their own sign. */
  shown(score: number): number
  rose: 'rose' | 'fell'
}

/**
 * Exists i < j with s_j - s_i >= gain(s_i), every visit k in [t_j, t_j + days] with s_k - s_i >= gain, and a confirming visit: the first at or after
 * t_j + days - tolerance, which must hold the gain as well (unless `confirming_visit` is `any`), with no gap between neighbouring visits on the way longer than
 * `longest_gap_days`. Without it the gain is `unconfirmed`. The value is the least gain that held, or, where none did, the largest seen.
 *
 * @param reach the least score that counts as gained
 */
function sustained(
  rule: Holding,
  days: readonly number[],
  scores: readonly number[],
  gainOver: (base: number) => number | null,
  reach: number,
  words: Words,
): Judgement {
  const n = days.length
  let best: { i: number; j: number; end: number; held: number; seen: number } | null = null
  const open: Open[] = []
  let lost: { i: number; j: number; k: number } | null = null
  let largest = 0
  const value = (k: number) => round(words.shown(scores[k]))
  // Of the visits before j that can be a base, the lowest is the one that a gain holds over most easily, so no other need be tried.
  let i = -1
  for (let j = 1; j < n; j++) {
    if (gainOver(scores[j - 1]) !== null && (i < 0 || scores[j - 1] <= scores[i])) i = j - 1
    if (i < 0) continue
    const base = scores[i]
    const needed = gainOver(base)
    const gain = scores[j] - base
    largest = Math.max(largest, gain)
    const holds = (k: number) => needed !== null && scores[k] - base >= needed && scores[k] >= reach
    if (!holds(j)) continue
    let held = gain
    let end = j
    let fall = -1
    for (let k = j; k < n && days[k] <= days[j] + rule.days; k++) {
      if (!holds(k)) {
        fall = k
        break
      }
      held = Math.min(held, scores[k] - base)
      end = k
    }
    if (fall >= 0) {
      lost ??= { i, j, k: fall }
      continue
    }
    const confirming = days.findIndex((day) => day >= days[j] + rule.days - rule.tolerance_days)
    const unconfirmed = (last: number, why: string) => {
      open.push({ i, j, held, last, why })
    }
    if (confirming < 0) {
      unconfirmed(
        n - 1,
        `held to the last visit on day ${days[n - 1]}, ${days[n - 1] - days[j]} of ${rule.days} days: too short to confirm`,
      )
      continue
    }
    if (rule.confirming_visit !== 'any' && !holds(confirming)) {
      unconfirmed(
        end,
        `held to day ${days[end]}, but the next visit, on day ${days[confirming]}, was ${value(confirming)}: whether it lasted ${rule.days} days was not seen`,
      )
      continue
    }
    const gap = longestGap(days, j, confirming)
    if (rule.longest_gap_days !== undefined && gap > rule.longest_gap_days) {
      unconfirmed(
        confirming,
        `was there again on day ${days[confirming]}, but for ${gap} days nobody looked; at most ${rule.longest_gap_days} are allowed`,
      )
      continue
    }
    if (rule.confirming_visit !== 'any') held = Math.min(held, scores[confirming] - base)
    if (best === null || held > best.held)
      best = { i, j, end: holds(confirming) ? Math.max(end, confirming) : end, held, seen: days[confirming] }
  }
  const rise = (a: number, b: number) => `from ${value(a)} (day ${days[a]}) to ${value(b)} (day ${days[b]})`
  if (best !== null) {
    const { i: from, j, end, held, seen } = best as NonNullable<typeof best>
    const visits = end - j + 1
    const far = longestGap(days, j, end)
    return {
      verdict: 'yes',
      start_day: days[from],
      end_day: days[end],
      value: round(held),
      reason: `The ${words.what} ${words.rose} ${rise(from, j)} and ${visits === 1 ? 'that visit alone' : `${visits} visits`} to day ${days[end]} held at least ${round(held)}${words.unit} of it${visits === 2 ? `, with none in the ${far} days between` : ''}${seen > days[end] ? `, and a visit on day ${seen} closes the time without being asked to hold` : ''}; ${words.asked} over ${rule.days} days (less ${rule.tolerance_days}) were asked for.`,
    }
  }
  if (open.length > 0) {
    // The gain that was followed longest says most.
    const followed = (one: Open) => days[one.last] - days[one.j]
    const {
      i: from,
      j,
      held,
      last,
      why,
    } = open.reduce((a, b) => (followed(b) > followed(a) || (followed(b) === followed(a) && b.held > a.held) ? b : a))
    return {
      verdict: 'unconfirmed',
      start_day: days[from],
      end_day: days[last],
      value: round(held),
      reason: `The ${words.what} ${words.rose} ${rise(from, j)} and ${why}.`,
    }
  }
  if (lost !== null)
    return {
      verdict: 'no',
      start_day: days[lost.i],
      end_day: days[lost.k],
      value: round(largest),
      reason: `The ${words.what} ${words.rose} ${rise(lost.i, lost.j)} but was ${value(lost.k)} on day ${days[lost.k]}: the gain did not hold.`,
    }
  if (n < 2 || days[n - 1] - days[0] < rule.days - rule.tolerance_days)
    return ineligible(
      `${n} ${n === 1 ? 'visit' : 'visits'} over ${n === 0 ? 0 : days[n - 1] - days[0]} days cannot show a gain of ${rule.days} days.`,
    )
  return {
    verdict: 'no',
    start_day: days[0],
    end_day: days[n - 1],
    value: round(largest),
    reason: `Over ${n} visits (day ${days[0]} to ${days[n - 1]}) the ${words.what} never ${words.rose} ${words.asked} ${words.rose === 'rose' ? 'above' : 'below'} an earlier visit${Number.isFinite(reach) ? ` to ${words.shown(reach)}` : ''}; the largest gain was ${round(largest)}.`,
  }
}

/** Differences of decimal values show no digits that subtraction made. */
const round = (x: number): number => Number(x.toPrecision(12))

function longestGap(days: readonly number[], from: number, to: number): number {
  let gap = 0
  for (let k = from + 1; k <= to; k++) gap = Math.max(gap, days[k] - days[k - 1])
  return gap
}

/** A gain of the total score that holds; see `sustained`. */
export function sustainedGain(rule: RuleOf<'sustained-gain'>, { days, scores }: Trajectory): Judgement {
  return sustained(rule, days, scores, () => rule.gain, Number.NEGATIVE_INFINITY, {
    what: 'score',
    asked: `${rule.gain} points`,
    unit: ' points',
    shown: (score) => score,
    rose: 'rose',
  })
}

const better: Readonly<Record<Judgement['verdict'], number>> = { yes: 0, unconfirmed: 1, no: 2, ineligible: 3 }

/**
 * An improvement of an objective measurement that holds, by the rule of the score. Each measurement in each unit is judged by itself, values beyond a limit of
 * detection left out, the best of a day taken; a person satisfies the rule when one of them does. A percentage needs an earlier value above zero.
 */
export function objectiveGain(rule: RuleOf<'objective-gain'>, labs: readonly LabValue[]): Judgement {
  const own = labs.filter(({ test }) => isTest(test, rule.tests))
  const lower = rule.better === 'lower'
  const names = [...new Set(own.map(({ test }) => test))].sort()
  const judged = seriesOf(own, names, lower).map(({ test, unit, days, scores }) => {
    const sign = lower ? -1 : 1
    const gainOver = (base: number) => {
      const percent = rule.gain_percent
      if (percent === undefined) return rule.gain ?? null
      return sign * base > 0 ? Math.max(rule.gain ?? 0, (percent / 100) * sign * base) : null
    }
    const asked = [
      ...(rule.gain === undefined ? [] : [`${rule.gain}${unit === '' ? '' : ` ${unit}`}`]),
      ...(rule.gain_percent === undefined ? [] : [`${rule.gain_percent}%`]),
    ].join(' and ')
    return sustained(
      rule,
      days,
      scores.map((score) => sign * score),
      gainOver,
      rule.reach === undefined ? Number.NEGATIVE_INFINITY : sign * rule.reach,
      {
        what: unit === '' ? test : `${test} (${unit})`,
        asked,
        unit: '',
        shown: (score) => 0 + sign * score,
        rose: lower ? 'fell' : 'rose',
      },
    )
  })
  if (judged.length === 0) return ineligible(`No value of ${rule.tests.join(', ')} is recorded.`)
  return judged.reduce((a, b) => (better[b.verdict] < better[a.verdict] ? b : a))
}
