import type { Biomarker, BiomarkerGroup, BiomarkerRatio, Biomarkers } from '../../results/biomarkers.ts'
import type { GroupRow, LabValue, Patient, ProgressionGroup } from '../../results/clinical.ts'
import { isExactTrendShort, jonckheereTerpstra } from '../../statistics/rank/index.ts'
import { type BaselineValue, baselineOf, type TestValues, testValues } from './baseline-values.ts'
import { bodyMassIndex } from './body-mass.ts'
import { courseOf } from './course.ts'
import { fewestRandomPlates, fitLevels, type LevelModel, type LevelRow, type PlateEffects } from './level-model.ts'
import { daysInYear, groupOrder, mean, type Person, ranked } from './person.ts'
import { rateOf } from './rate.ts'
import { trendOf } from './trend.ts'
import { testName } from './units.ts'
import { withSurvival } from './with-survival.ts'
import { biomarkerSentence, claimOf } from './words.ts'

export interface BiomarkerOptions {
  /** Tests to analyse, as the source names them; null for every test with enough values, and IGF-1 whenever it is there. */
  tests: readonly string[] | null
  /** Key of the lead variant, for the genotype's effect; null when there is none. */
  leadVariant: string | null
  /** How plates enter; fixed by default. */
  plates?: PlateEffects
  /** Of the relabellings of rank tests; 1 by default. */
  seed?: number
}

/** People with a measured value that reversals and typical progressors need each, for a test that nobody asked for. */
const enough = 3
/** Exact rank tests are made up to this product of the group sizes. */
const rankLimit = 20000
/** A value this many times above or below the median is named: its unit may be wrong. */
const farFold = 50

/**
 * Laboratory values by group of progression, by rate of loss, over time, with survival, and by genotype of the lead variant. One value a person
 * (`baselineOf`) except over time, values outside the assay's range as censored, on the log scale, adjusted for age at sampling and sex, and for body mass index beside it.
 * People with a recorded exclusion (mimic, known mutation) and, except with survival, unassigned ones are left out. Nothing is corrected for the number of tests; a note says how many there were.
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
  const included = new Map(groups.filter((g) => g.exclusion === null).map((g) => [g.patient, g]))
  const groupOf = new Map([...included].filter(([, g]) => g.group !== 'unassigned'))
  const patientOf = new Map(patients.map((p) => [p.patient, p]))
  const wanted = options.tests === null ? null : new Set(options.tests.map(testName))
  const notes = [
    "One value a person: the earliest, for reversals the earliest at or before the nadir. Censored Gaussian regression of the natural logarithm; p by likelihood ratio referred to F(1, n - p), limits of ratios by profile likelihood, of means by Wald with Student's t.",
  ]
  const excluded = groups.filter((g) => g.exclusion !== null).length
  if (excluded > 0) notes.push(`${excluded} people with a recorded exclusion were left out.`)
  const bmi = bodyMassIndex(labs)
  const relevant = wanted === null ? labs : labs.filter((lab) => wanted.has(testName(lab.test)))
  const biomarkers: Biomarker[] = []
  let few = 0
  for (const test of testValues(relevant, (patient) => included.has(patient))) {
    const { values, afterNadir } = baselineOf(test, groupOf)
    const people = values.map((v) => person(v, groupOf, patientOf, genotypeOfLead, bmi))
    const measured = (group: ProgressionGroup): number =>
      people.filter((p) => p.group === group && p.censoring === 0).length
    const asked = wanted === null ? test.name.includes('IGF-1') : wanted.has(test.name)
    if (!asked && (measured('reversal') < enough || measured('typical') < enough)) {
      few++
      continue
    }
    const lead = genotypeOfLead === null ? null : options.leadVariant
    const one = oneBiomarker(test, people, lead, {
      plates: options.plates ?? 'fixed',
      seed: options.seed ?? 1,
      afterNadir,
    })
    const course = courseOf(test.values, groupOf, patientOf)
    const survival = withSurvival(test.values, patientOf)
    const whole = { ...one, course, survival }
    biomarkers.push({ ...whole, claim: claimOf(whole), sentence: biomarkerSentence(whole) })
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
  bmi: (patient: string, day: number) => number | null,
): Person {
  const patient = patients.get(value.patient)
  const group = groups.get(value.patient) as GroupRow
  const since = patient?.onset_day == null ? 0 : (value.day - patient.onset_day) / daysInYear
  return {
    ...value,
    // Plates of two cohorts are two, whatever they are called.
    plate: value.plate === null ? null : `${patient?.cohort ?? ''}/${value.plate}`,
    group: group.group,
    age: patient?.age_at_onset == null ? null : patient.age_at_onset + since,
    male: patient?.sex == null ? null : patient.sex === 'male' ? 1 : 0,
    bmi: bmi(value.patient, value.day),
    genotype: genotypes?.get(value.patient) ?? null,
    lossRate: group.pre_nadir_slope === null ? null : 0 - group.pre_nadir_slope,
  }
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)]

/** What was left out or looks wrong, in sentences. */
function notesOn(test: TestValues, people: readonly Person[], afterNadir: number): string[] {
  const notes: string[] = []
  if (afterNadir > 0) notes.push(`${afterNadir} reversals have values after the nadir only and are left out.`)
  for (const { unit, values, factor } of test.converted)
    notes.push(`${values} values in ${unit} were converted to ${test.unit} (x ${Number(factor.toPrecision(6))}).`)
  for (const { unit, values } of test.refused)
    notes.push(
      `${values} values in ${unit === '' ? 'no unit' : unit} were refused: there is no known conversion to ${test.unit === '' ? 'no unit' : test.unit}.`,
    )
  if (test.notPositive > 0) notes.push(`${test.notPositive} values that are not positive were left out.`)
  const sorted = people.map((p) => p.value).sort((a, b) => a - b)
  const far = people.filter((p) => p.value > farFold * median(sorted) || p.value * farFold < median(sorted))
  if (far.length > 0)
    notes.push(
      `${far.length} value${far.length === 1 ? ' lies' : 's lie'} more than ${farFold}-fold from the median and still count${far.length === 1 ? 's' : ''}: check the unit (${far
        .slice(0, 3)
        .map((p) => p.patient)
        .join(', ')}${far.length > 3 ? ', ...' : ''}).`,
    )
  return notes
}

function oneBiomarker(
  test: TestValues,
  people: readonly Person[],
  variant: string | null,
  { plates, seed, afterNadir }: { plates: PlateEffects; seed: number; afterNadir: number },
): Omit<Biomarker, 'sentence'> {
  const notes = notesOn(test, people, afterNadir)
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
  const plateNames = new Set(modelled.map((p) => p.plate))
  const platesUsed: PlateEffects = plateNames.size > 1 ? plates : 'none'
  if (platesUsed === 'random' && plateNames.size < fewestRandomPlates)
    notes.push(`${plateNames.size} plates are too few to estimate how plates scatter: they enter as fixed effects.`)
  const reference: ProgressionGroup | undefined = inModel.includes('typical') ? 'typical' : inModel[0]
  const dummies = inModel.filter((group) => group !== reference)
  const reads = { age: (p: Person) => p.age as number, sex: (p: Person) => p.male as number }
  const covariates = (['age', 'sex'] as const).filter((name) =>
    modelled.some((p) => reads[name](p) !== reads[name](modelled[0])),
  )
  const centres = covariates.map((name) => mean(modelled.map(reads[name])))
  const adjustment = covariates.map((name, c) => (p: Person) => reads[name](p) - centres[c])
  const row = (p: Person, columns: readonly number[]): LevelRow => ({
    value: p.value,
    censoring: p.censoring,
    plate: p.plate,
    columns: [...columns, ...adjustment.map((read) => read(p))],
  })
  const byGroup = (p: Person): number[] => dummies.map((group) => (p.group === group ? 1 : 0))
  const model = fitLevels(
    modelled.map((p) => row(p, byGroup(p))),
    dummies.length + covariates.length,
    platesUsed,
  )
  if (model === 'too_few') notes.push('The model could not be fitted: too few people or no spread.')
  if (model === 'plates_confounded')
    notes.push(
      'Groups and plates cannot be told apart: no plate holds enough of both, so a difference between groups may be one between plates, and none is estimated.',
    )
  const fitted: LevelModel | null = typeof model === 'string' ? null : model
  if (fitted !== null && fitted.people < modelled.length)
    notes.push(
      `${modelled.length - fitted.people} people are on plates without a measured value, which say nothing of differences within plates.`,
    )

  const groups: BiomarkerGroup[] = []
  if (fitted !== null)
    for (const group of inModel) {
      const members = modelled.filter((p) => p.group === group)
      const weights = [1, ...dummies.map((d) => (d === group ? 1 : 0)), ...covariates.map(() => 0)]
      groups.push({
        group,
        n: members.length,
        censored: members.filter((p) => p.censoring !== 0).length,
        ...fitted.mean(weights),
      })
    }

  let contrast: Biomarker['contrast'] = null
  let withBodyMass: Biomarker['withBodyMass'] = null
  const column = dummies.indexOf('reversal')
  const platesSaid = platesUsed === 'none' ? [] : ['plate']
  if (fitted !== null && column >= 0 && reference === 'typical') {
    const ratio = fitted.ratio(column)
    if (ratio !== null) contrast = { ...ratio, rankP: wilcoxon(people), adjustedFor: [...covariates, ...platesSaid] }
    else notes.push('The contrast of reversals with typical progressors has no finite limits.')
    withBodyMass = bodyMassContrast()
  }

  let genotype: Biomarker['genotype'] = null
  const typed = modelled.filter((p) => p.genotype !== null)
  if (variant !== null && typed.some((p) => p.genotype !== typed[0].genotype)) {
    const present = dummies.filter((d) => typed.some((p) => p.group === d) && typed.some((p) => p.group !== d))
    const ratio = ratioIn(
      typed.map((p) => row(p, [p.genotype as number, ...present.map((group) => (p.group === group ? 1 : 0))])),
      1 + present.length + covariates.length,
      0,
    )
    if (ratio === null) notes.push('The effect of the lead variant could not be estimated.')
    else
      genotype = {
        variant,
        n: typed.length,
        ...ratio,
        adjustedFor: [...covariates, ...(present.length > 0 ? ['group'] : []), ...platesSaid],
      }
  }

  const limits = [...new Set(people.filter((p) => p.censoring === -1).map((p) => p.value))]
  return {
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
      ...(p.censoring === 1 && { above: true }),
    })),
    groups,
    contrast,
    genotype,
    withBodyMass,
    trend: trendOf(people, seed),
    rate: rateOf(complete, adjustment, covariates, platesUsed, seed),
    plates: {
      plates: plateNames.size,
      how:
        model === 'plates_confounded'
          ? 'confounded'
          : platesUsed === 'random' && fitted?.sdPlates == null
            ? 'fixed'
            : platesUsed,
      sd: fitted?.sdPlates ?? null,
    },
    converted: test.converted,
    refused: test.refused,
    notes,
  }

  function ratioIn(rows: readonly LevelRow[], width: number, at: number) {
    const found = fitLevels(rows, width, platesUsed)
    return typeof found === 'string' ? null : found.ratio(at)
  }

  /** The contrast among people with a body mass index, adjusted for it and not. */
  function bodyMassContrast(): Biomarker['withBodyMass'] {
    const known = modelled.filter((p) => p.bmi !== null && dummies.concat(reference ?? []).includes(p.group))
    if (known.length === 0) return null
    const present = dummies.filter((d) => known.some((p) => p.group === d))
    const at = present.indexOf('reversal')
    if (at < 0 || !known.some((p) => p.group === 'typical')) return null
    const centre = mean(known.map((p) => p.bmi as number))
    const own = (p: Person): number[] => present.map((group) => (p.group === group ? 1 : 0))
    const said = [...covariates, ...platesSaid]
    const width = present.length + covariates.length
    const with_ = ratioIn(
      known.map((p) => row(p, [...own(p), (p.bmi as number) - centre])),
      width + 1,
      at,
    )
    const without = ratioIn(
      known.map((p) => row(p, own(p))),
      width,
      at,
    )
    if (with_ === null || without === null) return null
    const named = (ratio: Omit<BiomarkerRatio, 'adjustedFor'>, adjustedFor: string[]): BiomarkerRatio => ({
      ...ratio,
      adjustedFor,
    })
    return { n: known.length, adjusted: named(with_, [...said, 'body mass index']), without: named(without, said) }
  }
}

/** Exact Wilcoxon test of reversals and typical progressors; everything below the highest limit is tied lowest. */
function wilcoxon(people: readonly Person[]): number | null {
  const two = people.filter((p) => p.group === 'reversal' || p.group === 'typical')
  const reversals = two.filter((p) => p.group === 'reversal').length
  if (reversals === 0 || reversals === two.length || reversals * (two.length - reversals) > rankLimit) return null
  const values = ranked(two)
  const groups = two.map((p) => (p.group === 'typical' ? 0 : 1))
  return isExactTrendShort(values, groups) ? jonckheereTerpstra(values, groups).twoSided : null
}
