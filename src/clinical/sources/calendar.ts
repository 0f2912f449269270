import type { Period } from './cells.ts'
import type { FindingCode, Place } from './findings.ts'
import type { LabCollector } from './labs.ts'
import type { Reading } from './reading.ts'
import { type VisitRow, visitOfRow } from './visit-rows.ts'

/** What a person can have a day of. */
export type DatedField = 'onset_day' | 'diagnosis_day' | 'death_day'

interface DatedEvent extends Period {
  patient: string
  field: DatedField
  place: Place
}

/**
 * What a source dates by calendar, kept until every person's day 0 is known: the first visit, or the earliest date where there is no
 * visit. Only differences of dates leave.
 */
export class Calendar {
  readonly #reading: Reading
  readonly #visits: { row: Omit<VisitRow, 'day'>; date: number }[] = []
  readonly #events: DatedEvent[] = []
  readonly #births = new Map<string, Period & { place: Place }>()
  readonly #labs: LabCollector[] = []
  readonly #excluded = new Set<string>()
  readonly #given = new Map<string, number>()

  readonly #counted: boolean

  /** `counted`: the source counts days itself, so that its day 0 is everybody's; dates are then such days. */
  constructor(reading: Reading, counted = false) {
    this.#reading = reading
    this.#counted = counted
  }

  visit(row: Omit<VisitRow, 'day'>, date: number): void {
    this.#visits.push({ row, date })
  }

  event(patient: string, field: DatedField, { earliest, latest }: Period, place: Place): void {
    this.#events.push({ patient, field, earliest, latest, place })
  }

  birth(patient: string, { earliest, latest }: Period, place: Place): void {
    const before = this.#births.get(patient)
    if (before === undefined) this.#births.set(patient, { earliest, latest, place })
    else if (before.earliest !== earliest || before.latest !== latest) this.#reading.log.add('patient_conflict', place)
  }

  /** A person's day 0 where the source names it. */
  origin(patient: string, date: number): void {
    this.#given.set(patient, date)
  }

  /** Values gathered there have days since 1970-01-01. */
  labs(collector: LabCollector): LabCollector {
    this.#labs.push(collector)
    return collector
  }

  /** Leaves a person out altogether. */
  exclude(patient: string, code: FindingCode, place: Place): void {
    if (this.#excluded.has(patient)) return
    this.#excluded.add(patient)
    this.#reading.log.add(code, place)
  }

  isExcluded(patient: string): boolean {
    return this.#excluded.has(patient)
  }

  finish(): void {
    const { drafts, log, visits } = this.#reading
    const origins = new Map<string, number>()
    for (const patient of this.#excluded) {
      drafts.drafts.delete(patient)
      for (const collector of this.#reading.collectors) collector.drop(patient)
    }
    const first = (patient: string, date: number, into: Map<string, number>) => {
      if (!(date >= (into.get(patient) ?? Number.POSITIVE_INFINITY))) into.set(patient, date)
    }
    for (const { row, date } of this.#visits) if (!this.#excluded.has(row.patient)) first(row.patient, date, origins)
    const others = new Map<string, number>()
    for (const { patient, earliest } of this.#events) first(patient, earliest, others)
    for (const collector of this.#labs) for (const [patient, day] of collector.earliest()) first(patient, day, others)
    for (const [patient, date] of others)
      if (!origins.has(patient) && !this.#excluded.has(patient)) origins.set(patient, date)
    for (const [patient, date] of this.#given) if (origins.has(patient)) origins.set(patient, date)
    if (this.#counted) for (const patient of origins.keys()) origins.set(patient, 0)
    else for (const [patient, date] of origins) this.#reading.origins.set(patient, date)

    for (const { row, date } of this.#visits) {
      const origin = origins.get(row.patient)
      if (origin === undefined) continue
      drafts.of(row.patient, row.place)
      const day = date - origin
      if (day < 0) log.add('day_before_entry', row.place)
      const visit = visitOfRow({ ...row, day }, log)
      if (visit !== null) visits.push({ visit, place: row.place })
    }
    for (const { patient, field, earliest, latest, place } of this.#events) {
      const origin = origins.get(patient)
      if (origin === undefined) continue
      const draft = drafts.of(patient, place)
      if (earliest === latest) drafts.set(draft, field, earliest - origin, place)
      else if (field === 'onset_day') drafts.setOnsetPeriod(draft, earliest - origin, latest - origin, place)
      else log.add('date_incomplete', place)
    }
    for (const collector of this.#labs) collector.shift(origins)
    for (const [patient, { earliest, latest, place }] of this.#births) {
      const origin = origins.get(patient)
      if (origin === undefined) continue
      const draft = drafts.of(patient, place)
      const age = (origin - (earliest + latest) / 2) / 365.25
      if (age < 0 || age > 120) log.add('value_invalid', place)
      else {
        const known = draft.agePlace !== null
        drafts.setAge(draft, age, place, true)
        if (!known) log.add(earliest === latest ? 'age_from_birth' : 'age_from_birth_period', place)
      }
    }
  }
}
