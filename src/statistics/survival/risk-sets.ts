import { exp, log } from '../../numerics/special.ts'
import type { CumulantLikelihood } from '../likelihood/partial.ts'
import type { SurvivalData, Ties } from './data.ts'

/** One event time of one stratum: who has the event, and who is at risk with what weight. */
export interface RiskSet {
  time: number
  events: number[]
  people: number[]
  weights: Float64Array
}

/** Risk sets of the event with status 1, in the order of strata and time; everybody who left before is out, with weight 1 who is in. */
export function riskSets({ time, status, entry, strata }: SurvivalData): RiskSet[] {
  const n = time.length
  const groups = new Map<number | string, number[]>()
  for (let i = 0; i < n; i++) {
    const key = strata?.[i] ?? ''
    const list = groups.get(key)
    if (list === undefined) groups.set(key, [i])
    else list.push(i)
  }
  const out: RiskSet[] = []
  for (const members of groups.values()) {
    const times = [...new Set(members.filter((i) => status[i] === 1).map((i) => time[i]))].sort((a, b) => a - b)
    for (const t of times) {
      const people = members.filter((i) => time[i] >= t && (entry === undefined || entry[i] < t))
      out.push({
        time: t,
        events: members.filter((i) => status[i] === 1 && time[i] === t),
        people,
        weights: new Float64Array(people.length).fill(1),
      })
    }
  }
  return out
}

/**
 * Cox's partial likelihood over risk sets (1972). d events at one time: Breslow divides all of them by the sum over everybody at risk, Efron the l-th by
 * that sum less l / d of the events' own.
 */
export function partialLikelihood(
  sets: readonly RiskSet[],
  columns: readonly ArrayLike<number>[],
  ties: Ties,
): CumulantLikelihood {
  const k = columns.length
  const n = columns[0]?.length ?? 0
  // Relative to everybody's mean, which no ratio of risks depends on. Row by row.
  const rows = new Float64Array(n * k)
  columns.forEach((column, j) => {
    let mean = 0
    for (let i = 0; i < n; i++) mean += column[i] / n
    for (let i = 0; i < n; i++) rows[i * k + j] = column[i] - mean
  })
  // Moments are symmetric: those of a >= c >= e are kept, one after another.
  const seconds = (k * (k + 1)) / 2
  const thirds = (seconds * (k + 2)) / 3
  const all = new Float64Array(1 + k + seconds + thirds)
  const own = new Float64Array(all.length)
  const left = new Float64Array(all.length)
  const x = new Float64Array(k)
  const eta = new Float64Array(n)
  const risk = new Float64Array(n)
  return (b, wantThird) => {
    let highest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < k; j++) sum += rows[i * k + j] * b[j]
      eta[i] = sum
      if (sum > highest) highest = sum
    }
    for (let i = 0; i < n; i++) risk[i] = exp(eta[i] - highest)
    let value = 0
    const gradient = new Float64Array(k)
    const second = new Float64Array(seconds)
    const third = new Float64Array(thirds)
    for (const { events, people, weights } of sets) {
      // Rows less that of whoever is likeliest: where that person is nearly certain the moments nearly vanish and the others' are kept.
      let likeliest = people[0]
      for (const i of people) if (eta[i] > eta[likeliest]) likeliest = i
      const d = events.length
      for (const i of events) {
        value += eta[i]
        for (let j = 0; j < k; j++) gradient[j] += rows[i * k + j] - rows[likeliest * k + j]
      }
      moments(people, weights, likeliest, all)
      if (ties === 'breslow' || d === 1) add(all, eta[likeliest], d)
      else {
        moments(events, undefined, likeliest, own)
        for (let l = 0; l < d; l++) {
          for (let at = 0; at < all.length; at++) left[at] = all[at] - (l / d) * own[at]
          add(left, eta[likeliest], 1)
        }
      }
    }
    return { value, gradient, information: wholeMatrix(second, k), third: wantThird ? wholeCube(third, k) : third }

    /** Sums of weights, and of weights times x, x x', x x x, one after another. */
    function moments(
      whose: readonly number[],
      weights: Float64Array | undefined,
      likeliest: number,
      sums: Float64Array,
    ): void {
      sums.fill(0)
      const top = eta[likeliest]
      // Far below the likeliest of all a risk would be rounded to nothing; then each is taken anew.
      const near = highest - top < 300
      for (let at = 0; at < whose.length; at++) {
        const i = whose[at]
        const w = (weights === undefined ? 1 : weights[at]) * (near ? risk[i] / risk[likeliest] : exp(eta[i] - top))
        for (let j = 0; j < k; j++) x[j] = rows[i * k + j] - rows[likeliest * k + j]
        sums[0] += w
        let two = 1 + k
        let three = two + seconds
        for (let a = 0; a < k; a++) {
          const wa = w * x[a]
          sums[1 + a] += wa
          for (let c = 0; c <= a; c++) {
            const wac = wa * x[c]
            sums[two++] += wac
            if (wantThird) for (let e = 0; e <= c; e++) sums[three++] += wac * x[e]
          }
        }
      }
    }

    /** Takes `times` times the log of a sum, with its cumulants, from the likelihood. */
    function add(sums: Float64Array, top: number, times: number): void {
      const total = sums[0]
      value -= times * (top + log(total))
      const mean = x
      for (let a = 0; a < k; a++) mean[a] = sums[1 + a] / total
      const raw = (a: number, c: number) => sums[1 + k + (a * (a + 1)) / 2 + c] / total
      let two = 0
      let three = 0
      for (let a = 0; a < k; a++) {
        gradient[a] -= times * mean[a]
        for (let c = 0; c <= a; c++) {
          const ac = raw(a, c)
          second[two++] += times * (ac - mean[a] * mean[c])
          if (wantThird)
            for (let e = 0; e <= c; e++) {
              third[three] +=
                times *
                (sums[1 + k + seconds + three] / total -
                  ac * mean[e] -
                  raw(a, e) * mean[c] -
                  raw(c, e) * mean[a] +
                  2 * mean[a] * mean[c] * mean[e])
              three++
            }
        }
      }
    }
  }
}

/** k x k out of the entries a >= c. */
function wholeMatrix(packed: Float64Array, k: number): Float64Array {
  const out = new Float64Array(k * k)
  let at = 0
  for (let a = 0; a < k; a++)
    for (let c = 0; c <= a; c++) {
      out[a * k + c] = packed[at]
      out[c * k + a] = packed[at++]
    }
  return out
}

/** k x k x k out of the entries a >= c >= e. */
function wholeCube(packed: Float64Array, k: number): Float64Array {
  const out = new Float64Array(k * k * k)
  let at = 0
  for (let a = 0; a < k; a++)
    for (let c = 0; c <= a; c++)
      for (let e = 0; e <= c; e++) {
        const v = packed[at++]
        for (const [i, j, l] of [
          [a, c, e],
          [a, e, c],
          [c, a, e],
          [c, e, a],
          [e, a, c],
          [e, c, a],
        ])
          out[(i * k + j) * k + l] = v
      }
  return out
}

/**
 * Differences between people who are at risk together, as few as span all of them: whoever is not yet joined to the first of a risk set, less that one.
 */
export function spanningRows(sets: readonly RiskSet[], columns: readonly ArrayLike<number>[]): Float64Array[] {
  const parent = new Map<number, number>()
  const root = (i: number): number => {
    let at = i
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up
    if (at !== i) parent.set(i, at)
    return at
  }
  const out: Float64Array[] = []
  for (const { people } of sets) {
    const [first] = people
    for (const i of people) {
      const [a, b] = [root(first), root(i)]
      if (a === b) continue
      parent.set(b, a)
      out.push(Float64Array.from(columns, (column) => column[i] - column[first]))
    }
  }
  return out
}

/** Every event less everybody at risk with it: no direction lets them all be at least 0, or the likelihood has no maximum. */
export function eventLessOthers(sets: readonly RiskSet[], columns: readonly ArrayLike<number>[]): Float64Array[] {
  const out: Float64Array[] = []
  for (const { events, people } of sets)
    for (const e of events)
      for (const i of people) if (i !== e) out.push(Float64Array.from(columns, (column) => column[e] - column[i]))
  return out
}
