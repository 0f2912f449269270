import type { Biomarker, BiomarkerGroup, Biomarkers } from '../../results/biomarkers.ts'
import type { GroupRow, LabValue, Patient, ProgressionGroup } from '../../results/clinical.ts'
import { jonckheereTerpstra } from '../../statistics/rank/index.ts'
import { type BaselineTest, type BaselineValue, baselineValues, testName } from './baseline-values.ts'
import { fitLogModel, geometricMean, type ModelRow, ratioOf } from './log-model.ts'
import { biomarkerSentence } from './words.ts'

export interface BiomarkerOptions {
  /** Tests to analyse, as the source names them; null for every test with enough values, and IGF-1 whenever it is there. */
  tests: readonly string[] | null
  /** Key of the lead variant, for the genotype's effect; null when there is none. */
  leadVariant: string | null
}

const groupOrder: readonly ProgressionGroup[] = ['reversal', 'plateau', 'slow', 'typical', 'rapid']
const daysInYear = 365.25
/** People with a measured value that reversals and typical progressors need each, for a test that nobody asked for. */
const enough = 3
/** Exact rank tests are made up to this product of the group sizes. */
const rankLimit = 20000

interface Person {
  patient: string
  group: ProgressionGroup
  value: number
  censoring: -1 | 0 | 1
  age: number | null
  male: number | null
  genotype: number | null
}

/**
 * Laboratory values by group of progression and by genotype of the lead variant. One value a person (`baselineValues`), values outside the
 * assay's range as censored, on the log scale, adjusted for age at sampling and sex. People with a recorded exclusion (mimic, known mutation) and
 * unassigned ones are left out. Nothing is corrected for the number of tests; a note says how many there were.
 *
 * @param genotypeOfLead copies of the lead's alt allele by patient; null when there is no lead
 */
export function analyseBiomarkers(
  labs: readonly LabValue[],
  groups: readonly GroupRow[],
  patients: readonly Patient[],
  genotypeOfLead: ReadonlyMap<string, 0 | 1 | 2> | null,
  options: BiomarkerOptions,
): Biomarkers {
  const used = groups.filter((g) => g.group !== 'unassigned' && g.exclusion === null)
  const groupOf = new Map(used.map((g) => [g.patient, g]))
  const patientOf = new Map(patients.map((p) => [p.patient, p]))
  const wanted = options.tests === null ? null : new Set(options.tests.map(testName))
  const notes = [
    "One value a person: the earliest, for reversals the earliest at or before the nadir. Censored Gaussian regression of the natural logarithm; p by likelihood ratio referred to F(1, n - p), limits of ratios by profile likelihood, of means by Wald with Student's t.",
  ]
  const excluded = groups.filter((g) => g.exclusion !== null).length
  if (excluded > 0) notes.push(`${excluded} people with a recorded exclusion were left out.`)
  const biomarkers: Biomarker[] = []
  let few = 0
  for (const test of baselineValues(labs, groupOf)) {
    const people = test.values.map((v) => person(v, groupOf, patientOf, genotypeOfLead))
    const measured = (group: ProgressionGroup): number =>
      people.filter((p) => p.group === group && p.censoring === 0).length
    const asked = wanted === null ? test.name.includes('IGF-1') : wanted.has(test.name)
    if (wanted !== null && !asked) continue
    if (!asked && (measured('reversal') < enough || measured('typical') < enough)) {
      few++
      continue
    }
    biomarkers.push(oneBiomarker(test, people, genotypeOfLead === null ? null : options.leadVariant))
  }
  biomarkers.sort((a, b) => Number(b.name.includes('IGF-1')) - Number(a.name.includes('IGF-1')))
  for (const name of wanted ?? [])
    if (!biomarkers.some((b) => b.name === name)) notes.push(`${name} has no value in this study.`)
  if (few > 0) notes.push(`${few} tests had fewer than ${enough} measured values in reversals or typical progressors.`)
  if (biomarkers.length === 0) notes.push('No laboratory value could be used.')
  if (biomarkers.length > 1)
    notes.push(`${biomarkers.length} tests were compared; their p-values are not corrected for that.`)
  return { biomarkers, notes }
}

function person(
  value: BaselineValue,
  groups: ReadonlyMap<string, GroupRow>,
  patients: ReadonlyMap<string, Patient>,
  genotypes: ReadonlyMap<string, 0 | 1 | 2> | null,
): Person {
  const patient = patients.get(value.patient)
  const since = patient?.onset_day == null ? 0 : (value.day - patient.onset_day) / daysInYear
  return {
    patient: value.patient,
    group: (groups.get(value.patient) as GroupRow).group,
    value: value.value,
    censoring: value.censoring,
    age: patient?.age_at_onset == null ? null : patient.age_at_onset + since,
    male: patient?.sex == null ? null : patient.sex === 'male' ? 1 : 0,
    genotype: genotypes?.get(value.patient) ?? null,
  }
}

function oneBiomarker(test: BaselineTest, people: readonly Person[], variant: string | null): Biomarker {
  const notes: string[] = []
  if (test.afterNadir > 0) notes.push(`${test.afterNadir} reversals have values after the nadir only and are left out.`)
  if (test.otherUnits > 0) notes.push(`${test.otherUnits} values in another unit than ${test.unit} were left out.`)
  if (test.notPositive > 0) notes.push(`${test.notPositive} values that are not positive were left out.`)
  const complete = people.filter((p) => p.age !== null && p.male !== null)
  if (complete.length < people.length)
    notes.push(`${people.length - complete.length} people without age or sex are shown but not in the model.`)

  const inModel = groupOrder.filter((group) => {
    const members = complete.filter((p) => p.group === group)
    const fits = members.length >= 2 && members.some((p) => p.censoring === 0)
    if (!fits && members.length > 0)
      notes.push(`${group}: ${members.length} people, too few measured values to estimate a mean.`)
    return fits
  })
  const modelled = complete.filter((p) => inModel.includes(p.group))
  const reference: ProgressionGroup | undefined = inModel.includes('typical') ? 'typical' : inModel[0]
  const dummies = inModel.filter((group) => group !== reference)
  const covariates = (['age', 'sex'] as const).filter((name) => {
    const read = (p: Person) => (name === 'age' ? p.age : p.male)
    return modelled.some((p) => read(p) !== read(modelled[0]))
  })
  const meanAge = mean(modelled.map((p) => p.age as number))
  const meanMale = mean(modelled.map((p) => p.male as number))
  const columnsOf = (p: Person): number[] => [
    ...dummies.map((group) => (p.group === group ? 1 : 0)),
    ...covariates.map((name) => (name === 'age' ? (p.age as number) - meanAge : (p.male as number) - meanMale)),
  ]
  const rows: ModelRow[] = modelled.map((p) => ({ value: p.value, censoring: p.censoring, columns: columnsOf(p) }))
  const width = dummies.length + covariates.length
  const fitted = fitLogModel(rows, width)
  if (fitted === null) notes.push('The model could not be fitted: too few people or no spread.')

  const groups: BiomarkerGroup[] = []
  if (fitted !== null)
    for (const group of inModel) {
      const members = modelled.filter((p) => p.group === group)
      const weights = [1, ...dummies.map((d) => (d === group ? 1 : 0)), ...covariates.map(() => 0)]
      groups.push({
        group,
        n: members.length,
        censored: members.filter((p) => p.censoring !== 0).length,
        ...geometricMean(fitted, weights, modelled.length),
      })
    }

  let contrast: Biomarker['contrast'] = null
  const column = dummies.indexOf('reversal')
  if (fitted !== null && column >= 0 && reference === 'typical') {
    const ratio = ratioOf(rows, width, column, fitted)
    if (ratio !== null) contrast = { ...ratio, rankP: wilcoxon(people), adjustedFor: [...covariates] }
    else notes.push('The contrast of reversals with typical progressors has no finite limits.')
  }

  let genotype: Biomarker['genotype'] = null
  const typed = modelled.filter((p) => p.genotype !== null)
  if (variant !== null && typed.some((p) => p.genotype !== typed[0].genotype)) {
    const present = dummies.filter((d) => typed.some((p) => p.group === d) && typed.some((p) => p.group !== d))
    const rowsTyped = typed.map((p) => ({
      value: p.value,
      censoring: p.censoring,
      columns: [
        p.genotype as number,
        ...present.map((group) => (p.group === group ? 1 : 0)),
        ...columnsOf(p).slice(dummies.length),
      ],
    }))
    const columns = 1 + present.length + covariates.length
    const fittedTyped = fitLogModel(rowsTyped, columns)
    const ratio = fittedTyped === null ? null : ratioOf(rowsTyped, columns, 0, fittedTyped)
    if (ratio === null) notes.push('The effect of the lead variant could not be estimated.')
    else
      genotype = {
        variant,
        n: typed.length,
        ...ratio,
        adjustedFor: [...covariates, ...(present.length > 0 ? ['group'] : [])],
      }
  }

  const limits = [...new Set(people.filter((p) => p.censoring === -1).map((p) => p.value))]
  const result = {
    name: test.name,
    unit: test.unit,
    limit: limits.length === 0 ? null : Math.max(...limits),
    n: people.length,
    censored: people.filter((p) => p.censoring !== 0).length,
    points: people.map((p) => ({
      patient: p.patient,
      group: p.group,
      genotype: p.genotype,
      value: p.value,
      censored: p.censoring !== 0,
    })),
    groups,
    contrast,
    genotype,
    notes,
  }
  return { ...result, sentence: biomarkerSentence(result) }
}

/** Exact Wilcoxon test of reversals and typical progressors; everything below the highest limit is tied lowest. */
function wilcoxon(people: readonly Person[]): number | null {
  const two = people.filter((p) => p.group === 'reversal' || p.group === 'typical')
  const reversals = two.filter((p) => p.group === 'reversal').length
  if (reversals === 0 || reversals === two.length || reversals * (two.length - reversals) > rankLimit) return null
  const floor = Math.max(0, ...two.filter((p) => p.censoring === -1).map((p) => p.value))
  const ceiling = Math.min(Infinity, ...two.filter((p) => p.censoring === 1).map((p) => p.value))
  const rank = (p: Person): number => {
    if (p.censoring === -1 || p.value < floor) return 0
    return p.censoring === 1 || p.value > ceiling ? Number.MAX_VALUE : p.value
  }
  return jonckheereTerpstra(
    two.map(rank),
    two.map((p) => (p.group === 'typical' ? 0 : 1)),
  ).twoSided
}

function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
