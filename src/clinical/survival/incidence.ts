import type { GenotypeIncidence, LeadSurvival } from '../../results/survival.ts'
import { type CumulativeIncidence, cumulativeIncidence } from '../../statistics/survival/index.ts'
import { type Followed, isTooLarge } from './copy-hazard.ts'

/** Fewer people at risk give no share. */
export const fewestAtRisk = 5
const daysPerYear = 365.25
const mostYears = 20
/** Of a curve with more steps, so many are kept. */
const mostSteps = 400

const atRisk = (people: readonly Followed[], day: number): number =>
  people.filter(({ follow }) => follow.entry < day && day <= follow.end).length

/**
 * Shares of carriers and others of the rarer allele who reverse, and who die before that, by whole years from onset: Aalen and Johansen's, among people alive
 * without reversal on the first day after which both groups have `fewestAtRisk` under observation. Before that day so few were that one event would decide everything.
 */
export function incidenceByGenotype(people: readonly Followed[]): LeadSurvival['incidence'] {
  if (people.length === 0 || isTooLarge(people)) return null
  const share = people.reduce((sum, { copies }) => sum + copies / 2 / people.length, 0)
  const rareAllele = share > 0.5 ? 'ref' : 'alt'
  const carries = ({ copies }: Followed) => Math.round(rareAllele === 'alt' ? copies : 2 - copies) > 0
  const groups = [people.filter(carries), people.filter((person) => !carries(person))]
  const fromDay = [...new Set(people.map(({ follow }) => follow.entry))]
    .sort((a, b) => a - b)
    .find((day) =>
      groups.every(
        (group) => group.filter(({ follow }) => follow.entry <= day && day < follow.end).length >= fewestAtRisk,
      ),
    )
  if (fromDay === undefined) return null
  const curves = groups.map((group) => {
    const left = group.filter(({ follow }) => follow.end > fromDay)
    const time = left.map(({ follow }) => follow.end)
    const entry = left.map(({ follow }) => Math.max(follow.entry, fromDay))
    const status = left.map(({ follow }) => follow.status)
    return {
      left,
      reversed: cumulativeIncidence({ time, entry, status }),
      // The other cause: the two change places.
      died: cumulativeIncidence({ time, entry, status: status.map((s) => (s === 0 ? 0 : 3 - s)) }),
    }
  })
  const years: number[] = []
  for (let year = 1; year <= mostYears; year++) {
    const day = year * daysPerYear
    if (day <= fromDay) continue
    const thin = curves.some(
      ({ left, reversed }) =>
        atRisk(left, day) < fewestAtRisk ||
        [...reversed.time].some((time, j) => time <= day && reversed.atRisk[j] < fewestAtRisk),
    )
    if (thin) break
    years.push(year)
  }
  if (years.length === 0) return null
  const names = ['carriers', 'others'] as const
  return {
    fromDay,
    rareAllele,
    groups: curves.map(
      ({ left, reversed, died }, g): GenotypeIncidence => ({
        group: names[g],
        people: left.length,
        years: years.map((year) => {
          const day = year * daysPerYear
          const [r, d] = [at(reversed, day), at(died, day)]
          return {
            year,
            atRisk: atRisk(left, day),
            reversed: r.value,
            reversedLow: r.low,
            reversedHigh: r.high,
            died: d.value,
            diedLow: d.low,
            diedHigh: d.high,
          }
        }),
        curve: curveOf(reversed, died, fromDay, years[years.length - 1] * daysPerYear),
      }),
    ),
  }
}

/** The share by a day; where nothing happened yet there is no upper limit on this scale. */
function at(curve: CumulativeIncidence, day: number): { value: number; low: number; high: number | null } {
  let j = -1
  while (j + 1 < curve.time.length && curve.time[j + 1] <= day) j++
  if (j < 0 || curve.incidence[j] === 0) return { value: 0, low: 0, high: null }
  return { value: curve.incidence[j], low: curve.low[j], high: curve.high[j] }
}

/** Both shares after every day with an event up to `until`; both curves step on the same days. */
function curveOf(
  reversed: CumulativeIncidence,
  died: CumulativeIncidence,
  from: number,
  until: number,
): GenotypeIncidence['curve'] {
  const days = [...reversed.time].filter((day) => day <= until)
  // Of many steps the last of each of equally long spans.
  const spanOf = (day: number) => Math.floor(((day - from) / (until - from)) * mostSteps)
  const kept = days.length > mostSteps ? days.filter((day, j) => spanOf(day) !== spanOf(days[j + 1])) : days
  return kept.map((day) => {
    const [r, d] = [at(reversed, day), at(died, day)]
    return {
      day,
      ...{ reversed: r.value, reversedLow: r.low, reversedHigh: r.high },
      ...{ died: d.value, diedLow: d.low, diedHigh: d.high },
    }
  })
}
