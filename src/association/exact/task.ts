import type { ChunkTask } from '../../compute/task.ts'
import { kindPlaces } from '../../genotypes/quality/kind-places.ts'
import type { SexChromosomeKind } from '../../genotypes/sex-chromosomes.ts'
import { type BlockGroup, type GroupBytes, openGroups } from '../../genotypes/store/groups.ts'
import { storeDamaged } from '../../genotypes/store/open.ts'
import { kernels } from '../../numerics/kernels.ts'
import { inheritanceOf, population, prepareMode, type ScanSetup } from '../scan.ts'
import { ExactRows, mostExactRows } from './exact-rows.ts'

export interface ExactSetup {
  scan: ScanSetup
  /** Planes of the cases and the controls. */
  cases: Uint8Array
  controls: Uint8Array
}

export interface ExactPart {
  /** Lines of `exactTable`. */
  lines: Uint8Array<ArrayBuffer>
  variants: number
  /** Variants at which one genotype alone was seen. */
  monomorphic: number
}

/** Exact tests of every variant of a group of blocks, as rows of text. */
export const exactTask: ChunkTask<ExactSetup, BlockGroup, ExactPart> = {
  name: 'association/exact',
  async prepare({ scan, cases, controls }, host) {
    const store = await openGroups(host, scan.store)
    const { blocks } = store.header
    const rows = new ExactRows(population(cases), population(controls))
    let former: GroupBytes | undefined
    return async (group, signal, spare) => {
      former = await store.read(group, signal, former)
      const { records, lines } = former
      const last = blocks[group.end - 1]
      const variants = last.first + last.variants - blocks[group.first].first
      if (variants > mostExactRows) throw storeDamaged(scan.store, 'its blocks are too large')
      const kinds = kindPlaces(scan.build, lines, variants, scan.store)
      const [ofCases, ofControls] =
        kinds.places.get('autosome')?.length === variants
          ? autosomalCounts(records, variants, scan.words, [cases, controls])
          : countsByKind(records, variants, scan, [cases, controls], kinds.of)
      let monomorphic = 0
      for (let v = 0; v < 4 * variants; v += 4) {
        let seen = 0
        for (let g = 0; g < 3; g++) if (ofCases[v + g] + ofControls[v + g] > 0) seen++
        if (seen < 2) monomorphic++
      }
      return { lines: rows.rows(lines, ofCases, ofControls, spare), variants, monomorphic }
    }
  },
  transfer: ({ lines }) => [lines.buffer],
  spare: ({ lines }) => lines.buffer,
}

/** Counts of the people of each plane at every record, 4 a record. */
function autosomalCounts(
  records: Uint8Array,
  variants: number,
  words: number,
  planes: readonly Uint8Array[],
): Int32Array[] {
  const k = kernels()
  return k.scope(() => {
    const at = k.put(records)
    const out = k.allocate(16 * variants)
    return planes.map((plane) => {
      k.scope(() => {
        k.call.variantCounts(at, variants, words, k.put(plane), out)
      })
      return k.i32(out, 4 * variants).slice()
    })
  })
}

/** The same where some variants are not on autosomes: calls that sex forbids count as missing. */
function countsByKind(
  records: Uint8Array,
  variants: number,
  scan: ScanSetup,
  planes: readonly Uint8Array[],
  kindOf: (v: number) => SexChromosomeKind,
): Int32Array[] {
  const k = kernels()
  const counts = planes.map(() => new Int32Array(4 * variants))
  const sizes = planes.map(population)
  k.scope(() => {
    const bytes = 16 * scan.words
    const raw = k.put(records)
    const [included, males] = [k.put(scan.included), k.put(scan.males)]
    const record = k.allocate(bytes)
    const planesAt = planes.map((plane) => k.put(plane))
    const out = k.allocate(16)
    for (let v = 0; v < variants; v++) {
      const mode = prepareMode(scan, inheritanceOf(kindOf(v)))
      k.call.labelsPrepare(raw + v * bytes, scan.words, included, males, mode, record)
      planesAt.forEach((plane, p) => {
        k.call.labelsCount(record, scan.words, plane, 1, out)
        const [het, alt, missing] = k.i32(out, 3)
        counts[p].set([sizes[p] - het - alt - missing, het, alt, missing], 4 * v)
      })
    }
  })
  return counts
}
