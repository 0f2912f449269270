import { UpturnError } from '../../errors/index.ts'
import { type LabelScheme, LabelSets } from '../labels/index.ts'
import type { RegionVariants } from './variants.ts'

/** Ways in which labels fall on the carriers: minor alleles of cases by variant, with the probability of each. */
export interface Configurations {
  kind: 'enumeration' | 'label sets'
  /** count x variants, row-major: the minor alleles of the cases. The observed one is among them. */
  alleles: Int16Array
  probability: Float64Array
  observed: number
  count: number
}

/** Label sets of one scheme, drawn once and used for every region. */
export class LabelDraws {
  readonly scheme: LabelScheme
  readonly #sets: LabelSets
  readonly #seed: number
  readonly #purpose: string
  readonly cases: number
  #drawn = new Int32Array(0)
  #count = 0

  constructor(scheme: LabelScheme, seed: number, purpose: string) {
    this.scheme = scheme
    this.#sets = new LabelSets(scheme)
    this.#seed = seed
    this.#purpose = purpose
    this.cases = scheme.cases.reduce((a, b) => a + b, 0)
  }

  /** The cases of the first `count` label sets, one after another. */
  first(count: number): Int32Array {
    if (count > this.#count) {
      const more = new Int32Array(count * this.cases)
      more.set(this.#drawn.subarray(0, this.#count * this.cases))
      for (let r = this.#count; r < count; r++) more.set(this.#sets.draw(this.#seed, this.#purpose, r), r * this.cases)
      this.#drawn = more
      this.#count = count
    }
    return this.#drawn
  }
}

/** Carriers up to which every way of labelling them is listed. */
export const mostListed = 16

/** Minor alleles of the cases by variant. */
function observedAlleles({ copies }: RegionVariants, isCase: ArrayLike<number>): number[] {
  return copies.map((own) => {
    let sum = 0
    for (let i = 0; i < own.length; i++) if (isCase[i] === 1) sum += own[i]
    return sum
  })
}

/**
 * Every subset of the carriers as the cases among them, with its probability under the scheme: the product of the carriers' own odds and of what
 * the other people of each stratum allow (Lee, Fuchsberger, Kim and Scott 2016, Biostatistics 17:1, without giving non-carriers one odds). For at
 * most 16 carriers.
 */
export function listConfigurations(
  region: RegionVariants,
  scheme: LabelScheme,
  isCase: ArrayLike<number>,
): Configurations {
  const { carriers, copies, people } = region
  if (carriers.length > mostListed)
    throw new UpturnError('BadArgument', `${carriers.length} carriers are too many to list: at most ${mostListed}`)
  const m = copies.length
  const stratum = new Int32Array(people)
  const p = new Float64Array(people)
  const carries = new Uint8Array(people)
  for (const i of carriers) carries[i] = 1
  const strata = scheme.cases.length
  // P(k cases among the non-carriers of a stratum), labels independent.
  const others: Float64Array[] = []
  for (let s = 0; s < strata; s++) {
    const most = scheme.cases[s]
    const probability = new Float64Array(most + 1)
    probability[0] = 1
    for (let at = scheme.starts[s]; at < scheme.starts[s + 1]; at++) {
      const person = scheme.order[at]
      stratum[person] = s
      p[person] = scheme.p[at]
      if (carries[person] === 1) continue
      for (let k = most; k > 0; k--) probability[k] = probability[k] * (1 - p[person]) + probability[k - 1] * p[person]
      probability[0] *= 1 - p[person]
    }
    others.push(probability)
  }
  const alleles: number[] = []
  const probabilities: number[] = []
  const sum = new Int16Array(m)
  const left = Int32Array.from(scheme.cases)
  const key = observedKey(region, isCase)
  let observed = -1
  let bits = 0
  const walk = (depth: number, weight: number) => {
    if (weight === 0) return
    if (depth === carriers.length) {
      let all = weight
      for (let s = 0; s < strata; s++) all *= others[s][left[s]]
      if (!(all > 0)) return
      if (bits === key) observed = probabilities.length
      probabilities.push(all)
      for (let j = 0; j < m; j++) alleles.push(sum[j])
      return
    }
    const person = carriers[depth]
    const s = stratum[person]
    walk(depth + 1, weight * (1 - p[person]))
    if (left[s] === 0) return
    left[s]--
    bits += 2 ** depth
    for (let j = 0; j < m; j++) sum[j] += copies[j][person]
    walk(depth + 1, weight * p[person])
    for (let j = 0; j < m; j++) sum[j] -= copies[j][person]
    bits -= 2 ** depth
    left[s]++
  }
  walk(0, 1)
  if (observed < 0) throw new UpturnError('Internal', 'the observed labels are not among those that the scheme allows')
  const probability = Float64Array.from(probabilities)
  const total = probability.reduce((a, b) => a + b, 0)
  for (let i = 0; i < probability.length; i++) probability[i] /= total
  return { kind: 'enumeration', alleles: Int16Array.from(alleles), probability, observed, count: probability.length }
}

function observedKey({ carriers }: RegionVariants, isCase: ArrayLike<number>): number {
  let bits = 0
  carriers.forEach((person, k) => {
    if (isCase[person] === 1) bits += 2 ** k
  })
  return bits
}

/** The observed labels, first, and `count` label sets, all alike. */
export function drawConfigurations(
  region: RegionVariants,
  draws: LabelDraws,
  isCase: ArrayLike<number>,
  count: number,
): Configurations {
  const { copies, people } = region
  const m = copies.length
  const sets = draws.first(count)
  const alleles = new Int16Array((count + 1) * m)
  alleles.set(observedAlleles(region, isCase))
  // Copies by person and variant, side by side.
  const table = new Int8Array(people * m)
  copies.forEach((own, j) => {
    for (let i = 0; i < people; i++) table[i * m + j] = own[i]
  })
  const carries = new Uint8Array(people)
  for (const i of region.carriers) carries[i] = 1
  for (let r = 0; r < count; r++) {
    const to = (r + 1) * m
    for (let k = r * draws.cases; k < (r + 1) * draws.cases; k++) {
      const person = sets[k]
      if (carries[person] === 0) continue
      const from = person * m
      for (let j = 0; j < m; j++) alleles[to + j] += table[from + j]
    }
  }
  return {
    kind: 'label sets',
    alleles,
    probability: new Float64Array(count + 1).fill(1 / (count + 1)),
    observed: 0,
    count: count + 1,
  }
}
