import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import type { Calendar } from './calendar.ts'
import type { FindingLog, Place } from './findings.ts'

export type ScoreName = AlsfrsItem | 'total' | 'alsfrs_total'

interface Day {
  patient: string
  date: number
  scores: Partial<Record<ScoreName, number>>
  /** Those with two different values. */
  contradicted: Set<ScoreName>
  place: Place
}

/** Scores that come one at a time, put together by person and day. An item with two different scores on one day is left empty. */
export class DayScores {
  readonly #days = new Map<string, Map<number, Day>>()
  readonly #log: FindingLog
  /** Scores of one day mostly follow each other. */
  #last: Day | undefined

  constructor(log: FindingLog) {
    this.#log = log
  }

  add(patient: string, date: number, name: ScoreName, value: number, place: Place): void {
    const day = this.#day(patient, date, place)
    const before = day.scores[name]
    if (before === undefined) day.scores[name] = value
    else if (before === value) this.#log.add('duplicate_exact', place)
    else {
      day.contradicted.add(name)
      this.#log.add('score_conflict', place, { was: `${before}, ${value}` })
    }
  }

  #day(patient: string, date: number, place: Place): Day {
    if (this.#last?.patient === patient && this.#last.date === date) return this.#last
    let own = this.#days.get(patient)
    if (own === undefined) {
      own = new Map()
      this.#days.set(patient, own)
    }
    let day = own.get(date)
    if (day === undefined) {
      day = { patient, date, scores: {}, contradicted: new Set(), place }
      own.set(date, day)
    }
    this.#last = day
    return day
  }

  /** Everybody with a score, and where it was first read. */
  *people(): Generator<[patient: string, place: Place]> {
    for (const [patient, days] of this.#days)
      for (const { place } of [...days.values()].slice(0, 1)) yield [patient, place]
  }

  /** Gives the visits to the calendar. */
  finish(calendar: Calendar): void {
    for (const { patient, date, scores, contradicted, place } of this.#all()) {
      const score = (name: ScoreName) => (contradicted.has(name) ? null : (scores[name] ?? null))
      const items = Object.fromEntries(alsfrsItems.map((item) => [item, score(item)])) as Record<
        AlsfrsItem,
        number | null
      >
      calendar.visit(
        { patient, items, totalRevised: score('total'), totalOriginal: score('alsfrs_total'), declared: null, place },
        date,
      )
    }
    this.#days.clear()
    this.#last = undefined
  }

  *#all(): Generator<Day> {
    for (const days of this.#days.values()) yield* days.values()
  }
}

/** The score that a meaning names and the most that it can be; null where it names none. */
export function scoreOf(
  meaning: { kind: 'item'; item: AlsfrsItem } | { kind: 'total'; scale: 'ALSFRS-R' | 'ALSFRS' },
): { name: ScoreName; most: number } {
  if (meaning.kind === 'item') return { name: meaning.item, most: 4 }
  return meaning.scale === 'ALSFRS-R' ? { name: 'total', most: 48 } : { name: 'alsfrs_total', most: 40 }
}
