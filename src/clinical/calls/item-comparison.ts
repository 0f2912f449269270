import type { CallsSummary } from '../../results/clinical.ts'
import { daysPerMonth, nadirOf, type Trajectory } from '../visits/trajectory.ts'
import { type ItemRatings, itemCount } from './posterior/items.ts'
import type { PersonPosteriors } from './posterior/task.ts'

/** People whose call by items is another one than by totals: on either side of 0.5 or of 0.9. */
const limits = [0.5, 0.9]
const mostListed = 100
const highestItem = 4

export interface ComparedPerson {
  trajectory: Trajectory
  ratings: ItemRatings | null
  posteriors: PersonPosteriors
}

/** How the posteriors by total scores and by items agree, and for whom they do not. */
export function compareItems(
  people: readonly ComparedPerson[],
  profileSd: number,
): NonNullable<CallsSummary['itemLevel']> {
  let weighed = 0
  let confidentByBoth = 0
  let confidentByTotals = 0
  let confidentByItems = 0
  const differing: NonNullable<CallsSummary['itemLevel']>['differing'] = []
  for (const { trajectory, ratings, posteriors } of people) {
    const totals = posteriors.totals?.posterior
    const items = posteriors.items?.posterior
    if (totals === undefined || items === undefined || ratings === null) continue
    weighed++
    const [first, second] = [totals >= 0.9, items >= 0.9]
    if (first && second) confidentByBoth++
    else if (first) confidentByTotals++
    else if (second) confidentByItems++
    if (limits.some((limit) => totals >= limit !== items >= limit))
      differing.push({ patient: trajectory.patient, totals, items, reason: reasonOf(trajectory, ratings) })
  }
  return {
    weighed,
    profileSd,
    confidentByBoth,
    confidentByTotals,
    confidentByItems,
    differ: differing.length,
    differing: differing.slice(0, mostListed),
  }
}

/** What the items did from the lowest visit to the highest after it. */
function reasonOf(trajectory: Trajectory, ratings: ItemRatings): string {
  const { days, scores, scale } = trajectory
  const items = itemCount[scale]
  const from = nadirOf(trajectory)?.index ?? 0
  let to = from
  for (let k = from; k < scores.length; k++) if (scores[k] > scores[to]) to = k
  let rose = 0
  let fell = 0
  let gained = 0
  let lost = 0
  let largest = 0
  let atEnd = 0
  let missing = 0
  for (let j = 0; j < items; j++) {
    const before = ratings[from * items + j]
    const after = ratings[to * items + j]
    if (before < 0 || after < 0) {
      missing++
      continue
    }
    if (after > before) {
      rose++
      gained += after - before
    } else if (after < before) {
      fell++
      lost += before - after
    }
    largest = Math.max(largest, after - before)
    if ((before === 0 || before === highestItem) && before === after) atEnd++
  }
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
  const month = (k: number) => ((days[k] - days[0]) / daysPerMonth).toFixed(0)
  return `From the lowest visit (month ${month(from)}) to the highest after it (month ${month(to)}) the total changed by ${scores[to] - scores[from]}: ${count(rose, 'item')} rose by ${count(gained, 'point')} together (one by ${largest}), ${count(fell, 'item')} fell by ${lost}, ${atEnd} stood at an end of the item's scale${missing === 0 ? '' : `, ${missing} were not rated at both`}.`
}
