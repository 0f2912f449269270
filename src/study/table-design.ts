import { join } from 'node:path'
import { designStudy, type Labels, type SealedDesign } from '../association/design.ts'
import { matchedPeople } from '../association/matched-people.ts'
import { familyHasSexChromosomes } from '../association/scan.ts'
import type { Workshop } from '../compute/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { OpenOptions } from '../genotypes/import/file.ts'
import { type GenotypeStore, openStore } from '../genotypes/store/index.ts'
import type { ReferenceSummary } from '../results/genotypes.ts'
import { sayMatched } from '../results/say-matched.ts'
import { type OpenedSource, withStore } from './genotype-tables/source.ts'
import { type PhenotypeOptions, type Phenotypes, readPhenotypes } from './phenotypes.ts'
import { readSelection, type Selection, type SelectionGiven } from './selection.ts'

/** Genotypes and a table of phenotypes, without a study file. */
export interface TableDesignOptions extends PhenotypeOptions {
  /** A genotype file, or the folder of a packed store. */
  genotypes: string
  /** What a BGEN file needs. */
  open?: OpenOptions
  phenotypes: string
  out: string
  build: string
  /** What of the genotypes is read; all without it. */
  selection?: SelectionGiven
  /** FASTA file with which every reference allele is compared. */
  reference?: string
  seed: number
  /** Undefined: 1,000, more when the interval of the family-wise p covers alpha. */
  permutations?: number
  alpha: number
}

/** What a reader must know of how the files became a design. */
export interface TableDesignNotes {
  reference: ReferenceSummary | null
  /** Records of the genotype files, and those that gave no variant, by reason. */
  records: number
  dropped: Record<string, number>
  notes: string[]
  left: Record<string, number>
  coding: string
}

export interface TableDesign {
  design: SealedDesign
  labels: Labels
  /** The store's folder, which goes away afterwards where it was made from files, and the store. */
  folder: string
  store: GenotypeStore
  /** More may be added. */
  notes: string[]
}

/** Opens the packed store, or imports the genotypes into one beside `out`, makes the design, and lends both to `work`. */
export async function withTableDesign<T>(
  options: TableDesignOptions,
  workshop: Workshop,
  work: (made: TableDesign) => Promise<T>,
): Promise<TableDesignNotes & { result: T }> {
  const { host, signal } = workshop
  const phenotypes = await readPhenotypes(options.phenotypes, options, host, signal)
  const selection = await readSelection(host, options.selection ?? {}, signal)
  const source = {
    genotypes: [options.genotypes],
    out: options.out,
    build: options.build,
    open: options.open,
    selection,
    ...(options.reference !== undefined && {
      reference: { fasta: options.reference, table: join(options.out, 'reference.parquet') },
    }),
  }
  return withStore(source, workshop, async (opened) => {
    if (
      opened.imported === null &&
      (selection.regions ?? Object.values(selection.filters ?? {}).find((limit) => limit !== undefined)) !== undefined
    )
      throw new UpturnError(
        'BadArgument',
        'a packed store is tested whole; give regions and filters to upturn import, or test the files that it is made of',
        { place: { file: options.genotypes } },
      )
    const store = await openStore(workshop.host, opened.folder)
    try {
      const { known, ...made } = await tableDesign(store, { opened, phenotypes, selection, options })
      const result = await work({ ...made, folder: opened.folder, store, notes: known.notes })
      return { result, ...known }
    } finally {
      await store.close()
    }
  })
}

/** The design of the people of the table that the store holds. */
async function tableDesign(
  store: GenotypeStore,
  {
    opened: { sexes, imported },
    phenotypes,
    selection,
    options,
  }: { opened: OpenedSource; phenotypes: Phenotypes; selection: Selection; options: TableDesignOptions },
): Promise<{ design: SealedDesign; labels: Labels; known: TableDesignNotes }> {
  const { records = 0, dropped = {}, reference = null, filters = [], notes: said = [] } = imported ?? {}
  const genotyped = new Set(store.header.samples)
  const left = { ...phenotypes.left }
  const notes = [...filters.map((rule) => `On reading, ${rule}.`), ...said]
  if (reference !== null)
    notes.push(
      `${reference.compared} variants compared with ${reference.file}: ${reference.exchanged} SNVs had reference and alternate exchanged, ${reference.leftAligned} indels were left-aligned; see reference.parquet.`,
    )
  const listed = selection.samples && new Set(selection.samples.samples)
  const asked = phenotypes.people.filter((person) => listed?.has(person.sample) ?? true)
  if (asked.length < phenotypes.people.length)
    left['not on the list of samples'] = phenotypes.people.length - asked.length
  const overlap = asked.filter((person) => genotyped.has(person.sample))
  if (overlap.length < asked.length) left['no genotypes'] = asked.length - overlap.length
  if (overlap.length === 0)
    throw new UpturnError(
      'SamplesDoNotOverlap',
      `genotypes and phenotypes have no person in common: the genotypes hold ${[...genotyped].slice(0, 2).join(', ')}, the table ${phenotypes.people
        .slice(0, 2)
        .map((person) => person.sample)
        .join(', ')}; name the id column with --id`,
      {
        place: { file: options.phenotypes },
      },
    )
  const sexed = overlap.map((person) => ({ ...person, sex: person.sex ?? sexes.get(person.sample) ?? null }))
  const inSets = options.matched === undefined ? null : matchedPeople(sexed, false)
  const unsexed = (inSets?.kept ?? sexed).filter((person) => person.sex === null).map((person) => person.sample)
  const sexKnown = unsexed.length === 0
  const onSex = await familyHasSexChromosomes(store, null)
  const bySex = inSets !== null && sexKnown && onSex ? matchedPeople(inSets.kept, true) : null
  const people = bySex?.kept ?? inSets?.kept ?? sexed
  const setNotes = [...(inSets?.notes ?? []), ...(bySex?.notes ?? [])]
  for (const { reason, people: count } of [...(inSets?.left ?? []), ...(bySex?.left ?? [])])
    left[reason] = (left[reason] ?? 0) + count
  if (people.length === 0)
    throw new UpturnError(
      'NoControls',
      `no set of ${options.matched} holds a case and a control with genotypes; sets are named by equal values`,
      { place: { file: options.phenotypes } },
    )
  if (onSex && !sexKnown)
    notes.push(
      `Variants on X and Y were not tested: sex is missing for ${unsexed.slice(0, 5).join(', ')}${unsexed.length > 5 ? ` and ${unsexed.length - 5} more` : ''}; add a column sex.`,
    )
  const { design, labels } = designStudy({
    header: store.header,
    people: people.map((person) => ({
      sample: person.sample,
      case: person.case,
      sex: person.sex,
      stratum: person.stratum,
    })),
    ...(inSets !== null && { matched: { matchedOn: [], notes: setNotes } }),
    covariates: options.covariates.map((name, j) => ({
      name,
      values: people.map((person) => person.covariates[j]),
    })),
    seed: options.seed,
    primary: {
      test: 'family',
      alpha: options.alpha,
      rule: 'the family-wise test, unless a study file says otherwise',
    },
    permutations: { sets: options.permutations ?? 1000, extend: options.permutations === undefined },
    // Without everyone's sex rows on X and Y say `sex_missing`, and the family is autosomal.
    sexChromosomes: sexKnown && onSex,
  })
  if (design.matched !== null) notes.push(...sayMatched(design.matched))
  return { design, labels, known: { left, coding: phenotypes.coding, records, dropped, reference, notes } }
}
