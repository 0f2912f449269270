import type { RandomStream } from '../../numerics/random.ts'
import { exp } from '../../numerics/special.ts'

export type OnsetSite = 'bulbar' | 'limb'

/** ALSFRS-R items in the order of the form: 1 to 9 and the three of breathing. */
const itemCount = 12
const highestItem = 4

/** How soon each item is lost, by the site where the disease began. */
const loads: Readonly<Record<OnsetSite, readonly number[]>> = {
  bulbar: [2.2, 1.8, 2, 0.8, 0.8, 0.9, 0.7, 0.8, 0.9, 0.7, 0.6, 0.5],
  limb: [0.5, 0.5, 0.5, 1.3, 1.4, 1.5, 1.3, 1.6, 1.8, 0.7, 0.6, 0.5],
}

/** A person's own loads: those of the onset site, each times a log-normal factor. */
export function drawLoads(random: RandomStream, site: OnsetSite): number[] {
  return loads[site].map((load) => load * exp(0.3 * random.normal()))
}

/**
 * Twelve items from 0 to 4 whose sum is exactly `total` (0 to 48): the points lost are poured over the items by their
 * loads until an item is empty, then rounded by largest remainders. As the total falls, no item rises by more than rounding.
 */
export function itemsOfTotal(total: number, itemLoads: readonly number[]): number[] {
  const lost = itemCount * highestItem - total
  const poured = (level: number) => itemLoads.map((load) => Math.min(highestItem, level * load))
  let low = 0
  let high = 1000
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (poured(middle).reduce((sum, value) => sum + value, 0) < lost) low = middle
    else high = middle
  }
  const exact = poured(high)
  const whole = exact.map((value) => Math.floor(value))
  let left = lost - whole.reduce((sum, value) => sum + value, 0)
  const order = exact.map((_, i) => i).sort((a, b) => exact[b] - whole[b] - (exact[a] - whole[a]) || a - b)
  // the second round is for remainders that rounding has hidden
  for (const i of [...order, ...order])
    if (left > 0 && whole[i] < highestItem) {
      whole[i]++
      left--
    }
  return whole.map((value) => highestItem - value)
}
