import { join } from 'node:path'
import type { Workshop } from '../../compute/index.ts'
import { UpturnError } from '../../errors/index.ts'
import { outlierRule, type PeopleComponents, peopleComponents } from '../../genotypes/ancestry/components.ts'
import { variantLoadings } from '../../genotypes/ancestry/loadings.ts'
import { componentStability } from '../../genotypes/ancestry/stability.ts'
import { thin } from '../../genotypes/ld/prune.ts'
import { readHeader } from '../../genotypes/store/open.ts'
import type { ColumnBatch } from '../../host/host.ts'
import { writeWhole } from '../../host/node/files.ts'
import { type ComponentsSummary, eigenvalTable, eigenvecTable, loadingsTable } from '../../results/genotype-tables.ts'
import { toBatch } from '../rows.ts'
import { type PruneChoice, variantsFor } from './choose-variants.ts'
import { type OpenedSource, type SourceOptions, withStore } from './source.ts'
import { type TableFormat, writeTables } from './table-file.ts'

export interface PcaOptions extends SourceOptions, PruneChoice {
  format: TableFormat
  components: number
  /** At most so many variants, evenly spread. */
  most: number
  /** Distance from the mean, in standard deviations, beyond which a person defines no component; null keeps all. */
  outlierSd: number | null
}

export interface PcaResult extends ComponentsSummary {
  source: OpenedSource['imported']
  eigenvalues: number[]
  files: string[]
}

/** Columns pc1 .. pcK of values that lie rows x K. */
export const componentColumns = (values: ArrayLike<number>, components: number): ColumnBatch =>
  Object.fromEntries(
    Array.from({ length: components }, (_, c) => [
      `pc${c + 1}`,
      Array.from({ length: values.length / components }, (_row, i) => {
        const value = values[i * components + c]
        return Number.isNaN(value) ? null : value
      }),
    ]),
  )

const fewestPeople = 3

/** Writes `eigenvec`, `eigenval`, `loadings` and `pca.json`: principal components of people. */
export async function pcaTables(options: PcaOptions, workshop: Workshop): Promise<PcaResult> {
  return withStore(options, workshop, (source) => pcaOfStore(source, options, workshop))
}

async function pcaOfStore(
  { folder, imported }: OpenedSource,
  options: PcaOptions,
  workshop: Workshop,
): Promise<PcaResult> {
  const { format, out, components, most, outlierSd } = options
  const header = await readHeader(workshop.host, `${folder}/store.json`)
  const { samples } = header
  if (samples.length < fewestPeople || components >= samples.length)
    throw new UpturnError(
      'BadArgument',
      `${samples.length} people have fewer than ${components} components; ask for less with --components`,
      { place: { file: folder } },
    )
  const all = await variantsFor(folder, options, workshop)
  const { chosen, count } = thin(all.chosen, all.count, most)
  const people = Int32Array.from(samples.keys())
  const found = await peopleComponents(
    { folder, chosen, people, defining: [...people], components, outlierSd },
    workshop,
  )
  const training = new Set(found.training)
  const summary: ComponentsSummary = {
    build: header.build,
    people: samples.length,
    components,
    informative: found.informative,
    variants: found.variants,
    outliers: samples.filter((_, i) => !training.has(i)),
    rules: [
      `autosomal variants with a minor-allele frequency of at least ${options.maf} and called in at least ${options.callRate * 100}%`,
      ...(options.prune === null ? [] : [`no two within 200 kb with r2 above ${options.prune}`]),
      ...(options.excludeLongRange ? ['without the regions of long-range LD'] : []),
      ...(count < all.count ? [`${count} of ${all.count}, evenly spread`] : []),
      outlierSd === null ? 'everybody defines the components' : outlierRule(outlierSd, components),
    ],
  }
  const { files } = await writeTables(
    workshop.host,
    out,
    [eigenvecTable(components), eigenvalTable, loadingsTable(components)],
    format,
    async ([eigenvec, eigenval, loadings]) => {
      await eigenvec.append({
        sample: samples,
        ...componentColumns(found.scores, components),
        outlier: samples.map((_, i) => !training.has(i)),
      })
      await eigenval.append(toBatch(eigenvalTable, componentRows(found, samples.length, components)))
      const scores = new Float64Array(found.training.length * components)
      found.training.forEach((i, row) => {
        scores.set(found.scores.subarray(i * components, (i + 1) * components), row * components)
      })
      const setup = { folder, chosen, people: Int32Array.from(found.training), scores, components }
      for await (const batch of variantLoadings(setup, workshop))
        await loadings.append({
          ...batch.keys,
          position: Array.from(batch.keys.position),
          alt_frequency: Array.from(batch.frequency),
          ...componentColumns(batch.loadings, components),
        })
    },
  )
  await writeWhole(join(out, 'pca.json'), `${JSON.stringify(summary, null, 1)}\n`)
  return { source: imported, ...summary, eigenvalues: found.eigenvalues, files: [...files, 'pca.json'] }
}

function componentRows(found: PeopleComponents, people: number, components: number) {
  const stability = componentStability(found.covariance, people, found.training, found.scores, components)
  return found.eigenvalues.map((eigenvalue, c) => ({
    component: c + 1,
    eigenvalue,
    explained: found.explained[c],
    informative: c < found.informative,
    ...stability[c],
  }))
}
