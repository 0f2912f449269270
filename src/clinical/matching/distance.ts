import { mahalanobisDistances } from './mahalanobis.ts'
import type { MatchingOptions } from './person.ts'
import { type MatchPerson, propensityName, valueAt } from './person.ts'
import { propensityScores } from './propensity.ts'

export interface PairDistances {
  /** cases x controls, row-major. */
  distances: Float64Array
  /** |difference of the propensity's logit| in standard deviations, cases x controls; null where no propensity was asked for. */
  propensity: Float64Array | null
  /** Values of a control beside a case: [i, j] by variable. */
  valuesOf(i: number, j: number): readonly number[]
  /** Variables that did not vary and are not in the distance. */
  left: string[]
  /** Pairs in which a control had no visit until the case's nadir, so that its first visit stands in. */
  firstVisitPairs: number
}

/**
 * Distances of complete cases and controls. A variable with a course (`timed`) is taken for each pair as it stood at the case's nadir (risk-set
 * matching: Li, Propert & Rosenbaum, JASA 96:870, 2001); covariance and propensity are estimated once, from everybody's own values.
 */
export function pairDistances(
  cases: readonly MatchPerson[],
  controls: readonly MatchPerson[],
  names: readonly string[],
  options: MatchingOptions,
): PairDistances {
  const own = (p: MatchPerson): number[] => names.map((name) => p.variables[name] as number)
  const caseRows = cases.map(own)
  const controlRows = controls.map(own)
  const timedNames = names.flatMap((name, v) =>
    controls.some((p) => p.timed?.[name] !== undefined) ? [[name, v] as const] : [],
  )
  let firstVisitPairs = 0
  for (const [name] of timedNames)
    for (const c of cases)
      for (const k of controls) {
        const first = k.timed?.[name]?.days[0]
        if (first !== undefined && (c.nadirDay ?? null) !== null && first > (c.nadirDay as number)) firstVisitPairs++
      }
  const valuesOf = (i: number, j: number): readonly number[] => {
    if (timedNames.length === 0) return controlRows[j]
    const row = [...controlRows[j]]
    for (const [name, v] of timedNames) row[v] = valueAt(controls[j], name, cases[i].nadirDay ?? null) as number
    return row
  }
  const mahalanobis = options.distance === 'mahalanobis'
  const { distances, variables } = mahalanobis
    ? mahalanobisDistances(caseRows, controlRows, names, valuesOf)
    : { distances: new Float64Array(0), variables: names.map((_, v) => v) }
  const needed = !mahalanobis || options.calipers[propensityName] !== undefined
  const scores = needed ? propensityScores(caseRows, controlRows, names) : null
  const propensity =
    scores === null
      ? null
      : Float64Array.from({ length: cases.length * controls.length }, (_, at) => {
          const i = Math.floor(at / controls.length)
          return Math.abs(scores.of(caseRows[i]) - scores.of(valuesOf(i, at % controls.length))) / scores.sd
        })
  const used = mahalanobis ? variables : (scores?.variables ?? variables)
  return {
    distances: mahalanobis ? distances : (propensity ?? new Float64Array(cases.length * controls.length)),
    propensity,
    valuesOf,
    left: names.filter((_, v) => !used.includes(v)),
    firstVisitPairs,
  }
}
