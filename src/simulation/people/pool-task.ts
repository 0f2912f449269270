import type { ChunkTask } from '../../compute/task.ts'
import { RandomStream } from '../../numerics/random.ts'
import { bitAt } from '../genome/bits.ts'
import { type Allotment, genomeSegments } from '../genome/chromosomes.ts'
import { placeMutations } from '../genome/coalescent.ts'
import { drawPositions } from '../genome/positions.ts'
import { morgansAt, recombinationMap } from '../genome/recombination-map.ts'

export interface PoolSetup {
  readonly seed: number
  readonly split: number
  readonly effectiveSize: number
  readonly morgansPerMegabase: number
}

export interface PoolChunk {
  /** 0 or 1 for each person of the pool. */
  readonly ancestry: Uint8Array
  readonly allotment: Allotment
}

/** Haplotypes of the pool around IGFBP7. A record holds two planes of `planeBytes` bytes, one bit a person, alt allele set. */
export interface PoolHaplotypes {
  readonly positions: Int32Array
  readonly planeBytes: number
  readonly records: Uint8Array
}

/** The part of chromosome 4 around IGFBP7 for everyone among whom cases are looked for. */
export const poolTask: ChunkTask<PoolSetup, PoolChunk, PoolHaplotypes> = {
  name: 'simulation/pool',
  async prepare({ seed, split, effectiveSize, morgansPerMegabase }) {
    return ({ ancestry, allotment }) => {
      const segment = genomeSegments().find(({ causal }) => causal)!
      const positions = drawPositions(seed, segment, allotment)
      const morgans = morgansAt(recombinationMap(seed, segment, morgansPerMegabase), positions)
      const planeBytes = 8 * Math.ceil(ancestry.length / 64)
      const order = [...ancestry.keys()].sort((a, b) => ancestry[a] - ancestry[b] || a - b)
      const bitOf = Uint32Array.from(order.flatMap((person) => [person, 8 * planeBytes + person]))
      const first = 2 * ancestry.reduce((sum, one) => sum + (one === 0 ? 1 : 0), 0)
      const records = new Uint8Array(positions.length * 2 * planeBytes)
      const demography = { leaves: bitOf.length, first, split, generations: 2 * effectiveSize }
      placeMutations(seed, 'simulation/pool', 0, demography, morgans, bitOf, 2 * planeBytes, (site, batch) =>
        records.set(batch, site * 2 * planeBytes),
      )
      const reference = new RandomStream(seed, 'simulation/pool-reference')
      for (let v = 0; v < positions.length; v++) {
        const record = records.subarray(v * 2 * planeBytes, (v + 1) * 2 * planeBytes)
        if (bitAt(record, bitOf[reference.integer(bitOf.length)]) === 0) continue
        for (let i = 0; i < record.length; i++) record[i] = ~record[i]
        for (let person = ancestry.length; person < 8 * planeBytes; person++) {
          record[person >> 3] &= ~(1 << (person & 7))
          record[planeBytes + (person >> 3)] &= ~(1 << (person & 7))
        }
      }
      return { positions, planeBytes, records }
    }
  },
}
