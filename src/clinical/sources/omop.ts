import { UpturnError } from '../../errors/index.ts'
import type { Columns, TableRow } from '../tables/index.ts'
import { Calendar } from './calendar.ts'
import { type CellReader, sexWords } from './cells.ts'
import { conceptTable, type Meaning, Unread } from './concepts.ts'
import { DayScores, scoreOf } from './day-scores.ts'
import type { Place } from './findings.ts'
import { type ClinicalLayout, isTableName, type SourceFiles, stem } from './layout.ts'
import { periodOf } from './periods.ts'
import type { Reading } from './reading.ts'

/** Tables of the common data model that are read; the order matters: visits give dates to rows that have none. */
const known = ['person', 'condition_occurrence', 'death', 'visit_occurrence', 'observation', 'measurement'] as const

/**
 * Concept ids as the public code of Answer ALS uses them: ALSFRS-R items and total, ALS, and its own ids (above 2,000,000,000) for
 * onset and site of onset. Another database may use others: the study file's `concepts` come before these.
 */
const answerAls: Readonly<Record<string, string>> = {
  42529071: 'q1',
  42529072: 'q2',
  42529073: 'q3',
  42529074: 'q4',
  42529075: 'q5a',
  42529076: 'q5b',
  42529077: 'q6',
  42529078: 'q7',
  42529079: 'q8',
  42529080: 'q9',
  42529081: 'r1',
  42529082: 'r2',
  42529083: 'r3',
  42529084: 'total',
  373182: 'diagnosis',
  2000000397: 'onset',
  2000000396: 'onset_site',
  2000002017: 'bulbar',
  4282006: 'limb',
  4200396: 'limb',
  4267861: 'limb',
  3488338: 'limb',
  3485386: 'limb',
  3492826: 'limb',
  3505838: 'limb',
  4309650: 'limb',
  78791008: 'limb',
  4320144: 'limb',
  4298982: 'limb',
  23168003: 'bulbar',
  288939007: 'bulbar',
  321667001: 'respiratory',
  24422004: 'other',
  45048000: 'other',
  22943007: 'other',
  4082829: 'other',
}

/** Names of items as Answer ALS writes them in `*_source_value` (alsfrs_r+alsfrs1). */
const sourceNames: Readonly<Record<string, string>> = {
  alsfrs1: 'q1',
  alsfrs2: 'q2',
  alsfrs3: 'q3',
  alsfrs4: 'q4',
  alsfrs5a: 'q5a',
  alsfrs5b: 'q5b',
  alsfrs6: 'q6',
  alsfrs7: 'q7',
  alsfrs8: 'q8',
  alsfrs9: 'q9',
  alsfrsr1: 'r1',
  alsfrsr2: 'r2',
  alsfrsr3: 'r3',
  alsfrst: 'total',
}

/** So many texts that recur are kept with what they mean; more do not recur. */
const mostKept = 50_000

/** Gender concepts of the vocabulary. */
const genders = new Map<string, 'female' | 'male'>([
  ['8507', 'male'],
  ['8532', 'female'],
])

/** Operator concepts of MEASUREMENT. */
const operators = new Map<string, '' | '<' | '>'>([
  ['4172703', ''],
  ['4171756', '<'],
  ['4171754', '<'],
  ['4172704', '>'],
  ['4171755', '>'],
])

/** Files by table name; a table in several parts (observation_1.csv) is one table. */
function tablesOf(files: SourceFiles): Map<string, string[]> {
  const tables = new Map<string, string[]>()
  for (const name of files.names) {
    if (!isTableName(name)) continue
    const table = stem(name).replace(/[_-]?\d+$/, '')
    tables.set(table, [...(tables.get(table) ?? []), name])
  }
  return tables
}

/** OMOP common data model 5.4, tables as CSV, TSV or Parquet files. Answer ALS is released in it. */
export const omop = {
  name: 'omop',
  title: 'OMOP common data model 5.4',
  async recognise(files) {
    if (!files.isFolder) return false
    const tables = tablesOf(files)
    const person = tables.get('person')?.[0]
    if (person === undefined || !(tables.has('observation') || tables.has('measurement'))) return false
    const header = (await files.header(person))?.map((name) => name.toLowerCase()) ?? []
    return header.includes('person_id') && header.includes('gender_concept_id')
  },
  async read(reading) {
    const { files } = reading
    const tables = tablesOf(files)
    if (!tables.has('person') || !(tables.has('observation') || tables.has('measurement')))
      throw new UpturnError(
        'FileNotFound',
        'the folder holds no person table with an observation or measurement table',
        {
          place: { file: files.path },
        },
      )
    const state = new OmopState(reading)
    for (const table of known)
      for (const name of tables.get(table) ?? [])
        await reading.scan(files.pathOf(name), (cells, columns) => state[table](cells, columns))
    state.finish()
  },
} as const satisfies ClinicalLayout

class OmopState {
  readonly #reading: Reading
  readonly #calendar: Calendar
  readonly #concepts: ReadonlyMap<string, Meaning>
  readonly #sources: ReadonlyMap<string, Meaning>
  readonly #unknown = new Unread('concept_unread')
  /** Days of visits by id; null where two rows of one id differ. */
  readonly #visits = new Map<string, number | null>()
  /** People for whom the conditions list ALS, or its onset. */
  readonly #withAls = new Set<string>()
  readonly #dates = new Map<string, number>()
  /** What concepts and names of the source were found to mean together. */
  readonly #meanings = new Map<string, Map<string, { meaning: Meaning; unknown: string | null }>>()
  #meaningsKept = 0
  readonly #diagnoses = new Map<string, { day: number; place: Place }>()
  readonly #sites = new Map<string, { sites: Set<string>; place: Place }>()
  readonly #scores: DayScores

  constructor(reading: Reading) {
    this.#reading = reading
    this.#calendar = new Calendar(reading)
    this.#scores = new DayScores(reading.log)
    this.#concepts = conceptTable(answerAls, reading.mapping.concepts)
    this.#sources = conceptTable(sourceNames, reading.mapping.concepts)
  }

  person(cells: CellReader, columns: Columns): (row: TableRow) => void {
    const id = columns.required('person_id')
    const gender = columns.required('gender_concept_id')
    const genderText = columns.optional('gender_source_value')
    const year = columns.optional('year_of_birth')
    const month = columns.optional('month_of_birth')
    const day = columns.optional('day_of_birth')
    for (const at of [year, month, day]) cells.masked.add(at)
    return this.#rows(cells, id, (row, patient) => {
      const { drafts, log } = this.#reading
      const draft = drafts.of(patient, cells.place(row))
      const code = codeOf(cells, row, gender)
      const place = cells.place(row, gender)
      if (code !== null && genders.has(code)) drafts.set(draft, 'sex', genders.get(code) ?? null, place)
      else if (code === null) {
        const text = cells.text(row, genderText)
        const word = text === null ? undefined : sexWords.get(text.toLowerCase())
        if (word !== undefined) drafts.set(draft, 'sex', word, cells.place(row, genderText))
        else if (text !== null) this.#unknown.add(`gender ${text}`, () => cells.place(row, genderText))
      } else log.add('sex_other', place)
      const born = {
        year: cells.number(row, year, { min: 1900, max: 2100, integer: true }),
        month: cells.number(row, month, { min: 1, max: 12, integer: true }),
        day: cells.number(row, day, { min: 1, max: 31, integer: true }),
      }
      if (born.year === null) return
      const period = periodOf(born.year, born.month, born.month === null ? null : born.day)
      if (period === null) cells.invalid(row, day)
      else this.#calendar.birth(patient, period, cells.place(row, year))
    })
  }

  condition_occurrence(cells: CellReader, columns: Columns): (row: TableRow) => void {
    const id = columns.required('person_id')
    const concept = columns.required('condition_concept_id')
    const start = columns.required('condition_start_date')
    const source = columns.optional('condition_source_value')
    return this.#rows(cells, id, (row, patient) => {
      const meaning = this.#meaning(cells, row, concept, source)
      if (meaning?.kind !== 'day') {
        if (meaning !== null && meaning.kind !== 'ignore')
          this.#unknown.add(`${meaning.kind} as condition`, () => cells.place(row, concept))
        return
      }
      const day = this.#date(cells, row, start)
      if (day === null) {
        if (cells.text(row, start) === null) this.#reading.log.add('day_missing', cells.place(row, start))
        return
      }
      const place = cells.place(row, start)
      this.#withAls.add(patient)
      if (meaning.field === 'onset_day') {
        this.#calendar.event(patient, 'onset_day', { earliest: day, latest: day }, place)
        return
      }
      // A diagnosis is recorded again at every encounter; the first one is the diagnosis.
      const before = this.#diagnoses.get(patient)
      if (before === undefined || day < before.day) this.#diagnoses.set(patient, { day, place })
    })
  }

  death(cells: CellReader, columns: Columns): (row: TableRow) => void {
    const id = columns.required('person_id')
    const date = columns.required('death_date')
    return this.#rows(cells, id, (row, patient) => {
      const day = this.#date(cells, row, date)
      if (day !== null)
        this.#calendar.event(patient, 'death_day', { earliest: day, latest: day }, cells.place(row, date))
      else if (cells.text(row, date) === null) this.#reading.log.add('death_without_day', cells.place(row, date))
    })
  }

  visit_occurrence(cells: CellReader, columns: Columns): (row: TableRow) => void {
    const id = columns.required('visit_occurrence_id')
    const person = columns.required('person_id')
    const start = columns.required('visit_start_date')
    return this.#rows(cells, person, (row) => {
      const visit = cells.text(row, id)
      const day = this.#date(cells, row, start)
      if (visit === null || day === null) return
      const before = this.#visits.get(visit)
      if (before === undefined) this.#visits.set(visit, day)
      else if (before !== day) {
        this.#visits.set(visit, null)
        cells.found('date_conflict', row, start)
      }
    })
  }

  observation(cells: CellReader, columns: Columns): (row: TableRow) => void {
    return this.#values(cells, columns, 'observation')
  }

  measurement(cells: CellReader, columns: Columns): (row: TableRow) => void {
    return this.#values(cells, columns, 'measurement')
  }

  #values(cells: CellReader, columns: Columns, table: 'observation' | 'measurement'): (row: TableRow) => void {
    const { log } = this.#reading
    const id = columns.required('person_id')
    const concept = columns.required(`${table}_concept_id`)
    const date = columns.required(`${table}_date`)
    const number = columns.optional('value_as_number')
    const text = columns.optional('value_as_string')
    const valueConcept = columns.optional('value_as_concept_id')
    const source = columns.optional(`${table}_source_value`)
    const unit = columns.optional('unit_source_value')
    const operator = columns.optional('operator_concept_id')
    const visit = columns.optional('visit_occurrence_id')
    const collector = this.#calendar.labs(this.#reading.labs(cells))
    const limits = { min: Number.NEGATIVE_INFINITY, max: Number.MAX_VALUE }
    return this.#rows(cells, id, (row, patient) => {
      const place = () => cells.place(row, concept)
      const meaning = this.#meaning(cells, row, concept, source, table === 'measurement')
      if (meaning === null || meaning.kind === 'ignore') return
      if (meaning.kind === 'onset_site') {
        this.#site(patient, codeOf(cells, row, valueConcept), cells.place(row, valueConcept))
        return
      }
      if (meaning.kind === 'riluzole') {
        this.#reading.drafts.of(patient, place()).values.set('riluzole', { value: true, place: place() })
        return
      }
      if (meaning.kind === 'site') {
        this.#unknown.add(`${meaning.site} as ${table}`, place)
        return
      }
      let when: number | null | undefined = this.#date(cells, row, date)
      if (when === null) {
        const given = cells.text(row, visit)
        when = given === null ? undefined : this.#visits.get(given)
      }
      if (when === undefined || when === null) {
        log.add('day_missing', cells.place(row, date))
        return
      }
      if (meaning.kind === 'day') {
        this.#withAls.add(patient)
        this.#calendar.event(patient, meaning.field, { earliest: when, latest: when }, place())
        return
      }
      const value =
        cells.number(row, number, limits) ?? (table === 'observation' ? cells.number(row, text, limits) : null)
      if (value === null) {
        // A concept as value, or words: a finding that is no number.
        if (meaning.kind === 'test' && (codeOf(cells, row, valueConcept) !== null || cells.text(row, text) !== null))
          log.add('lab_text', place())
        return
      }
      if (meaning.kind === 'test') {
        const code = codeOf(cells, row, operator)
        const qualifier = code === null ? '' : operators.get(code)
        if (qualifier === undefined) cells.invalid(row, operator)
        else {
          if (qualifier !== '') log.add('lab_qualified', place())
          if (!this.#reading.drafts.drafts.has(patient)) this.#reading.drafts.of(patient, place())
          collector.add(patient, when, meaning.test, value, qualifier, cells.text(row, unit) ?? '', row.line)
        }
        return
      }
      const { name, most } = scoreOf(meaning)
      if (value < 0 || value > most || !Number.isInteger(value)) cells.invalid(row, number)
      else this.#scores.add(patient, when, name, value, cells.place(row))
    })
  }

  #site(patient: string, code: string | null, place: Place): void {
    if (code === null) return
    const meaning = this.#concepts.get(code)
    if (meaning?.kind !== 'site') {
      this.#unknown.add(`${code} as site of onset`, () => place)
      return
    }
    const before = this.#sites.get(patient)
    if (before === undefined) this.#sites.set(patient, { sites: new Set([meaning.site]), place })
    else before.sites.add(meaning.site)
  }

  /** What a row means, by its concept and by the name that the source gave it; null, and counted, when nothing says. */
  #meaning(cells: CellReader, row: TableRow, concept: number, source: number, isTest = false): Meaning | null {
    const conceptText = row.cells[concept]
    const sourceText = source < 0 ? '' : row.cells[source]
    const kept = row.notes === undefined ? this.#meanings.get(conceptText)?.get(sourceText) : undefined
    if (kept !== undefined) {
      if (kept.unknown === null) return kept.meaning
      this.#unknown.add(kept.unknown, () => cells.place(row, concept))
      return isTest ? kept.meaning : null
    }
    const code = codeOf(cells, row, concept)
    const text = cells.text(row, source)
    const name = text === null ? null : sourceName(text)
    const byCode = code === null ? undefined : this.#concepts.get(code)
    const bySource =
      text === null || name === null ? undefined : (this.#sources.get(text.toUpperCase()) ?? this.#sources.get(name))
    if (byCode !== undefined && bySource !== undefined && !sameMeaning(byCode, bySource)) {
      this.#reading.log.add('concept_conflict', cells.place(row, concept), { was: `${code}, ${name}` })
      return null
    }
    const meaning = byCode ?? bySource
    if (meaning !== undefined) {
      this.#keep(conceptText, sourceText, meaning, null)
      return meaning
    }
    // An unmapped measurement is kept under the name that the source gives it.
    const label = text ?? (code === null ? null : `CONCEPT ${code}`)
    const unknown = code ?? `concept 0 (${(name ?? '').slice(0, 60)})`
    this.#unknown.add(unknown, () => cells.place(row, concept))
    if (!isTest || label === null) return null
    const test: Meaning = { kind: 'test', test: label.toUpperCase() }
    this.#keep(conceptText, sourceText, test, unknown)
    return test
  }

  #keep(concept: string, source: string, meaning: Meaning, unknown: string | null): void {
    // What is no concept id or no name has a finding of its own in every row.
    if (this.#meaningsKept >= mostKept || !/^\d*$/.test(concept) || /^(?:-|PEN$|N\/D$)/i.test(source)) return
    this.#meaningsKept++
    const own = this.#meanings.get(concept)
    if (own === undefined) this.#meanings.set(concept, new Map([[source, { meaning, unknown }]]))
    else own.set(source, { meaning, unknown })
  }

  /** A date of the model; a time behind it is not used. Few dates are in many rows, so that they are read once. */
  #date(cells: CellReader, row: TableRow, at: number): number | null {
    const text = row.cells[at]
    const known = row.notes === undefined ? this.#dates.get(text) : undefined
    if (known !== undefined) return known
    const day = cells.date(row, at)
    if (day !== null && this.#dates.size < mostKept) this.#dates.set(text, day)
    return day
  }

  #rows(cells: CellReader, id: number, take: (row: TableRow, patient: string) => void): (row: TableRow) => void {
    return (row) => {
      const patient = cells.id(row, id)
      if (patient === null) this.#reading.log.add('patient_missing', cells.place(row, id))
      else take(row, patient)
    }
  }

  finish(): void {
    const { drafts, log } = this.#reading
    for (const [patient, { day, place }] of this.#diagnoses)
      this.#calendar.event(patient, 'diagnosis_day', { earliest: day, latest: day }, place)
    for (const [patient, { sites, place }] of this.#sites) {
      const [only] = sites
      drafts.set(drafts.of(patient, place), 'onset_site', sites.size === 1 ? only : 'other', place)
    }
    // Healthy carriers and controls have scores too; where conditions tell who has ALS, they would pass as people who never declined.
    if (this.#withAls.size > 0)
      for (const [patient, place] of this.#scores.people())
        if (!this.#withAls.has(patient)) this.#calendar.exclude(patient, 'als_unlisted', place)
    this.#scores.finish(this.#calendar)
    this.#unknown.report(log)
    this.#calendar.finish()
  }
}

/** A concept id, or null where it is missing or 0, which in the model means that none fits. */
function codeOf(cells: CellReader, row: TableRow, at: number): string | null {
  const text = cells.text(row, at)?.replace(/\.0+$/, '') ?? null
  return text === null || text === '0' ? null : text.toUpperCase()
}

/** `alsfrs_r+alsfrs1 (speech function assessment)` names alsfrs1; other texts are names as they stand. */
function sourceName(text: string): string {
  const match = /^[\w-]+\+([\w-]+)(?:[\s:(]|$)/.exec(text)
  return (match?.[1] ?? text).trim().toUpperCase()
}

function sameMeaning(a: Meaning, b: Meaning): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
