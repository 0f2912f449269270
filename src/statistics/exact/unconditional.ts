import { UpturnError } from '../../errors/index.ts'
import { binomialLogPmf, exp, hypergeometricLogPmf, log } from '../../numerics/special.ts'
import { bernsteinMaximum } from './bernstein.ts'
import { integerChoose } from './comparison.ts'
import { requireCounts } from './counts.ts'
import { fisherTest } from './fisher.ts'
import type { TwoByTwoTable } from './genotype-table.ts'

/** People that the unconditional tests take: the work grows with their square. */
export const mostUnconditional = 2000

export interface UnconditionalTest {
  p: number
  logP: number
  /** The share of people having at which the p-value is largest. */
  nuisance: number
  /** log p cannot exceed logP by more than this, by the bound of the maximisation. */
  gap: number
}

interface Shape {
  cases: number
  controls: number
}

function shapeOf({ caseWith, caseWithout, controlWith, controlWithout }: TwoByTwoTable): Shape {
  requireCounts(caseWith, caseWithout, controlWith, controlWithout)
  const cases = caseWith + caseWithout
  const controls = controlWith + controlWithout
  if (cases + controls > mostUnconditional)
    throw new UpturnError(
      'BadArgument',
      `unconditional exact tests take at most ${mostUnconditional} people, not ${cases + controls}`,
    )
  return { cases, controls }
}

/**
 * The largest probability, over the share of people having, of the tables that `extreme` holds, given the numbers of cases and
 * controls. Given how many have in all (m), that share drops out: the probability is a polynomial in Bernstein's form whose
 * coefficients are the conditional probabilities r_m, whose maximum is bounded from both sides.
 */
function unconditional({ cases, controls }: Shape, extreme: (x: number, m: number) => boolean): UnconditionalTest {
  const people = cases + controls
  const logR = new Float64Array(people + 1)
  for (let m = 0; m <= people; m++) {
    let sum = 0
    let largest = Number.NEGATIVE_INFINITY
    const kept: number[] = []
    const from = Math.max(0, m - controls)
    const to = Math.min(cases, m)
    for (let x = from; x <= to; x++)
      if (extreme(x, m)) {
        const term = hypergeometricLogPmf(x, m, cases, people)
        kept.push(term)
        largest = Math.max(largest, term)
      }
    for (const term of kept) sum += exp(term - largest)
    logR[m] = kept.length === 0 ? Number.NEGATIVE_INFINITY : kept.length === to - from + 1 ? 0 : largest + log(sum)
  }
  if (logR.every((r) => r === 0)) return { p: 1, logP: 0, nuisance: 0.5, gap: 0 }
  let scale = Number.NEGATIVE_INFINITY
  for (const r of logR) scale = Math.max(scale, r)
  const coefficients = logR.map((r) => exp(r - scale))
  const at = (share: number) => {
    let largest = Number.NEGATIVE_INFINITY
    const terms = logR.map((r, m) => r + binomialLogPmf(m, people, share))
    for (const term of terms) largest = Math.max(largest, term)
    let sum = 0
    for (const term of terms) sum += exp(term - largest)
    return largest + log(sum)
  }
  const { argument, upper } = bernsteinMaximum(coefficients)
  const logP = Math.min(0, at(argument))
  return { p: exp(logP), logP, nuisance: argument, gap: Math.max(0, Math.min(0, scale + log(upper)) - logP) }
}

/**
 * Barnard's unconditional exact test (1945; score statistic of Suissa and Shuster 1985): the numbers of cases and of controls are
 * fixed, the number of people having is not. A table is as extreme as the observed one when its pooled score chi-square is at least as large,
 * compared in integers; tables in which all or none have are the least extreme. Refuses more than 2,000 people. No cases or no controls: p = 1.
 */
export function barnardTest(table: TwoByTwoTable): UnconditionalTest {
  const shape = shapeOf(table)
  const { cases, controls } = shape
  const people = cases + controls
  if (cases === 0 || controls === 0) return { p: 1, logP: 0, nuisance: 0.5, gap: 0 }
  // (x controls - y cases)^2 / (m (people - m)) compared with the same of the observed table
  const numerator = (x: number, m: number) => x * people - m * cases
  const m0 = table.caseWith + table.controlWith
  const n0 = Math.abs(numerator(table.caseWith, m0))
  const d0 = m0 * (people - m0)
  if (n0 === 0) return unconditional(shape, () => true)
  const statistic = (n0 * n0) / d0
  return unconditional(shape, (x, m) => {
    const d = m * (people - m)
    if (d === 0) return false
    const n = Math.abs(numerator(x, m))
    const found = (n * n) / d
    if (Math.abs(found - statistic) > 1e-9 * statistic) return found > statistic
    return BigInt(n) * BigInt(n) * BigInt(d0) >= BigInt(n0) * BigInt(n0) * BigInt(d)
  })
}

/**
 * Boschloo's unconditional exact test (1970): a table is as extreme as the observed one when Fisher's two-sided p of it, given its own
 * margins, is no larger; near ties between margins are settled in integers. Never above Fisher's p. Refuses more than 2,000 people.
 * No cases or no controls: p = 1.
 */
export function boschlooTest(table: TwoByTwoTable): UnconditionalTest {
  const shape = shapeOf(table)
  const { cases, controls } = shape
  const people = cases + controls
  if (cases === 0 || controls === 0) return { p: 1, logP: 0, nuisance: 0.5, gap: 0 }
  const observed = fisherTest(table).logP
  if (observed === 0) return unconditional(shape, () => true)
  let integer: bigint | undefined
  const atMost = (x: number, m: number): boolean => {
    const found = fisherTest({
      caseWith: x,
      caseWithout: cases - x,
      controlWith: m - x,
      controlWithout: controls - m + x,
    }).logP
    if (Math.abs(found - observed) > 1e-10 * Math.max(1, -observed)) return found < observed
    integer ??= integerFisher(cases, controls, table.caseWith, table.caseWith + table.controlWith)
    return integerFisher(cases, controls, x, m) <= integer
  }
  // Fisher's p falls from the likeliest table of a margin to both ends: `left` and `right` are where it is small enough.
  let margin = -1
  let left = 0
  let right = 0
  return unconditional(shape, (x, m) => {
    if (m !== margin) {
      margin = m
      const from = Math.max(0, m - controls)
      const to = Math.min(cases, m)
      const mode = Math.min(to, Math.max(from, Math.floor(((m + 1) * (cases + 1)) / (people + 2))))
      left = boundary(from - 1, mode + 1, (at) => atMost(at, m))
      right = boundary(to + 1, mode - 1, (at) => atMost(at, m))
    }
    return x <= left || x >= right
  })
}

/** The last integer from `inside` towards `outside`, neither of which is asked about, where `holds` is true. */
function boundary(inside: number, outside: number, holds: (at: number) => boolean): number {
  let yes = inside
  let no = outside
  while (Math.abs(no - yes) > 1) {
    const middle = yes < no ? (yes + no) >> 1 : (yes + no + 1) >> 1
    if (holds(middle)) yes = middle
    else no = middle
  }
  return yes
}

/** Fisher's p times C(people, cases), which no margin changes. */
function integerFisher(cases: number, controls: number, x: number, m: number): bigint {
  const without = cases + controls - m
  const weight = (at: number) => integerChoose(m, at) * integerChoose(without, cases - at)
  const limit = weight(x)
  let sum = 0n
  for (let at = Math.max(0, m - controls); at <= Math.min(cases, m); at++) {
    const w = weight(at)
    if (w <= limit) sum += w
  }
  return sum
}
