import { join } from 'node:path'
import { associate } from '../association/associate.ts'
import type { Workshop } from '../compute/index.ts'
import { writeWhole } from '../host/node/files.ts'
import type { AssociationSummary } from '../results/association.ts'
import { type AssociationForm, type AssociationsFiles, openAssociations } from './association-files.ts'
import { type TableDesignNotes, type TableDesignOptions, withTableDesign } from './table-design.ts'

export interface AssociateFilesOptions extends TableDesignOptions {
  firth: 'every' | 'screened'
  /** Files that the rows are written to (default: both). */
  tables?: AssociationForm
}

export interface AssociateFilesResult extends TableDesignNotes {
  summary: AssociationSummary
}

/** Association without a study file: genotypes, a table of phenotypes, and every test. Nothing is filtered. */
export async function associateFiles(
  options: AssociateFilesOptions,
  workshop: Workshop,
): Promise<AssociateFilesResult> {
  const { host } = workshop
  const form = options.tables ?? 'both'
  const { result: summary, ...known } = await withTableDesign(
    options,
    workshop,
    async ({ design, labels, folder, notes }) => {
      const table = await openAssociations(host, join(options.out, 'associations'), form)
      // X variants with men coded 0/1, once there is one.
      let onX: AssociationsFiles | undefined
      try {
        const found = await associate(
          design,
          labels,
          {
            store: folder,
            keep: null,
            firth: options.firth,
            async onOtherCodings(rows) {
              onX ??= await openAssociations(host, join(options.out, 'associations.x'), form)
              await onX.append(rows)
            },
          },
          workshop,
          (rows) => table.append(rows),
        )
        await table.commit()
        await onX?.commit()
        if (found.forbiddenCalls !== undefined)
          notes.push(
            `${found.forbiddenCalls} calls on X and Y that a person's sex forbids (heterozygous ones of men, any of women on Y) were taken as missing.`,
          )
        await writeWhole(join(options.out, 'association.json'), `${JSON.stringify(found, null, 1)}\n`)
        return found
      } catch (error) {
        await table.discard()
        await onX?.discard()
        throw error
      }
    },
  )
  return { summary, ...known }
}
