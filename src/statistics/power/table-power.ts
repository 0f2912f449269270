import { RandomStream } from '../../numerics/random.ts'
import { binomialLogPmf, exp } from '../../numerics/special.ts'
import { wilsonInterval } from '../proportions/index.ts'
import { binomialCumulative, quantile } from './binomial-table.ts'
import { caseGenotypes, controlGenotypes, type GeneticModel, type GenotypeProbabilities } from './genotype-model.ts'
import type { GenotypeCounts, RejectionRule } from './rejection.ts'

export interface PowerEstimate {
  power: number
  /** 95% limits: of the Monte-Carlo error (Wilson), or the mass that the enumeration left out. */
  low: number
  high: number
  method: 'enumeration' | 'simulation'
  /** Tables enumerated, or drawn. */
  tables: number
}

export interface PowerOptions {
  seed: number
  /** Tables drawn when there are too many to enumerate. */
  replicates: number
  /** Pairs of group tables up to which power is enumerated. */
  enumerationLimit: number
}

/** Probability of the group tables that an enumeration may leave out. */
const neglected = 1e-9

/**
 * Power of a test of 2x3 genotype tables under a per-allele odds ratio, with the group sizes fixed: the sum over all pairs of tables of
 * cases and controls while these are few, else a simulation. The same uniforms (Philox, keyed by seed and replicate) serve every
 * group size and odds ratio, so that estimates at different sizes differ by the size and not by luck.
 */
export function tablePower(
  model: GeneticModel,
  cases: number,
  controls: number,
  rule: RejectionRule,
  options: PowerOptions,
): PowerEstimate {
  const rejects = rule.forSizes(cases, controls)
  const caseTables = likelyTables(cases, caseGenotypes(model), options.enumerationLimit)
  const left = caseTables === null ? 0 : Math.floor(options.enumerationLimit / caseTables.tables.length)
  const controlTables = likelyTables(controls, controlGenotypes(model), left)
  if (caseTables === null || controlTables === null) return simulate(model, cases, controls, rejects, options)
  const pairs = caseTables.tables.length * controlTables.tables.length
  let power = 0
  for (const a of caseTables.tables) {
    let given = 0
    for (const b of controlTables.tables) if (rejects(a.counts, b.counts)) given += b.probability
    power += a.probability * given
  }
  const lost = caseTables.lost + controlTables.lost
  return { power, low: power, high: Math.min(1, power + lost), method: 'enumeration', tables: pairs }
}

interface WeighedTable {
  counts: GenotypeCounts
  probability: number
}

/** The most probable tables of a group, all but `neglected` of the mass; null when there are more than `limit`. */
function likelyTables(
  n: number,
  [, f1, f2]: GenotypeProbabilities,
  limit: number,
): { tables: WeighedTable[]; lost: number } | null {
  if (limit < 1) return null
  const tables: WeighedTable[] = []
  const floor = neglected / ((n + 1) * (n + 2))
  for (let a2 = 0; a2 <= n; a2++) {
    const outer = exp(binomialLogPmf(a2, n, f2))
    if (outer < floor) continue
    for (let a1 = 0; a1 <= n - a2; a1++) {
      const probability = outer * exp(binomialLogPmf(a1, n - a2, f1 / (1 - f2)))
      if (probability < floor) continue
      tables.push({ counts: [n - a1 - a2, a1, a2], probability })
      if (tables.length > limit) return null
    }
  }
  let sum = 0
  for (const { probability } of tables) sum += probability
  return { tables, lost: Math.max(0, 1 - sum) }
}

function simulate(
  model: GeneticModel,
  cases: number,
  controls: number,
  rejects: (a: GenotypeCounts, b: GenotypeCounts) => boolean,
  options: PowerOptions,
): PowerEstimate {
  const drawCases = tableSampler(cases, caseGenotypes(model))
  const drawControls = tableSampler(controls, controlGenotypes(model))
  let rejected = 0
  for (let r = 0; r < options.replicates; r++) {
    const stream = new RandomStream(options.seed, 'statistics/power', r)
    const a = drawCases(stream.uniform(), stream.uniform())
    const b = drawControls(stream.uniform(), stream.uniform())
    if (rejects(a, b)) rejected++
  }
  const { estimate, low, high } = wilsonInterval(rejected, options.replicates)
  return { power: estimate, low, high, method: 'simulation', tables: options.replicates }
}

/** Draws a group's table from two uniforms by inversion: homozygotes, then heterozygotes given those. */
function tableSampler(n: number, [, f1, f2]: GenotypeProbabilities): (u: number, v: number) => GenotypeCounts {
  const homozygotes = binomialCumulative(n, f2)
  const given = new Map<number, Float64Array>()
  return (u, v) => {
    const a2 = quantile(homozygotes, u)
    let heterozygotes = given.get(a2)
    if (heterozygotes === undefined) {
      heterozygotes = binomialCumulative(n - a2, f1 / (1 - f2))
      given.set(a2, heterozygotes)
    }
    const a1 = quantile(heterozygotes, v)
    return [n - a1 - a2, a1, a2]
  }
}
