import { exp, type RandomStream } from '../../../numerics/index.ts'

/*
 * Items for the simulator: twelve graded responses (Samejima 1969) in four domains of three. A person has a profile, how far
 * ahead each domain and each item is in its loss, that does not change. These numbers are made up to give totals a noise of about
 * 1.7 points and profiles like bulbar or limb onset; the posterior never sees them.
 */
const domains = 4
const discrimination = 3.5
const thresholds = [-2.4, -1.1, 0.1, 1.3]
const domainSd = 0.9
const itemSd = 0.5
/** Noise of a visit as a whole on the trait's scale, in latent units. */
const visitSd = 0.12

export interface ItemProfile {
  /** Twelve items' own shift on the trait's scale. */
  shift: number[]
}

export function drawProfile(draw: RandomStream): ItemProfile {
  const domain = Array.from({ length: domains }, () => domainSd * draw.normal())
  return { shift: Array.from({ length: 12 }, (_, j) => domain[Math.floor(j / 3)] + itemSd * draw.normal()) }
}

/** Expected sum of the twelve items. */
function expectedTotal({ shift }: ItemProfile, trait: number): number {
  let sum = 0
  for (const own of shift) for (const threshold of thresholds) sum += atLeast(trait - own - threshold)
  return sum
}

const atLeast = (x: number) => 1 / (1 + exp(-discrimination * x))

function traitOf(profile: ItemProfile, total: number): number {
  const wanted = Math.max(0.05, Math.min(47.95, total))
  let low = -12
  let high = 12
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (expectedTotal(profile, middle) < wanted) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Twelve items whose expected sum is the latent score, before the visit's noise.
 *
 * @param off points by which this visit's rater is off
 * @param noise the visit's own standard noise
 */
export function drawItems(
  draw: RandomStream,
  profile: ItemProfile,
  latent: number,
  off: number,
  noise: number,
): number[] {
  const trait = traitOf(profile, latent + off) + visitSd * noise
  return profile.shift.map((own) => {
    const u = draw.uniform()
    let item = 0
    for (const threshold of thresholds) if (u < atLeast(trait - own - threshold)) item++
    return item
  })
}
