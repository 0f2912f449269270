import type { Workshop } from '../../compute/task.ts'
import type { KinshipPair } from '../../results/genotypes.ts'
import { kinshipPairs } from '../kinship/king.ts'
import { duplicateKinship, relationship } from '../kinship/relationship.ts'
import { pruneByLd, thin } from '../ld/prune.ts'
import { commonMaf } from './people.ts'

const pruning = { r2: 0.2, window: 200_000 }
const mostVariants = 100_000

/**
 * Smallest kinship that m independent common variants can tell from none: six standard errors, one being close to
 * 1 / sqrt(m) for unrelated people of one population.
 */
function smallestKinship(variants: number): number {
  return 6 / Math.sqrt(variants)
}

interface RelatedPair {
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
  /** Smallest kinship wanted. */
  kinship: number
}

export interface Relatives {
  pairs: RelatedPair[]
  /** Variants compared. */
  variants: number
  /** Smallest kinship looked for; above the kinship wanted where variants are few. */
  kinship: number
  note: string | null
}

/**
 * Duplicates and pairs with at least the kinship wanted, by KING-robust on independent common autosomal variants. With
 * few variants only closer pairs are looked for, with very few none.
 */
export async function findRelatives(setup: RelativesSetup, workshop: Workshop): Promise<Relatives> {
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
  const kinship = Math.max(setup.kinship, smallestKinship(count))
  const few = `Only ${count} independent common variants`
  if (kinship > duplicateKinship && setup.kinship <= duplicateKinship)
    return { pairs: [], variants: count, kinship, note: `${few}: duplicates and relatives were not looked for.` }
  const least = Math.min(kinship, duplicateKinship)
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
    kinship,
    note:
      kinship > setup.kinship
        ? `${few}: relatives with a kinship below ${kinship.toFixed(3)} were not looked for.`
        : null,
  }
}
