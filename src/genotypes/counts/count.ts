import type { Workshop } from '../../compute/task.ts'
import type { ColumnBatch } from '../../host/host.ts'
import type { SampleCounts } from '../../results/genotype-tables.ts'
import { addHeterozygosity, inbreedingCoefficient, noHeterozygosity } from '../quality/heterozygosity.ts'
import { addPersonCounts, noPersonCounts } from '../quality/person-counts.ts'
import { blockGroups, peopleMask } from '../quality/scan.ts'
import { fewestXVariants, geneticSex, relativeToAutosomes } from '../quality/sex.ts'
import { type SexChromosomeKind, sexChromosomeKinds } from '../sex-chromosomes.ts'
import { readHeader } from '../store/open.ts'
import { type CountsPart, countsTask } from './task.ts'
import { type FactName, factNames } from './variant-facts.ts'

/** What the rows of variants are given to, in the order of the store. */
export interface VariantRows {
  /**
   * Whole lines of text: the five cells of the key and those of the facts (`factNames`). The bytes are others once the
   * promise has settled.
   */
  text?(lines: Uint8Array): Promise<void>
  columns?(batch: ColumnBatch): Promise<void>
}

export interface GenotypeCountsResult {
  build: string
  /** One row a person, in the order of the store. */
  samples: SampleCounts[]
  variants: Record<SexChromosomeKind, number>
  /** Variants that F and F on X were taken over. */
  commonAutosomes: number
  commonX: number
}

/** With fewer common autosomal variants F is not taken into account on X. */
const fewestHeterozygosityVariants = 200

/**
 * Counts, frequencies, missing calls and Hardy-Weinberg tests of every variant of a store, and calls, heterozygosity and
 * sex of every person, in one pass. Nobody and nothing is left out: `assessQuality` decides who and what is kept.
 * @param sexes recorded sex by sample id; who is not in it counts as unknown
 * @param facts what rows say of a variant beside its key, in the order of `factNames`
 */
export async function countGenotypes(
  folder: string,
  sexes: ReadonlyMap<string, 'female' | 'male' | null>,
  rows: VariantRows,
  workshop: Workshop,
  facts: readonly FactName[] = factNames,
): Promise<GenotypeCountsResult> {
  const header = await readHeader(workshop.host, `${folder}/store.json`)
  const { samples, wordsPerPlane: words } = header
  const recorded = samples.map((sample) => sexes.get(sample) ?? null)
  const columnsOf = (sex: 'female' | 'male') => [...samples.keys()].filter((s) => recorded[s] === sex)
  const setup = {
    folder,
    men: peopleMask(header, columnsOf('male')),
    women: peopleMask(header, columnsOf('female')),
    rows: rows.columns === undefined ? ('text' as const) : ('columns' as const),
    facts,
  }
  const sum = {
    variants: sexChromosomeKinds.map(() => 0),
    autosomes: noPersonCounts(words),
    pseudoautosomal: noPersonCounts(words),
    x: noPersonCounts(words),
    y: noPersonCounts(words),
    commonAutosomes: noHeterozygosity(words),
    commonX: noHeterozygosity(words),
  }
  for await (const part of workshop.run(countsTask, setup, blockGroups(header), { label: 'counting genotypes' })) {
    if (part.text !== null) await rows.text?.(part.text)
    if (part.columns !== null) await rows.columns?.(batchOf(part.columns, facts))
    part.variants.forEach((count, kind) => {
      sum.variants[kind] += count
    })
    for (const name of ['autosomes', 'pseudoautosomal', 'x', 'y'] as const) {
      const counts = part[name]
      if (counts !== null) addPersonCounts(sum[name], counts)
    }
    for (const name of ['commonAutosomes', 'commonX'] as const) {
      const counts = part[name]
      if (counts !== null) addHeterozygosity(sum[name], counts)
    }
  }

  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  const enough = sum.commonAutosomes.counts.used >= fewestHeterozygosityVariants
  return {
    build: header.build,
    samples: samples.map((sample, s) => {
      const variants = sum.autosomes.used + sum.pseudoautosomal.used + sum.x.used
      const missing = sum.autosomes.missing[s] + sum.pseudoautosomal.missing[s] + sum.x.missing[s]
      const f = inbreedingCoefficient(sum.commonAutosomes, s)
      const { used, missing: missingX } = sum.commonX.counts
      const xF =
        used - missingX[s] < fewestXVariants
          ? Number.NaN
          : relativeToAutosomes(inbreedingCoefficient(sum.commonX, s), enough ? f : 0)
      return {
        sample,
        recorded_sex: recorded[s],
        genetic_sex: geneticSex(xF),
        variants,
        missing,
        missing_rate: variants === 0 ? null : missing / variants,
        autosomal_calls: sum.autosomes.used - sum.autosomes.missing[s],
        autosomal_het: sum.autosomes.heterozygous[s],
        f: finite(f),
        x_f: finite(xF),
        y_missing_rate: sum.y.used === 0 ? null : sum.y.missing[s] / sum.y.used,
      }
    }),
    variants: Object.fromEntries(sexChromosomeKinds.map((kind, i) => [kind, sum.variants[i]])) as Record<
      SexChromosomeKind,
      number
    >,
    commonAutosomes: sum.commonAutosomes.counts.used,
    commonX: sum.commonX.counts.used,
  }
}

function batchOf({ keys, facts }: NonNullable<CountsPart['columns']>, names: readonly FactName[]): ColumnBatch {
  return {
    chromosome: keys.chromosome,
    position: Array.from(keys.position),
    ref: keys.ref,
    alt: keys.alt,
    rsid: keys.rsid,
    ...Object.fromEntries(
      names.map((name, f) => [name, Array.from(facts[f], (value) => (Number.isNaN(value) ? null : value))]),
    ),
  }
}
