import { exp } from '../numerics/special.ts'
import {
  allelicTable,
  cochranArmitage,
  dominantTable,
  exactTrend,
  fisherExact,
  freemanHalton,
  type GenotypeTable,
  hardyWeinberg,
  recessiveTable,
} from '../statistics/exact/index.ts'
import { type FirthFit, firthRegression } from '../statistics/firth/index.ts'

/** Every test on one genotype-by-group table, under the names of the association row. */
export interface TableTests {
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
  allelic_p: number
  allelic_midp: number
  allelic_or: number | null
  allelic_or_low: number
  allelic_or_high: number
  dominant_p: number
  dominant_midp: number
  dominant_or: number | null
  dominant_or_low: number
  dominant_or_high: number
  recessive_p: number
  recessive_midp: number
  recessive_or: number | null
  recessive_or_low: number
  recessive_or_high: number
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

/**
 * Exact trend (with mid-p and smallest attainable p), Fisher 2x3, allelic, dominant and recessive 2x2 with mid-p and
 * conditional odds ratio, Firth with profile limits, Hardy-Weinberg in controls. Degenerate tables: p = 1, mid-p = 0.5.
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
  const known = (x: number) => (Number.isNaN(x) ? null : x)
  return {
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
    firth_p: fitted ? exp(firth.logP) : monomorphic || oneGroup ? 1 : null,
    firth_neglog10p: fitted ? neglog10(firth.logP) : monomorphic || oneGroup ? 0 : null,
    status: monomorphic ? 'monomorphic' : oneGroup ? 'unreachable' : (firth?.status ?? 'ok'),
    allelic_p: allelic.p,
    allelic_midp: allelic.midp,
    allelic_or: known(allelic.oddsRatio),
    allelic_or_low: allelic.low,
    allelic_or_high: allelic.high,
    dominant_p: dominant.p,
    dominant_midp: dominant.midp,
    dominant_or: known(dominant.oddsRatio),
    dominant_or_low: dominant.low,
    dominant_or_high: dominant.high,
    recessive_p: recessive.p,
    recessive_midp: recessive.midp,
    recessive_or: known(recessive.oddsRatio),
    recessive_or_low: recessive.low,
    recessive_or_high: recessive.high,
  }
}
