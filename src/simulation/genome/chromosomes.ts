/** GRCh38 primary assembly, bases (Genome Reference Consortium). */
export const chromosomes: readonly { name: string; length: number }[] = [
  { name: '1', length: 248_956_422 },
  { name: '2', length: 242_193_529 },
  { name: '3', length: 198_295_559 },
  { name: '4', length: 190_214_555 },
  { name: '5', length: 181_538_259 },
  { name: '6', length: 170_805_979 },
  { name: '7', length: 159_345_973 },
  { name: '8', length: 145_138_636 },
  { name: '9', length: 138_394_717 },
  { name: '10', length: 133_797_422 },
  { name: '11', length: 135_086_622 },
  { name: '12', length: 133_275_309 },
  { name: '13', length: 114_364_328 },
  { name: '14', length: 107_043_718 },
  { name: '15', length: 101_991_189 },
  { name: '16', length: 90_338_345 },
  { name: '17', length: 83_257_441 },
  { name: '18', length: 80_373_285 },
  { name: '19', length: 58_617_616 },
  { name: '20', length: 64_444_167 },
  { name: '21', length: 46_709_983 },
  { name: '22', length: 50_818_468 },
  { name: 'X', length: 156_040_895 },
]

/** Genes with dense variants, 1-based, both ends included. */
export const igfbp7 = { chromosome: '4', first: 57_030_773, last: 57_110_385 } as const
export const grip1 = { chromosome: '12', first: 66_347_431, last: 67_069_162 } as const

/** The pool of people, from which cases are found, is simulated on this part of chromosome 4 alone. */
const causalRegion = { chromosome: '4', first: 55_000_001, last: 59_000_000 } as const

/** Both ends are pseudoautosomal. */
const xParts = [
  { first: 10_001, last: 2_781_479, kind: 'pseudoautosomal' },
  { first: 2_781_480, last: 155_701_382, kind: 'X' },
  { first: 155_701_383, last: 156_030_895, kind: 'pseudoautosomal' },
] as const

const longestSegment = 30_000_000

type SegmentKind = 'autosome' | 'pseudoautosomal' | 'X'

/** A stretch that is simulated on its own: recombination between segments is as between chromosomes, except within families. */
export interface Segment {
  readonly index: number
  readonly chromosome: string
  /** 1-based, both ends included. */
  readonly first: number
  readonly last: number
  readonly kind: SegmentKind
  /** Holds IGFBP7. */
  readonly causal: boolean
}

/** Segments of the genome in order; they depend on nothing. */
export function genomeSegments(): Segment[] {
  const segments: Segment[] = []
  const cut = (chromosome: string, first: number, last: number, kind: SegmentKind, causal = false) => {
    const pieces = causal ? 1 : Math.ceil((last - first + 1) / longestSegment)
    const border = (i: number) => first + Math.round(((last - first + 1) * i) / pieces)
    for (let i = 0; i < pieces; i++)
      segments.push({ index: segments.length, chromosome, first: border(i), last: border(i + 1) - 1, kind, causal })
  }
  for (const { name, length } of chromosomes) {
    if (name === 'X') for (const part of xParts) cut(name, part.first, part.last, part.kind)
    else if (name === causalRegion.chromosome) {
      cut(name, 10_001, causalRegion.first - 1, 'autosome')
      cut(name, causalRegion.first, causalRegion.last, 'autosome', true)
      cut(name, causalRegion.last + 1, length - 10_000, 'autosome')
    } else cut(name, 10_001, length - 10_000, 'autosome')
  }
  return segments
}

/** How many variants a segment gets, and how many of those lie within its dense gene. */
export interface Allotment {
  readonly total: number
  readonly dense: number
}

/** One variant in about 300 bases within the two genes, fewer where few variants are asked for; the rest evenly. The sum is exactly `variants`. */
export function allotVariants(segments: readonly Segment[], variants: number): Allotment[] {
  const gene = (segment: Segment) =>
    [igfbp7, grip1].find(
      ({ chromosome, first, last }) =>
        segment.chromosome === chromosome && segment.first <= first && last <= segment.last,
    )
  const dense = segments.map((segment) => {
    const place = gene(segment)
    if (place === undefined) return 0
    const full = Math.round((place.last - place.first + 1) / 300)
    const share = segment.causal ? Math.max(40, Math.round(variants / 100)) : Math.round(variants / 50)
    return Math.min(full, share)
  })
  const rest = variants - dense.reduce((sum, count) => sum + count, 0)
  const bases = segments.map(({ first, last }) => last - first + 1)
  const total = bases.reduce((sum, count) => sum + count, 0)
  const exact = bases.map((count) => (rest * count) / total)
  const allotted = exact.map(Math.floor)
  const left = rest - allotted.reduce((sum, count) => sum + count, 0)
  const order = exact.map((_, i) => i).sort((a, b) => exact[b] - allotted[b] - (exact[a] - allotted[a]) || a - b)
  for (const i of order.slice(0, left)) allotted[i]++
  return segments.map((_, i) => ({ total: allotted[i] + dense[i], dense: dense[i] }))
}

/** The dense gene of a segment. */
export function denseGene(segment: Segment): { first: number; last: number } {
  return segment.causal ? igfbp7 : grip1
}
