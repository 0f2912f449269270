import { rm } from 'node:fs/promises'
import { importGenotypes, mergeStores, openMergeTable, type ReferenceInput } from '../genotypes/index.ts'
import { nodeHost } from '../host/node/index.ts'
import type { GenotypesSummary, ReferenceSummary } from '../results/genotypes.ts'
import { buildOf, cohortsOf, hasSeveralCohorts, studyId } from './cohorts.ts'
import { genotypeFiles } from './paths.ts'
import type { Cohort } from './schema.ts'
import { readSelection, selectionOf } from './selection.ts'
import type { StageContext } from './stage.ts'

/** File of the genotypes stage: variants that some cohort lacks, a bit each; there only where there are any. */
export const partialVariants = 'variants.partial'

type Imported = Awaited<ReturnType<typeof importGenotypes>>
type Sexes = Imported['sexes']
type Depths = Imported['depths']

/** What `genotypes.json` says, and beside it what other stages need. */
export interface StudyGenotypes {
  summary: GenotypesSummary
  /** By sample id of the study. */
  sexes: Sexes
  /** Mean depth of calls by sample id of the study, where the files say. */
  depths: Depths
  /** Variants that some cohort lacks, bit i of byte i >> 3; null where none is. */
  partial: Uint8Array | null
}

/**
 * Writes the genotypes of all cohorts of a study as one store into the folder of the stage: of one cohort as its files have them,
 * of several merged (`merge.parquet`).
 */
export async function importCohorts(context: StageContext, reference: ReferenceInput): Promise<StudyGenotypes> {
  if (hasSeveralCohorts(context.study)) return importSeveral(context, reference)
  const [{ cohort }] = cohortsOf(context.loaded)
  const { sexes, depths, ...summary } = await importOne(context, cohort, context.folder, reference)
  return { summary, sexes, depths, partial: null }
}

/** Imports one cohort; files and the reference are called as the study file calls them. */
async function importOne(
  context: StageContext,
  cohort: Cohort,
  folder: string,
  options: Omit<Parameters<typeof importGenotypes>[0], 'files' | 'build'>,
): Promise<GenotypesSummary & { sexes: Sexes; depths: Depths }> {
  const { format, files } = genotypeFiles(context.loaded, cohort.genotypes)
  // The store's own digest covers the keys: its table need not be digested again.
  const host = nodeHost()
  const selection = await readSelection(host, selectionOf(context.loaded, cohort.genotypes), context.workshop.signal)
  const input = { files, build: cohort.genotypes.build, ...options, ...selection }
  const { notes, ...summary } = await importGenotypes(input, folder, { ...context.workshop, host })
  for (const note of [...(summary.filters ?? []), ...notes]) context.note(`  genotypes: ${note}`)
  return {
    ...summary,
    files: [cohort.genotypes[format] ?? []].flat(),
    reference: summary.reference && { ...summary.reference, file: context.study.reference ?? '' },
  }
}

/** Adds counts up by reason. */
function total(lists: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [reason, count] of lists.flatMap((counts) => Object.entries(counts)))
    sums.set(reason, (sums.get(reason) ?? 0) + count)
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** One reference sequence and the counts of several cohorts. */
function totalReference(list: readonly (ReferenceSummary | null)[]): ReferenceSummary | null {
  const found = list.filter((one) => one !== null)
  if (found.length === 0) return null
  const sum = (count: (one: ReferenceSummary) => number) => found.reduce((all, one) => all + count(one), 0)
  return {
    file: found[0].file,
    sha256: found[0].sha256,
    compared: sum(({ compared }) => compared),
    exchanged: sum(({ exchanged }) => exchanged),
    leftAligned: sum(({ leftAligned }) => leftAligned),
    dropped: total(found.map(({ dropped }) => dropped)),
  }
}

async function importSeveral(context: StageContext, reference: ReferenceInput): Promise<StudyGenotypes> {
  const host = nodeHost()
  const table = await openMergeTable(host, context.file('merge.parquet'))
  const stores: { name: string; folder: string }[] = []
  const imported: { name: string; summary: GenotypesSummary }[] = []
  const sexes: Sexes = {}
  const depths: Depths = {}
  try {
    for (const [c, { name, cohort }] of cohortsOf(context.loaded).entries()) {
      const folder = context.file(`cohort-${c}`)
      stores.push({ name, folder })
      const { reference: sequence, onReferenceRows } = reference
      const {
        sexes: own,
        depths: ownDepths,
        ...summary
      } = await importOne(context, cohort, folder, {
        reference: sequence,
        onReferenceRows: onReferenceRows && ((rows) => onReferenceRows(rows, name)),
        onDuplicate: (keyLine) => table.repeated(keyLine, name),
        table: false,
      })
      for (const [id, sex] of Object.entries(own)) sexes[studyId(context.study, name, id)] = sex
      for (const [id, depth] of Object.entries(ownDepths)) depths[studyId(context.study, name, id)] = depth
      imported.push({ name, summary })
    }
    const { header, variantsWithDosages, summary, partial } = await mergeStores(
      { cohorts: stores, rules: context.study.merge, onRows: table.append },
      context.folder,
      { ...context.workshop, host },
    )
    await table.commit()
    const rules = imported.flatMap(({ name, summary }) => (summary.filters ?? []).map((rule) => `${name}: ${rule}`))
    return {
      summary: {
        format: [...new Set(imported.map(({ summary }) => summary.format))].join(', '),
        build: buildOf(context.loaded),
        files: imported.flatMap(({ summary }) => summary.files),
        samples: header.samples.length,
        variants: header.variants,
        ...(variantsWithDosages > 0 && { variantsWithDosages }),
        records: imported.reduce((sum, { summary }) => sum + summary.records, 0),
        ...(rules.length > 0 && { filters: rules }),
        dropped: total(imported.map(({ summary }) => summary.dropped)),
        reference: totalReference(imported.map(({ summary }) => summary.reference)),
        storeDigest: header.digest,
        cohorts: imported.map(({ name, summary }) => ({ cohort: name, ...summary })),
        merge: summary,
      },
      sexes,
      depths,
      partial,
    }
  } catch (error) {
    await table.discard()
    throw error
  } finally {
    for (const { folder } of stores) await rm(folder, { recursive: true, force: true })
  }
}
