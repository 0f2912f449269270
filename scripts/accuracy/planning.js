import { absolute, decimal } from './exact-numbers.js'
import { row, section } from './page.js'
import { powerRows } from './power.js'
import { table } from './read.js'

const near = (found, cell) => absolute(found, decimal(cell)) / Math.max(1, Math.abs(Number(cell)))

/** Power of t-tests, the winner's curse, recruitment. */
export function planning(statistics, { normalQuantile }, { recruit }) {
  const { tPower, conditionalEstimates } = statistics
  const power = table('12_planning/expected_t_power').map((r) =>
    near(tPower(Number(r.shift), Number(r.degrees), Number(r.alpha)), r.power),
  )
  const peaks = []
  const means = []
  for (const r of table('12_planning/expected_winners_curse')) {
    const threshold = normalQuantile(1 - Number(r.alpha) / 2)
    const found = conditionalEstimates({ beta: Number(r.z), se: 1, threshold })
    peaks.push(near(found.mle, r.mle))
    means.push(near(found.mean, r.mean))
  }
  const years = []
  const counts = []
  for (const r of table('12_planning/expected_recruitment')) {
    const registry = { patients: Number(r.patients), stay: 3, reversalRate: Number(r.rate), consent: 0.5 }
    const found = recruit(registry, Number(r.wanted))
    years.push(near(found.yearsHalf, r.half), near(found.yearsNineTenths, r.nine_tenths))
    counts.push(near(found.perYearLow, r.low), near(found.perYearHigh, r.high))
  }
  const base = 'R 4.2.2'
  return section(
    'Planning',
    'Errors over the larger of 1 and the number. Power of exact tests is enumerated here in integers, table by table (absolute errors; the program leaves out tables of a probability of at most 1e-9 together); power within matched sets, which is simulated, in standard errors of 4,000 replicates.',
    [
      row('tPower', `pt with noncentrality, ${base}`, power, 1e-8),
      row('conditionalEstimates: most likely', `optimize, ${base}`, peaks, 1e-6),
      row('conditionalEstimates: mean', `integrate, ${base}`, means, 1e-8),
      row('recruit: years', `qgamma, ${base}`, years, 1e-10),
      row('recruit: cases a year', `qpois, ${base}`, counts, 0),
      ...powerRows(statistics),
    ],
  )
}
