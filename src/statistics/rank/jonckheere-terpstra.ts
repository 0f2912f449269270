import { UpturnError } from '../../errors/index.ts'

export interface JonckheereTerpstra {
  /** Sum over ordered pairs of groups of #(x_i < x_j) + half the ties. */
  statistic: number
  /** Under all relabellings with group sizes and ties fixed. */
  mean: number
  variance: number
  /** P(J >= observed), P(J <= observed) and P(|J - mean| >= |observed - mean|). */
  increasing: number
  decreasing: number
  twoSided: number
}

/** Work (states x compositions x values of J) above which the exact distribution is refused. */
const workLimit = 2e9

/**
 * Exact Jonckheere-Terpstra test for a trend over ordered groups (Biometrika 41:133, 1954), ties included: the distribution of J under
 * every relabelling, by a recursion over blocks of equal values. With two groups this is the exact Wilcoxon-Mann-Whitney test.
 *
 * @param values finite numbers; a value below a limit of detection is entered as tied lowest
 * @param groups for each value its group, 0 to k-1 in the order of the alternative
 *
 * Refuses empty groups and sizes for which the recursion would take minutes.
 */
export function jonckheereTerpstra(values: readonly number[], groups: readonly number[]): JonckheereTerpstra {
  const k = Math.max(...groups) + 1
  const sizes = Array.from({ length: k }, (_, g) => groups.filter((x) => x === g).length)
  if (values.length !== groups.length || k < 2 || sizes.includes(0) || !values.every(Number.isFinite))
    throw new UpturnError(
      'BadArgument',
      'a trend test needs a finite value and a group for everyone, and nobody-less groups',
    )
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const blocks: number[][] = []
  for (const i of order) {
    const last = blocks.at(-1)
    if (last !== undefined && values[last[0]] === values[i]) last.push(i)
    else blocks.push([i])
  }
  // Twice J is a whole number.
  const seen = sizes.map(() => 0)
  let observed = 0
  for (const block of blocks) {
    const composition = sizes.map((_, g) => block.filter((i) => groups[i] === g).length)
    observed += gain(seen, composition)
    composition.forEach((c, g) => {
      seen[g] += c
    })
  }
  const distribution = nullDistribution(
    sizes,
    blocks.map((b) => b.length),
  )
  let total = 0
  let moment = 0
  distribution.forEach((weight, j) => {
    total += weight
    moment += weight * j
  })
  const mean = moment / total
  let variance = 0
  let up = 0
  let down = 0
  let both = 0
  distribution.forEach((weight, j) => {
    variance += weight * (j - mean) * (j - mean)
    if (j >= observed) up += weight
    if (j <= observed) down += weight
    if (Math.abs(j - mean) >= Math.abs(observed - mean) - 1e-7) both += weight
  })
  return {
    statistic: observed / 2,
    mean: mean / 2,
    variance: variance / total / 4,
    increasing: Math.min(1, up / total),
    decreasing: Math.min(1, down / total),
    twoSided: Math.min(1, both / total),
  }
}

/** What a block adds to twice J: pairs with everyone lower in an earlier group count 2, ties within the block 1. */
function gain(seen: readonly number[], composition: readonly number[]): number {
  let sum = 0
  for (let a = 0; a < seen.length; a++)
    for (let b = a + 1; b < seen.length; b++) sum += 2 * seen[a] * composition[b] + composition[a] * composition[b]
  return sum
}

/** The largest value of twice J. */
function largestJ(sizes: readonly number[]): number {
  let most = 0
  for (let a = 0; a < sizes.length; a++) for (let b = a + 1; b < sizes.length; b++) most += 2 * sizes[a] * sizes[b]
  return most
}

/** Steps of the recursion for groups of these sizes with so many values tied at most. */
function workOf(sizes: readonly number[], widest: number): number {
  return sizes.reduce((product, n) => product * (n + 1), 1) * largestJ(sizes) * Math.max(sizes.length, widest)
}

/** Whether `jonckheereTerpstra` takes these values and groups, rather than refuse them as too long. */
export function isExactTrendShort(values: readonly number[], groups: readonly number[]): boolean {
  const sizes: number[] = []
  for (const g of groups) sizes[g] = (sizes[g] ?? 0) + 1
  const tied = new Map<number, number>()
  for (const value of values) tied.set(value, (tied.get(value) ?? 0) + 1)
  return workOf(sizes, Math.max(...tied.values())) <= workLimit
}

/** Weight of each value of twice J, index = value; weights count relabellings. */
function nullDistribution(sizes: readonly number[], blocks: readonly number[]): Float64Array {
  if (workOf(sizes, Math.max(...blocks)) > workLimit)
    throw new UpturnError('BadArgument', `the exact trend test is too long for groups of ${sizes.join(', ')}`)
  let current = new Map<number, { seen: number[]; weights: Float64Array }>()
  current.set(0, { seen: sizes.map(() => 0), weights: Float64Array.of(1) })
  for (const block of blocks) {
    const next = new Map<number, { seen: number[]; weights: Float64Array }>()
    for (const { seen, weights } of current.values()) {
      const room = sizes.map((n, g) => n - seen[g])
      for (const composition of compositions(block, room)) {
        const after = seen.map((s, g) => s + composition[g])
        const key = after.reduce((index, s, g) => index * (sizes[g] + 1) + s, 0)
        const shift = gain(seen, composition)
        const ways = multinomial(composition)
        let target = next.get(key)
        if (target === undefined) {
          target = { seen: after, weights: new Float64Array(weights.length + shift) }
          next.set(key, target)
        } else if (target.weights.length < weights.length + shift) {
          const grown = new Float64Array(weights.length + shift)
          grown.set(target.weights)
          target.weights = grown
        }
        const into = target.weights
        for (let j = 0; j < weights.length; j++) into[j + shift] += ways * weights[j]
      }
    }
    current = next
  }
  return [...current.values()][0].weights
}

/** Every way to write m as an ordered sum with parts at most `room`. */
function compositions(m: number, room: readonly number[]): number[][] {
  if (room.length === 1) return m <= room[0] ? [[m]] : []
  const found: number[][] = []
  for (let first = 0; first <= Math.min(m, room[0]); first++)
    for (const rest of compositions(m - first, room.slice(1))) found.push([first, ...rest])
  return found
}

function multinomial(parts: readonly number[]): number {
  let result = 1
  let n = 0
  for (const part of parts) for (let i = 1; i <= part; i++) result = (result * ++n) / i
  return result
}
