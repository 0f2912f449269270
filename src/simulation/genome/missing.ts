import { RandomStream } from '../../numerics/random.ts'
import { log1p } from '../../numerics/special.ts'

const highestRate = 0.5

/** How much more often than the average each person's calls are missing; mean about 1. */
export function personMultipliers(seed: number, output: number, samples: number): Float64Array {
  const random = new RandomStream(seed, 'simulation/missing-by-person', output)
  return Float64Array.from({ length: samples }, () => random.gamma(3) / 3)
}

/**
 * Returns a function that marks missing calls in one packed record. A variant's rate is exponential with mean `rate`; the
 * chance of person i is that times multipliers[i], at most 1/2. People are visited by skipping (geometric gaps, thinned).
 */
export function missingCalls(
  random: RandomStream,
  rate: number,
  multipliers: Float64Array,
): (record: Uint8Array, planeBytes: number) => void {
  const most = multipliers.reduce((a, b) => Math.max(a, b), 0)
  if (rate === 0 || multipliers.length === 0) return () => {}
  return (record, planeBytes) => {
    const bound = Math.min(highestRate, rate * random.exponential() * most)
    const step = -1 / log1p(-bound)
    for (let at = Math.floor(random.exponential() * step); at < multipliers.length; ) {
      if (random.uniform() * most < multipliers[at]) {
        record[at >> 3] |= 1 << (at & 7)
        record[planeBytes + (at >> 3)] |= 1 << (at & 7)
      }
      at += 1 + Math.floor(random.exponential() * step)
    }
  }
}
