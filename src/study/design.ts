import { readFile } from 'node:fs/promises'
import {
  type DesignInput,
  designBlind,
  designStudy,
  familyHasSexChromosomes,
  type Labels,
  matchedPeople,
  type SealedDesign,
} from '../association/index.ts'
import { defaultPriors } from '../clinical/index.ts'
import { isUpturnError, UpturnError } from '../errors/index.ts'
import { openStore } from '../genotypes/index.ts'
import { type GroupRow, groupsTable, type Patient, patientsTable } from '../results/clinical.ts'
import { ancestryTable, componentsStored, type SampleQuality, samplesTable } from '../results/genotypes.ts'
import { type MatchingSummary, type MatchRow, matchingTable } from '../results/matching.ts'
import { type AssociationPeople, associationPeople, only } from './people.ts'
import { readRows } from './rows.ts'
import type { Study } from './schema.ts'
import type { StageContext, StageName } from './stage.ts'

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

/** What a stage that makes the design reads: the matched sets too, where the study's design has them. */
export const designReads =
  (...reads: StageName[]) =>
  (study: Study): readonly StageName[] =>
    study.design === 'matched' ? [...reads, 'matching'] : reads

/** What of the study decides it, where it is matched. */
export const designParameters = ({ design }: Study): object => (design === 'matched' ? { design } : {})

/** Why `primary: auto` names the family-wise test; the rule is fixed here, before any study. */
const autoRule =
  'auto: the trend over all variants with family-wise error by relabelling, which holds its level whatever the correlation of variants'

/**
 * The design of a study out of its finished stages: who takes part, covariates, strata, label sets. Labels come apart,
 * for whoever may open them. `form`: matched or not, as the study has it or the other way.
 */
export async function studyDesign(
  context: StageContext,
  form: Study['design'] = context.study.design,
): Promise<StudyDesign> {
  const { study } = context
  const { host } = context.workshop
  const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
  const groups = await readRows<GroupRow>(host, context.from('calls', 'groups.parquet'), groupsTable)
  const { quality, components } = await genotypedPeople(context)
  const everyone = associationPeople(patients, groups, quality, components, study.covariates)
  const keep = new Uint8Array(await readFile(context.from('quality', 'variants.keep')))
  const folder = context.from('genotypes', '')
  const store = await openStore(host, folder)
  try {
    const sexChromosomes = await familyHasSexChromosomes(store, keep)
    const sets = form === 'matched' ? await matchedSets(context, patients, everyone, sexChromosomes) : null
    const people = sets?.people ?? everyone
    const covariates = people.covariates.names.map((name, j) => ({
      name,
      values: people.covariates.rows.map((row) => row[j]),
    }))
    const input: DesignInput = {
      header: store.header,
      people: people.samples.map((sample, i) => ({
        sample,
        case: people.isCase[i],
        sex: people.sexes[i],
        source: people.sources[i] ?? undefined,
        stratum: sets?.setOf.get(sample),
        truth: people.truth[i],
      })),
      covariates: covariates.filter(({ name }) => !sets?.matchedOn.has(name)),
      ...(sets !== null && {
        matched: { matchedOn: covariates.filter(({ name }) => sets.matchedOn.has(name)), notes: sets.notes },
      }),
      seed: study.seed,
      ...testsOf(context),
      sexChromosomes,
      // The posterior is that of a reversal; of other cases it says nothing.
      ...(study.phenotype.cases === 'reversal' && {
        truthPriors: [defaultPriors.reversal, ...defaultPriors.reversalRange],
      }),
    }
    return { ...designStudy(input), input, people, store: folder, keep }
  } finally {
    await store.close()
  }
}

/** The matched form of a study that is not matched, or why there is none. */
export async function matchedFormOf(context: StageContext): Promise<StudyDesign | { reason: string }> {
  try {
    return await studyDesign(context, 'matched')
  } catch (error) {
    // Without sets, or with sets that cannot be analysed, the study goes on: its own design does not need them.
    if (isUpturnError(error) && error.code !== 'Internal') return { reason: error.message }
    throw error
  }
}

/** Standardised difference up to which a covariate that was matched on is balanced; else it stays a covariate within the sets. */
const balanced = 0.1

/** The people of the matched sets that the study made, the set of each, and the covariates that the matching takes care of. */
async function matchedSets(
  context: StageContext,
  patients: readonly Patient[],
  everyone: AssociationPeople,
  sexChromosomes: boolean,
): Promise<{ people: AssociationPeople; setOf: Map<string, string>; matchedOn: Set<string>; notes: string[] }> {
  const rows = await readRows<MatchRow>(
    context.workshop.host,
    context.from('matching', 'matching.parquet'),
    matchingTable,
  )
  const { balance, notes } = await context.read<MatchingSummary>('matching', 'matching.json')
  const sampleOf = new Map(patients.map(({ patient, sample }) => [patient, sample ?? patient]))
  const setOf = new Map(rows.map(({ patient, set }) => [sampleOf.get(patient) ?? patient, String(set)]))
  const found = matchedPeople(
    everyone.samples.map((sample, i) => ({
      sample,
      case: everyone.isCase[i],
      sex: everyone.sexes[i],
      stratum: setOf.get(sample),
    })),
    sexChromosomes,
  )
  if (found.kept.length === 0)
    throw new UpturnError(
      'NoControls',
      'no matched set holds a case and a control with genotypes: see matching.json for what was lost at each rule, or take design: unmatched',
    )
  const kept = new Set(found.kept.map(({ sample }) => sample))
  const people = only(everyone, kept)
  // How far cases and matched controls still are from each other in a covariate that was matched on.
  const apart = (name: string) =>
    balance
      .filter(({ variable }) => variable === name || variable.startsWith(`${name}: `))
      .map(({ smdAfter }) => Math.abs(smdAfter))
  const matched = everyone.covariates.names.filter((name) => apart(name).length > 0)
  const unlike = matched.filter((name) => Math.max(...apart(name)) > balanced)
  const named = unlike.map((name) => `${name} (${Math.max(...apart(name)).toFixed(2)})`)
  return {
    people: { ...people, left: [...people.left, ...found.left].sort((a, b) => (a.reason < b.reason ? -1 : 1)) },
    setOf,
    matchedOn: new Set(matched.filter((name) => !unlike.includes(name))),
    notes: [
      ...found.notes,
      ...(unlike.length === 0
        ? []
        : [
            `Matched on, but cases and matched controls still differ by more than ${balanced} standard deviations, so that the fits and the label sets hold it as a covariate: ${named.join(', ')}.`,
          ]),
      ...(notes ?? []),
    ],
  }
}

/** The primary test and the label sets, as the study file has them. */
function testsOf({ study, loaded }: StageContext): Pick<DesignInput, 'primary' | 'permutations'> {
  return {
    primary: {
      test: study.primary.test === 'firth' ? 'firth' : 'family',
      alpha: study.primary.alpha,
      rule: study.primary.test === 'auto' ? autoRule : 'as written in the study file',
    },
    permutations: { sets: study.permutations, extend: !('permutations' in (loaded.given as object)) },
  }
}

/** What is known of people from their genotypes alone. */
export async function genotypedPeople(context: StageContext): Promise<{
  quality: SampleQuality[]
  components: Map<string, number[]>
}> {
  const { host } = context.workshop
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
  return { quality, components }
}

/**
 * The design before any phenotype exists: everybody whose genotypes passed quality control, and as many cases as are planned. Of the study's
 * covariates those take part that genotypes and their files tell of everybody.
 */
export async function blindStudyDesign(
  context: StageContext,
): Promise<{ design: SealedDesign; store: string; keep: Uint8Array; notes: string[] }> {
  const { study } = context
  const { quality, components } = await genotypedPeople(context)
  const keep = new Uint8Array(await readFile(context.from('quality', 'variants.keep')))
  const folder = context.from('genotypes', '')
  const store = await openStore(context.workshop.host, folder)
  try {
    const onSexChromosomes = await familyHasSexChromosomes(store, keep)
    const genotyped = quality
      .filter((row) => row.kept)
      .map(({ sample, recorded_sex, genetic_sex }) => ({
        sample,
        // What X tells stands for what nobody recorded.
        sex: recorded_sex ?? (genetic_sex === 'male' || genetic_sex === 'female' ? genetic_sex : null),
      }))
    const notes: string[] = []
    const unknown = genotyped.filter(({ sex }) => sex === null).length
    // A few people are left out; where many would be, X and Y are.
    const sexChromosomes = onSexChromosomes && unknown <= genotyped.length / 10
    const people = sexChromosomes ? genotyped.filter(({ sex }) => sex !== null) : genotyped
    if (onSexChromosomes && unknown > 0)
      notes.push(
        `${sexChromosomes ? `${unknown} people whose sex neither a file nor X tells take no part` : `X and Y take no part: neither a file nor X tells the sex of ${unknown} people`}.`,
      )
    const covariates = knownCovariates(study.covariates, people, components, notes)
    const design = designBlind({
      header: store.header,
      people,
      cases: study.calibration.cases as number,
      covariates,
      seed: study.seed,
      ...testsOf(context),
      sexChromosomes,
    })
    return { design, store: folder, keep, notes }
  } finally {
    await store.close()
  }
}

/** Covariates of the study that are known of everybody and differ; the others are named. */
function knownCovariates(
  names: readonly string[],
  people: readonly { sample: string; sex: 'female' | 'male' | null }[],
  components: ReadonlyMap<string, readonly number[]>,
  notes: string[],
): DesignInput['covariates'] {
  const valuesOf = (name: string): (number | null)[] =>
    people.map(({ sample, sex }) => {
      if (name === 'sex') return sex === null ? null : sex === 'male' ? 1 : 0
      return name.startsWith('PC') ? (components.get(sample)?.[Number(name.slice(2)) - 1] ?? null) : null
    })
  const covariates = names.flatMap((name) => {
    const values = valuesOf(name).filter((value) => value !== null)
    return values.length === people.length && new Set(values).size > 1 ? [{ name, values }] : []
  })
  const left = names.filter((name) => covariates.every((covariate) => covariate.name !== name))
  if (left.length > 0)
    notes.push(`Before any phenotype these covariates are not known of everybody and take no part: ${left.join(', ')}.`)
  return covariates
}
