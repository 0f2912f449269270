import type { Configurations } from './configurations.ts'

/** p of every configuration by a statistic of which large values are extreme. */
export interface Ranked {
  /** P(statistic at least as large), by configuration. */
  p: Float64Array
  /** p less half the probability of what is tied with the observed one. */
  midp: number
  /** The smallest of all p: what the most extreme configuration has. */
  least: number
  /** Configurations at least as extreme as the observed one. */
  asExtreme: number
}

/** Values nearer than this, relative to the largest, are tied. */
const tied = 1e-9

export function rank(values: Float64Array, configurations: Configurations): Ranked {
  return configurations.kind === 'enumeration' ? rankListed(values, configurations) : rankDrawn(values, configurations)
}

/** All configurations equally likely: places in the sorted values. */
function rankDrawn(values: Float64Array, { observed, count }: Configurations): Ranked {
  const sorted = values.slice().sort()
  const slack = tied * Math.max(Math.abs(sorted[0]), Math.abs(sorted[count - 1]))
  /** Values below x. */
  const below = (x: number): number => {
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle] < x) low = middle + 1
      else high = middle
    }
    return low
  }
  const p = values.map((value) => (count - below(value - slack)) / count)
  const asExtreme = count - below(values[observed] - slack)
  const beyond = count - below(values[observed] + slack)
  return { p, midp: (asExtreme + beyond) / 2 / count, least: p[values.indexOf(sorted[count - 1])], asExtreme }
}

function rankListed(values: Float64Array, { probability, observed, count }: Configurations): Ranked {
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  order.sort((a, b) => values[b] - values[a])
  const p = new Float64Array(count)
  const size = Math.max(Math.abs(values[order[0]]), Math.abs(values[order[count - 1]]))
  let above = 0
  let midp = 1
  let asExtreme = 0
  for (let from = 0; from < count; ) {
    let to = from
    let own = 0
    let here = false
    while (to < count && values[order[from]] - values[order[to]] <= tied * size) {
      own += probability[order[to]]
      here ||= order[to] === observed
      to++
    }
    const total = to === count ? 1 : Math.min(1, above + own)
    for (let i = from; i < to; i++) p[order[i]] = total
    if (here) {
      midp = total - own / 2
      asExtreme = to
    }
    above += own
    from = to
  }
  return { p, midp, least: p[order[0]], asExtreme }
}
