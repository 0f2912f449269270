import { UpturnError } from '../../errors/index.ts'
import { cos, exp, log, sin } from '../../numerics/special.ts'
import { inclusionProbabilities, type LabelScheme, labelNull } from '../labels/index.ts'
import { clopperPearsonInterval } from '../proportions/index.ts'
import { burdenLogP, scoreCovariance, skatLogP, skatOLogP, skatORhos } from './asymptotic.ts'
import {
  type Configurations,
  drawConfigurations,
  type LabelDraws,
  listConfigurations,
  mostListed,
} from './configurations.ts'
import { type Ranked, rank } from './resampled.ts'
import { type RegionVariants, regionVariants, type VariantWeights } from './variants.ts'

export interface GeneTestOptions {
  /** Variants with a more frequent minor allele are left out. */
  maxMaf: number
  weights: VariantWeights
  /** Label sets where carriers are too many to be listed; ten times as many where fewer than 20 are as extreme. */
  sets: number
}

export const geneTestDefaults: GeneTestOptions = { maxMaf: 0.05, weights: 'beta', sets: 10_000 }

/** The null model that asymptotic p-values need. */
export interface GeneTestNull {
  /** Fitted risks of all people; null: the share of cases in each stratum. */
  risks: ArrayLike<number> | null
  /** Covariates without the intercept. */
  columns: readonly ArrayLike<number>[]
}

export interface GeneTest {
  /** By listing or by label sets: (b + 1) / (sets + 1). */
  p: number
  midp: number
  /** 95% limits of p where label sets were drawn; null where all were listed. */
  low: number | null
  high: number | null
  /** Smallest p that any labels could give; null where label sets were drawn: it is below their resolution. */
  minAttainableP: number | null
  /** By the usual asymptotic distribution, for comparison; null where it has none. */
  asymptoticP: number | null
  asymptoticLogP: number | null
}

export type GeneTestStatus = 'ok' | 'no_variants'

export interface GeneTests {
  status: GeneTestStatus
  /** Tested, and left out: nobody has a minor allele, or it is too frequent. */
  variants: number
  monomorphic: number
  frequent: number
  /** People with a minor allele among cases and controls, and the alleles they have. */
  caseCarriers: number
  controlCarriers: number
  caseAlleles: number
  controlAlleles: number
  missingCalls: number
  method: 'enumeration' | 'label sets' | 'none'
  /** Configurations listed, or label sets drawn. */
  sets: number
  /** Sign: more (1) or fewer (-1) weighted minor alleles among cases than expected. */
  direction: -1 | 0 | 1
  burden: GeneTest
  skat: GeneTest
  skatO: GeneTest & { rho: number }
  acat: GeneTest
}

/** Fewer as extreme as these, and more label sets are drawn. */
const enough = 20
const more = 10

const nothing: GeneTest = {
  p: 1,
  midp: 0.5,
  low: null,
  high: null,
  minAttainableP: 1,
  asymptoticP: null,
  asymptoticLogP: null,
}

/**
 * Burden, SKAT, SKAT-O and ACAT of the variants of one gene or region, with p-values by relabelling within the scheme of `draws`: every labelling of the carriers
 * is listed where they are at most 16, else label sets are drawn. Asymptotic p-values stand beside them.
 *
 * With S_j the minor alleles of cases at variant j less their expectation under the scheme and w_j its weight: burden (sum w_j S_j)^2,
 * SKAT sum w_j^2 S_j^2 (Wu and others 2011), SKAT-O the smallest p of (1 - rho) SKAT + rho burden over eight values of rho (Lee, Wu and Lin 2012; here
 * its own p by relabelling, Ge, Dudoit and Speed 2003), ACAT the weighted mean of tan(pi (1/2 - mid-p_j)), mid-p_j exact (Liu and others 2019).
 *
 * `genotypes`: variants x people of 0, 1, 2 or -1; `isCase`: 1 or 0 by person, with as many cases in each stratum as the scheme has. No variant
 * left: status `no_variants`, p = 1. Refuses other counts of people or cases than the scheme's.
 */
export function geneTests(
  genotypes: readonly ArrayLike<number>[],
  isCase: ArrayLike<number>,
  draws: LabelDraws,
  null_: GeneTestNull,
  options: GeneTestOptions = geneTestDefaults,
): GeneTests {
  const { scheme } = draws
  const people = scheme.order.length
  requireCases(scheme, isCase)
  const region = regionVariants(genotypes, people, options)
  const m = region.copies.length
  let [caseCarriers, caseAlleles, controlAlleles] = [0, 0, 0]
  for (const i of region.carriers) {
    if (isCase[i] === 1) caseCarriers++
    for (const own of region.copies)
      if (isCase[i] === 1) caseAlleles += own[i]
      else controlAlleles += own[i]
  }
  const counts = {
    variants: m,
    monomorphic: region.monomorphic,
    frequent: region.frequent,
    caseCarriers,
    controlCarriers: region.carriers.length - caseCarriers,
    caseAlleles,
    controlAlleles,
    missingCalls: region.missing,
  }
  if (m === 0)
    return {
      ...counts,
      status: 'no_variants',
      method: 'none',
      sets: 0,
      direction: 0,
      burden: nothing,
      skat: nothing,
      skatO: { ...nothing, rho: 0 },
      acat: nothing,
    }
  const inclusion = inclusionProbabilities(scheme)
  const expected = Float64Array.from(region.copies, (own) => own.reduce((sum, g, i) => sum + g * inclusion[i], 0))
  const marginals = region.copies.map((own) => midpScores(own, scheme))
  const list = region.carriers.length <= mostListed
  let configurations = list
    ? listConfigurations(region, scheme, isCase)
    : drawConfigurations(region, draws, isCase, options.sets)
  let found = test(region, configurations, expected, marginals)
  if (!list && Math.min(...found.ranked.map((r) => r.asExtreme)) <= enough) {
    configurations = drawConfigurations(region, draws, isCase, more * options.sets)
    found = test(region, configurations, expected, marginals)
  }
  const { observed, count } = configurations
  const sets = list ? count : count - 1
  const covariance = scoreCovariance(region, nullColumns(scheme, null_), risksOf(scheme, null_))
  const one = ({ p, midp, least, asExtreme }: Ranked, asymptotic: number | null): GeneTest => {
    const limits = list ? null : clopperPearsonInterval(asExtreme - 1, sets)
    return {
      p: p[observed],
      midp,
      low: limits?.low ?? null,
      high: limits?.high ?? null,
      minAttainableP: list ? least : null,
      asymptoticP: asymptotic === null ? null : exp(asymptotic),
      asymptoticLogP: asymptotic,
    }
  }
  const [burden, skat, skatO, acat] = found.ranked
  return {
    ...counts,
    status: 'ok',
    method: configurations.kind,
    sets,
    direction: found.direction,
    burden: one(burden, covariance && burdenLogP(found.burden, covariance)),
    skat: one(skat, covariance && skatLogP(found.skat, covariance, m)),
    skatO: {
      ...one(
        skatO,
        covariance &&
          skatOLogP(
            skatORhos.map((rho) => (1 - rho) * found.skat + rho * found.burden),
            covariance,
            m,
          ),
      ),
      rho: found.rho,
    },
    acat: one(acat, cauchyLogP(found.acat)),
  }
}

function requireCases(scheme: LabelScheme, isCase: ArrayLike<number>): void {
  if (isCase.length !== scheme.order.length) throw new UpturnError('BadArgument', 'every person needs one label')
  for (let s = 0; s < scheme.cases.length; s++) {
    let cases = 0
    for (let at = scheme.starts[s]; at < scheme.starts[s + 1]; at++) cases += isCase[scheme.order[at]] === 1 ? 1 : 0
    if (cases !== scheme.cases[s])
      throw new UpturnError('BadArgument', `a stratum has ${cases} cases where label sets have ${scheme.cases[s]}`)
  }
}

interface Found {
  /** burden, SKAT, SKAT-O, ACAT. */
  ranked: [Ranked, Ranked, Ranked, Ranked]
  burden: number
  skat: number
  acat: number
  rho: number
  direction: -1 | 0 | 1
}

function test(
  { weights, maf }: RegionVariants,
  configurations: Configurations,
  expected: Float64Array,
  marginals: readonly Float64Array[],
): Found {
  const { alleles, count, observed } = configurations
  const m = weights.length
  const burden = new Float64Array(count)
  const skat = new Float64Array(count)
  const acat = new Float64Array(count)
  const shares = weights.map((w, j) => w * w * maf[j] * (1 - maf[j]))
  const total = shares.reduce((a, b) => a + b, 0)
  let direction: Found['direction'] = 0
  for (let r = 0; r < count; r++) {
    let sum = 0
    let squares = 0
    let cauchy = 0
    for (let j = 0; j < m; j++) {
      const t = alleles[r * m + j]
      const score = weights[j] * (t - expected[j])
      sum += score
      squares += score * score
      cauchy += (shares[j] / total) * marginals[j][t]
    }
    burden[r] = sum * sum
    skat[r] = squares
    acat[r] = cauchy
    if (r === observed) direction = Math.abs(sum) < 1e-12 * Math.sqrt(squares) ? 0 : sum > 0 ? 1 : -1
  }
  // The smallest p over rho, and its own p by the same configurations.
  const best = new Float64Array(count).fill(-1)
  let rho = 0
  const mixed = new Float64Array(count)
  for (const at of skatORhos) {
    for (let r = 0; r < count; r++) mixed[r] = (1 - at) * skat[r] + at * burden[r]
    const { p } = rank(mixed, configurations)
    if (-p[observed] > best[observed]) rho = at
    for (let r = 0; r < count; r++) best[r] = Math.max(best[r], -p[r])
  }
  // Small p-values need a relative comparison of ties.
  const smallest = best.map((negative) => -log(-negative))
  return {
    ranked: [
      rank(burden, configurations),
      rank(skat, configurations),
      rank(smallest, configurations),
      rank(acat, configurations),
    ],
    burden: burden[observed],
    skat: skat[observed],
    acat: acat[observed],
    rho,
    direction,
  }
}

/** tan(pi (1/2 - mid-p)) of every count of alleles that the cases can have. */
function midpScores(copies: Int8Array, scheme: LabelScheme): Float64Array {
  const { from, stride, logMidp } = labelNull(copies, scheme)
  const cases = scheme.cases.reduce((a, b) => a + b, 0)
  return logMidp.subarray((cases - from) * stride, (cases - from + 1) * stride).map(cauchyScore)
}

/** tan(pi (1/2 - p)) of log p, without cancellation near 0. */
function cauchyScore(logP: number): number {
  const p = exp(logP)
  return p < 1e-12 ? exp(-logP) / Math.PI : tangent(Math.PI * (0.5 - p))
}

/** log P(Cauchy > x). */
function cauchyLogP(x: number): number {
  return x > 1e6 ? -log(x * Math.PI) : log(0.5 - Math.atan(x) / Math.PI)
}

/** Intercept or one column a stratum, and the covariates. */
function nullColumns({ order, starts }: LabelScheme, { columns }: GeneTestNull): ArrayLike<number>[] {
  const strata = starts.length - 1
  const own = Array.from({ length: strata }, (_, s) => {
    const column = new Float64Array(order.length)
    for (let at = starts[s]; at < starts[s + 1]; at++) column[order[at]] = 1
    return column
  })
  // A stratum whose labels are fixed has no variance, and no column.
  return [...own.filter((_, s) => starts[s + 1] > starts[s]), ...columns]
}

function risksOf({ order, starts, cases }: LabelScheme, { risks }: GeneTestNull): ArrayLike<number> {
  if (risks !== null) return risks
  const share = new Float64Array(order.length)
  for (let s = 0; s < cases.length; s++)
    for (let at = starts[s]; at < starts[s + 1]; at++) share[order[at]] = cases[s] / (starts[s + 1] - starts[s])
  return share
}

const tangent = (x: number): number => sin(x) / cos(x)
