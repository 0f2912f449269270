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
  const width = all.length
  const spans = 2 * sets.length * width > mostNodeNumbers ? undefined : riskSpans(sets, n)
  const nodes = new Float64Array(spans === undefined ? 0 : 2 * sets.length * width)
  return (b, wantThird) => {
    let highest = Number.NEGATIVE_INFINITY
    let lowest = Number.POSITIVE_INFINITY
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < k; j++) sum += rows[i * k + j] * b[j]
      eta[i] = sum
      if (sum > highest) highest = sum
      if (sum < lowest) lowest = sum
    }
    for (let i = 0; i < n; i++) risk[i] = exp(eta[i] - highest)
    let value = 0
    const gradient = new Float64Array(k)
    const second = new Float64Array(seconds)
    const third = new Float64Array(thirds)
    // Where nobody is much likelier than others no moment nearly vanishes, and everybody's rows serve as they are.
    const even = spans !== undefined && highest - lowest < evenRisks
    if (even) sumSpans(spans)
    for (let set = 0; set < sets.length; set++) {
      const { events, people, weights } = sets[set]
      // Rows less that of whoever is likeliest: where that person is nearly certain the moments nearly vanish and the others' are kept.
      let likeliest = -1
      if (!even) {
        likeliest = people[0]
        for (const i of people) if (eta[i] > eta[likeliest]) likeliest = i
      }
      const top = even ? highest : eta[likeliest]
      const d = events.length
      for (const i of events) {
        value += eta[i]
        for (let j = 0; j < k; j++) gradient[j] += rows[i * k + j] - (even ? 0 : rows[likeliest * k + j])
      }
      if (even) all.set(nodes.subarray((sets.length + set) * width, (sets.length + set + 1) * width))
      else moments(people, weights, likeliest, all)
      if (ties === 'breslow' || d === 1) add(all, top, d)
      else {
        moments(events, undefined, likeliest, own)
        for (let l = 0; l < d; l++) {
          for (let at = 0; at < width; at++) left[at] = all[at] - (l / d) * own[at]
          add(left, top, 1)
        }
      }
    }
    return { value, gradient, information: wholeMatrix(second, k), third: wantThird ? wholeCube(third, k) : third }

    /** Sums of weights, and of weights times x, x x', x x x, one after another; x less the row of the likeliest, or (-1) as it is. */
    function moments(
      whose: readonly number[],
      weights: Float64Array | undefined,
      likeliest: number,
      sums: Float64Array,
    ): void {
      sums.fill(0)
      const top = likeliest < 0 ? highest : eta[likeliest]
      // Far below the likeliest of all a risk would be rounded to nothing; then each is taken anew.
      const near = highest - top < 300
      const unit = likeliest < 0 ? 1 : risk[likeliest]
      for (let at = 0; at < whose.length; at++) {
        const i = whose[at]
        const w = (weights === undefined ? 1 : weights[at]) * (near ? risk[i] / unit : exp(eta[i] - top))
        for (let j = 0; j < k; j++) x[j] = rows[i * k + j] - (likeliest < 0 ? 0 : rows[likeliest * k + j])
        addPerson(w, sums)
      }
    }

    /** Adds w, w x, w x x', w x x x. */
    function addPerson(w: number, sums: Float64Array): void {
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

    /** Every set's moments as a leaf of `nodes`: each person goes to the few nodes of a binary tree that make up its span, and nodes to those below. */
    function sumSpans({ from, to }: Spans): void {
      nodes.fill(0)
      const m = sets.length
      const used = wantThird ? width : width - thirds
      for (let i = 0; i < n; i++) {
        if (to[i] < 0) continue
        own.fill(0)
        for (let j = 0; j < k; j++) x[j] = rows[i * k + j]
        addPerson(risk[i], own)
        for (let l = from[i] + m, r = to[i] + 1 + m; l < r; l >>= 1, r >>= 1) {
          if (l & 1) give(l++)
          if (r & 1) give(--r)
        }
      }
      for (let node = 1; node < m; node++)
        for (let at = 0; at < used; at++) {
          const sum = nodes[node * width + at]
          nodes[2 * node * width + at] += sum
          nodes[(2 * node + 1) * width + at] += sum
        }
      function give(node: number): void {
        for (let at = 0; at < used; at++) nodes[node * width + at] += own[at]
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

/** First and last set of each person; -1 of who is in none. */
interface Spans {
  from: Int32Array
  to: Int32Array
}

/** Fewer memberships of risk sets are summed one by one. */
const fewestMemberships = 20_000
/** Numbers of a tree of sums. */
const mostNodeNumbers = 1 << 23
/** Logarithm of the largest ratio of two people's risks up to which sums need no centre of their own: 1e-12 of a variance is kept. */
const evenRisks = 8

/** Where each person is in consecutive sets with weight 1, as people are in sets that are sorted by time; else undefined. */
function riskSpans(sets: readonly RiskSet[], n: number): Spans | undefined {
  const from = new Int32Array(n).fill(-1)
  const to = new Int32Array(n).fill(-1)
  let memberships = 0
  for (const [set, { people, weights }] of sets.entries()) {
    memberships += people.length
    for (let at = 0; at < people.length; at++) {
      const i = people[at]
      if (weights[at] !== 1 || (to[i] >= 0 && to[i] !== set - 1)) return undefined
      if (to[i] < 0) from[i] = set
      to[i] = set
    }
  }
  return memberships < fewestMemberships ? undefined : { from, to }
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
