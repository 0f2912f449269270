import type { MatchingLoss } from '../../results/matching.ts'
import { type MatchingOptions, type MatchPerson, propensityName } from './person.ts'

/** How many controls one caliper lets through, and how far the nearest is. */
interface CaliperLoss {
  name: string
  width: number
  kept: number
  nearest: number
}

const few = (n: number, what: string): string => `${n === 0 ? 'no' : n} ${what}${n === 1 ? '' : 's'}`
const short = (x: number): string => String(Number(x.toPrecision(4)))

/**
 * Why a case that could enter has fewer controls than asked for: the first rule (risk set, exact variables, calipers) that
 * leaves no more than it has, or that others have the rest. Null where it has all.
 *
 * @param atRisk controls observed long enough; `equal` those of them with equal exact variables
 * @param longest days from onset that any control was observed
 * @param difference of a caliper variable to a control, in the caliper's unit
 */
export function lossOfCase(
  one: MatchPerson,
  atRisk: readonly MatchPerson[],
  equal: readonly MatchPerson[],
  eligible: number,
  matched: number,
  longest: number,
  options: MatchingOptions,
  difference: (name: string, control: MatchPerson) => number,
): MatchingLoss | null {
  const wanted = options.ratio
  if (matched >= wanted) return null
  // The rule that stands between it and one control more.
  const next = matched + 1
  const loss = (rule: MatchingLoss['rule'], reason: string): MatchingLoss => ({
    case: one.patient,
    wanted,
    matched,
    rule,
    reason: `${one.patient}: ${reason}`,
  })
  const day = one.confirmedDay as number
  if (atRisk.length < next)
    return loss(
      'risk_set',
      `confirmed ${day} days after onset, and ${few(atRisk.length, 'control')} ${atRisk.length === 1 ? 'was' : 'were'} alive and under observation that long (the longest: ${longest} days).`,
    )
  if (equal.length < next) {
    const named = options.exact.map((name) => `${name} ${one.exact[name]}`).join(', ')
    const have = equal.length === 1 ? '1 has' : `${equal.length === 0 ? 'none' : equal.length} have`
    return loss('exact', `of ${few(atRisk.length, 'control')} at risk ${have} equal ${named}.`)
  }
  if (eligible < next) {
    const calipers: CaliperLoss[] = Object.entries(options.calipers).map(([name, width]) => {
      const gaps = equal.map((k) => difference(name, k))
      return {
        name,
        width,
        kept: gaps.filter((gap) => gap <= width).length,
        nearest: gaps.reduce((a, b) => Math.min(a, b), Infinity),
      }
    })
    const said = calipers.map(({ name, width, kept, nearest }) => {
      const value = name === propensityName ? '' : ` of ${short(one.variables[name] as number)}`
      return `${name} within ${short(width)}${value} leaves ${kept}${kept === 0 ? ` (the nearest is ${short(nearest)} away)` : ''}`
    })
    const together = calipers.length > 1 ? `; together ${eligible}` : ''
    return loss('caliper', `of ${few(equal.length, 'control')} at risk and equal, ${said.join(', ')}${together}.`)
  }
  const rest = matched === 0 ? 'none is left' : `${matched} ${matched === 1 ? 'is' : 'are'} left`
  return loss(
    'taken',
    `${eligible} ${eligible === 1 ? 'control is' : 'controls are'} eligible, but other cases need them and ${rest}.`,
  )
}
