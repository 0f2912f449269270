import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { KinshipPair, Quality, SampleQuality } from '../../results/genotypes.ts'
import { duplicateKinship, removeRelatives } from '../kinship/relationship.ts'
import { regionsNote } from '../sex-chromosomes.ts'
import { openStore } from '../store/open.ts'
import type { GenotypeStore } from '../store/reader.ts'
import { acrossCohortNotes } from './across-cohorts.ts'
import { inbreedingCoefficient } from './heterozygosity.ts'
import { commonMaf, lenientVariantCallRate, scanCallRates, scanHeterozygosity } from './people.ts'
import { findRelatives } from './relatives.ts'
import { SampleFlow } from './sample-flow.ts'
import { peopleMask } from './scan.ts'
import { fewestXVariants, forbiddenSentence, geneticSex, outlyingValues, relativeToAutosomes, sexNotes } from './sex.ts'
import { filterVariants } from './variants.ts'

/** A person as recorded, before anything is known of case or control. */
export interface RecordedPerson {
  /** Sample id in the store. */
  sample: string
  sex: 'female' | 'male' | null
  /** The cohort whose files the sample is in. */
  cohort?: string
}

export interface QualityOptions {
  /** Smallest share of called variants of a person. */
  sampleCallRate: number
  /** Smallest share of called people of a variant. */
  variantCallRate: number
  /** Smallest minor-allele frequency; 0 keeps monomorphic variants too. */
  maf: number
  /** Smallest minor-allele count. */
  mac?: number
  /** Of two people with at least this kinship one is removed. */
  kinship: number
  /** Mean depth of a person's calls by sample, where the files say. */
  depths?: Readonly<Record<string, number>>
  /** Largest distance of F from its mean, in standard deviations. */
  heterozygositySd?: number
}

export interface QualityResult {
  quality: Quality
  /** One row a person of the store, in its order. */
  samples: SampleQuality[]
  /** Variants kept: bit i (least significant first) of byte i>>3. */
  keep: Uint8Array
}

// What no option sets; docs/quality.md gives the reasons.
const heterozygositySd = 6
const fewestHeterozygosityVariants = 200
const comparedCallRate = 0.5

/**
 * Quality control of people and variants, in the order call rate of people, heterozygosity, sex, duplicates, relatives,
 * call rate of variants, minor-allele frequency, minor-allele count. Nothing here sees who is a case.
 *
 * `folder` is a genotype store; people of the store who are not in `people` have no recorded sex. Refuses thresholds
 * outside [0, 1] and a study of which nobody is left.
 */
export async function assessQuality(
  folder: string,
  people: readonly RecordedPerson[],
  options: QualityOptions,
  workshop: Workshop,
): Promise<QualityResult> {
  checkOptions(options)
  const store = await openStore(workshop.host, folder)
  try {
    return await assess(store, folder, people, options, workshop)
  } finally {
    await store.close()
  }
}

function checkOptions(options: QualityOptions): void {
  for (const name of ['sampleCallRate', 'variantCallRate', 'maf', 'kinship'] as const)
    if (!(options[name] >= 0 && options[name] <= 1))
      throw new UpturnError('BadArgument', `quality: ${name} is ${options[name]}, not a number from 0 to 1`)
}

async function assess(
  store: GenotypeStore,
  folder: string,
  people: readonly RecordedPerson[],
  options: QualityOptions,
  workshop: Workshop,
): Promise<QualityResult> {
  const { header } = store
  const { samples } = header
  const recordedSex = new Map(people.map(({ sample, sex }) => [sample, sex]))
  const recorded = samples.map((sample) => recordedSex.get(sample) ?? null)
  const cohortOf = new Map(people.map(({ sample, cohort }) => [sample, cohort ?? null]))
  const cohorts = samples.map((sample) => cohortOf.get(sample) ?? null)
  const severalCohorts = new Set(cohorts.filter((cohort) => cohort !== null)).size > 1
  const flow = new SampleFlow(samples)
  const notes: string[] = []

  const { runs, calls, callRate, transitionRatios } = await scanCallRates(folder, header, workshop)
  if (calls.used === 0)
    notes.push(`No variant is called in ${lenientVariantCallRate * 100}% of people, so call rates were not judged.`)
  flow.remove(
    'sample call rate',
    `call rate below ${options.sampleCallRate} over the ${calls.used} variants called in at least ${lenientVariantCallRate * 100}% of people`,
    flow.present().filter((s) => callRate[s] < options.sampleCallRate),
  )
  const wellCalled = flow.present()

  const women = wellCalled.filter((s) => recorded[s] === 'female')
  const { autosomes, x, y } = await scanHeterozygosity(
    { folder, header, runs, people: wellCalled, women, variantCallRate: options.variantCallRate },
    workshop,
  )
  const f = samples.map((_, s) => inbreedingCoefficient(autosomes, s))
  const limit = options.heterozygositySd ?? heterozygositySd
  const enough = autosomes.counts.used >= fewestHeterozygosityVariants
  if (!enough) notes.push(`Only ${autosomes.counts.used} common autosomal variants: heterozygosity was not judged.`)
  const outliers = outlyingValues(
    wellCalled.map((s) => f[s]),
    limit,
  )
  flow.remove(
    'heterozygosity',
    `F further than ${limit} standard deviations from the mean of the others, on ${autosomes.counts.used} autosomal variants with MAF at least ${commonMaf}`,
    enough ? outliers.map((i) => wellCalled[i]) : [],
  )

  const xF = samples.map((_, s) =>
    x.counts.used - x.counts.missing[s] < fewestXVariants
      ? Number.NaN
      : relativeToAutosomes(inbreedingCoefficient(x, s), enough ? f[s] : 0),
  )
  const genetic = xF.map(geneticSex)
  const mismatches = flow
    .present()
    .filter((s) => genetic[s] !== 'unknown' && recorded[s] !== null && recorded[s] !== genetic[s])
  flow.remove(
    'sex mismatch',
    `recorded sex contradicts F on X relative to F on the autosomes (below 0.2 a woman, above 0.8 a man; ${x.counts.used} X variants outside the pseudoautosomal regions)`,
    mismatches,
  )
  notes.push(...sexNotes({ samples, present: flow.present(), recorded, genetic, xF, y }))

  // People already removed are compared too: the copy of somebody who stays is worth knowing.
  const compared = Int32Array.from(samples.keys()).filter((s) => callRate[s] >= comparedCallRate)
  const relatives = await findRelatives(
    {
      folder,
      reference: peopleMask(header, wellCalled),
      people: compared,
      variantCallRate: options.variantCallRate,
      kinship: options.kinship,
    },
    workshop,
  )
  if (relatives.note !== null) notes.push(relatives.note)
  const removePairs = (filter: string, what: string, least: number): void => {
    const pairs = relatives.pairs.filter((p) => p.kinship >= least && flow.isPresent(p.a) && flow.isPresent(p.b))
    flow.remove(
      filter,
      `kinship (KING-robust) ${what} on ${relatives.variants} independent common variants; of each pair leaves who is in most pairs, of equals who has the lower call rate, of equals the later id`,
      removeRelatives(pairs, callRate),
    )
  }
  removePairs('duplicate', `above ${duplicateKinship}`, duplicateKinship)
  removePairs('related', `at least ${Number(relatives.kinship.toPrecision(3))}`, relatives.kinship)

  const kept = flow.present()
  const sexOf = (s: number) => (genetic[s] === 'unknown' ? recorded[s] : genetic[s])
  const men = kept.filter((s) => sexOf(s) === 'male')
  const variants = await filterVariants(
    store,
    {
      folder,
      runs,
      people: kept,
      men,
      women: kept.filter((s) => sexOf(s) === 'female'),
      callRate: options.variantCallRate,
      maf: options.maf,
      mac: options.mac,
    },
    workshop,
  )

  const { forbidden } = variants
  const anyForbidden = Object.values(forbidden).some((calls) => calls > 0)
  if (anyForbidden) notes.push(forbiddenSentence(forbidden))
  const regions = regionsNote(header.build)
  if (regions !== null && runs.some(({ kind }) => kind === 'X' || kind === 'Y' || kind === 'pseudoautosomal'))
    notes.push(regions)
  const pairs = relatives.pairs.map(({ a, b, kinship, relationship }): KinshipPair => {
    const left = [a, b].find((s) => !flow.isPresent(s))
    const removed = left === undefined ? null : samples[left]
    return {
      a: samples[a],
      b: samples[b],
      kinship,
      relationship,
      removed,
      ...(severalCohorts && { cohorts: [cohorts[a] ?? '', cohorts[b] ?? ''] }),
    }
  })
  notes.push(...acrossCohortNotes(pairs))

  return {
    quality: {
      samples: { total: samples.length, kept: kept.length, steps: flow.steps },
      variants: { total: header.variants, kept: variants.kept, steps: variants.steps },
      pairs,
      ...(anyForbidden && { forbiddenCalls: forbidden }),
      sexMismatches: mismatches.map((s) => samples[s]),
      notes,
    },
    samples: samples.map((sample, s) => ({
      sample,
      cohort: cohorts[s],
      kept: flow.isPresent(s),
      reason: flow.reasons[s],
      call_rate: callRate[s],
      heterozygosity_f: Number.isNaN(f[s]) ? null : f[s],
      ti_tv: Number.isNaN(transitionRatios[s]) ? null : transitionRatios[s],
      depth: options.depths !== undefined && Object.hasOwn(options.depths, sample) ? options.depths[sample] : null,
      x_f: Number.isNaN(xF[s]) ? null : xF[s],
      genetic_sex: genetic[s],
      recorded_sex: recorded[s],
    })),
    keep: variants.keep,
  }
}
