import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { type ClinicalRecords, parseDefinitions } from '../clinical/index.ts'
import { describeError, isUpturnError, UpturnError } from '../errors/index.ts'
import { unitePeople } from '../genotypes/import/collect.ts'
import type { GenotypeFile } from '../genotypes/import/file.ts'
import { openGenotypeFile } from '../genotypes/import/format.ts'
import { glanceAtReference } from '../genotypes/index.ts'
import { fileExists } from '../host/node/files.ts'
import { nodeHost } from '../host/node/index.ts'
import { installNodeKernels } from '../host/node/kernels.ts'
import type { Patient } from '../results/clinical.ts'
import { adjudicationInputs, loadAdjudications } from './adjudications.ts'
import { blindStages, isBlind } from './before-phenotypes.ts'
import { definitionFiles } from './clinical-files.ts'
import { readCohort } from './clinical-records.ts'
import { cohortsOf } from './cohorts.ts'
import { type LoadedStudy, type Problem, refuseStudy } from './load.ts'
import { genotypeFiles, genotypeInputs, referencePath } from './paths.ts'
import { studyRegions } from './region-list.ts'
import type { Cohort } from './schema.ts'
import { readSelection, selectionOf } from './selection.ts'
import type { StageName } from './stage.ts'

/** A cohort of which both clinical records and genotype files were found. */
interface FoundCohort {
  name: string
  cohort: Cohort
  samples: ReadonlySet<string>
  clinical: ClinicalRecords
  /** Patients who have genotypes. */
  people: Patient[]
}

export interface CheckFacts {
  /** Sentences on what was found. */
  facts: string[]
  /** Ids of the genotyped people who have clinical records. */
  shared: number
}

/**
 * Looks at everything that a run will need and reports whatever does not fit in one go, each thing at its place in the
 * study file. Reads headers of genotype files and the whole clinical source, no genotypes. `target`: the stage that is asked for.
 */
export async function checkStudy(loaded: LoadedStudy, target?: StageName): Promise<CheckFacts> {
  installNodeKernels()
  const { study } = loaded
  const problems: Problem[] = []
  const wrong = (path: readonly (string | number)[], message: string) =>
    problems.push({ ...loaded.locate(path), path: path.join('.'), message })
  const guarded = async <T>(path: readonly (string | number)[], work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!isUpturnError(error) || error.code === 'Internal') throw error
      wrong(path, describeError(error))
      return undefined
    }
  }

  const found: FoundCohort[] = []
  const genotyped: { name: string; samples: ReadonlySet<string> }[] = []
  for (const { name, cohort } of cohortsOf(loaded)) {
    const samples = await checkGenotypes(loaded, name, cohort, guarded)
    if (cohort.clinical === undefined) {
      if (!isBlind(study))
        wrong(
          ['cohorts', name],
          'clinical is missing; without it only `upturn calibrate` works, with the number of cases planned (--cases, or calibration.cases)',
        )
      else if (samples !== undefined) genotyped.push({ name, samples })
      continue
    }
    const at = ['cohorts', name, 'clinical', 'path']
    const clinical = await guarded(at, () => readCohort(loaded, name, cohort, nodeHost(), new AbortController().signal))
    if (samples === undefined || clinical === undefined) continue
    const people = clinical.patients.filter((patient) => samples.has(patient.sample ?? patient.patient))
    found.push({ name, cohort, samples, clinical, people })
  }
  if (isBlind(study) && (target === undefined || !blindStages.includes(target)))
    wrong(
      ['calibration', 'cases'],
      'this is for `upturn calibrate` before any phenotype exists; take it out once there are phenotypes',
    )
  const definitions = await guarded(['phenotype', 'definitions'], () => definitionFiles(loaded))
  if (definitions !== undefined) {
    const ids = (await guarded(['phenotype', 'definitions'], async () => parseDefinitions(definitions)))?.map(
      ({ id }) => id,
    )
    if (ids !== undefined && !ids.includes(study.phenotype.definition))
      wrong(
        ['phenotype', 'definition'],
        `there is no definition ${study.phenotype.definition}; known: ${[...new Set(ids)].join(', ')}`,
      )
  }
  await guarded(['phenotype', 'adjudications'], async () => {
    const [path] = await adjudicationInputs(loaded)
    if (path === undefined) return
    if (!(await fileExists(path)))
      throw new UpturnError('FileNotFound', 'there is no such file; take the line out until somebody has judged', {
        place: { file: path },
      })
    await loadAdjudications(path)
  })
  const reference = referencePath(loaded)
  if (reference !== undefined) await guarded(['reference'], () => glanceAtReference(nodeHost(), reference))
  const repeated = study.covariates.find((covariate, index) => study.covariates.indexOf(covariate) !== index)
  if (repeated !== undefined) wrong(['covariates'], `${repeated} stands twice; name it once`)
  await guarded(['gene_tests'], () => studyRegions(loaded, nodeHost(), new AbortController().signal))
  if (study.controls_2 !== undefined) {
    const { genotypes } = study.controls_2
    const second = genotypeFiles(loaded, genotypes)
    await guarded(['controls_2', 'genotypes'], () => readSelection(nodeHost(), selectionOf(loaded, genotypes)))
    for (const path of genotypeInputs(second.files))
      await guarded(['controls_2', 'genotypes', second.format], async () => {
        await stat(path).catch((cause: unknown) => {
          throw new UpturnError('FileNotFound', 'there is no such file; check the path', {
            place: { file: path },
            cause,
          })
        })
      })
  }
  const facts = genotyped.map(
    ({ name, samples }) =>
      `${Object.keys(study.cohorts).length > 1 ? `${name}: ` : ''}${samples.size} people with genotypes, no clinical records yet`,
  )
  const shared = found.flatMap(({ people }) => people)
  for (const { name, samples, clinical, people } of found)
    if (problems.length === 0 && people.length === 0)
      throw new UpturnError('SamplesDoNotOverlap', noOverlap(clinical.patients, samples), {
        place: { file: loaded.file, ...loaded.locate(['cohorts', name, 'clinical', 'path']) },
      })
  if (!isBlind(study) && found.length === Object.keys(study.cohorts).length)
    checkCovariates(study.covariates, shared, wrong)
  for (const { name, cohort, samples, clinical, people } of found)
    facts.push(
      `${found.length > 1 ? `${name}: ` : ''}${clinical.patients.length} people with ${clinical.visits.length} visits in ${relative(loaded.folder, resolve(loaded.folder, cohort.clinical?.path ?? '')) || '.'}; ${samples.size} people with genotypes; ${people.length} with both`,
      ...clinical.intake.findings
        .filter((finding) => finding.action !== 'noted')
        .map((finding) => `${finding.action}: ${finding.message} (${finding.count})`),
    )
  facts.push(...sharedIds(found))
  if (problems.length > 0) refuseStudy(loaded.file, problems)
  return { facts, shared: shared.length }
}

type Guard = <T>(path: readonly (string | number)[], work: () => Promise<T>) => Promise<T | undefined>

async function checkGenotypes(
  loaded: LoadedStudy,
  name: string,
  cohort: Cohort,
  guarded: Guard,
): Promise<Set<string> | undefined> {
  const { format, files: named } = genotypeFiles(loaded, cohort.genotypes)
  const at = ['cohorts', name, 'genotypes']
  const selection = await guarded(at, () => readSelection(nodeHost(), selectionOf(loaded, cohort.genotypes)))
  let complete = selection !== undefined
  const files: GenotypeFile[] = []
  for (const [index, { path, ...options }] of named.entries()) {
    const place = [...at, format, ...(Array.isArray(cohort.genotypes[format]) ? [index] : [])]
    const file = await guarded(place, () => openGenotypeFile(nodeHost(), path, format, undefined, options))
    if (file === undefined) complete = false
    else files.push(file)
  }
  if (!complete) return undefined
  const list = selection?.samples
  const place = [...at, list === undefined ? format : 'samples']
  return guarded(place, async () => new Set(unitePeople(files, {}, list).samples))
}

/** A sentence on ids that several cohorts use; none where none is. */
function sharedIds(found: readonly FoundCohort[]): string[] {
  const owners = new Map<string, string[]>()
  for (const { name, samples } of found) for (const id of samples) owners.set(id, [...(owners.get(id) ?? []), name])
  const shared = [...owners].filter(([, names]) => names.length > 1)
  if (shared.length === 0) return []
  const [[id, names]] = shared
  return [
    `${shared.length} sample ids stand in several cohorts, such as ${id} in ${names.join(' and ')}; ids become ${names[0]}:${id}, and whether the people are the same is seen in their genotypes (quality.json)`,
  ]
}

/** A covariate that nobody has, or that is the same for everybody, cannot be adjusted for. */
function checkCovariates(
  covariates: readonly string[],
  people: readonly Patient[],
  wrong: (path: readonly (string | number)[], message: string) => void,
): void {
  covariates.forEach((covariate, index) => {
    if (covariate !== 'sex' && covariate !== 'age_at_onset') return
    const values = people.map((person) => person[covariate]).filter((value) => value !== null)
    if (people.length > 0 && values.length === 0)
      wrong(['covariates', index], `${covariate} is recorded for nobody; leave it out or add the records`)
    else if (values.length > 1 && new Set(values).size === 1)
      wrong(['covariates', index], `${covariate} is the same for everybody (${String(values[0])}); leave it out`)
  })
}

function noOverlap(patients: readonly Patient[], samples: ReadonlySet<string>): string {
  const clinical = patients.slice(0, 2).map((patient) => patient.sample ?? patient.patient)
  const genotyped = [...samples].slice(0, 2)
  return `genotypes and clinical records have no person in common: the clinic writes ${clinical.join(', ')}, the genotypes ${genotyped.join(', ')}; make the ids equal, or name the samples in a GENOTYPED table (subject_id, sample_id)`
}
