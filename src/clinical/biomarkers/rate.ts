import type { BiomarkerRate } from '../../results/biomarkers.ts'
import { spearman } from '../../statistics/rank/index.ts'
import { fitLevels, type PlateEffects } from './level-model.ts'
import { mean, type Person, ranked } from './person.ts'

const draws = 19_999

/**
 * Level by rate of loss before the nadir: the ratio of levels for each further point lost a month, adjusted as the groups are (ANCOVA of the logarithm, censored), and
 * Spearman's correlation of the raw values. Everybody with a rate counts, whatever the group. Null with fewer than five people or when rates are all equal.
 */
export function rateOf(
  people: readonly Person[],
  covariates: readonly ((p: Person) => number)[],
  names: readonly string[],
  plates: PlateEffects,
  seed: number,
): BiomarkerRate | null {
  const used = people.filter((p) => p.lossRate !== null)
  if (used.length < 5 || used.every((p) => p.lossRate === used[0].lossRate)) return null
  const centre = mean(used.map((p) => p.lossRate as number))
  const kept = covariates.flatMap((read, c) =>
    used.some((p) => read(p) !== read(used[0])) ? [{ read, name: names[c] }] : [],
  )
  const rows = used.map((p) => ({
    value: p.value,
    censoring: p.censoring,
    plate: p.plate,
    columns: [(p.lossRate as number) - centre, ...kept.map(({ read }) => read(p))],
  }))
  const model = fitLevels(rows, 1 + kept.length, plates)
  const ratio = typeof model === 'string' ? null : model.ratio(0)
  const rank = spearman(
    ranked(used),
    used.map((p) => p.lossRate as number),
    { draws, seed },
  )
  return {
    n: used.length,
    ratio: ratio === null ? null : { ...ratio, adjustedFor: kept.map(({ name }) => name) },
    spearman:
      rank.status === 'constant'
        ? null
        : { rho: rank.rho, low: rank.low, high: rank.high, p: rank.p, draws: rank.draws },
  }
}
