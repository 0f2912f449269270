import { readFile } from 'node:fs/promises'
import {
  type DesignInput,
  designStudy,
  familyHasSexChromosomes,
  type Labels,
  type SealedDesign,
} from '../association/index.ts'
import { openStore } from '../genotypes/index.ts'
import { type GroupRow, groupsTable, type Patient, patientsTable } from '../results/clinical.ts'
import { ancestryTable, componentsStored, type SampleQuality, samplesTable } from '../results/genotypes.ts'
import { type AssociationPeople, associationPeople } from './people.ts'
import { readRows } from './rows.ts'
import type { StageContext } from './stage.ts'

export interface StudyDesign {
  design: SealedDesign
  labels: Labels
  /** What the design was made of, labels and all. */
  input: DesignInput
  people: AssociationPeople
  /** Folder of the genotype store. */
  store: string
  /** Variants that passed quality control. */
  keep: Uint8Array
}

/** Why `primary: auto` names the family-wise test; the rule is fixed here, before any study. */
const autoRule =
  'auto: the exact trend over all variants with family-wise error by relabelling, which holds its level whatever the correlation of variants'

/**
 * The design of a study out of its finished stages: who takes part, covariates, strata, label sets. Labels come apart,
 * for whoever may open them.
 */
export async function studyDesign(context: StageContext): Promise<StudyDesign> {
  const { study } = context
  const { host } = context.workshop
  const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
  const groups = await readRows<GroupRow>(host, context.from('calls', 'groups.parquet'), groupsTable)
  const quality = await readRows<SampleQuality>(host, context.from('quality', 'samples.parquet'), samplesTable)
  const ancestry = await readRows<Record<string, unknown>>(
    host,
    context.from('ancestry', 'ancestry.parquet'),
    ancestryTable,
  )
  const components = new Map(
    ancestry.map((row) => [
      String(row.sample),
      Array.from({ length: componentsStored }, (_, k) => row[`pc${k + 1}`]).filter(
        (value) => typeof value === 'number',
      ),
    ]),
  )
  const people = associationPeople(patients, groups, quality, components, study.covariates)
  const keep = new Uint8Array(await readFile(context.from('quality', 'variants.keep')))
  const folder = context.from('genotypes', '')
  const store = await openStore(host, folder)
  try {
    const input: DesignInput = {
      header: store.header,
      people: people.samples.map((sample, i) => ({
        sample,
        case: people.isCase[i],
        sex: people.sexes[i],
        source: people.sources[i] ?? undefined,
      })),
      covariates: people.covariates.names.map((name, j) => ({
        name,
        values: people.covariates.rows.map((row) => row[j]),
      })),
      seed: study.seed,
      primary: {
        test: study.primary.test === 'firth' ? 'firth' : 'family',
        alpha: study.primary.alpha,
        rule: study.primary.test === 'auto' ? autoRule : 'as written in the study file',
      },
      permutations: { sets: study.permutations, extend: !('permutations' in (context.loaded.given as object)) },
      sexChromosomes: await familyHasSexChromosomes(store, keep),
    }
    return { ...designStudy(input), input, people, store: folder, keep }
  } finally {
    await store.close()
  }
}
