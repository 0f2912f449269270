import { RandomStream } from '../../numerics/random.ts'
import { log } from '../../numerics/special.ts'
import type { Demography } from '../genome/coalescent.ts'

interface Node {
  id: number
  time: number
  label: number
  children: Node[]
  parent: Node | null
}

/**
 * The SMC' of kernels/assembly/coalescent.ts with objects and a sort at every step: same numbers drawn in the same order.
 * Returns the leaves that carry each site's mutation, ascending, and the number of recombinations.
 */
export function coalescentTwin(
  seed: number,
  purpose: string,
  index: number,
  { leaves, first, split, generations }: Demography,
  far: number,
  morgans: Float64Array,
): { carriers: number[][]; events: number } {
  const random = new RandomStream(seed, purpose, index)
  const below = (n: number) => Math.floor((random.uint32() * n) / 4294967296)
  let inner: Node[] = []
  const byTime = () => inner.sort((a, b) => b.time - a.time)
  const length = () => inner.reduce((sum, { time }) => sum + time, 0) + inner[0].time

  const drawTree = () => {
    inner = []
    const leaf = Array.from({ length: leaves }, (_, id): Node => {
      return { id, time: 0, label: id < first ? 0 : 1, children: [], parent: null }
    })
    const lists = [leaf.slice(0, first), leaf.slice(first)]
    const join = (list: Node[], time: number, label: number) => {
      const i = below(list.length)
      const a = list[i]
      list[i] = list[list.length - 1]
      list.pop()
      const j = below(list.length)
      const b = list[j]
      const node: Node = { id: -1, time, label, children: [a, b], parent: null }
      a.parent = node
      b.parent = node
      list[j] = node
      inner.push(node)
    }
    let time = 0
    while (lists[0].length + lists[1].length > 1) {
      const rates = lists.map(({ length: k }) => 0.5 * k * (k - 1))
      const rate = rates[0] + rates[1]
      const wait = rate > 0 ? -log(random.uniform()) / rate : Number.POSITIVE_INFINITY
      if (time + wait >= split) break
      time += wait
      const population = random.uniform() * rate < rates[0] ? 0 : 1
      join(lists[population], time, population)
    }
    const rest = [...lists[0], ...lists[1]]
    if (rest.length > 1) time = split
    for (let k = rest.length; k > 1; k--) {
      time -= (log(random.uniform()) * 2) / (k * (k - 1))
      join(rest, time, 2)
    }
    byTime()
  }

  const lineageIn = (interval: number): Node => {
    const lower = interval < inner.length ? inner[interval].time : 0
    for (;;) {
      const pick = below(2 * interval)
      const child = inner[pick >> 1].children[pick & 1]
      if (child.time <= lower) return child
    }
  }

  const point = (): { interval: number; time: number } => {
    let target = random.uniform() * length()
    for (let interval = 1; ; interval++) {
      const upper = inner[interval - 1].time
      const lower = interval < inner.length ? inner[interval].time : 0
      const part = (interval + 1) * (upper - lower)
      if (target < part || interval === inner.length) return { interval, time: upper - target / (interval + 1) }
      target -= part
    }
  }

  const recombine = () => {
    let { interval, time } = point()
    const cut = lineageIn(interval)
    let population = time < split ? cut.label : 2
    let hazard = -log(random.uniform())
    // all lineages of the population at a time
    const count = (at: number) => {
      if (population === 2) return inner.filter((node) => node.time > at).length + 1
      const everyone = [...inner, ...inner.flatMap(({ children }) => children.filter((child) => child.time === 0))]
      return everyone.filter(
        (node) => node.time <= at && node.label === population && (node.parent === null || node.parent.time > at),
      ).length
    }
    for (;;) {
      const next = interval > 0 ? inner[interval - 1].time : Number.POSITIVE_INFINITY
      const top = population === 2 ? next : Math.min(split, next)
      const lineages = count(time)
      if (hazard < lineages * (top - time)) {
        time += hazard / lineages
        break
      }
      hazard -= lineages * (top - time)
      time = top
      if (population !== 2 && top === split) population = 2
      else interval--
    }
    let meet = inner[0]
    if (interval > 0)
      do meet = lineageIn(interval)
      while (population !== 2 && meet.label !== population)
    if (meet === cut) return
    const moved = cut.parent as Node
    const sibling = moved.children.find((child) => child !== cut) as Node
    const replace = (node: Node | null, old: Node, by: Node) => {
      if (node !== null) node.children[node.children.indexOf(old)] = by
      by.parent = node
    }
    if (meet !== moved && meet !== sibling) {
      replace(moved.parent, moved, sibling)
      replace(meet.parent, meet, moved)
      moved.children = [cut, meet]
      meet.parent = moved
    }
    moved.time = time
    moved.label = population
    byTime()
  }

  const carriers: number[][] = []
  let events = 0
  let next = Number.NEGATIVE_INFINITY
  const step = () => -log(random.uniform()) / (length() * generations)
  for (const position of morgans) {
    if (position - next >= far) {
      drawTree()
      next = position + step()
    }
    while (next <= position) {
      recombine()
      next += step()
      events++
    }
    const under = (node: Node): number[] =>
      node.children.length === 0 ? [node.id] : node.children.flatMap((child) => under(child))
    carriers.push(under(lineageIn(point().interval)).sort((a, b) => a - b))
  }
  return { carriers, events }
}
