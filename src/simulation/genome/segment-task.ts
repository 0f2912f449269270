import type { ChunkTask } from '../../compute/task.ts'
import { encodeBedRecords, encodeBimLines } from '../../genotypes/bed/write.ts'
import { recordBytes, type VariantKeys, wordsPerPlane } from '../../genotypes/store/layout.ts'
import { encodeVcfChunk, type VcfChunk } from '../../genotypes/vcf/write.ts'
import { RandomStream } from '../../numerics/random.ts'
import { drawAlleles } from './alleles.ts'
import { bitAt, copyBits } from './bits.ts'
import { type Allotment, genomeSegments, type Segment } from './chromosomes.ts'
import { placeMutations } from './coalescent.ts'
import { deriver } from './derive.ts'
import { type GenomeLayout, haplotypeBytes, leafBits } from './layout.ts'
import { missingCalls, personMultipliers } from './missing.ts'
import { drawPositions } from './positions.ts'
import { morgansAt, recombinationMap } from './recombination-map.ts'

const variantsPerBatch = 4096
// Three X chromosomes for every four autosomes, and crossovers in women only.
const xSize = 3 / 4
const xCrossovers = 2 / 3

export interface SegmentSetup {
  readonly seed: number
  readonly layout: GenomeLayout
  readonly allotments: readonly Allotment[]
  /** Time of the split of the two ancestries in units of 2N generations. */
  readonly split: number
  readonly effectiveSize: number
  readonly morgansPerMegabase: number
  readonly missingRate: number
  readonly vcf: boolean
  readonly bed: boolean
}

/** Founders' haplotypes that are known before, alt allele set. */
export interface KnownSites {
  readonly positions: Int32Array
  readonly records: Uint8Array
}

export interface SegmentChunk {
  readonly segment: number
  readonly known: KnownSites | null
  /** Position of the variant whose key is asked for; 0 for none. */
  readonly sought: number
}

/** Variants of a segment in order, encoded: for each output what goes to its files. */
export interface GenotypeBatch {
  readonly variants: number
  /** Lines of a BIM file, the same for every output. */
  readonly bim: Uint8Array
  /** Key and id of the variant that was asked for, where it is among these. */
  readonly sought: { readonly key: string; readonly id: string } | null
  readonly outputs: readonly { readonly vcf: VcfChunk | null; readonly bed: Uint8Array | null }[]
}

/** Packed genotypes of one segment (`genotypes/store/layout.ts`), one array an output. */
export interface SegmentGenotypes {
  readonly keys: VariantKeys
  readonly genotypes: readonly Uint8Array[]
}

function foundersSites(setup: SegmentSetup, segment: Segment, positions: Int32Array): Uint8Array {
  const { seed, layout, split, effectiveSize, morgansPerMegabase } = setup
  const bytes = haplotypeBytes(layout)
  const records = new Uint8Array(positions.length * bytes)
  const { bitOf, first } = leafBits(layout, segment)
  const x = segment.kind === 'X'
  const morgans = morgansAt(recombinationMap(seed, segment, morgansPerMegabase), positions)
  const demography = {
    leaves: bitOf.length,
    first,
    split: x ? split / xSize : split,
    generations: 2 * effectiveSize * (x ? xSize : 1),
  }
  const along = x ? morgans.map((value) => value * xCrossovers) : morgans
  placeMutations(seed, 'simulation/segment', segment.index, demography, along, bitOf, bytes, (site, batch) =>
    records.set(batch, site * bytes),
  )
  return records
}

/** Genotypes of every output in one segment. */
export function simulateSegment(setup: SegmentSetup, chunk: SegmentChunk): SegmentGenotypes {
  const { seed, layout, allotments } = setup
  const segments = genomeSegments()
  const segment = segments[chunk.segment]
  const positions = chunk.known?.positions ?? drawPositions(seed, segment, allotments[segment.index])
  const records = chunk.known?.records ?? foundersSites(setup, segment, positions)
  const map = recombinationMap(seed, segment, setup.morgansPerMegabase)
  const morgans = morgansAt(map, positions)
  const mapLength = (s: Segment) => ((s.last + 1 - s.first) / 1e6) * setup.morgansPerMegabase
  const derive = deriver(seed, layout, segment, segments, mapLength)

  const bytes = haplotypeBytes(layout)
  const half = bytes / 8
  const { bitOf } = leafBits(layout, segment)
  const everyone = new Uint32Array(half)
  const men = new Uint32Array(half)
  for (let column = 0; column < layout.columns; column++) {
    everyone[column >> 5] |= 1 << (column & 31)
    if (segment.kind === 'X' && layout.male[column]) men[column >> 5] |= 1 << (column & 31)
  }
  const genotypes = layout.outputs.map(({ samples }) => new Uint8Array(positions.length * recordBytes(samples)))
  const missing = layout.outputs.map(({ samples }, o) =>
    missingCalls(
      new RandomStream(seed, 'simulation/missing', segments.length * o + segment.index),
      setup.missingRate,
      personMultipliers(seed, o, samples),
    ),
  )
  const low = new Uint32Array(half)
  const high = new Uint32Array(half)
  const alleles = new RandomStream(seed, 'simulation/alleles', segment.index)
  const ref: string[] = []
  const alt: string[] = []
  for (let v = 0; v < positions.length; v++) {
    const record = records.subarray(v * bytes, (v + 1) * bytes)
    derive(record, morgans[v])
    // the reference genome is one more haplotype: it carries the derived allele as often as anyone
    const turned = chunk.known === null && bitAt(record, bitOf[alleles.integer(bitOf.length)]) === 1
    const [r, a] = drawAlleles(alleles)
    ref.push(r)
    alt.push(a)
    const words = new Uint32Array(record.buffer, record.byteOffset, 2 * half)
    for (let w = 0; w < half; w++) {
      const one = turned ? ~words[w] & everyone[w] : words[w]
      const second = turned ? ~words[half + w] & everyone[w] : words[half + w]
      const two = (second & ~men[w]) | (one & men[w])
      low[w] = one ^ two
      high[w] = one & two
    }
    layout.outputs.forEach(({ first, samples }, o) => {
      const size = recordBytes(samples)
      const planeWords = 2 * wordsPerPlane(samples)
      const out = new Uint32Array(genotypes[o].buffer, v * size, 2 * planeWords)
      copyBits(low, first, samples, out.subarray(0, planeWords))
      copyBits(high, first, samples, out.subarray(planeWords))
      missing[o](genotypes[o].subarray(v * size, (v + 1) * size), size / 2)
    })
  }
  const before = allotments.slice(0, segment.index).reduce((sum, { total }) => sum + total, 0)
  return {
    keys: {
      chromosome: Array.from(positions, () => segment.chromosome),
      position: positions,
      ref,
      alt,
      rsid: Array.from(positions, (_, v) => `sim${before + v + 1}`),
    },
    genotypes,
  }
}

function cutKeys(keys: VariantKeys, first: number, last: number): VariantKeys {
  return {
    chromosome: keys.chromosome.slice(first, last),
    position: keys.position.slice(first, last),
    ref: keys.ref.slice(first, last),
    alt: keys.alt.slice(first, last),
    rsid: keys.rsid.slice(first, last),
  }
}

function keyAt(keys: VariantKeys, position: number): GenotypeBatch['sought'] {
  const at = keys.position.indexOf(position)
  if (at < 0) return null
  return { key: `${keys.chromosome[at]}:${position}:${keys.ref[at]}:${keys.alt[at]}`, id: keys.rsid[at] }
}

/** Makes a segment's genotypes and encodes them for every file that is asked for. */
export const segmentTask: ChunkTask<SegmentSetup, SegmentChunk, GenotypeBatch[]> = {
  name: 'simulation/segment',
  async prepare(setup, host) {
    const { layout } = setup
    const segments = genomeSegments()
    return async (chunk, signal) => {
      const { keys, genotypes } = simulateSegment(setup, chunk)
      const x = segments[chunk.segment].kind === 'X'
      const batches: GenotypeBatch[] = []
      for (let first = 0; first < keys.position.length; first += variantsPerBatch) {
        signal.throwIfAborted()
        const last = Math.min(keys.position.length, first + variantsPerBatch)
        const some = cutKeys(keys, first, last)
        const outputs = []
        for (const [o, output] of layout.outputs.entries()) {
          const { samples } = output
          const size = recordBytes(samples)
          const records = genotypes[o].subarray(first * size, last * size)
          const haploid = x ? layout.male.slice(output.first, output.first + samples) : undefined
          // the second control set comes as BED alone
          const vcf =
            setup.vcf && o === 0 ? await encodeVcfChunk(some, records, samples, host, { haploid: () => haploid }) : null
          const bed = setup.bed || o > 0 ? encodeBedRecords(records, samples) : null
          outputs.push({ vcf, bed })
        }
        batches.push({ variants: last - first, bim: encodeBimLines(some), sought: keyAt(some, chunk.sought), outputs })
      }
      return batches
    }
  },
}
