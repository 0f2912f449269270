import { UpturnError } from '../../errors/index.ts'
import { pow } from '../../numerics/special.ts'

/**
 * How variants count beside each other: `beta`: density of Beta(1, 25) at the minor-allele frequency (Wu and others 2011), `madsen_browning`:
 * 1 / sqrt(f (1 - f)), `flat`: all alike.
 */
export type VariantWeights = 'beta' | 'madsen_browning' | 'flat'

/** The variants of a region that are tested, by their minor alleles. */
export interface RegionVariants {
  people: number
  /** Which of the given variants. */
  index: number[]
  /** Minor-allele frequency, missing calls filled in, as SKATBinary has it. */
  maf: Float64Array
  weights: Float64Array
  /** Copies of the minor allele by person, 0 to 2, missing calls filled in; one array a variant. */
  copies: Int8Array[]
  missing: number
  /** People with a minor allele, ascending. */
  carriers: Int32Array
  /** Left out: no minor allele among the people, or one too frequent. */
  monomorphic: number
  frequent: number
}

/**
 * Chooses the variants of a region whose minor allele is seen and has a frequency of at most `maxMaf`, without looking at labels. Missing calls become the
 * likeliest genotype, 2 maf rounded, as SKAT's `bestguess`. `genotypes`: one array a variant of 0, 1, 2 or -1 by person.
 */
export function regionVariants(
  genotypes: readonly ArrayLike<number>[],
  people: number,
  options: { maxMaf: number; weights: VariantWeights },
): RegionVariants {
  const { maxMaf } = options
  if (!(maxMaf > 0 && maxMaf <= 0.5))
    throw new UpturnError('BadArgument', `the largest minor-allele frequency lies above 0 and up to 0.5, not ${maxMaf}`)
  const index: number[] = []
  const mafs: number[] = []
  const copies: Int8Array[] = []
  const carries = new Uint8Array(people)
  let missing = 0
  let monomorphic = 0
  let frequent = 0
  genotypes.forEach((calls, v) => {
    if (calls.length !== people) throw new UpturnError('BadArgument', 'every person needs one genotype of each variant')
    let called = 0
    let sum = 0
    for (let i = 0; i < people; i++)
      if (calls[i] >= 0) {
        called++
        sum += calls[i]
      }
    if (sum === 0 || sum === 2 * called) {
      monomorphic++
      return
    }
    const flip = sum > called
    const maf = (flip ? 2 * called - sum : sum) / (2 * called)
    if (maf > maxMaf) {
      frequent++
      return
    }
    const guess = Math.round(2 * maf)
    missing += people - called
    const own = Int8Array.from(calls, (g) => (g < 0 ? guess : flip ? 2 - g : g))
    index.push(v)
    mafs.push(own.reduce((a, b) => a + b, 0) / (2 * people))
    copies.push(own)
    for (let i = 0; i < people; i++) if (own[i] > 0) carries[i] = 1
  })
  const carriers: number[] = []
  carries.forEach((c, i) => {
    if (c === 1) carriers.push(i)
  })
  return {
    people,
    index,
    maf: Float64Array.from(mafs),
    weights: Float64Array.from(mafs, (f) => weightOf(f, options.weights)),
    copies,
    missing,
    carriers: Int32Array.from(carriers),
    monomorphic,
    frequent,
  }
}

function weightOf(maf: number, weights: VariantWeights): number {
  if (weights === 'flat') return 1
  if (weights === 'madsen_browning') return 1 / Math.sqrt(maf * (1 - maf))
  return 25 * pow(1 - maf, 24)
}
