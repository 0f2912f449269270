import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openTable } from '../../clinical/index.ts'
import { UpturnError } from '../../errors/index.ts'
import { type GenotypeStore, importGenotypes, isAmbiguous, openStore, withReference } from '../../genotypes/index.ts'
import { replicate, type SecondStudy, sharedPeople } from '../../planning/index.ts'
import { type SampleQuality, samplesTable } from '../../results/genotypes.ts'
import type { Loci } from '../../results/loci.ts'
import { atCommonVariants } from '../common-variants.ts'
import { findCopies } from '../lead-genotypes.ts'
import type { LoadedStudy } from '../load.ts'
import { genotypeFiles, genotypeInputs, referencePath } from '../paths.ts'
import type { StudyPeople } from '../people.ts'
import { readRows } from '../rows.ts'
import { readSelection, selectionFiles, selectionOf, selectionParameters } from '../selection.ts'
import type { Stage, StageContext } from '../stage.ts'

type Counts = [number, number, number, number, number, number]

const callsPath = (loaded: LoadedStudy): string | null => {
  const calls = loaded.study.controls_2?.calls
  return calls === undefined ? null : resolve(loaded.folder, calls)
}

/** Cases and controls of the second cohort: by its calls, or everybody a control. */
async function secondPeople(
  context: StageContext,
  samples: readonly string[],
): Promise<{ cases: Set<string>; controls: Set<string> }> {
  const path = callsPath(context.loaded)
  if (path === null) return { cases: new Set(), controls: new Set(samples) }
  const cases = new Set<string>()
  const controls = new Set<string>()
  const { phenotype } = context.study
  const table = await openTable(await context.workshop.host.open(path), context.workshop.signal)
  const sample = table.header.indexOf('sample')
  const group = table.header.indexOf('group')
  if (sample < 0 || group < 0)
    throw new UpturnError(
      'ColumnMissing',
      `the calls of the second cohort need the columns sample and group; found: ${table.header.join(', ')}`,
      { place: { file: path, line: 1 } },
    )
  for await (const batch of table.rows)
    for (const row of batch) {
      const value = row.cells[group]
      if (value === phenotype.cases) cases.add(row.cells[sample])
      else if (value === phenotype.controls || phenotype.controls === 'others') controls.add(row.cells[sample])
    }
  const known = new Set(samples)
  for (const set of [cases, controls]) for (const id of set) if (!known.has(id)) set.delete(id)
  if (controls.size === 0)
    throw new UpturnError(
      'NoControls',
      `no genotyped person of the second cohort is in the group ${phenotype.controls}`,
      { place: { file: path } },
    )
  return { cases, controls }
}

/** Copies of the first study's alt in a store: the key itself, or the same alleles the other way round where that is one variant. */
async function copiesEitherWay(
  store: GenotypeStore,
  key: string,
  sexes: ReadonlyMap<string, 'female' | 'male' | null>,
  signal: AbortSignal,
): Promise<Map<string, 0 | 1 | 2> | null> {
  const straight = await findCopies(store, key, sexes, signal)
  if (straight !== null) return straight
  const [chromosome, position, ref, alt] = key.split(':')
  // The other way round could as well be the other strand.
  if (isAmbiguous({ ref, alt })) return null
  const flipped = await findCopies(store, `${chromosome}:${position}:${alt}:${ref}`, sexes, signal)
  return flipped === null ? null : new Map([...flipped].map(([id, copies]) => [id, (2 - copies) as 0 | 1 | 2]))
}

export const replication: Stage = {
  name: 'replication',
  version: 2,
  reads: ['genotypes', 'quality', 'association', 'loci'],
  publish: ['replication.json'],
  parameters: (study) => ({
    second: study.controls_2?.genotypes.build ?? null,
    ...(study.controls_2?.genotypes.ref !== undefined && { ref: study.controls_2.genotypes.ref }),
    cases: study.phenotype.cases,
    controls: study.phenotype.controls,
    ...selectionParameters(study.controls_2 === undefined ? [] : [study.controls_2.genotypes]),
  }),
  async inputs(loaded) {
    const second = loaded.study.controls_2
    if (second === undefined) return []
    const { files } = genotypeFiles(loaded, second.genotypes)
    const calls = callsPath(loaded)
    const reference = referencePath(loaded)
    return [
      ...genotypeInputs(files),
      ...selectionFiles(selectionOf(loaded, second.genotypes)),
      ...(calls === null ? [] : [calls]),
      ...(reference === undefined ? [] : [reference]),
    ]
  },
  async run(context) {
    const second = context.study.controls_2
    const { loci } = await context.read<Loci>('loci', 'loci.json')
    if (second === undefined) {
      await context.json('replication.json', replicate(loci, null))
      return
    }
    const { host, signal } = context.workshop
    const first = await context.read<StudyPeople>('association', 'people.json')
    const { files } = genotypeFiles(context.loaded, second.genotypes)
    const folder = context.file('second')
    const selection = await readSelection(host, selectionOf(context.loaded, second.genotypes), signal)
    // Leads are looked for by their keys, so these must be made alike.
    const imported = await withReference(host, referencePath(context.loaded), { signal }, (reference) =>
      importGenotypes({ files, build: second.genotypes.build, ...reference, ...selection }, folder, context.workshop),
    )
    const samples = await readRows<SampleQuality>(host, context.from('quality', 'samples.parquet'), samplesTable)
    const sexes = new Map(samples.map((sample) => [sample.sample, sample.recorded_sex]))
    const store = await openStore(host, context.from('genotypes', ''))
    const other = await openStore(host, folder)
    try {
      const { cases, controls } = await secondPeople(context, other.header.samples)
      const ownCases = cases.size > 0
      const counts = new Map<string, Counts | null>()
      for (const { lead } of loci) {
        const there = await copiesEitherWay(other, lead, new Map(Object.entries(imported.sexes)), signal)
        if (there === null) {
          counts.set(lead, null)
          continue
        }
        const here = ownCases ? there : ((await findCopies(store, lead, sexes, signal)) ?? new Map<string, 0 | 1 | 2>())
        const table: Counts = [0, 0, 0, 0, 0, 0]
        for (const id of ownCases ? cases : first.cases) {
          const copies = here.get(id)
          if (copies !== undefined) table[copies]++
        }
        for (const id of controls) {
          const copies = there.get(id)
          if (copies !== undefined) table[3 + copies]++
        }
        counts.set(lead, table)
      }
      const shared = async (mine: readonly string[], theirs: ReadonlySet<string>) => {
        const both = await atCommonVariants({ store, people: new Set(mine) }, { store: other, people: theirs }, signal)
        return sharedPeople(both.first, both.second).length
      }
      const study: SecondStudy = {
        cohort: 'controls_2',
        cases: ownCases ? cases.size : first.cases.length,
        controls: controls.size,
        sharedCases: ownCases ? await shared(first.cases, cases) : first.cases.length,
        sharedControls: await shared(first.controls, controls),
        counts,
      }
      await context.json('replication.json', replicate(loci, study))
    } finally {
      await store.close()
      await other.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}
