import type { ChunkTask } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { type BlockGroup, openGroups } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import { type PersonCounts, personCounts } from './person-counts.ts'
import { countsAt, groupVariants, peopleMask } from './scan.ts'
import { type SubstitutionCounts, substitutionAt } from './substitutions.ts'
import { type KindRun, kindRuns, kindsOf } from './variant-kinds.ts'

export interface CallRateSetup {
  folder: string
  /** Variants called in a smaller share of people say nothing about a person and are not counted. */
  variantCallRate: number
}

export interface CallRateCounts {
  runs: KindRun[]
  counts: PersonCounts
  substitutions: SubstitutionCounts
}

/**
 * Counts each person's missing calls over the variants of a group that are called in enough people, on the autosomes,
 * X and the pseudoautosomal regions (a woman has no calls on Y), and the heterozygous ones by kind of substitution, and notes
 * which variants are of which kind.
 */
export const callRateTask: ChunkTask<CallRateSetup, BlockGroup, CallRateCounts> = {
  name: 'genotypes/call-rate',
  async prepare({ folder, variantCallRate }, host) {
    const store = await openGroups(host, folder)
    const { header } = store
    const words = header.wordsPerPlane
    const everyone = peopleMask(header, header.samples.keys())
    return async (group, signal) => {
      const { records, lines } = await store.read(group, signal)
      const { first, variants } = groupVariants(header, group)
      const places = keyPlaces(lines, variants, folder)
      const runs = kindRuns(header.build, places, first)
      const substitutions = Uint8Array.from(places.ref, (at) => substitutionAt(lines, at))
      const kinds = kindsOf(runs, first, variants)
      const k = kernels()
      return k.scope(() => {
        const at = k.put(records)
        const counts = countsAt(at, variants, words, everyone)
        const index: number[] = []
        for (let v = 0; v < variants; v++) {
          const called = header.samples.length - counts[4 * v + 3]
          if (kinds[v] !== 'Y' && kinds[v] !== 'MT' && called >= variantCallRate * header.samples.length) index.push(v)
        }
        const heterozygous = (kind: number) => {
          const chosen = index.filter((v) => kinds[v] === 'autosome' && substitutions[v] === kind)
          return personCounts(at, Int32Array.from(chosen), words).heterozygous
        }
        return {
          runs,
          counts: personCounts(at, Int32Array.from(index), words),
          substitutions: { transitions: heterozygous(1), transversions: heterozygous(2) },
        }
      })
    }
  },
}
