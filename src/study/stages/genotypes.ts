import { relative } from 'node:path'
import { withReference } from '../../genotypes/index.ts'
import { writeWhole } from '../../host/node/files.ts'
import { nodeHost } from '../../host/node/index.ts'
import { digestOf } from '../canonical.ts'
import { cohortsOf, hasSeveralCohorts } from '../cohorts.ts'
import { importCohorts, partialVariants } from '../import-cohorts.ts'
import { genotypeFiles, genotypeInputs, referencePath } from '../paths.ts'
import { selectionFiles, selectionOf, selectionParameters } from '../selection.ts'
import type { Stage } from '../stage.ts'

/** What the files were called and which records they held besides is provenance, not result. */
const provenance = ['format', 'files', 'records', 'filters', 'dropped', 'reference']

export const genotypes: Stage = {
  name: 'genotypes',
  version: 3,
  reads: [],
  publish: ['genotypes.json', 'variants.parquet', 'reference.parquet', 'merge.parquet'],
  parameters: (study) => ({
    builds: Object.values(study.cohorts).map((cohort) => cohort.genotypes.build),
    ref: Object.values(study.cohorts).map((cohort) => cohort.genotypes.ref ?? null),
    reference: study.reference !== undefined,
    ...(hasSeveralCohorts(study) && { cohorts: Object.keys(study.cohorts), merge: study.merge }),
    ...selectionParameters(Object.values(study.cohorts).map((cohort) => cohort.genotypes)),
  }),
  async inputs(loaded) {
    const reference = referencePath(loaded)
    const files = cohortsOf(loaded).flatMap(({ cohort }) => [
      ...genotypeInputs(genotypeFiles(loaded, cohort.genotypes).files),
      ...selectionFiles(selectionOf(loaded, cohort.genotypes)),
    ])
    return [...files, ...(reference === undefined ? [] : [reference])]
  },
  async run(context) {
    const { loaded } = context
    const { summary, sexes, depths, partial } = await withReference(
      nodeHost(),
      referencePath(loaded),
      {
        table: context.file('reference.parquet'),
        nameOf: (file) => relative(loaded.folder, file),
        signal: context.workshop.signal,
      },
      (reference) => importCohorts(context, reference),
    )
    const left = Object.entries(summary.dropped).map(([reason, count]) => `${count}, ${reason}`)
    if (left.length > 0) context.note(`  genotypes: of ${summary.records} records left out: ${left.join('; ')}`)
    const unmerged = Object.entries(summary.merge?.dropped ?? {}).map(([reason, count]) => `${count}, ${reason}`)
    if (unmerged.length > 0) context.note(`  genotypes: left out on merging cohorts: ${unmerged.join('; ')}`)
    await context.json('genotypes.json', summary, provenance)
    await context.json('sexes.json', sexes, Object.keys(sexes))
    await context.json('depths.json', depths)
    context.digest('store', summary.storeDigest)
    if (partial !== null) {
      await writeWhole(context.file(partialVariants), partial)
      context.digest(partialVariants, digestOf(Buffer.from(partial).toString('base64')))
    }
  },
}
