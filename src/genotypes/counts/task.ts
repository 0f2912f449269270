import type { ChunkTask } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import { commonVariants, type HeterozygosityCounts, tallyHeterozygosity } from '../quality/heterozygosity.ts'
import { kindPlaces } from '../quality/kind-places.ts'
import { commonMaf, fewestWomen } from '../quality/people.ts'
import { addPersonCounts, type PersonCounts, personCounts } from '../quality/person-counts.ts'
import { countBits, countsAt, groupVariants, peopleMask } from '../quality/scan.ts'
import { type SexChromosomeKind, sexChromosomeKinds } from '../sex-chromosomes.ts'
import { type BlockGroup, type GroupBytes, openGroups } from '../store/groups.ts'
import { decodeKeys } from '../store/keys.ts'
import type { VariantKeys } from '../store/layout.ts'
import { storeDamaged } from '../store/open.ts'
import { FactRows, mostKeyed, mostRows } from './fact-rows.ts'
import { HardyWeinbergMemo } from './hardy-weinberg-facts.ts'
import { type FactName, factCell, type GenotypeCounts, type VariantFacts, variantFacts } from './variant-facts.ts'

/** Variants called in a smaller share of people do not enter F. */
const variantCallRate = 0.95

export interface CountsSetup {
  folder: string
  /** Planes of the recorded men and women. */
  men: Uint8Array
  women: Uint8Array
  /** Rows as text lines, or as columns of numbers. */
  rows: 'text' | 'columns'
  /** What rows say of a variant, in the order of `factNames`. */
  facts: readonly FactName[]
}

/** One column a fact that was asked for, NaN where it has no meaning. */
export interface FactColumns {
  keys: VariantKeys
  facts: Float64Array[]
}

export interface CountsPart {
  text: Uint8Array<ArrayBuffer> | null
  columns: FactColumns | null
  /** Variants of each kind, in the order of sexChromosomeKinds. */
  variants: number[]
  /** Calls of each person by kind of variant; null where there is none of the kind. */
  autosomes: PersonCounts | null
  pseudoautosomal: PersonCounts | null
  x: PersonCounts | null
  y: PersonCounts | null
  /** Common variants alone, with what is expected of them. */
  commonAutosomes: HeterozygosityCounts | null
  commonX: HeterozygosityCounts | null
}

const none = new Int32Array()
const nobody: GenotypeCounts = [0, 0, 0, 0]
const at4 = (counts: Int32Array | null, v: number): GenotypeCounts =>
  counts === null ? nobody : [counts[4 * v], counts[4 * v + 1], counts[4 * v + 2], counts[4 * v + 3]]

/** Everything that one pass over a group gives: rows on its variants, counts of each person. */
export const countsTask: ChunkTask<CountsSetup, BlockGroup, CountsPart> = {
  name: 'genotypes/counts',
  async prepare(setup, host) {
    const store = await openGroups(host, setup.folder)
    const { header } = store
    const words = header.wordsPerPlane
    const people = header.samples.length
    const everyone = peopleMask(header, header.samples.keys())
    const womenCount = countBits(setup.women)
    const [peopleX, peopleXCount] = womenCount < fewestWomen ? [everyone, people] : [setup.women, womenCount]
    const rows = new FactRows(setup.facts)
    const tests = new HardyWeinbergMemo()
    let former: GroupBytes | undefined
    return async (group, signal, spare) => {
      former = await store.read(group, signal, former)
      const { records, lines } = former
      const { variants } = groupVariants(header, group)
      if (variants > mostRows) throw storeDamaged(setup.folder, 'its blocks are too large')
      const { of: kindOf, places } = kindPlaces(header.build, lines, variants, setup.folder)
      const k = kernels()
      return k.scope((): CountsPart => {
        const at = k.put(records)
        const everyoneAt = k.put(everyone)
        const allAt = k.allocate(16 * variants)
        k.call.variantCounts(at, variants, words, everyoneAt, allAt)
        const all = k.i32(allAt, 4 * variants).slice()
        const sexed = places.has('X') || places.has('Y')
        const men = sexed ? countsAt(at, variants, words, setup.men) : null
        const women = sexed ? countsAt(at, variants, words, setup.women) : null
        const over = (kind: SexChromosomeKind) => {
          const own = places.get(kind)
          return own === undefined ? null : personCounts(at, own, words)
        }
        const common = (kind: SexChromosomeKind, counts: Int32Array, n: number) =>
          commonVariants(counts, places.get(kind) ?? none, { n, maf: commonMaf, variantCallRate })
        const commonAutosomes = common('autosome', all, people)
        const heterozygosity = tallyHeterozygosity(at, words, commonAutosomes)
        // Those that are common have been counted.
        const autosomes = personCounts(at, commonAutosomes.others, words)
        addPersonCounts(autosomes, heterozygosity.counts)
        const factsOf = (v: number): VariantFacts =>
          variantFacts(kindOf(v), at4(all, v), at4(men, v), at4(women, v), tests)
        const fromCounts = people <= mostKeyed && places.get('autosome')?.length === variants
        const text = () => (fromCounts ? rows.ofCounts(lines, all, spare) : rows.ofFacts(lines, variants, factsOf))
        return {
          text: setup.rows === 'text' ? text() : null,
          columns:
            setup.rows === 'columns'
              ? { keys: decodeKeys(lines, variants, setup.folder), facts: columnsOf(setup.facts, variants, factsOf) }
              : null,
          variants: sexChromosomeKinds.map((kind) => places.get(kind)?.length ?? 0),
          autosomes,
          x: over('X'),
          pseudoautosomal: over('pseudoautosomal'),
          y: over('Y'),
          commonAutosomes: heterozygosity,
          commonX: places.has('X')
            ? tallyHeterozygosity(at, words, common('X', peopleX === everyone ? all : (women ?? all), peopleXCount))
            : null,
        }
      })
    }
  },
  spare: ({ text }) => text?.buffer,
  transfer: ({ text, columns }) => [
    ...(text === null ? [] : [text.buffer]),
    ...(columns?.facts.map((fact) => fact.buffer as ArrayBuffer) ?? []),
  ],
}

function columnsOf(
  names: readonly FactName[],
  variants: number,
  factsOf: (v: number) => VariantFacts,
): FactColumns['facts'] {
  const columns = names.map(() => new Float64Array(variants))
  for (let v = 0; v < variants; v++) {
    const facts = factsOf(v)
    names.forEach((name, f) => {
      columns[f][v] = factCell[name](facts) ?? Number.NaN
    })
  }
  return columns
}
