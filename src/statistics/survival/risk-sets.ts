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
  // Relative to everybody's mean, which no ratio of risks depends on.
  const means = columns.map((column) => {
    let sum = 0
    for (let i = 0; i < column.length; i++) sum += column[i] / column.length
    return sum
  })
  const n = columns[0]?.length ?? 0
  const rows = Array.from({ length: n }, (_, i) => Float64Array.from(columns, (column, j) => column[i] - means[j]))
  return (b, wantThird) => {
    const eta = rows.map((row) => row.reduce((sum, v, j) => sum + v * b[j], 0))
    let value = 0
    const gradient = new Float64Array(k)
    const information = new Float64Array(k * k)
    const third = new Float64Array(wantThird ? k * k * k : 0)
    for (const { events, people, weights } of sets) {
      // Rows less that of whoever is likeliest: where that person is nearly certain the moments nearly vanish and the others' are kept.
      let likeliest = people[0]
      for (const i of people) if (eta[i] > eta[likeliest]) likeliest = i
      const top = eta[likeliest]
      const centre = rows[likeliest]
      const d = events.length
      for (const i of events) {
        value += eta[i]
        for (let j = 0; j < k; j++) gradient[j] += rows[i][j] - centre[j]
      }
      const all = moments(people, weights, top, centre)
      if (ties === 'breslow' || d === 1) add(all, top, d)
      else {
        const own = moments(events, undefined, top, centre)
        for (let l = 0; l < d; l++)
          add(
            all.map((v, at) => v - (l / d) * own[at]),
            top,
            1,
          )
      }
    }
    return { value, gradient, information, third }

    /** Sums of weights, and of weights times x, x x', x x x, one after another. */
    function moments(
      whose: readonly number[],
      weights: Float64Array | undefined,
      top: number,
      centre: Float64Array,
    ): Float64Array {
      const sums = new Float64Array(1 + k + k * k + (wantThird ? k * k * k : 0))
      whose.forEach((i, at) => {
        const w = (weights?.[at] ?? 1) * exp(eta[i] - top)
        const x = rows[i].map((v, j) => v - centre[j])
        sums[0] += w
        for (let a = 0; a < k; a++) {
          const wa = w * x[a]
          sums[1 + a] += wa
          for (let c = 0; c < k; c++) {
            const wac = wa * x[c]
            sums[1 + k + a * k + c] += wac
            if (wantThird) for (let e = 0; e < k; e++) sums[1 + k + k * k + (a * k + c) * k + e] += wac * x[e]
          }
        }
      })
      return sums
    }

    /** Takes `times` times the log of a sum, with its cumulants, from the likelihood. */
    function add(sums: Float64Array, top: number, times: number): void {
      const [total] = sums
      value -= times * (top + log(total))
      const mean = sums.subarray(1, 1 + k).map((v) => v / total)
      for (let a = 0; a < k; a++) {
        gradient[a] -= times * mean[a]
        for (let c = 0; c < k; c++) {
          const second = sums[1 + k + a * k + c] / total
          information[a * k + c] += times * (second - mean[a] * mean[c])
          if (wantThird)
            for (let e = 0; e < k; e++)
              third[(a * k + c) * k + e] +=
                times *
                (sums[1 + k + k * k + (a * k + c) * k + e] / total -
                  second * mean[e] -
                  (sums[1 + k + a * k + e] / total) * mean[c] -
                  (sums[1 + k + c * k + e] / total) * mean[a] +
                  2 * mean[a] * mean[c] * mean[e])
        }
      }
    }
  }
}

/** Every event less everybody at risk with it: no direction lets them all be at least 0, or the likelihood has no maximum. */
export function eventLessOthers(sets: readonly RiskSet[], columns: readonly ArrayLike<number>[]): Float64Array[] {
  const out: Float64Array[] = []
  for (const { events, people } of sets)
    for (const e of events)
      for (const i of people) if (i !== e) out.push(Float64Array.from(columns, (column) => column[e] - column[i]))
  return out
}
