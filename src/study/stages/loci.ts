import { readFile } from 'node:fs/promises'
import { openStore } from '../../genotypes/index.ts'
import { findLoci, loadGenes, lociDefaults } from '../../locus/index.ts'
import { associationsTable } from '../../results/association.ts'
import { buildOf } from '../cohorts.ts'
import type { StudyPeople } from '../people.ts'
import { primaryColumn } from '../primary.ts'
import type { Stage } from '../stage.ts'

export const loci: Stage = {
  name: 'loci',
  version: 3,
  reads: ['genotypes', 'association'],
  publish: ['loci.json'],
  parameters: (study) => ({ ...lociDefaults, primary: study.primary }),
  inputs: async () => [],
  async run(context) {
    const { host } = context.workshop
    const { study } = context
    const people = await context.read<StudyPeople>('association', 'people.json')
    const included = new Set([...people.cases, ...people.controls])
    const store = await openStore(host, context.from('genotypes', ''))
    try {
      const mask = new Uint8Array(8 * store.header.wordsPerPlane)
      store.header.samples.forEach((sample, s) => {
        if (included.has(sample)) mask[s >> 3] |= 1 << (s & 7)
      })
      const bytes = await readFile(new URL('../../locus/genes.tsv', import.meta.url)).catch(() => null)
      const associations = () =>
        host.tables.read(context.from('association', 'associations.parquet'), associationsTable)
      const found = await findLoci(
        { associations, store, people: mask, genes: bytes === null ? null : loadGenes(bytes) },
        {
          ...lociDefaults,
          statistic: 'primary_p',
          significant: { column: primaryColumn(study), alpha: study.primary.alpha },
          build: buildOf(context.loaded),
        },
        context.workshop,
      )
      await context.json('loci.json', found)
    } finally {
      await store.close()
    }
  },
}
