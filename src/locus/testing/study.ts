import { recordBytes, type StoreHeader, wordsPerPlane } from '../../genotypes/store/layout.ts'
import type { GenotypeStore } from '../../genotypes/store/reader.ts'
import type { ColumnBatch } from '../../host/host.ts'
import { neglog10Name, type PValueColumn } from '../../results/association.ts'

/** A variant of a small study in memory: its genotypes (3 = missing) and its row. */
export interface TestVariant {
  chromosome: string
  position: number
  genotypes: number[]
  p: number
  familyP?: number
  firthP?: number
  /** That of `p` where left out. */
  primaryP?: number
  beta?: number
  se?: number
}

/** A store of the given variants in blocks of four, and the rows of their associations in batches of three. */
export function smallStudy(variants: TestVariant[], people: number) {
  const words = wordsPerPlane(people)
  const record = recordBytes(people)
  const blocks: StoreHeader['blocks'][number][] = []
  for (let first = 0; first < variants.length; first += 4)
    blocks.push({
      first,
      variants: Math.min(4, variants.length - first),
      genotypesOffset: 0,
      genotypesBytes: 0,
      keysOffset: 0,
      keysBytes: 0,
      digest: '',
    })
  const header = {
    format: 1,
    build: 'GRCh38',
    samples: Array.from({ length: people }, (_, i) => `s${i}`),
    variants: variants.length,
    wordsPerPlane: words,
    blocks,
    digest: '',
    seal: '',
  } as StoreHeader
  const inBlock = (b: number): TestVariant[] => variants.slice(blocks[b].first, blocks[b].first + blocks[b].variants)
  const store: GenotypeStore = {
    header,
    dosages: async () => undefined,
    async genotypes(b) {
      const bytes = new Uint8Array(record * blocks[b].variants)
      inBlock(b).forEach(({ genotypes }, v) => {
        genotypes.forEach((g, s) => {
          if (g & 1) bytes[v * record + (s >> 3)] |= 1 << (s & 7)
          if (g & 2) bytes[v * record + 8 * words + (s >> 3)] |= 1 << (s & 7)
        })
      })
      return bytes
    },
    async keys(b) {
      const list = inBlock(b)
      return {
        chromosome: list.map((v) => v.chromosome),
        position: Int32Array.from(list, (v) => v.position),
        ref: list.map(() => 'A'),
        alt: list.map(() => 'G'),
        rsid: list.map(() => ''),
      }
    },
    async keyLines(b) {
      return new TextEncoder().encode(
        inBlock(b)
          .map((v) => `${v.chromosome}\t${v.position}\tA\tG\t\n`)
          .join(''),
      )
    },
    async close() {},
  }
  const associations = async function* (): AsyncGenerator<ColumnBatch> {
    for (let first = 0; first < variants.length; first += 3) {
      const list = variants.slice(first, first + 3)
      const column = (name: PValueColumn, value: (v: TestVariant) => number) => ({
        [name]: list.map(value),
        [neglog10Name(name)]: list.map((v) => -Math.log10(value(v))),
      })
      yield {
        chromosome: list.map((v) => v.chromosome),
        position: list.map((v) => v.position),
        ref: list.map(() => 'A'),
        alt: list.map(() => 'G'),
        rsid: list.map(() => null),
        ...column('trend_exact_p', (v) => v.p),
        ...column('family_p', (v) => v.familyP ?? 1),
        ...column('firth_p', (v) => v.firthP ?? v.p),
        ...column('primary_p', (v) => v.primaryP ?? v.p),
        or: list.map((v) => (v.beta === undefined ? null : Math.exp(v.beta))),
        or_se: list.map((v) => v.se ?? null),
        or_low: list.map((v) => (v.beta === undefined ? null : Math.exp(v.beta - 2 * (v.se ?? 0)))),
        or_high: list.map((v) => (v.beta === undefined ? null : Math.exp(v.beta + 2 * (v.se ?? 0)))),
        case_ref: list.map(() => 10),
        case_het: list.map(() => 9),
        case_alt: list.map(() => 3),
        control_ref: list.map(() => 95),
        control_het: list.map(() => 8),
        control_alt: list.map(() => 0),
        status: list.map(() => 'ok'),
        flags: list.map(() => ''),
      }
    }
  }
  const everyone = new Uint8Array(8 * words)
  for (let s = 0; s < people; s++) everyone[s >> 3] |= 1 << (s & 7)
  return { store, associations, people: everyone }
}
