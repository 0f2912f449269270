import { relative } from 'node:path'
import { importGenotypes, withReference } from '../../genotypes/index.ts'
import { nodeHost } from '../../host/node/index.ts'
import { cohortOf, genotypeFiles, genotypeInputs, referencePath } from '../paths.ts'
import type { Stage } from '../stage.ts'

export const genotypes: Stage = {
  name: 'genotypes',
  version: 1,
  reads: [],
  publish: ['genotypes.json', 'variants.parquet', 'reference.parquet'],
  parameters: (study) => ({
    builds: Object.values(study.cohorts).map((cohort) => cohort.genotypes.build),
    ref: Object.values(study.cohorts).map((cohort) => cohort.genotypes.ref ?? null),
    reference: study.reference !== undefined,
  }),
  async inputs(loaded) {
    const reference = referencePath(loaded)
    const { files } = genotypeFiles(loaded, cohortOf(loaded).cohort.genotypes)
    return [...genotypeInputs(files), ...(reference === undefined ? [] : [reference])]
  },
  async run(context) {
    const { cohort } = cohortOf(context.loaded)
    const { format, files } = genotypeFiles(context.loaded, cohort.genotypes)
    // The store's own digest covers the keys: its table need not be digested again.
    const workshop = { ...context.workshop, host: nodeHost() }
    const { sexes, ...summary } = await withReference(
      workshop.host,
      referencePath(context.loaded),
      {
        table: context.file('reference.parquet'),
        nameOf: (file) => relative(context.loaded.folder, file),
        signal: workshop.signal,
      },
      (reference) => importGenotypes({ files, build: cohort.genotypes.build, ...reference }, context.folder, workshop),
    )
    const left = Object.entries(summary.dropped).map(([reason, count]) => `${count}, ${reason}`)
    if (left.length > 0) context.note(`  genotypes: of ${summary.records} records left out: ${left.join('; ')}`)
    const reference = summary.reference === null ? null : { ...summary.reference, file: context.study.reference ?? '' }
    // What the files were called and which records they held besides is provenance, not result.
    await context.json('genotypes.json', { ...summary, files: [cohort.genotypes[format] ?? []].flat(), reference }, [
      'format',
      'files',
      'records',
      'dropped',
      'reference',
    ])
    await context.json('sexes.json', sexes, Object.keys(sexes))
    context.digest('store', summary.storeDigest)
  },
}
