import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { AncestryRow, AncestrySummary } from '../../results/genotypes.ts'
import { pruneByLd, thin } from '../ld/prune.ts'
import { peopleMask } from '../quality/scan.ts'
import { openStore } from '../store/open.ts'
import { outlierRule, peopleComponents } from './components.ts'

export interface AncestryOptions {
  /** Variants that passed quality control, one bit each. */
  keep: Uint8Array
  /** Ids of unrelated people who define the components. */
  people: readonly string[]
  /** Ids of others to be placed among them: removed relatives, say. */
  project?: readonly string[]
  /** Components wanted; 10 when absent. */
  components?: number
  /** Largest r2 of two variants within 200 kb; 0.2 when absent. */
  ldR2?: number
  /** Smallest minor-allele frequency; 0.05 when absent. */
  maf?: number
  /** Leaves out regions of long-range LD unless false. */
  excludeLongRange?: boolean
  /** Distance from the mean, in standard deviations, beyond which a person is an outlier; 6 when absent. */
  outlierSd?: number
}

const window = 200_000
const mostVariants = 100_000
const fewestPeople = 3

/**
 * Principal components of ancestry from an LD-pruned autosomal set, X and the regions of long-range LD left out.
 * A person further than `outlierSd` standard deviations from the mean on any component is an outlier; they leave and the
 * components are computed again, in at most five rounds, and are projected in the end. Rows come in the order of the
 * store's samples: those of `people` and of `project`. `folder` is a genotype store.
 *
 * Fewer than three people, or no common autosomal variant, give components of 0 and say so in `rule`. Refuses ids that
 * are not in the store.
 */
export async function computeAncestry(
  folder: string,
  options: AncestryOptions,
  workshop: Workshop,
): Promise<{ rows: AncestryRow[]; summary: AncestrySummary }> {
  const store = await openStore(workshop.host, folder)
  const { header } = store
  await store.close()
  const components = options.components ?? 10
  const outlierSd = options.outlierSd ?? 6
  const maf = options.maf ?? 0.05
  const column = new Map(header.samples.map((sample, s) => [sample, s]))
  const columnsOf = (samples: readonly string[]): number[] =>
    samples.map((sample) => {
      const s = column.get(sample)
      if (s === undefined) throw new UpturnError('BadArgument', `ancestry: ${sample} is not in the genotype store`)
      return s
    })
  const defining = new Set(columnsOf(options.people))
  const everyone = Int32Array.from(new Set([...defining, ...columnsOf(options.project ?? [])])).sort()

  const pruned = await pruneByLd(
    {
      folder,
      people: peopleMask(header, defining),
      keep: options.keep,
      maf,
      variantCallRate: 0,
      r2: options.ldR2 ?? 0.2,
      window,
      excludeLongRange: options.excludeLongRange ?? true,
    },
    workshop,
  )
  if (pruned.count === 0 || defining.size < fewestPeople)
    return {
      rows: [...everyone].map((s) => ({
        sample: header.samples[s],
        pc: Array.from({ length: components }, () => 0),
        outlier: false,
      })),
      summary: {
        components: 0,
        informative: 0,
        variants: pruned.count,
        eigenvalues: Array.from({ length: components }, () => 0),
        explained: Array.from({ length: components }, () => 0),
        outliers: [],
        rule: `no components: ${defining.size} people and ${pruned.count} independent autosomal variants with MAF at least ${maf}`,
      },
    }
  const { chosen } = thin(pruned.chosen, pruned.count, mostVariants)

  const places = [...everyone.keys()].filter((i) => defining.has(everyone[i]))
  const { scores, eigenvalues, explained, informative, training, variants } = await peopleComponents(
    { folder, chosen, people: everyone, defining: places, components, outlierSd },
    workshop,
  )
  const outliers = new Set(places)
  for (const i of training) outliers.delete(i)
  return {
    rows: [...everyone].map((s, i) => ({
      sample: header.samples[s],
      pc: [...scores.subarray(i * components, (i + 1) * components)],
      outlier: outliers.has(i),
    })),
    summary: {
      components: eigenvalues.filter((value) => value > 0).length,
      informative,
      variants,
      eigenvalues,
      explained,
      outliers: [...outliers].map((i) => header.samples[everyone[i]]),
      rule: outlierRule(outlierSd, components),
    },
  }
}
