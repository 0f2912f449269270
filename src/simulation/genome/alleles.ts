import type { RandomStream } from '../../numerics/random.ts'

const bases = ['A', 'C', 'G', 'T'] as const
const transition = [2, 3, 0, 1] as const

/** A reference base and another: a transition twice as often as a transversion. */
export function drawAlleles(random: RandomStream): [ref: string, alt: string] {
  const ref = random.integer(4)
  const kind = random.integer(6)
  if (kind < 4) return [bases[ref], bases[transition[ref]]]
  const others = [0, 1, 2, 3].filter((base) => base !== ref && base !== transition[ref])
  return [bases[ref], bases[others[kind - 4]]]
}
