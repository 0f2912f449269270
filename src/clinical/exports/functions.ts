import type { AlsfrsItem, Visit } from '../../results/clinical.ts'
import type { Term } from '../terms.ts'

/** A function that was lost, and since when it is there again. */
export interface LostFunction {
  term: Term
  /** The first visit at which the function counts as lost. */
  onset_day: number
  /** The first visit of those, to the last one, at which it is normal again; null where it did not come back, or not for certain. */
  resolution_day: number | null
}

/** Days that a function must have been back before its return is written down. */
const confirmedDays = 180

interface FunctionRule {
  items: readonly AlsfrsItem[]
  term: Term
  /** Lost at this score or below. */
  lost: number
  /** Back from this score on. */
  back: number
}

/**
 * What the items of the ALSFRS-R say in terms of the Human Phenotype Ontology, where it has one that says the same, else in own terms.
 * A function counts as lost at 2 or below, where every item speaks of help or a clear defect, and as back at 4, normal.
 */
const rules: readonly FunctionRule[] = [
  { items: ['q1'], term: { id: 'HP:0001260', label: 'Dysarthria' }, lost: 2, back: 4 },
  { items: ['q2'], term: { id: 'UPTURN:loss-q2', label: 'Excess of saliva' }, lost: 2, back: 4 },
  { items: ['q3'], term: { id: 'HP:0002015', label: 'Dysphagia' }, lost: 2, back: 4 },
  { items: ['q4'], term: { id: 'UPTURN:loss-q4', label: 'Handwriting impaired' }, lost: 2, back: 4 },
  { items: ['q5a', 'q5b'], term: { id: 'UPTURN:loss-q5', label: 'Cutting food impaired' }, lost: 2, back: 4 },
  { items: ['q6'], term: { id: 'UPTURN:loss-q6', label: 'Dressing and hygiene impaired' }, lost: 2, back: 4 },
  { items: ['q7'], term: { id: 'UPTURN:loss-q7', label: 'Turning in bed impaired' }, lost: 2, back: 4 },
  { items: ['q8'], term: { id: 'HP:0001288', label: 'Gait disturbance' }, lost: 2, back: 4 },
  // 1 is functional movement without walking; 2 is walking with assistance.
  { items: ['q8'], term: { id: 'HP:0002505', label: 'Loss of ambulation' }, lost: 1, back: 2 },
  { items: ['q9'], term: { id: 'HP:0003551', label: 'Difficulty climbing stairs' }, lost: 2, back: 4 },
  { items: ['r1'], term: { id: 'HP:0002094', label: 'Dyspnea' }, lost: 2, back: 4 },
  { items: ['r2'], term: { id: 'HP:0012764', label: 'Orthopnea' }, lost: 2, back: 4 },
  { items: ['r3'], term: { id: 'HP:0002093', label: 'Respiratory insufficiency' }, lost: 2, back: 4 },
]

/**
 * Functions that one person lost, with the day on which each is back. Visits sorted by day. A return is written down only when the item is
 * back at that visit and at every later one that has the item, at two visits or more that lie 180 days apart: one good day is no return.
 */
export function lostFunctions(visits: readonly Visit[]): LostFunction[] {
  return rules.flatMap(({ items, term, lost, back }): LostFunction[] => {
    const scores = visits.flatMap((visit) => {
      const score = items.map((item) => visit[item]).find((value) => value !== null)
      return score === undefined ? [] : [{ day: visit.day, score: score as number }]
    })
    const first = scores.findIndex(({ score }) => score <= lost)
    if (first < 0) return []
    let from = scores.length
    while (from > first && scores[from - 1].score >= back) from--
    const returned = scores.slice(from)
    const confirmed = returned.length >= 2 && returned[returned.length - 1].day - returned[0].day >= confirmedDays
    return [{ term, onset_day: scores[first].day, resolution_day: confirmed ? returned[0].day : null }]
  })
}
