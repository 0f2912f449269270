import { kernels } from '../../numerics/kernels.ts'
import { compareIntegers, compareOutcomes, integerChoose } from './comparison.ts'
import { requireCounts } from './counts.ts'
import type { ExactResult } from './genotype-table.ts'

/**
 * The exact test of Hardy-Weinberg proportions given allele counts (Wigginton, Cutler and Abecasis 2005): p is the
 * probability of heterozygote counts no more likely than the observed one, ties found in integers and halved in mid-p
 * (Graffelman and Moreno 2013). Nobody, or one allele only: p = 1, mid-p = 1/2.
 */
export function hardyWeinberg(
  hom1: number,
  het: number,
  hom2: number,
): Omit<ExactResult, 'minAttainableP' | 'logMinAttainableP'> {
  requireCounts(hom1, het, hom2)
  const people = hom1 + het + hom2
  // people! / (hom1! het! hom2!) 2^het, for a heterozygote count with the same alleles
  const weight = (h: number) => {
    const first = hom1 + (het - h) / 2
    return (integerChoose(people, h) * integerChoose(people - h, first)) << BigInt(h)
  }
  const { p, logP, midp, logMidp } = compareOutcomes(
    (out) => kernels().call.hardyWeinberg(het, hom1, hom2, out),
    (h) => compareIntegers(weight(h), weight(het)),
  )
  return { p, logP, midp, logMidp }
}
