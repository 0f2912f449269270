import { exp } from '../numerics/special.ts'
import {
  allelicTable,
  barnardTest,
  boschlooTest,
  cochranArmitage,
  conditionalOddsRatio,
  dominantTable,
  exactTrend,
  fisherExact,
  freemanHalton,
  type GenotypeTable,
  hardyWeinberg,
  mostUnconditional,
  recessiveTable,
  type TwoByTwoTable,
} from '../statistics/exact/index.ts'
import { type FirthFit, firthRegression } from '../statistics/firth/index.ts'
import { logFRegression, saddlepointScore } from '../statistics/logistic/index.ts'

/** Every test on one genotype-by-group table, under the names of the association row. */
export interface TableTests {
  /** How far the tests agree, in a sentence or two. */
  agreement: string
  n_cases: number
  n_controls: number
  case_ref: number
  case_het: number
  case_alt: number
  control_ref: number
  control_het: number
  control_alt: number
  call_rate: number
  maf: number
  hwe_p: number
  min_attainable_p: number
  trend_exact_p: number
  trend_exact_neglog10p: number
  trend_midp: number
  trend_mid_neglog10p: number
  /** Armitage's asymptotic test, which few cases do not bear. */
  trend_asymptotic_p: number
  fisher_p: number
  fisher_neglog10p: number
  fisher_midp: number
  or: number | null
  or_se: number | null
  or_low: number | null
  or_high: number | null
  limits: string
  firth_p: number | null
  firth_neglog10p: number | null
  status: string
  /** Log-F(1, 1) penalty on the copies alone. */
  logf_p: number | null
  logf_neglog10p: number | null
  logf_or: number | null
  logf_or_low: number | null
  logf_or_high: number | null
  /** Score test by its saddlepoint. */
  spa_p: number | null
  spa_neglog10p: number | null
  allelic_p: number
  allelic_midp: number
  allelic_or: number | null
  allelic_or_low: number
  allelic_or_high: number
  allelic_or_midp_low: number
  allelic_or_midp_high: number
  dominant_p: number
  dominant_midp: number
  dominant_or: number | null
  dominant_or_low: number
  dominant_or_high: number
  dominant_or_midp_low: number
  dominant_or_midp_high: number
  /** Unconditional exact tests: the groups fixed, not how many carry; null above 2,000 people. */
  dominant_barnard_p: number | null
  dominant_boschloo_p: number | null
  recessive_p: number
  recessive_midp: number
  recessive_or: number | null
  recessive_or_low: number
  recessive_or_high: number
  recessive_or_midp_low: number
  recessive_or_midp_high: number
  recessive_barnard_p: number | null
  recessive_boschloo_p: number | null
}

const perLog10 = 1 / Math.LN10
const neglog10 = (logP: number) => (logP === 0 ? 0 : -logP * perLog10)

/** Firth's regression of the table itself: everybody of a cell is alike. */
export function tableFirth(table: GenotypeTable): FirthFit {
  const cells = [table.caseRef, table.caseHet, table.caseAlt, table.controlRef, table.controlHet, table.controlAlt]
  const n = cells.reduce((a, b) => a + b, 0)
  const cases = new Uint8Array(n)
  const tested = new Float64Array(n)
  let i = 0
  cells.forEach((count, cell) => {
    cases.fill(cell < 3 ? 1 : 0, i, i + count)
    tested.fill(cell % 3, i, i + count)
    i += count
  })
  return firthRegression({ cases, tested, columns: [] }, { profile: true })
}

/** The six cells as weighted rows, for likelihoods that need no people one by one. */
function cellRows(table: GenotypeTable) {
  return {
    cases: [1, 1, 1, 0, 0, 0],
    tested: [0, 1, 2, 0, 1, 2],
    weights: [table.caseRef, table.caseHet, table.caseAlt, table.controlRef, table.controlHet, table.controlAlt],
  }
}

/** log p of Barnard's and Boschloo's tests; null where there are more people than they take. */
function unconditional(table: TwoByTwoTable, people: number): { barnard: number | null; boschloo: number | null } {
  if (people > mostUnconditional) return { barnard: null, boschloo: null }
  return { barnard: barnardTest(table).logP, boschloo: boschlooTest(table).logP }
}

/**
 * Exact trend (with mid-p and smallest attainable p), Fisher 2x3, allelic, dominant and recessive 2x2 with mid-p and
 * conditional odds ratio with exact and mid-p limits, Barnard and Boschloo (dominant, recessive), Firth and log-F(1, 1) with profile limits, the
 * saddlepoint score test, Hardy-Weinberg in controls. Degenerate tables: p = 1, mid-p = 0.5.
 * An odds ratio is null where no table but this one has its margins; limits are 0 and Infinity where the data set none.
 */
export function testTable(table: GenotypeTable): TableTests {
  const trend = exactTrend(table)
  const fisher = freemanHalton(table)
  const allelic = fisherExact(allelicTable(table))
  const dominant = fisherExact(dominantTable(table))
  const recessive = fisherExact(recessiveTable(table))
  const nCases = table.caseRef + table.caseHet + table.caseAlt
  const nControls = table.controlRef + table.controlHet + table.controlAlt
  const n = nCases + nControls
  const copies = table.caseHet + table.controlHet + 2 * (table.caseAlt + table.controlAlt)
  const monomorphic =
    Math.max(table.caseRef + table.controlRef, table.caseHet + table.controlHet, table.caseAlt + table.controlAlt) === n
  const oneGroup = nCases === 0 || nControls === 0
  const firth = monomorphic || oneGroup ? undefined : tableFirth(table)
  const fitted = firth !== undefined && (firth.status === 'ok' || firth.status === 'separated')
  const untestable = monomorphic || oneGroup
  const rows = { ...cellRows(table), columns: [] }
  const logF = untestable ? undefined : logFRegression(rows)
  const logFitted = logF !== undefined && (logF.status === 'ok' || logF.status === 'separated')
  const saddlepoint = untestable ? undefined : saddlepointScore(rows)
  const [allelicMid, dominantMid, recessiveMid] = [allelicTable, dominantTable, recessiveTable].map((of) =>
    conditionalOddsRatio(of(table), 0.95, 'mid-p'),
  )
  const dominantFixed = unconditional(dominantTable(table), n)
  const recessiveFixed = unconditional(recessiveTable(table), n)
  const known = (x: number) => (Number.isNaN(x) ? null : x)
  const agreement = agreementOf([
    { name: 'exact trend', logP: trend.logP, copies: true },
    { name: 'Fisher 2x3', logP: fisher.logP, copies: false },
    { name: 'Firth', logP: fitted ? firth.logP : null, copies: true },
    { name: 'log-F', logP: logFitted ? logF.logP : null, copies: true },
    { name: 'saddlepoint', logP: saddlepoint?.status === 'ok' ? saddlepoint.logP : null, copies: true },
    { name: 'allelic', logP: allelic.logP, copies: false },
    { name: 'dominant', logP: dominant.logP, copies: false },
    { name: 'dominant, Barnard', logP: dominantFixed.barnard, copies: false },
    { name: 'dominant, Boschloo', logP: dominantFixed.boschloo, copies: false },
    { name: 'recessive', logP: recessive.logP, copies: false },
    { name: 'recessive, Barnard', logP: recessiveFixed.barnard, copies: false },
    { name: 'recessive, Boschloo', logP: recessiveFixed.boschloo, copies: false },
    { name: 'asymptotic trend', logP: cochranArmitage(table).logP, copies: true },
  ])
  return {
    agreement,
    n_cases: nCases,
    n_controls: nControls,
    case_ref: table.caseRef,
    case_het: table.caseHet,
    case_alt: table.caseAlt,
    control_ref: table.controlRef,
    control_het: table.controlHet,
    control_alt: table.controlAlt,
    call_rate: 1,
    maf: n === 0 ? 0 : Math.min(copies, 2 * n - copies) / (2 * n),
    hwe_p: hardyWeinberg(table.controlRef, table.controlHet, table.controlAlt).p,
    min_attainable_p: trend.minAttainableP,
    trend_exact_p: trend.p,
    trend_exact_neglog10p: neglog10(trend.logP),
    trend_midp: trend.midp,
    trend_mid_neglog10p: neglog10(trend.logMidp),
    trend_asymptotic_p: cochranArmitage(table).p,
    fisher_p: fisher.p,
    fisher_neglog10p: neglog10(fisher.logP),
    fisher_midp: fisher.midp,
    or: fitted ? exp(firth.beta) : null,
    or_se: fitted ? firth.standardError : null,
    or_low: fitted && firth.low !== null ? exp(firth.low) : null,
    or_high: fitted && firth.high !== null ? exp(firth.high) : null,
    limits: fitted ? firth.limits : 'none',
    firth_p: fitted ? exp(firth.logP) : untestable ? 1 : null,
    firth_neglog10p: fitted ? neglog10(firth.logP) : untestable ? 0 : null,
    status: monomorphic ? 'monomorphic' : oneGroup ? 'unreachable' : (firth?.status ?? 'ok'),
    logf_p: untestable ? 1 : logFitted ? exp(logF.logP) : null,
    logf_neglog10p: untestable ? 0 : logFitted ? neglog10(logF.logP) : null,
    logf_or: logFitted ? exp(logF.beta) : null,
    logf_or_low: logFitted && logF.low !== null ? exp(logF.low) : null,
    logf_or_high: logFitted && logF.high !== null ? exp(logF.high) : null,
    spa_p: untestable ? 1 : saddlepoint?.status === 'ok' ? exp(saddlepoint.logP) : null,
    spa_neglog10p: untestable ? 0 : saddlepoint?.status === 'ok' ? neglog10(saddlepoint.logP) : null,
    allelic_p: allelic.p,
    allelic_midp: allelic.midp,
    allelic_or: known(allelic.oddsRatio),
    allelic_or_low: allelic.low,
    allelic_or_high: allelic.high,
    allelic_or_midp_low: allelicMid.low,
    allelic_or_midp_high: allelicMid.high,
    dominant_p: dominant.p,
    dominant_midp: dominant.midp,
    dominant_or: known(dominant.oddsRatio),
    dominant_or_low: dominant.low,
    dominant_or_high: dominant.high,
    dominant_or_midp_low: dominantMid.low,
    dominant_or_midp_high: dominantMid.high,
    dominant_barnard_p: dominantFixed.barnard === null ? null : exp(dominantFixed.barnard),
    dominant_boschloo_p: dominantFixed.boschloo === null ? null : exp(dominantFixed.boschloo),
    recessive_p: recessive.p,
    recessive_midp: recessive.midp,
    recessive_or: known(recessive.oddsRatio),
    recessive_or_low: recessive.low,
    recessive_or_high: recessive.high,
    recessive_or_midp_low: recessiveMid.low,
    recessive_or_midp_high: recessiveMid.high,
    recessive_barnard_p: recessiveFixed.barnard === null ? null : exp(recessiveFixed.barnard),
    recessive_boschloo_p: recessiveFixed.boschloo === null ? null : exp(recessiveFixed.boschloo),
  }
}

/** Half a power of ten: tests nearer than this agree. */
const agreeing = 0.5

/** How far p-values spread, over all and over those that ask about the number of copies. */
export function agreementOf(tests: readonly { name: string; logP: number | null; copies: boolean }[]): string {
  const made = tests.filter((t): t is { name: string; logP: number; copies: boolean } => t.logP !== null)
  const spreadOf = (some: typeof made) => {
    const least = some.reduce((a, b) => (b.logP < a.logP ? b : a))
    const most = some.reduce((a, b) => (b.logP > a.logP ? b : a))
    return { least, most, spread: (most.logP - least.logP) * perLog10 }
  }
  const { least, most, spread } = spreadOf(made)
  if (spread < agreeing) return 'The tests agree.'
  const trends = spreadOf(made.filter((t) => t.copies))
  const rest =
    trends.spread < agreeing
      ? 'Those that ask about the number of copies agree.'
      : `Those that ask about the number of copies spread over ${trends.spread.toFixed(1)}.`
  return `The tests spread over ${spread.toFixed(1)} powers of ten, from the smallest p (${least.name}) to the largest (${most.name}): name one before looking. ${rest}`
}
