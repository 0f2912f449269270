import { UpturnError } from '../../errors/index.ts'
import { normalQuantile } from '../../numerics/special.ts'
import { clopperPearsonInterval } from '../proportions/index.ts'

export interface Kappa {
  /** `nobody`: an empty table; `one_category`: both used one and the same category throughout, so that chance alone agrees fully. */
  status: 'ok' | 'nobody' | 'one_category'
  people: number
  /** Share of people on whom both agree, and the share expected by chance from the margins. */
  observed: number | null
  expected: number | null
  kappa: number | null
  /** Large-sample standard error; null where nobody disagrees, which it cannot measure. */
  se: number | null
  low: number | null
  high: number | null
  /** How the limits were found. */
  limits: 'large-sample' | 'exact disagreement' | null
}

/**
 * Cohen's kappa of two raters, unweighted, from counts by category of the first (row) and of the second (column), with limits of 95% by default.
 *
 * The standard error is that of Fleiss, Cohen and Everitt (1969), right for many people; with a few dozen the limits are rough, and below 2 k^2 people for k
 * categories in use there are none (the rule of thumb of Cicchetti 1981). It is zero where nobody
 * disagrees: the lower limit then takes the upper limit of Clopper and Pearson for the share that disagrees, at the margins seen, and the upper limit is 1.
 * Where a rater uses one category alone, or the two never agree, the error is zero as well and there are no limits.
 * Refuses (`BadArgument`) a table that is not square, or counts that are no whole numbers from 0.
 */
export function cohenKappa(table: readonly (readonly number[])[], level = 0.95): Kappa {
  const size = table.length
  if (table.some((row) => row.length !== size || row.some((count) => !Number.isSafeInteger(count) || count < 0)))
    throw new UpturnError('BadArgument', 'kappa takes a square table of counts')
  if (!(level > 0 && level < 1)) throw new UpturnError('BadArgument', `a level lies between 0 and 1, not ${level}`)
  const people = table.flat().reduce((sum, count) => sum + count, 0)
  const none = { people, observed: null, expected: null, kappa: null, se: null, low: null, high: null, limits: null }
  if (people === 0) return { status: 'nobody', ...none }
  const row = table.map((counts) => counts.reduce((sum, count) => sum + count, 0) / people)
  const column = table.map((_, j) => table.reduce((sum, counts) => sum + counts[j], 0) / people)
  const agreed = table.reduce((sum, counts, i) => sum + counts[i], 0)
  const observed = agreed / people
  const expected = row.reduce((sum, share, i) => sum + share * column[i], 0)
  if (table.some((counts, i) => counts[i] === people)) return { status: 'one_category', ...none, observed, expected: 1 }
  const beyond = 1 - expected
  const kappa = (observed - expected) / beyond
  if (agreed === people) {
    const most = clopperPearsonInterval(0, people, level).high
    return {
      status: 'ok',
      people,
      observed,
      expected,
      kappa,
      se: null,
      low: Math.max(-1, 1 - most / beyond),
      high: 1,
      limits: 'exact disagreement',
    }
  }
  let diagonal = 0
  let off = 0
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const share = table[i][j] / people
      if (i === j) {
        const term = beyond - (row[i] + column[i]) * (1 - observed)
        diagonal += share * term * term
      } else {
        const term = column[i] + row[j]
        off += share * term * term
      }
    }
  const last = observed * expected - 2 * expected + observed
  const variance =
    (diagonal + (1 - observed) * (1 - observed) * off - last * last) / (people * beyond * beyond * beyond * beyond)
  // Zero where a rater uses one category, or the two never agree: the formula then measures nothing.
  if (variance < 1e-12) return { status: 'ok', ...none, observed, expected, kappa }
  const se = Math.sqrt(variance)
  const used = row.filter((share, i) => share + column[i] > 0).length
  if (people < 2 * used * used) return { status: 'ok', ...none, observed, expected, kappa, se }
  const half = -normalQuantile((1 - level) / 2) * se
  return {
    status: 'ok',
    people,
    observed,
    expected,
    kappa,
    se,
    low: Math.max(-1, kappa - half),
    high: Math.min(1, kappa + half),
    limits: 'large-sample',
  }
}
