import type { Workshop } from '../../compute/task.ts'
import type { KinshipPair } from '../../results/genotypes.ts'
import { kinshipPairs } from '../kinship/king.ts'
import { duplicateKinship, relationship } from '../kinship/relationship.ts'
import { pruneByLd, thin } from '../ld/prune.ts'
import { commonMaf } from './people.ts'

// Kinship needs neither more variants nor closer pruning: its standard error is about 0.01 with 2,000 variants.
const pruning = { r2: 0.2, window: 200_000 }
const mostVariants = 100_000
const fewestVariants = 2_000

export interface RelatedPair {
  /** Columns of the store, a < b. */
  a: number
  b: number
  kinship: number
  relationship: KinshipPair['relationship']
}

export interface RelativesSetup {
  folder: string
  /** Plane of the people over whom LD and frequencies are taken. */
  reference: Uint8Array
  /** Columns of the people to compare. */
  people: Int32Array
  variantCallRate: number
  /** Smallest kinship listed; duplicates are always listed. */
  kinship: number
}

/** Pairs of related people by KING-robust on independent common autosomal variants; too few variants give none. */
export async function findRelatives(
  setup: RelativesSetup,
  workshop: Workshop,
): Promise<{ pairs: RelatedPair[]; variants: number; note: string | null }> {
  const { folder, people } = setup
  const independent = await pruneByLd(
    {
      folder,
      people: setup.reference,
      keep: null,
      maf: commonMaf,
      variantCallRate: setup.variantCallRate,
      ...pruning,
      excludeLongRange: false,
    },
    workshop,
  )
  const { chosen, count } = thin(independent.chosen, independent.count, mostVariants)
  if (count < fewestVariants)
    return {
      pairs: [],
      variants: count,
      note: `Only ${count} independent common variants, fewer than the ${fewestVariants} that kinship needs: duplicates and relatives were not looked for.`,
    }
  const least = Math.min(setup.kinship, duplicateKinship)
  const { pairs, meanOpposite } = await kinshipPairs({ folder, chosen, people }, least, workshop)
  return {
    pairs: pairs
      .map((pair) => ({
        a: Math.min(people[pair.a], people[pair.b]),
        b: Math.max(people[pair.a], people[pair.b]),
        kinship: pair.kinship,
        relationship: relationship(pair.kinship, pair.oppositeHomozygotes, meanOpposite),
      }))
      .sort((p, q) => p.a - q.a || p.b - q.b),
    variants: count,
    note: null,
  }
}
