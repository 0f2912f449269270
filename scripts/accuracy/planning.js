import { absolute, decimal } from './exact-numbers.js'
import { row, section } from './page.js'
import { powerRows } from './power.js'
import { table } from './read.js'

const near = (found, cell) => absolute(found, decimal(cell)) / Math.max(1, Math.abs(Number(cell)))

/** Power of t-tests, the winner's curse, recruitment. */
export function planning(statistics, { normalQuantile }, { recruit }) {
  const { tPower, conditionalEstimates, meanPower, differenceSize, asymptoticPower } = statistics
  const power = table('12_planning/expected_t_power').map((r) =>
    near(tPower(Number(r.shift), Number(r.degrees), Number(r.alpha)), r.power),
  )
  const peaks = []
  const averages = []
  for (const r of table('12_planning/expected_winners_curse')) {
    const threshold = normalQuantile(1 - Number(r.alpha) / 2)
    const found = conditionalEstimates({ beta: Number(r.z), se: 1, threshold })
    peaks.push(near(found.mle, r.mle))
    averages.push(near(found.mean, r.mean))
  }
  const curse = { mle: [], mean: [], limits: [] }
  for (const r of table('15_distributions/winners_curse')) {
    const bestOf = r.best_of === '0' ? undefined : Number(r.best_of)
    const found = conditionalEstimates({ beta: Number(r.z), se: 1, threshold: Number(r.threshold), bestOf })
    curse.mle.push(near(found.mle, r.mle))
    curse.mean.push(near(found.mean, r.mean))
    curse.limits.push(near(found.low, r.low), near(found.high, r.high))
  }
  const means = (r) => ({ carriers: Number(r.carriers), inCarriers: Number(r.inside), inOthers: Number(r.others) })
  const designs = table('12_planning/expected_mean_power').map((r) =>
    near(meanPower(r.design, Number(r.n), means(r), Number(r.alpha)), r.power),
  )
  const perArm = table('12_planning/expected_mean_size').map((r) => {
    const effects = { carriers: 0.5, inCarriers: Number(r.inside), inOthers: 0 }
    const limits = { alpha: Number(r.alpha), power: Number(r.target), most: 5000 }
    return Math.abs(differenceSize(r.design, effects, limits) - Number(r.n))
  })
  const wald = table('12_planning/expected_wald_power').map((r) => {
    const model = { frequency: Number(r.frequency), or: Number(r.or), inheritance: r.inheritance }
    return near(asymptoticPower(model, Number(r.cases), Number(r.controls), Number(r.alpha)), r.power)
  })
  const years = []
  const counts = []
  for (const r of table('12_planning/expected_recruitment')) {
    const registry = { patients: Number(r.patients), stay: 3, reversalRate: Number(r.rate), consent: 0.5 }
    const found = recruit(registry, Number(r.wanted))
    years.push(near(found.yearsHalf, r.half), near(found.yearsNineTenths, r.nine_tenths))
    counts.push(near(found.perYearLow, r.low), near(found.perYearHigh, r.high))
  }
  const base = 'R 4.2.2'
  const mp = 'mpmath 1.3.0, 40 digits'
  return section(
    'Planning',
    'Errors over the larger of 1 and the number. Power of exact tests by `rejectionRule` (`trendRejection` for the trend) is enumerated here in integers, table by table (absolute errors; the program leaves out tables of a probability of at most 1e-9 together); power within matched sets, which is simulated, in standard errors of 4,000 replicates.',
    [
      row('tPower', `pt with noncentrality, ${base}`, power, 1e-8),
      row('conditionalEstimates: most likely', `optimize, ${base}`, peaks, 1e-6),
      row('conditionalEstimates: mean', `integrate, ${base}`, averages, 1e-8),
      row('conditionalEstimates, threshold or best of m: most likely', mp, curse.mle, 1e-9),
      row('conditionalEstimates, threshold or best of m: mean', mp, curse.mean, 1e-9),
      row('conditionalEstimates, threshold or best of m: limits', mp, curse.limits, 1e-9),
      row('meanPower', `pt with noncentrality, ${base}`, designs, 1e-8),
      row('differenceSize: people an arm', `pt with noncentrality, ${base}`, perArm, 0),
      row('asymptoticPower', `expected information, ${base}`, wald, 1e-10),
      row('recruit: years', `qgamma, ${base}`, years, 1e-10),
      row('recruit: cases a year', `qpois, ${base}`, counts, 0),
      ...powerRows(statistics),
    ],
  )
}
