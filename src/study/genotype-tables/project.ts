import { join } from 'node:path'
import type { Workshop } from '../../compute/index.ts'
import { projectOnto } from '../../genotypes/ancestry/project.ts'
import { readHeader } from '../../genotypes/store/open.ts'
import { projectedTable } from '../../results/genotype-tables.ts'
import { componentColumns, type PcaOptions, pcaTables } from './pca.ts'
import { holdsComponents, readComponents } from './read-components.ts'
import { type OpenedSource, withStore } from './source.ts'
import { writeTables } from './table-file.ts'

export interface ProjectResult {
  source: OpenedSource['imported']
  people: number
  components: number
  /** Variants of the reference; among the genotypes; of these with alleles exchanged; left out as strand-ambiguous. */
  reference: number
  matched: number
  exchanged: number
  ambiguous: number
  files: string[]
}

/**
 * Writes `projected`: people placed on the components of a reference, which is a folder that pcaTables wrote, or genotypes
 * whose components are then computed first, into the folder `reference` beside the result.
 */
export async function projectTables(
  options: PcaOptions & { onto: string },
  workshop: Workshop,
): Promise<ProjectResult> {
  const { format, out, onto } = options
  let folder = onto
  if (!(await holdsComponents(folder))) {
    folder = join(out, 'reference')
    await pcaTables({ ...options, genotypes: [onto], sex: undefined, out: folder }, workshop)
  }
  const components = await readComponents(workshop.host, folder)
  return withStore(options, workshop, async (source) => {
    const { samples } = await readHeader(workshop.host, `${source.folder}/store.json`)
    const { scores, called, ...counts } = await projectOnto(components, source.folder, workshop)
    const { files } = await writeTables(
      workshop.host,
      out,
      [projectedTable(components.components)],
      format,
      async ([table]) => {
        await table.append({
          sample: samples,
          variants: Array.from(called),
          ...componentColumns(scores, components.components),
        })
      },
    )
    return { source: source.imported, people: samples.length, components: components.components, ...counts, files }
  })
}
