import type { Workshop } from '../compute/task.ts'
import { isUpturnError } from '../errors/index.ts'
import { hasBit } from '../genotypes/quality/scan.ts'
import { blockVariants, openStore } from '../genotypes/store/index.ts'
import { exp, log } from '../numerics/special.ts'
import type { AssociationStatus, AssociationSummary, FamilySummary, MatchedSummary } from '../results/association.ts'
import { sayP } from '../results/say.ts'
import { meanOverlap } from '../statistics/labels/index.ts'
import { fitNull } from '../statistics/logistic/index.ts'
import { DistinctDigests, TaroneCount } from './accounting.ts'
import { statusNames } from './chunk-rows.ts'
import { type Labels, type MatchedDesign, personPlane, type SealedDesign } from './design.ts'
import { FamilyMinima, type FamilyRequest, scanFamilies } from './family-minima.ts'
import type { FirthModel } from './firth-scan.ts'
import { flagNames, flagText } from './flags.ts'
import { readVariant, testLead } from './lead.ts'
import type { MinimaResult } from './minima-task.ts'
import { Quantiles } from './quantiles.ts'
import { type RowsSetup, rowsTask } from './rows-task.ts'
import type { RowsText } from './rows-text.ts'
import { scanChunks, scanSetup } from './scan.ts'
import { withinSetup } from './within-scan.ts'

export interface AssociateOptions {
  /** Folder of the genotype store. */
  store: string
  /** Variants to test: bit i (least significant first) of byte i >> 3; null tests all. */
  keep: Uint8Array | null
  /** `screened` fits Firth only where the exact trend p is below 0.05. Default: every row. */
  firth?: 'every' | 'screened'
  /** Call rate below which a row is flagged. Default 0.95. */
  callRate?: number
  /** Variants at which controls of different sources differ, bits as in `keep`: their rows are flagged. */
  sourcesDiffer?: Uint8Array | null
  /** Variants that some cohort lacks, bits as in `keep`: their rows are flagged. */
  partial?: Uint8Array | null
  /** Make the lines of GWAS-SSF too. Default: no. */
  ssf?: boolean
  /**
   * Given the rows of X variants once more, a man's one allele counting once instead of twice: outside the family, without
   * `primary_p`, `family_p` and `permutation_p`. Not called where both sexes are not there, or sex is not known.
   */
  onOtherCodings?: OnRows
  /** Digests of genotype columns held at once; changes memory and time, never a result. */
  digestsHeld?: number
  /** Told of every Firth fit that needed more than one climb: index in the store, rungs of the retry ladder in words. */
  onRetry?: (variant: number, trace: string) => void
}

/** Rows of variants, in the order of the store, as lines of text; they may be overwritten once the promise is kept. */
export interface AssociationRows extends RowsText {
  rows: number
}

export type OnRows = (rows: AssociationRows) => Promise<void> | void

/** Most label sets that an interval covering alpha can ask for, as a multiple of the number first drawn. */
const largestExtension = 16

/**
 * The association scan. Opens the labels: everything that joins genotype and phenotype happens here. First pass: minima of
 * every family's label sets (more are drawn while the interval of the family-wise p covers alpha, unless the number was
 * given). Then the lead. Second pass: one row a kept variant, in the order of the store, handed to `onRows` as lines of
 * `associationsTable` while memory stays bounded. The same whatever runs the chunks.
 */
export async function associate(
  design: SealedDesign,
  labels: Labels,
  options: AssociateOptions,
  workshop: Workshop,
  onRows: OnRows,
): Promise<AssociationSummary> {
  const { alpha } = design.primary
  const scan = scanSetup(options.store, design, options.keep)
  const casePlane = personPlane(design, (i) => labels.cases[i] === 1)
  const distinctDigests = new DistinctDigests(options.digestsHeld)
  const tarone = new TaroneCount(alpha, exp, design.storeVariants)
  const distinct = new Uint8Array(Math.ceil(design.storeVariants / 8))
  let variantsTested = 0

  // First pass.
  const sets = design.permutations.sets
  const requests: FamilyRequest[] = design.families.map((family) => ({ family, first: 0, count: sets }))
  const passOver = (each: (result: MinimaResult) => void) =>
    scanFamilies(
      design,
      scan,
      requests,
      { observed: sets > 0 ? casePlane : null, label: sets > 0 ? 'relabelling' : 'counting variants', each },
      workshop,
    )
  /** Marks the first of identical columns, once, as far as these digests tell. */
  const mark = (digests: DistinctDigests, result: MinimaResult) => {
    result.tested.forEach((index, i) => {
      if (digests.add(result.digests[2 * i], result.digests[2 * i + 1]) !== true || hasBit(distinct, index)) return
      distinct[index >> 3] |= 1 << (index & 7)
      if (sets > 0) tarone.add(result.least[i])
    })
  }
  const first = await passOver((result) => {
    variantsTested += result.tested.length
    mark(distinctDigests, result)
  })
  // Millions of distinct columns are told apart a part of their digests at a time: the same chunks again, whose results are kept.
  let distinctVariants = distinctDigests.count
  for (let part = 1; part < distinctDigests.parts; part++) {
    const digests = distinctDigests.other(part)
    await passOver((result) => mark(digests, result))
    distinctVariants += digests.count
  }
  let primaryMinima = first.minima[0]
  let skipped = first.skipped[0]
  // Without label sets the second pass says what is smallest and what could be.
  const observed = first.best
  if (sets > 0 && design.permutations.extend && observed[0].index >= 0) {
    while (primaryMinima.length < largestExtension * sets) {
      const [low, high] = new FamilyMinima(primaryMinima).limits(observed[0].logP)
      if (low > alpha || high < alpha) break
      const more = await scanFamilies(
        design,
        scan,
        [{ family: design.families[0], first: primaryMinima.length, count: primaryMinima.length }],
        { observed: null, label: 'more label sets' },
        workshop,
      )
      primaryMinima = Float64Array.of(...primaryMinima, ...more.minima[0])
      skipped += more.skipped[0]
    }
  }
  const minima = design.families.map((_, f) => new FamilyMinima(f === 0 ? primaryMinima : first.minima[f]))
  const bonferroniTests = Math.max(1, distinctVariants)
  const logBonferroni = log(alpha / bonferroniTests)
  // With too few label sets for any p to be significant, Bonferroni's threshold tells what is unreachable.
  const logFamily = sets > 0 ? minima[0].logThreshold(alpha) : Number.NEGATIVE_INFINITY
  const logThreshold =
    design.primary.test === 'firth' ? log(alpha) : Number.isFinite(logFamily) ? logFamily : logBonferroni

  // The lead of the family; its Monte-Carlo p goes into its row.
  const store = await openStore(workshop.host, options.store)
  try {
    const permute = sets > 0
    const leadOfFamily = async () =>
      observed[0].index < 0
        ? null
        : testLead(await readVariant(store, design, observed[0].index), design, labels, permute)
    let familyLead = await leadOfFamily()
    const permutation = familyLead?.permutation
      ? [{ index: observed[0].index, logP: log(familyLead.permutation.p) }]
      : []

    // Second pass.
    const models = firthModels(design, labels)
    const setup: RowsSetup = {
      scan,
      cases: labels.cases,
      bits: design.bits,
      females: personPlane(design, (i) => design.sex[i] === 2),
      casePlane,
      scheme: design.families[0].scheme,
      firth: models.firth,
      firthX: models.firthX,
      within: withinSetup(design),
      fit: options.firth ?? 'every',
      logThreshold,
      callRate: options.callRate ?? 0.95,
      sourceConfounded: design.sourceSentence !== null,
      sourcesDiffer: options.sourcesDiffer ?? null,
      partial: options.partial ?? null,
      distinct,
      said: {
        minima: sets > 0 ? minima[0].sorted : null,
        permutation,
        primary: design.primary.test,
        ssf: options.ssf ?? false,
      },
    }
    const statuses: Partial<Record<AssociationStatus, number>> = {}
    /** Variants by the bits of their flags. */
    const flagged = new Map<number, number>()
    const quantiles = new Quantiles()
    let firthBest = { index: -1, logP: 1 }
    const onX = new Uint8Array(distinct.length)
    let forbiddenCalls = 0
    for await (const chunk of workshop.run(rowsTask, setup, scanChunks(design.storeVariants), { label: 'testing' })) {
      for (let i = 0; i < chunk.rows; i++) {
        const status = statusNames[chunk.status[i]]
        statuses[status] = (statuses[status] ?? 0) + 1
        if (chunk.flags[i] !== 0) flagged.set(chunk.flags[i], (flagged.get(chunk.flags[i]) ?? 0) + 1)
        const index = chunk.index[i]
        if (chunk.inheritance[i] === 1) onX[index >> 3] |= 1 << (index & 7)
        if (hasBit(distinct, index)) {
          const logP = chunk.family[i]
          quantiles.add(logP, exp(chunk.familyMid[i]))
          if (sets === 0) {
            tarone.add(chunk.familyLeast[i])
            if (observed[0].index < 0 || logP < observed[0].logP) observed[0] = { index, logP }
          }
        }
        if (chunk.firth[i] < firthBest.logP) firthBest = { index, logP: chunk.firth[i] }
      }
      quantiles.expect(chunk.expected)
      forbiddenCalls += chunk.forbidden
      for (const { index, trace } of chunk.ladders) options.onRetry?.(index, trace)
      if (chunk.rows > 0) await onRows(chunk)
    }

    if (options.onOtherCodings !== undefined && scan.sexKnown && design.sex.includes(1) && design.sex.includes(2)) {
      const once: RowsSetup = {
        ...setup,
        scan: { ...scan, keep: onX, maleCopies: 1 },
        said: { ...setup.said, minima: null, ssf: false },
      }
      const chunks = scanChunks(design.storeVariants).filter(({ first, last }) =>
        onX.subarray((first * blockVariants) >> 3, (last * blockVariants) >> 3).some((byte) => byte !== 0),
      )
      for await (const chunk of workshop.run(rowsTask, once, chunks, { label: 'testing X' }))
        if (chunk.rows > 0) await options.onOtherCodings(chunk)
    }
    if (sets === 0) familyLead = await leadOfFamily()
    const byFirth = design.primary.test === 'firth'
    const lead =
      byFirth && firthBest.index >= 0 && firthBest.index !== observed[0].index
        ? testLead(await readVariant(store, design, firthBest.index), design, labels, permute).lead
        : (familyLead?.lead ?? null)
    const families =
      sets > 0
        ? design.families.map((family, f): FamilySummary => {
            const m = minima[f]
            const logP = observed[f].index < 0 ? 0 : observed[f].logP
            const [low, high] = m.limits(logP)
            const logLimit = m.logThreshold(alpha)
            return {
              masks: family.masks,
              labelSets: m.sets,
              variantsTested,
              distinctVariants,
              minimumP: exp(logP),
              minimumNegLog10P: logP === 0 ? 0 : -logP / Math.LN10,
              familyP: m.familyP(logP),
              familyPLow: low,
              familyPHigh: high,
              threshold: exp(logLimit),
              thresholdNegLog10P: Number.isFinite(logLimit) ? (logLimit === 0 ? 0 : -logLimit / Math.LN10) : 9999,
              meanOverlap: meanOverlap(family.scheme, labels.cases),
              skipped: f === 0 ? skipped : first.skipped[f],
            }
          })
        : []
    const flags: Record<string, number> = {}
    for (const [bits, count] of flagged)
      for (const name of flagText(bits).split(',')) flags[name] = (flags[name] ?? 0) + count
    const orderedFlags = Object.fromEntries(flagNames.filter((n) => flags[n] !== undefined).map((n) => [n, flags[n]]))
    return {
      primary: primaryResult(design, families, byFirth ? firthBest : null, observed[0], bonferroniTests),
      cases: design.cases,
      controls: design.people.length - design.cases,
      covariates: design.covariates.names,
      ...(design.matched !== null && { matched: matchedSummary(design.matched) }),
      variantsTested,
      statuses: Object.fromEntries(statusNames.filter((s) => statuses[s] !== undefined).map((s) => [s, statuses[s]])),
      flags: orderedFlags,
      ...(forbiddenCalls > 0 && { forbiddenCalls }),
      bonferroni: { tests: bonferroniTests, threshold: alpha / bonferroniTests },
      tarone: { tests: tarone.tests, threshold: alpha / tarone.tests },
      families,
      lambda: quantiles.lambda(),
      qq: quantiles.points(),
      lead,
      sourceConfounded: design.sourceSentence !== null,
      sourceSentence: design.sourceSentence,
    }
  } finally {
    await store.close()
  }
}

function primaryResult(
  design: SealedDesign,
  families: readonly FamilySummary[],
  firth: { index: number; logP: number } | null,
  best: { index: number; logP: number },
  tests: number,
): AssociationSummary['primary'] {
  const { alpha, test } = design.primary
  const words = (p: number) => (p === 0 ? '0' : sayP(p))
  if (firth !== null) {
    const logP = firth.index < 0 ? 0 : firth.logP
    const p = exp(logP)
    const significant = p < alpha
    return {
      test,
      alpha,
      significant,
      p,
      negLog10P: logP === 0 ? 0 : -logP / Math.LN10,
      sentence: `The smallest Firth p is ${words(p)}, which is ${significant ? '' : 'not '}below the threshold of ${alpha} that was set beforehand.`,
    }
  }
  const family = families[0]
  if (family === undefined) {
    const p = Math.min(1, exp(best.index < 0 ? 0 : best.logP) * tests)
    return {
      test,
      alpha,
      significant: p <= alpha,
      p,
      negLog10P: p === 1 ? 0 : -log(p) / Math.LN10,
      sentence: `Without label sets the family-wise p is Bonferroni's over ${tests} distinct variants: ${words(p)}, ${p <= alpha ? 'below' : 'not below'} ${alpha}.`,
    }
  }
  const significant = family.familyP <= alpha
  // An explicit number of label sets is never extended: near alpha it may be too small for a verdict in words.
  const undecided = !design.permutations.extend && family.familyPLow <= alpha && family.familyPHigh >= alpha
  const verdict = undecided
    ? `too few label sets to tell whether it is below ${alpha}: draw more`
    : `${significant ? 'significant' : 'not significant'} at ${alpha}`
  const limits = `95% limits ${words(family.familyPLow)} to ${words(family.familyPHigh)}`
  return {
    test,
    alpha,
    significant,
    p: family.familyP,
    negLog10P: family.familyP === 1 ? 0 : -log(family.familyP) / Math.LN10,
    sentence: `Over ${family.labelSets} relabellings (${family.masks}${design.matched !== null && family.masks !== 'within matched sets' ? ' within matched sets' : ''}) of ${family.variantsTested} variants the family-wise p is ${words(family.familyP)} (${limits}), ${verdict}.`,
  }
}

function matchedSummary({ sets, sizes, matchedOn, cancelled, notes }: MatchedDesign): MatchedSummary {
  return { sets, sizes, matchedOn, cancelled, notes }
}

/** The covariates-only fits from which every variant's fit starts; for X with sex, unless it is there or cannot be. */
function firthModels(design: SealedDesign, labels: Labels): { firth: FirthModel; firthX: FirthModel } {
  if (design.matched !== null) {
    const firth = { columns: [], start: new Float64Array(1) }
    return { firth, firthX: firth }
  }
  const covariates = design.covariates.columns.map((values, j) => ({ name: design.covariates.names[j], values }))
  const base = fitNull(labels.cases, covariates)
  const firth = { columns: base.columns, start: base.coefficients }
  if (design.sex.includes(0) || !design.sex.includes(1) || !design.sex.includes(2)) return { firth, firthX: firth }
  try {
    const sex = { name: 'sex', values: Float64Array.from(design.sex, (s) => (s === 1 ? 1 : 0)) }
    const whole = fitNull(labels.cases, [...covariates, sex])
    return { firth, firthX: { columns: whole.columns, start: whole.coefficients } }
  } catch (error) {
    if (isUpturnError(error, 'CollinearCovariates') || isUpturnError(error, 'SeparatedByCovariate'))
      return { firth, firthX: firth }
    throw error
  }
}
