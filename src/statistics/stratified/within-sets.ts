import { exp, log } from '../../numerics/special.ts'
import { relativeLogChoose } from './distribution.ts'
import { eachSet } from './set-tables.ts'

/** log p, log mid-p and the smallest attainable log p. */
export interface WithinSets {
  logP: number
  logMidp: number
  logLeast: number
}

/** Outcomes within so many standard deviations are tied. */
const tie = 1e-9
/** Probabilities of tables within this share are tied. */
const tiedShare = 1e-9
/** Smallest probability told. */
const smallest = 1e-300
/** Steps of the joint law of heterozygotes and homozygotes beyond which Fisher's p is not computed. */
const mostSteps = 4_000_000

/** Probabilities of (heterozygous, homozygous) cases in one set: index x1 + width x2. */
function outcomesOf(n0: number, n1: number, n2: number, m: number): { x1: number; x2: number; p: number }[] {
  const n = n0 + n1 + n2
  if (m === 1)
    return [n0, n1, n2].flatMap((count, g) =>
      count === 0 ? [] : [{ x1: g === 1 ? 1 : 0, x2: g === 2 ? 1 : 0, p: count / n }],
    )
  const share = m / n
  const [none, one, two] = [n0, n1, n2].map((count) => relativeLogChoose(count, share))
  const found: { x1: number; x2: number; p: number }[] = []
  let total = 0
  for (let x2 = 0; x2 <= Math.min(n2, m); x2++)
    for (let x1 = Math.max(0, m - x2 - n0); x1 <= Math.min(n1, m - x2); x1++) {
      const p = exp(none[m - x1 - x2] + one[x1] + two[x2])
      total += p
      found.push({ x1, x2, p })
    }
  for (const outcome of found) outcome.p /= total
  return found
}

/**
 * The exact trend test within matched sets: T, the cases' copies, under every choice of as many cases of each set's called people, sets
 * independent (their laws convolved); two-sided by |T - E|, outcomes within 1e-9 of a standard deviation tied. Sets that say nothing
 * are left out; without any other p = 1 and mid-p = 1/2. Probabilities below 1e-300 count as 1e-300; relative error of p 1e-13.
 * @param tables `setCounts` numbers a set
 */
export function trendWithinSets(tables: ArrayLike<number>, sets: number): WithinSets {
  let most = 0
  eachSet(tables, sets, (at, m, times) => {
    most += times * Math.min(2 * m, tables[at + 1] + 2 * tables[at + 2])
  })
  const law = new Float64Array(most + 1)
  law[0] = 1
  let reach = 0
  let expected = 0
  let observed = 0
  const own = new Float64Array(most + 1)
  eachSet(tables, sets, (at, m, times) => {
    const [n0, n1, n2] = [tables[at], tables[at + 1], tables[at + 2]]
    observed += times * (tables[at + 4] + 2 * tables[at + 5])
    expected += (times * m * (n1 + 2 * n2)) / (n0 + n1 + n2)
    const farther = Math.min(2 * m, n1 + 2 * n2)
    own.fill(0, 0, farther + 1)
    if (m === 1) {
      const n = n0 + n1 + n2
      own[0] = n0 / n
      own[1] = n1 / n
      if (n2 > 0) own[2] = n2 / n
    } else for (const { x1, x2, p } of outcomesOf(n0, n1, n2, m)) own[x1 + 2 * x2] += p
    for (let r = 0; r < times; r++) {
      // In place, from the top: what is read was not yet written.
      reach += farther
      for (let t = reach; t >= 0; t--) {
        let sum = 0
        for (let x = Math.max(0, t - reach + farther), to = Math.min(farther, t); x <= to; x++)
          sum += own[x] * law[t - x]
        law[t] = sum
      }
    }
  })
  let variance = 0
  let total = 0
  for (let t = 0; t < law.length; t++) {
    variance += (t - expected) * (t - expected) * law[t]
    total += law[t]
  }
  const slack = tie * Math.sqrt(variance)
  const reached = Math.abs(observed - expected)
  let farthest = 0
  for (let t = 0; t < law.length; t++) if (law[t] > 0) farthest = Math.max(farthest, Math.abs(t - expected))
  let beyond = 0
  let tied = 0
  let least = 0
  for (let t = 0; t < law.length; t++) {
    const distance = Math.abs(t - expected)
    if (distance > reached + slack) beyond += law[t]
    else if (distance >= reached - slack) tied += law[t]
    if (distance >= farthest - slack) least += law[t]
  }
  return results(beyond / total, tied / total, least / total)
}

function results(beyond: number, tied: number, least: number): WithinSets {
  const logOf = (p: number) => (p >= 1 - 1e-15 ? 0 : log(Math.max(smallest, p)))
  return { logP: logOf(beyond + tied), logMidp: log(Math.max(smallest, beyond + tied / 2)), logLeast: logOf(least) }
}

/**
 * Fisher's test of the 2x3 table within matched sets (Freeman and Halton 1951, with every set's margins fixed): the probability of all pairs of
 * heterozygous and homozygous cases, summed over sets, that are no more likely than those observed; within 1e-9 of each other they are equally
 * likely. log p; NaN where the law would take more than 4 million steps.
 * @param tables `setCounts` numbers a set
 */
export function fisherWithinSets(tables: ArrayLike<number>, sets: number): number {
  let ones = 0
  let twos = 0
  let steps = 0
  eachSet(tables, sets, (at, m, times) => {
    for (let r = 0; r < times; r++) {
      ones += Math.min(m, tables[at + 1])
      twos += Math.min(m, tables[at + 2])
      steps += (ones + 1) * (twos + 1) * (m === 1 ? 3 : Math.min((m + 1) * (m + 2), 2 * mostSteps))
    }
  })
  if (steps > mostSteps) return Number.NaN
  const width = ones + 1
  let law = new Float64Array(width * (twos + 1))
  law[0] = 1
  let [reachedOnes, reachedTwos, observed] = [0, 0, 0]
  eachSet(tables, sets, (at, m, times) => {
    const own = outcomesOf(tables[at], tables[at + 1], tables[at + 2], m)
    observed += times * (tables[at + 4] + width * tables[at + 5])
    for (let r = 0; r < times; r++) {
      const next = new Float64Array(law.length)
      for (const { x1, x2, p } of own)
        for (let b = 0; b <= reachedTwos; b++)
          for (let a = 0; a <= reachedOnes; a++) next[a + x1 + width * (b + x2)] += law[a + width * b] * p
      law = next
      reachedOnes += Math.min(m, tables[at + 1])
      reachedTwos += Math.min(m, tables[at + 2])
    }
  })
  const limit = law[observed] * (1 + tiedShare)
  let total = 0
  let rare = 0
  for (const p of law) {
    total += p
    if (p <= limit) rare += p
  }
  const p = rare / total
  return p >= 1 - 1e-15 ? 0 : log(Math.max(smallest, p))
}
