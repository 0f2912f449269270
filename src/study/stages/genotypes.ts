import { importGenotypes } from '../../genotypes/index.ts'
import { nodeHost } from '../../host/node/index.ts'
import { cohortOf, genotypeFiles, genotypeInputs } from '../paths.ts'
import type { Stage } from '../stage.ts'

export const genotypes: Stage = {
  name: 'genotypes',
  version: 1,
  reads: [],
  publish: ['genotypes.json', 'variants.parquet'],
  parameters: (study) => Object.values(study.cohorts).map((cohort) => cohort.genotypes.build),
  async inputs(loaded) {
    const { format, paths } = genotypeFiles(loaded, cohortOf(loaded).cohort.genotypes)
    return genotypeInputs(format, paths)
  },
  async run(context) {
    const { cohort } = cohortOf(context.loaded)
    const { format, paths } = genotypeFiles(context.loaded, cohort.genotypes)
    const { sexes, ...summary } = await importGenotypes(
      { files: paths.map((path) => ({ path, format })), build: cohort.genotypes.build },
      context.folder,
      // The store's own digest covers the keys: its table need not be digested again.
      { ...context.workshop, host: nodeHost() },
    )
    const left = Object.entries(summary.dropped).map(([reason, count]) => `${count}, ${reason}`)
    if (left.length > 0) context.note(`  genotypes: of ${summary.records} records left out: ${left.join('; ')}`)
    // What the files were called and which records they held besides is provenance, not result.
    await context.json('genotypes.json', { ...summary, files: [cohort.genotypes[format] ?? []].flat() }, [
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
