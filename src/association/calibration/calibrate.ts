import type { Workshop } from '../../compute/task.ts'
import { blockVariants, openStore } from '../../genotypes/store/index.ts'
import { exp } from '../../numerics/special.ts'
import type { Calibration, Rate } from '../../results/calibration.ts'
import { LabelSets } from '../../statistics/labels/index.ts'
import { matchedPower, rejectionRule, tablePower } from '../../statistics/power/index.ts'
import { clopperPearsonInterval } from '../../statistics/proportions/index.ts'
import type { SealedDesign } from '../design.ts'
import { FamilyMinima, scanFamilies } from '../family-minima.ts'
import { PersonDosages } from '../person-dosages.ts'
import { scanChunks, scanSetup } from '../scan.ts'
import { calibrationFirthTask } from './firth-task.ts'
import { countBins, exactTests, levels } from './levels.ts'
import { ReplicateIntervals } from './rates.ts'
import { recommend } from './recommend.ts'
import { calibrationScoreTask, scoreSets } from './score-task.ts'
import { calibrationTask } from './subset-task.ts'
import { type LevelVerdict, levelVerdict } from './verdict.ts'

export interface CalibrateOptions {
  /** Folder of the genotype store. */
  store: string
  keep: Uint8Array | null
  /** Null label sets. Default 400. */
  replicates?: number
  /** Variants for the exact tests. Default 2000, evenly spaced over the store. */
  variants?: number
  /** Variants and null label sets for Firth. Defaults 120 and 100. */
  firthVariants?: number
  firthReplicates?: number
}

const oddsRatios = [2, 3, 5, 8, 12, 20]
const frequencies = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4]
/** Replicates a chunk of the Firth calibration. */
const firthRange = 10

/**
 * Null replicates on the sealed design: label sets of the primary family, drawn apart from those of the study, on the
 * study's own genotypes. Type I error of each test by minor-allele count, family-wise error of the minimum p, power of the
 * primary test at its threshold. Labels are never seen.
 */
export async function calibrate(
  design: SealedDesign,
  options: CalibrateOptions,
  workshop: Workshop,
): Promise<Calibration> {
  const replicates = options.replicates ?? 400
  const family = design.families[0]
  const scan = scanSetup(options.store, design, options.keep)
  const chunks = scanChunks(design.storeVariants)
  const nullPurpose = 'association/calibration null labels'
  const planes = new LabelSets(family.scheme).planes(design.seed, nullPurpose, 0, replicates, design.bits, design.words)

  // Family-wise error: the threshold from the study's own label sets, the errors from null labels drawn apart.
  const thresholdSets =
    design.permutations.sets > 0 ? Math.min(Math.max(1000, replicates), design.permutations.sets) : 400
  let tested = 0
  const scanned = await scanFamilies(
    design,
    scan,
    [
      { family, first: 0, count: thresholdSets },
      { family, first: 0, count: replicates, purpose: nullPurpose },
    ],
    {
      observed: null,
      label: 'null replicates',
      each: (result) => {
        tested += result.tested.length
      },
    },
    workshop,
  )
  const minima = new FamilyMinima(scanned.minima[0])
  const { alpha } = design.primary
  const byFamily = design.primary.test === 'family'
  const familyAlpha = byFamily ? alpha : 0.05
  const errors = scanned.minima[1].reduce((sum, logP) => sum + (minima.familyP(logP) <= familyAlpha + 1e-12 ? 1 : 0), 0)
  const rate = errors / replicates
  // The threshold is an estimate too: its noise is that of a binomial over its own label sets.
  const effective = Math.max(1, Math.floor((replicates * thresholdSets) / (replicates + thresholdSets)))
  const interval = clopperPearsonInterval(Math.round(rate * effective), effective)

  // Single-variant tests on a subset.
  const wanted = options.variants ?? 2000
  const stride = Math.max(1, Math.floor(design.storeVariants / wanted))
  const firthWanted = options.firthVariants ?? 120
  // A prime, so that they are spread over a chunk and not those of the exact tests.
  const firthStride = design.storeVariants >= 20_000 ? 37 : 1
  const quota = Math.max(1, Math.ceil(firthWanted / (countBins.length * Math.max(1, chunks.length))))
  const cells = countBins.length * levels.length * replicates
  const testNames = exactTests(family.masks, design.matched !== null)
  const rejections = new Int32Array(testNames.length * cells)
  const variants = new Int32Array(countBins.length)
  const records: Uint8Array[] = []
  const recordBins: number[] = []
  const recordIndex: number[] = []
  const taken = new Int32Array(countBins.length)
  const setup = {
    scan,
    people: design.people.length,
    cases: design.cases,
    masks: family.masks,
    matched: design.matched !== null,
    scheme: family.scheme,
    bits: design.bits,
    planes,
    stride,
    firthStride,
    quota,
  }
  for await (const part of workshop.run(calibrationTask, setup, chunks, { label: 'type I error' })) {
    for (let i = 0; i < rejections.length; i++) rejections[i] += part.rejections[i]
    for (let b = 0; b < variants.length; b++) variants[b] += part.variants[b]
    part.recordBins.forEach((bin, i) => {
      if (taken[bin] >= Math.ceil(firthWanted / countBins.length)) return
      taken[bin]++
      records.push(part.records.subarray(i * 16 * design.words, (i + 1) * 16 * design.words))
      recordBins.push(bin)
      recordIndex.push(part.recordIndex[i])
    })
  }
  const intervals = new ReplicateIntervals(replicates, design.seed, 'association/calibration resampling')
  const tests: Calibration['tests'] = testNames.map((test, t) => {
    const rates = ratesOf(intervals, variants, replicates, rejections.subarray(t * cells, (t + 1) * cells))
    return { test, rates, ...verdictOf(test, rates) }
  })

  // Firth on a fixed, count-stratified subset.
  const firthReplicates = Math.min(replicates, options.firthReplicates ?? 100)
  const firthVariants = new Int32Array(countBins.length)
  for (const bin of recordBins) firthVariants[bin]++
  const bytes = new Uint8Array(records.length * 16 * design.words)
  records.forEach((record, i) => {
    bytes.set(record, i * 16 * design.words)
  })
  const firthSetup = {
    words: design.words,
    bits: design.bits,
    columns: design.covariates.columns,
    records: bytes,
    recordBins: Int32Array.from(recordBins),
    dosages: await dosagesOf(recordIndex, design, options.store, workshop),
    planes,
    sets: design.matched === null ? null : design.strata.of,
  }
  // The efficient score on the same variants, where the study gives it of its lead.
  const { risks } = design
  if (risks !== null && records.length > 0)
    for await (const { rejections: scored } of workshop.run(
      calibrationScoreTask,
      { ...firthSetup, risks, scheme: family.scheme, seed: design.seed },
      [null],
      { label: 'type I error of the efficient score' },
    )) {
      const rates = ratesOf(intervals, firthVariants, replicates, scored, scoreSets)
      tests.push({ test: 'efficient_score_p', rates, ...verdictOf('efficient_score_p', rates) })
    }
  const ranges = []
  for (let first = 0; first < firthReplicates; first += firthRange)
    ranges.push({ first, last: Math.min(firthReplicates, first + firthRange) })
  const firthRejections = new Int32Array(countBins.length * levels.length * firthReplicates)
  let failed = 0
  let chunk = 0
  for await (const part of workshop.run(calibrationFirthTask, firthSetup, records.length > 0 ? ranges : [], {
    label: 'type I error of Firth',
  })) {
    const { first, last } = ranges[chunk++]
    failed += part.failed
    for (let cell = 0; cell < countBins.length * levels.length; cell++)
      firthRejections.set(
        part.rejections.subarray(cell * (last - first), (cell + 1) * (last - first)),
        cell * firthReplicates + first,
      )
  }
  const firthIntervals = new ReplicateIntervals(
    firthReplicates,
    design.seed,
    'association/calibration Firth resampling',
  )
  const firthRates = ratesOf(firthIntervals, firthVariants, firthReplicates, firthRejections)
  tests.push({ test: 'firth_p', rates: firthRates, ...verdictOf('firth_p', firthRates) })

  // Power of the primary.
  const logLimit = minima.logThreshold(familyAlpha)
  const threshold = byFamily ? (Number.isFinite(logLimit) ? exp(logLimit) : alpha / Math.max(1, tested)) : alpha
  const controls = design.people.length - design.cases
  const powerOf = (test: 'trend_exact_p' | 'firth_p', p: number): Calibration['power'] => {
    const rule = rejectionRule(test, p)
    const options = { seed: design.seed, replicates: test === 'trend_exact_p' ? 500 : 200, enumerationLimit: 20_000 }
    const { matched } = design
    return frequencies.flatMap((maf) =>
      oddsRatios.map((or) => {
        const model = { frequency: maf, or }
        const estimate =
          matched === null
            ? tablePower(model, design.cases, controls, rule, options)
            : matchedPower(model, matched.sizes, test, p, {
                ...options,
                // Time grows with the square of the sets.
                replicates: Math.max(50, Math.min(options.replicates, Math.round(150_000 / matched.sets))),
              })
        return { or, maf, power: estimate.power, low: estimate.low, high: estimate.high }
      }),
    )
  }
  const power = powerOf(byFamily ? 'trend_exact_p' : 'firth_p', threshold)
  // What either test would see, each at a threshold that controls the family-wise error at the same alpha.
  const bonferroni = familyAlpha / Math.max(1, tested)
  const familyThreshold = Number.isFinite(logLimit) ? exp(logLimit) : bonferroni
  const rivals = {
    family: byFamily ? power : powerOf('trend_exact_p', familyThreshold),
    firth: powerOf('firth_p', bonferroni),
  }

  const verdict = levelVerdict(rate, interval.low, interval.high, familyAlpha)
  const notes = [
    `Exact tests: ${variants.reduce((a, b) => a + b, 0)} variants, every ${stride === 1 ? '' : `${stride}th `}one of the store, under ${replicates} null label sets (${family.masks}).`,
    `Firth: ${recordBins.length} variants, at most ${Math.ceil(firthWanted / countBins.length)} of each minor-allele-count bin, under ${firthReplicates} null label sets; ${failed} fits gave no p and count as not rejecting.`,
    ...(risks === null || records.length === 0
      ? []
      : [
          `Efficient score: the variants of Firth, under ${replicates} null label sets; each p among ${scoreSets} label sets drawn apart; the intervals carry the noise of both.`,
        ]),
    `Family-wise error: all ${tested} variants; threshold from ${thresholdSets} label sets, errors from ${replicates} drawn apart; the interval carries the noise of both.`,
  ]
  if (!byFamily)
    notes.push(
      `The primary test is Firth at ${alpha}: its family-wise error over all variants is not simulated; that of the minimum exact p at 0.05 is shown.`,
    )
  if (design.blind)
    notes.push(
      `No phenotype was opened: ${design.cases} cases are drawn from everybody with genotypes, with equal odds, so confounding was not tested, and the certificate is one of these genotypes and this number, not of the study to come.`,
    )
  else if (design.matched !== null)
    notes.push(
      `The design is matched: null labels are drawn within ${design.matched.sets} sets, Firth is the conditional one, and tests named unmatched ignore the sets. Power is of the tests within sets of these sizes, from simulated genotypes that what was matched on does not change.`,
    )
  else if (design.risks === null)
    notes.push('There are no covariates: labels are redrawn with equal odds, so confounding was not tested.')
  return {
    replicates,
    design: {
      people: design.people.length,
      cases: design.cases,
      strata: design.strata.names.length,
      covariates: design.covariates.names,
      masks: family.masks,
      ...(design.matched !== null && { matched: true }),
      ...(design.blind && { blind: true }),
    },
    tests,
    familywise: { alpha: familyAlpha, errors, replicates, rate, low: interval.low, high: interval.high, verdict },
    power,
    primary: { ...design.primary },
    recommendation: recommend({
      alpha: familyAlpha,
      familywise: { verdict, rate, low: interval.low, high: interval.high },
      firth: tests[tests.length - 1],
      familyPower: rivals.family,
      firthPower: rivals.firth,
      familyThreshold,
      bonferroni,
      replicates,
    }),
    notes,
    sentence: sentenceOf(verdict, rate, interval, familyAlpha, { replicates, thresholdSets }, tests),
  }
}

function ratesOf(
  intervals: ReplicateIntervals,
  variants: Int32Array,
  replicates: number,
  rejections: Int32Array,
  reference?: number,
): Rate[] {
  const rates: Rate[] = []
  const all = variants.reduce((a, b) => a + b, 0)
  levels.forEach(({ alpha }, level) => {
    const sum = new Int32Array(replicates)
    countBins.forEach(({ name }, bin) => {
      const from = (bin * levels.length + level) * replicates
      const part = rejections.subarray(from, from + replicates)
      for (let r = 0; r < replicates; r++) sum[r] += part[r]
      if (variants[bin] > 0) rates.push(intervals.rate(name, alpha, variants[bin], part, reference))
    })
    if (all > 0) rates.push(intervals.rate('all', alpha, all, sum, reference))
  })
  return rates
}

const names: Record<string, string> = {
  trend_conditional_p: 'The trend conditional on fitted risks',
  trend_conditional_midp: 'The mid-p conditional on fitted risks',
  trend_stratified_p: 'The exact trend within strata',
  trend_stratified_midp: 'The mid-p within strata',
  trend_exact_p: 'The exact trend test',
  trend_midp: 'The mid-p of the trend test',
  fisher_p: 'Fisher 2x3',
  allelic_p: 'Fisher 2x2 of alleles',
  dominant_p: 'Fisher 2x2 of carriers',
  recessive_p: 'Fisher 2x2 of two copies',
  trend_asymptotic_p: "Armitage's asymptotic trend",
  efficient_score_p: 'The efficient score',
  firth_p: "Firth's test",
  ...withinNames((name) => name[0].toUpperCase() + name.slice(1)),
}

/** The same inside a sentence. */
const sentenceNames: Record<string, string> = {
  trend_conditional_p: 'the trend conditional on fitted risks',
  trend_conditional_midp: 'the mid-p conditional on fitted risks',
  trend_stratified_p: 'the trend within strata',
  trend_stratified_midp: 'the mid-p within strata',
  trend_exact_p: 'the exact trend without covariates',
  trend_midp: 'the mid-p of the exact trend without covariates',
  allelic_p: 'the allelic test',
  dominant_p: 'the dominant test',
  recessive_p: 'the recessive test',
  trend_asymptotic_p: 'the asymptotic trend',
  efficient_score_p: 'the efficient score',
  fisher_p: 'Fisher 2x3',
  firth_p: 'Firth',
  ...withinNames((name) => name),
}

/** Of matched designs. */
function withinNames(as: (name: string) => string): Record<string, string> {
  const own = {
    trend_within_sets_p: 'the exact trend within matched sets',
    trend_within_sets_midp: 'the mid-p within matched sets',
    unmatched_trend_exact_p: 'the exact trend with the sets ignored',
    unmatched_trend_midp: 'the mid-p of the trend with the sets ignored',
    unmatched_fisher_p: 'Fisher 2x3 with the sets ignored',
    unmatched_allelic_p: 'the allelic test with the sets ignored',
    unmatched_dominant_p: 'the dominant test with the sets ignored',
    unmatched_recessive_p: 'the recessive test with the sets ignored',
    unmatched_trend_asymptotic_p: 'the asymptotic trend with the sets ignored',
  }
  return Object.fromEntries(Object.entries(own).map(([test, name]) => [test, as(name)]))
}

/** Over all variants at 0.05 and 0.01: anti-conservative if either is, else what it is at 0.05. */
function verdictOf(test: string, rates: readonly Rate[]): { verdict: LevelVerdict | 'untested'; sentence: string } {
  const at = (alpha: number) => rates.find((r) => r.bin === 'all' && r.alpha === alpha)
  const [five, one] = [at(0.05), at(0.01)]
  const name = names[test] ?? test
  if (five === undefined || one === undefined)
    return { verdict: 'untested', sentence: `${name} was not tested: no variant was there to test it on.` }
  const verdicts = [five, one].map((r) => levelVerdict(r.rate, r.low, r.high, r.alpha))
  const verdict = verdicts.includes('anti-conservative') ? 'anti-conservative' : verdicts[0]
  const percent = (x: number) => `${(100 * x).toFixed(1)}%`
  const what = {
    calibrated: 'keeps its level on this design',
    conservative: 'errs on the safe side on this design',
    'anti-conservative': 'is wrong too often on this design: do not take its p at face value',
    uncertain: 'cannot be judged on this design from so few null label sets',
  }[verdict]
  return {
    verdict,
    sentence: `${name} ${what}: at 5% it rejects ${percent(five.rate)} of null variants (${percent(five.low)} to ${percent(five.high)}).`,
  }
}

function sentenceOf(
  verdict: LevelVerdict,
  rate: number,
  interval: { low: number; high: number },
  alpha: number,
  { replicates, thresholdSets }: { replicates: number; thresholdSets: number },
  tests: Calibration['tests'],
): string {
  const percent = (x: number) => `${(100 * x).toFixed(1)}%`
  const failing = tests.filter((t) => t.verdict === 'anti-conservative').map((t) => sentenceNames[t.test] ?? t.test)
  const first = `In ${replicates} relabelled copies of this study without any effect, the family-wise test was wrong in ${percent(rate)} (${percent(interval.low)} to ${percent(interval.high)}) where ${percent(alpha)} is meant: ${verdict === 'uncertain' ? `whether it is calibrated cannot be told from ${replicates} copies and a threshold of ${thresholdSets} label sets` : `it is ${verdict}`}.`
  return failing.length === 0 ? first : `${first} Wrong too often here: ${failing.join(', ')}.`
}

/** Copies of alt by person of autosomal variants that have dosages, null for the others. */
async function dosagesOf(
  variants: readonly number[],
  design: SealedDesign,
  folder: string,
  { host, signal }: Workshop,
): Promise<(Float64Array | null)[]> {
  const store = await openStore(host, folder)
  try {
    const reader = new PersonDosages(design.words, design.bits, new Uint8Array(8 * design.words))
    const found: (Float64Array | null)[] = []
    for (const index of variants) {
      const b = Math.floor(index / blockVariants)
      const dosages = await store.dosages(b, signal)
      const genotypes = await store.genotypes(b, signal)
      found.push(reader.of({ genotypes, dosages }, index % blockVariants, 0)?.copies.slice() ?? null)
    }
    return found
  } finally {
    await store.close()
  }
}
