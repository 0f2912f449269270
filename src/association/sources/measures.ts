import type { SourceMeasure } from '../../results/sources.ts'
import { kruskalWallis } from '../../statistics/rank/index.ts'

/** A source with fewer people than this is shown, but not tested. */
const fewestPeople = 5
/** Chance that any of the measures differs where none does, shared among them (Bonferroni). */
const alpha = 0.05

export interface MeasuredPerson {
  source: string
  /** By measure; null where it is not known. */
  values: Readonly<Record<string, number | null>>
}

/** Medians and quartiles of each measure by source, and whether the sources have one distribution. */
export function compareMeasures(people: readonly MeasuredPerson[], names: readonly string[]): SourceMeasure[] {
  const sources = [...new Set(people.map(({ source }) => source))].sort((a, b) => (a < b ? -1 : 1))
  const measures = names.flatMap((measure): SourceMeasure[] => {
    const known = people.flatMap(({ source, values }) => {
      const value = values[measure]
      return value === null || value === undefined ? [] : [{ source, value }]
    })
    if (known.length === 0) return []
    const groups = sources.map((source) => ({
      source,
      values: known.filter((one) => one.source === source).map(({ value }) => value),
    }))
    const tested = groups.filter(({ values }) => values.length >= fewestPeople)
    const p =
      tested.length < 2
        ? null
        : kruskalWallis(
            tested.flatMap(({ values }) => values),
            tested.flatMap(({ values }, g) => values.map(() => g)),
          ).p
    return [
      {
        measure,
        bySource: groups
          .filter(({ values }) => values.length > 0)
          .map(({ source, values }) => {
            const sorted = values.toSorted((a, b) => a - b)
            return {
              source,
              people: values.length,
              median: quantile(sorted, 0.5),
              low: quantile(sorted, 0.25),
              high: quantile(sorted, 0.75),
            }
          }),
        p,
        differs: false,
      },
    ]
  })
  const tests = measures.filter(({ p }) => p !== null).length
  return measures.map((one) => ({ ...one, differs: one.p !== null && one.p < alpha / tests }))
}

/** Quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan 1996). */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const next = sorted[Math.min(sorted.length - 1, below + 1)]
  return sorted[below] + (place - below) * (next - sorted[below])
}
