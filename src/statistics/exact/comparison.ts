import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { exp, log } from '../../numerics/special.ts'
import type { ExactResult } from './genotype-table.ts'

const log2To256 = 177.445678223346
const undecidedHeld = 16
const words = 56

/**
 * Finishes a comparison of outcomes by probability: `fill` runs the kernel, which writes its sums (kernels/assembly/exact.ts)
 * relative to the observed outcome. Outcomes that rounding cannot tell from the observed one and that are not tied are
 * settled by `relativeWeight`, which gives their weight over the observed one, exact to a double, from integers.
 */
export function compareOutcomes(
  fill: (out: number) => void,
  relativeWeight: (first: number, second: number) => { order: -1 | 0 | 1; weight: number },
): ExactResult {
  const k = kernels()
  const sums = k.scope(() => {
    const out = k.allocate(words * 8)
    fill(out)
    return k.f64(out, words).slice()
  })
  let [less, tied] = sums
  const [, , total, totalExponent, least, leastExponent] = sums
  let more = sums[6]
  const undecided = sums[7]
  if (undecided > undecidedHeld)
    throw new UpturnError('Internal', `${undecided} outcomes lie within rounding of the observed one`)
  for (let i = 0; i < undecided; i++) {
    const { order, weight } = relativeWeight(sums[8 + 2 * i], sums[9 + 2 * i])
    if (order < 0) less += weight
    else if (order === 0) tied += 1
    else more++
  }
  const logTotal = log(total) + totalExponent * log2To256
  const logP = more === 0 ? 0 : Math.min(0, log(less + tied) - logTotal)
  const logMidp = more === 0 && less === 0 ? -Math.LN2 : log(less + 0.5 * tied) - logTotal
  const logMinAttainableP = Math.min(logP, log(least) + leastExponent * log2To256 - logTotal)
  return {
    p: exp(logP),
    logP,
    midp: more === 0 && less === 0 ? 0.5 : exp(logMidp),
    logMidp,
    minAttainableP: exp(logMinAttainableP),
    logMinAttainableP,
  }
}

/** C(n, k) in integers. */
export function integerChoose(n: number, k: number): bigint {
  let result = 1n
  const few = Math.min(k, n - k)
  for (let i = 1; i <= few; i++) result = (result * BigInt(n - few + i)) / BigInt(i)
  return result
}

/** How a compares with b, and a / b to 48 bits. */
export function compareIntegers(a: bigint, b: bigint): { order: -1 | 0 | 1; weight: number } {
  return { order: a < b ? -1 : a === b ? 0 : 1, weight: Number((a << 48n) / b) / 281474976710656 }
}
