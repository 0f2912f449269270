import { RandomStream } from '../../numerics/random.ts'
import { bitAt, countBits } from '../genome/bits.ts'
import { type Allotment, igfbp7 } from '../genome/chromosomes.ts'
import { type GenomeLayout, haplotypeBytes } from '../genome/layout.ts'
import type { KnownSites } from '../genome/segment-task.ts'
import type { PoolHaplotypes } from './pool-task.ts'

const inGene = (position: number) => position >= igfbp7.first && position <= igfbp7.last

/** The variant within IGFBP7 whose alt allele has, in the pool, the frequency nearest to the one wanted. */
export function chooseCausalSite(
  pool: PoolHaplotypes,
  people: number,
  wanted: number,
): { site: number; frequency: number } {
  let best = { site: -1, frequency: Number.POSITIVE_INFINITY }
  pool.positions.forEach((position, site) => {
    if (!inGene(position)) return
    const record = pool.records.subarray(site * 2 * pool.planeBytes, (site + 1) * 2 * pool.planeBytes)
    const frequency = countBits(record) / (2 * people)
    if (Math.abs(frequency - wanted) < Math.abs(best.frequency - wanted)) best = { site, frequency }
  })
  return best
}

/** Copies of the alt allele that each person of the pool carries at a site. */
export function poolDosages(pool: PoolHaplotypes, people: number, site: number): Uint8Array {
  const record = pool.records.subarray(site * 2 * pool.planeBytes, (site + 1) * 2 * pool.planeBytes)
  return Uint8Array.from(
    { length: people },
    (_, person) => bitAt(record, person) + bitAt(record, 8 * pool.planeBytes + person),
  )
}

/**
 * The pool's haplotypes of those who are in the study, at as many sites as the segment is to have: the causal one and, drawn at
 * random, others that vary among them, inside the gene and outside. Sites that do not vary fill up where too few do.
 */
export function studySites(
  seed: number,
  pool: PoolHaplotypes,
  causalSite: number,
  allotment: Allotment,
  layout: GenomeLayout,
  sources: readonly (number | null)[],
): KnownSites {
  const bytes = haplotypeBytes(layout)
  const all = new Uint8Array(pool.positions.length * bytes)
  const copies = layout.founders.map(({ column }) => [column, sources[column] ?? 0] as const)
  const varies = new Uint8Array(pool.positions.length)
  for (let site = 0; site < pool.positions.length; site++) {
    const from = pool.records.subarray(site * 2 * pool.planeBytes, (site + 1) * 2 * pool.planeBytes)
    const into = all.subarray(site * bytes, (site + 1) * bytes)
    let sum = 0
    for (const [column, source] of copies) {
      const one = bitAt(from, source)
      const two = bitAt(from, 8 * pool.planeBytes + source)
      into[column >> 3] |= one << (column & 7)
      into[(bytes >> 1) + (column >> 3)] |= two << (column & 7)
      sum += one + two
    }
    varies[site] = sum > 0 && sum < 2 * copies.length ? 1 : 0
  }
  const random = new RandomStream(seed, 'simulation/pool-sites')
  const draw = (count: number, gene: boolean): number[] => {
    const kept = gene ? [causalSite] : []
    const here = [...pool.positions.keys()].filter(
      (site) => inGene(pool.positions[site]) === gene && site !== causalSite,
    )
    const varying = random.shuffle(here.filter((site) => varies[site] === 1))
    const still = random.shuffle(here.filter((site) => varies[site] === 0))
    return [...kept, ...varying, ...still].slice(0, count)
  }
  const sites = [...draw(allotment.dense, true), ...draw(allotment.total - allotment.dense, false)].sort(
    (a, b) => a - b,
  )
  const records = new Uint8Array(sites.length * bytes)
  for (const [i, site] of sites.entries()) records.set(all.subarray(site * bytes, (site + 1) * bytes), i * bytes)
  return { positions: Int32Array.from(sites, (site) => pool.positions[site]), records }
}
