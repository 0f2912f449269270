import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { FilterStep, KinshipPair, Quality, SampleQuality } from '../../results/genotypes.ts'
import { kinshipPairs } from '../kinship/king.ts'
import { relationship, removeRelatives } from '../kinship/relationship.ts'
import { pruneByLd, thin } from '../ld/prune.ts'
import { openStore } from '../store/open.ts'
import type { GenotypeStore } from '../store/reader.ts'
import { callRateTask } from './call-rate.ts'
import { addHeterozygosity, heterozygosityTask, inbreedingCoefficient, noHeterozygosity } from './heterozygosity.ts'
import { addPersonCounts, noPersonCounts } from './person-counts.ts'
import { blockGroups, groupVariants, peopleMask } from './scan.ts'
import { fewestXVariants, geneticSex, outlyingValues } from './sex.ts'
import { variantFilterTask, variantVerdicts } from './variant-filter.ts'
import { appendRun, type KindRun } from './variant-kinds.ts'

/** A person as recorded, before anything is known of case or control. */
export interface RecordedPerson {
  /** Sample id in the store. */
  sample: string
  sex: 'female' | 'male' | null
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

// The defaults that no option sets; docs/quality.md gives the reasons.
const lenientVariantCallRate = 0.8
const commonMaf = 0.05
const heterozygositySd = 6
const pruning = { r2: 0.2, window: 200_000 }
const mostKinshipVariants = 100_000
const fewestKinshipVariants = 2_000
const fewestHeterozygosityVariants = 200
const fewestWomen = 20
const duplicateKinship = 0.354
const examplesListed = 100

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
  const n = header.samples.length
  const words = header.wordsPerPlane
  const groups = blockGroups(header)
  const recorded = new Map(people.map(({ sample, sex }) => [sample, sex]))
  const sexOf = header.samples.map((sample) => recorded.get(sample) ?? null)
  const reasons = new Array<string | null>(n).fill(null)
  const steps: FilterStep[] = []
  const notes: string[] = []
  const present = (): number[] => reasons.flatMap((reason, s) => (reason === null ? [s] : []))
  const remove = (filter: string, rule: string, leaving: readonly number[]): void => {
    for (const s of leaving) reasons[s] = filter
    const remaining = present().length
    const examples = leaving.slice(0, examplesListed).map((s) => header.samples[s])
    steps.push({ filter, rule, removed: leaving.length, remaining, examples })
    if (remaining === 0)
      throw new UpturnError(
        'BadArgument',
        `quality control leaves nobody: the last ${leaving.length} people fall to the filter "${filter}" (${rule})`,
      )
  }

  // Call rate of people.
  const runs: KindRun[] = []
  const calls = noPersonCounts(words)
  const lenient = { folder, variantCallRate: lenientVariantCallRate }
  for await (const part of workshop.run(callRateTask, lenient, groups, { label: 'counting calls' })) {
    for (const run of part.runs) appendRun(runs, run)
    addPersonCounts(calls, part.counts)
  }
  const callRate = header.samples.map((_, s) => (calls.used === 0 ? 1 : 1 - calls.missing[s] / calls.used))
  if (calls.used === 0)
    notes.push(`No variant is called in ${lenientVariantCallRate * 100}% of people, so call rates were not judged.`)
  remove(
    'sample call rate',
    `call rate below ${options.sampleCallRate} over the ${calls.used} variants called in at least ${lenientVariantCallRate * 100}% of people`,
    present().filter((s) => callRate[s] < options.sampleCallRate),
  )

  // Heterozygosity on the autosomes and on X.
  const called = peopleMask(header, present())
  const women = present().filter((s) => sexOf[s] === 'female')
  const autosomes = noHeterozygosity(words)
  const x = noHeterozygosity(words)
  const y = noPersonCounts(words)
  const heterozygosity = {
    folder,
    runs,
    people: called,
    peopleX: women.length < fewestWomen ? called : peopleMask(header, women),
    maf: commonMaf,
    variantCallRate: options.variantCallRate,
  }
  for await (const part of workshop.run(heterozygosityTask, heterozygosity, groups, { label: 'heterozygosity, sex' })) {
    addHeterozygosity(autosomes, part.autosomes)
    addHeterozygosity(x, part.x)
    addPersonCounts(y, part.y)
  }
  const f = header.samples.map((_, s) => inbreedingCoefficient(autosomes, s))
  const limit = options.heterozygositySd ?? heterozygositySd
  const enough = autosomes.counts.used >= fewestHeterozygosityVariants
  if (!enough) notes.push(`Only ${autosomes.counts.used} common autosomal variants: heterozygosity was not judged.`)
  const judged = present()
  remove(
    'heterozygosity',
    `F further than ${limit} standard deviations from the mean of the others, on ${autosomes.counts.used} autosomal variants with MAF at least ${commonMaf}`,
    enough
      ? outlyingValues(
          judged.map((s) => f[s]),
          limit,
        ).map((i) => judged[i])
      : [],
  )

  // Sex.
  const xF = header.samples.map((_, s) =>
    x.counts.used - x.counts.missing[s] < fewestXVariants ? Number.NaN : inbreedingCoefficient(x, s),
  )
  const genetic = xF.map(geneticSex)
  const mismatches = present().filter((s) => genetic[s] !== 'unknown' && sexOf[s] !== null && sexOf[s] !== genetic[s])
  remove(
    'sex mismatch',
    `recorded sex contradicts F on X (below 0.2 a woman, above 0.8 a man; ${x.counts.used} variants outside the pseudoautosomal regions)`,
    mismatches,
  )
  notes.push(...sexNotes(header.samples, present(), sexOf, genetic, xF, y))

  // Duplicates and relatives.
  const compared = Int32Array.from(reasons.flatMap((reason, s) => (reason === 'sample call rate' ? [] : [s])))
  const independent = await pruneByLd(
    {
      folder,
      people: called,
      keep: null,
      maf: commonMaf,
      variantCallRate: options.variantCallRate,
      ...pruning,
      excludeLongRange: false,
    },
    workshop,
  )
  const { chosen, count } = thin(independent.chosen, independent.count, mostKinshipVariants)
  const judgeRelatives = count >= fewestKinshipVariants
  if (!judgeRelatives)
    notes.push(
      `Only ${count} independent common variants, fewer than the ${fewestKinshipVariants} that kinship needs: duplicates and relatives were not looked for.`,
    )
  const kinship = judgeRelatives
    ? await kinshipPairs({ folder, chosen, people: compared }, Math.min(options.kinship, duplicateKinship), workshop)
    : { pairs: [], meanOpposite: 0 }
  const pairs = kinship.pairs.map((pair) => ({ ...pair, a: compared[pair.b], b: compared[pair.a] }))
  const among = (least: number): { a: number; b: number }[] =>
    pairs.filter((p) => p.kinship >= least && reasons[p.a] === null && reasons[p.b] === null)
  const rule = 'one of each pair leaves: who is in most pairs, then who has the lower call rate, then the later id'
  remove(
    'duplicate',
    `kinship (KING-robust) above ${duplicateKinship} on ${count} independent common variants; ${rule}`,
    removeRelatives(among(duplicateKinship), callRate),
  )
  remove(
    'related',
    `kinship (KING-robust) at least ${options.kinship} on the same variants; ${rule}`,
    removeRelatives(among(options.kinship), callRate),
  )

  // Variants.
  const kept = present()
  const men = kept.filter((s) => (genetic[s] === 'unknown' ? sexOf[s] : genetic[s]) === 'male')
  const keep = new Uint8Array(Math.ceil(header.variants / 8))
  const removed = variantVerdicts.map(() => 0)
  const examples: number[][] = variantVerdicts.map(() => [])
  const filter = {
    folder,
    runs,
    people: peopleMask(header, kept),
    men: peopleMask(header, men),
    callRate: options.variantCallRate,
    maf: options.maf,
    mac: options.mac ?? 0,
  }
  let g = 0
  for await (const verdicts of workshop.run(variantFilterTask, filter, groups, { label: 'filtering variants' })) {
    const { first } = groupVariants(header, groups[g++])
    verdicts.forEach((verdict, i) => {
      const v = first + i
      removed[verdict]++
      if (verdict === 0) keep[v >> 3] |= 1 << (v & 7)
      else if (examples[verdict].length < examplesListed) examples[verdict].push(v)
    })
  }
  const variantRules = [
    '',
    `called in fewer than ${options.variantCallRate * 100}% of the ${kept.length} people kept (on Y: of the ${men.length} men)`,
    `minor-allele frequency below ${options.maf} (men carry one copy of X and Y)`,
    `minor-allele count below ${options.mac ?? 0}`,
  ]
  const variantSteps: FilterStep[] = []
  let remaining = header.variants
  for (let i = 1; i < variantVerdicts.length; i++) {
    if (i === 3 && options.mac === undefined) continue
    remaining -= removed[i]
    variantSteps.push({
      filter: i === 1 ? 'variant call rate' : variantVerdicts[i],
      rule: variantRules[i],
      removed: removed[i],
      remaining,
      examples: await variantNames(store, examples[i], workshop.signal),
    })
  }

  return {
    quality: {
      samples: { total: n, kept: kept.length, steps },
      variants: { total: header.variants, kept: removed[0], steps: variantSteps },
      pairs: pairs.map((pair): KinshipPair => {
        const left = [pair.a, pair.b].find((s) => reasons[s] !== null)
        return {
          a: header.samples[pair.a],
          b: header.samples[pair.b],
          kinship: pair.kinship,
          relationship: relationship(pair.kinship, pair.oppositeHomozygotes, kinship.meanOpposite),
          removed: left === undefined ? null : header.samples[left],
        }
      }),
      sexMismatches: mismatches.map((s) => header.samples[s]),
      notes,
    },
    samples: header.samples.map((sample, s) => ({
      sample,
      kept: reasons[s] === null,
      reason: reasons[s],
      call_rate: callRate[s],
      heterozygosity_f: Number.isNaN(f[s]) ? 0 : f[s],
      x_f: Number.isNaN(xF[s]) ? null : xF[s],
      genetic_sex: genetic[s],
      recorded_sex: sexOf[s],
    })),
    keep,
  }
}

function sexNotes(
  samples: readonly string[],
  present: readonly number[],
  recorded: readonly (string | null)[],
  genetic: readonly string[],
  xF: readonly number[],
  y: { used: number; missing: Int32Array },
): string[] {
  const notes: string[] = []
  const list = (people: readonly number[]): string =>
    `${people
      .slice(0, 10)
      .map((s) => samples[s])
      .join(', ')}${people.length > 10 ? ', ...' : ''}`
  if (present.every((s) => Number.isNaN(xF[s])))
    notes.push(`Fewer than ${fewestXVariants} common X variants: sex was not checked.`)
  const between = present.filter((s) => genetic[s] === 'unknown' && !Number.isNaN(xF[s]))
  if (between.length > 0)
    notes.push(`F on X lies between 0.2 and 0.8, so sex is uncertain, in ${between.length}: ${list(between)}.`)
  const unrecorded = present.filter((s) => recorded[s] === null)
  if (unrecorded.length > 0) notes.push(`Sex is not recorded for ${unrecorded.length}: ${list(unrecorded)}.`)
  if (y.used > 0) {
    const onY = (s: number): boolean => y.missing[s] < y.used / 2
    const women = present.filter((s) => genetic[s] === 'female')
    const contradicting = [...women.filter(onY), ...present.filter((s) => genetic[s] === 'male' && !onY(s))]
    // Some callers write women's Y as the reference; then calls on Y say nothing.
    if (women.filter(onY).length > women.length / 2)
      notes.push('Women have calls on Y, so Y was not used to check sex.')
    else if (contradicting.length > 0)
      notes.push(`Calls on Y contradict the sex by X in ${contradicting.length}: ${list(contradicting)}.`)
  }
  return notes
}

async function variantNames(store: GenotypeStore, variants: readonly number[], signal: AbortSignal): Promise<string[]> {
  const names: string[] = []
  const { blocks } = store.header
  for (let b = 0; b < blocks.length && names.length < variants.length; b++) {
    const { first, variants: count } = blocks[b]
    if (variants[names.length] >= first + count) continue
    const keys = await store.keys(b, signal)
    while (names.length < variants.length && variants[names.length] < first + count) {
      const i = variants[names.length] - first
      names.push(`${keys.chromosome[i]}:${keys.position[i]}:${keys.ref[i]}:${keys.alt[i]}`)
    }
  }
  return names
}
