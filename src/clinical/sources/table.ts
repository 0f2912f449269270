import { UpturnError } from '../../errors/index.ts'
import { type AlsfrsItem, alsfrsItems, type Visit } from '../../results/clinical.ts'
import type { Columns } from '../tables/index.ts'
import { type CellReader, onsetSiteWords, sexWords, yesNoWords } from './cells.ts'
import type { Place } from './findings.ts'
import { type ClinicalLayout, isTableName, stem } from './layout.ts'
import type { Reading, TakeRow } from './reading.ts'
import { type VisitRow, visitOfRow } from './visit-rows.ts'

/**
 * Which columns of a plain table mean what; every name not given is its own default (`patient`, `day`, `q1`, `sex` ...).
 * A visit table has one row a visit, placed by `day` (a number) or `date` (day 0 is then the person's first visit). A patient table has one row a
 * person and may be the same file; the date of onset may also be a year or a month (2015-03). Of a workbook the sheet is named here, or is called
 * `visits`, `patients` or `labs`.
 */
export interface TableMapping {
  visits?: {
    file?: string
    sheet?: string
    patient?: string
    day?: string
    date?: string
    /** The column that names the scale, or the scale itself: ALSFRS-R or ALSFRS. */
    scale?: string
    total?: string
    items?: Partial<Record<AlsfrsItem, string>>
  }
  patients?: { file?: string; sheet?: string } & Partial<Record<PatientColumn, string>>
  labs?: {
    file?: string
    sheet?: string
    patient?: string
    day?: string
    test?: string
    value?: string
    unit?: string
    plate?: string
    lower_limit?: string
    upper_limit?: string
  }
  /** Words of the table and what they mean here: { spinal: limb }. */
  words?: Readonly<Record<string, string>>
  /** Codes of a vocabulary and what they mean: { 42529071: q1, LOINC:2484-4: IGF-1 }. */
  concepts?: Readonly<Record<string, string>>
  /** The day of each numbered visit or named event, where the source gives no other: { 1: 0, 2: 120 }. */
  visit_days?: Readonly<Record<string, number>>
  /** Codes that mean missing, beside those that are always known. */
  missing?: readonly string[]
}

/** The day that the study file gives to a visit of this number or event. */
export function scheduledDay({ visit_days: days }: TableMapping, name: string): number | undefined {
  return days !== undefined && Object.hasOwn(days, name) ? days[name] : undefined
}

export type PatientColumn =
  | 'patient'
  | 'sex'
  | 'age_at_onset'
  | 'age_at_entry'
  | 'onset_site'
  | 'onset_day'
  | 'diagnosis_day'
  | 'death_day'
  | 'onset_date'
  | 'diagnosis_date'
  | 'death_date'
  | 'birth_date'
  | 'el_escorial'
  | 'riluzole'
  | 'dna_source'
  | 'mimic'
  | 'known_mutation'
  | 'sample'

const scaleWords = new Map<string, Visit['scale']>([
  ['alsfrs-r', 'ALSFRS-R'],
  ['alsfrs_r', 'ALSFRS-R'],
  ['alsfrsr', 'ALSFRS-R'],
  ['alsfrs', 'ALSFRS'],
])

/**
 * Plain tables: the visit table itself, or a folder with `visits`, `patients` and `labs` tables, or any names that the
 * mapping gives.
 */
export const plainTables = {
  name: 'table',
  title: 'plain tables',
  async recognise({ isFolder, names }) {
    return !isFolder || names.some((name) => isTableName(name) && stem(name) === 'visits')
  },
  async read(reading) {
    const { files, mapping } = reading
    const find = (role: Role) => {
      const found = files.isFolder ? files.names.filter((name) => isTableName(name) && stem(name) === role) : []
      if (found.length > 1)
        throw new UpturnError('FormatInvalid', `${found.join(' and ')} are both the ${role} table; keep one of them`, {
          place: { file: files.path },
        })
      return found.at(0)
    }
    const own = files.isFolder ? undefined : files.names[0]
    const visits = mapping.visits?.file ?? find('visits') ?? own
    if (visits === undefined)
      throw new UpturnError('FileNotFound', 'the folder holds no visit table (visits.csv); name one in the mapping', {
        place: { file: files.path },
      })
    const sheets = await reading.scan(files.pathOf(visits), visitReader, sheetOf(mapping, 'visits'))
    for (const [role, reader] of [
      ['patients', patientReader],
      ['labs', labReader],
    ] as const) {
      const there = sheets?.some((name) => name.toLowerCase() === (mapping[role]?.sheet ?? role).toLowerCase())
      const file = mapping[role]?.file ?? find(role) ?? (there === true ? visits : undefined)
      if (file !== undefined) await reading.scan(files.pathOf(file), reader, sheetOf(mapping, role))
    }
  },
} as const satisfies ClinicalLayout

const single = (day: number | null) => (day === null ? null : { earliest: day, latest: day })

type Role = 'visits' | 'patients' | 'labs'

const sheetOf = (mapping: TableMapping, role: Role) => ({ named: mapping[role]?.sheet, preferred: role })

function labReader(cells: CellReader, columns: Columns, reading: Reading): TakeRow {
  const { drafts } = reading
  const names = reading.mapping.labs ?? {}
  const patientAt = columns.required(names.patient ?? 'patient')
  const dayAt = columns.required(names.day ?? 'day')
  const optional = (role: 'plate' | 'lower' | 'upper', given: string | undefined, ...usual: string[]) => {
    const place = given === undefined ? columns.optional(...usual) : columns.required(given)
    return place < 0 ? {} : { [role]: place }
  }
  const at = {
    test: columns.required(names.test ?? 'test'),
    value: columns.required(names.value ?? 'value'),
    unit: columns.optional(names.unit ?? 'unit'),
    ...optional('plate', names.plate, 'plate', 'batch'),
    ...optional('lower', names.lower_limit, 'lower_limit', 'lod', 'lloq'),
    ...optional('upper', names.upper_limit, 'upper_limit', 'uloq'),
  }
  const collector = reading.labs(cells)
  return (row) => {
    const patient = cells.id(row, patientAt)
    const day = cells.day(row, dayAt)
    if (patient === null) cells.found('patient_missing', row, patientAt)
    else if (day === null) cells.found('day_missing', row, dayAt)
    else {
      drafts.of(patient, cells.place(row))
      collector.read(cells, row, patient, day, at)
    }
  }
}

function visitReader(cells: CellReader, columns: Columns, reading: Reading): TakeRow {
  const { mapping, drafts, visits, origins, log } = reading
  const names = mapping.visits ?? {}
  const patientAt = columns.required(names.patient ?? 'patient')
  const dateAt = names.date === undefined ? -1 : columns.required(names.date)
  const dayAt = dateAt >= 0 ? -1 : columns.required(names.day ?? 'day')
  const fixed = scaleWords.get((names.scale ?? '').toLowerCase()) ?? null
  const scaleAt =
    fixed !== null ? -1 : names.scale === undefined ? columns.optional('scale') : columns.required(names.scale)
  const totalAt = names.total === undefined ? columns.optional('total') : columns.required(names.total)
  const items = alsfrsItems.map((item) => {
    const given = names.items?.[item]
    if (given !== undefined) return [item, columns.required(given)] as const
    return [item, item === 'q5a' ? columns.optional('q5a', 'q5') : columns.optional(item)] as const
  })
  /** The first date of each person is only known at the end, so days are set again as earlier dates appear. */
  const dated = new Map<string, { visit: Visit; date: number }[]>()
  return (row) => {
    const place: Place = cells.place(row)
    const patient = cells.id(row, patientAt)
    if (patient === null) {
      cells.found('patient_missing', row, patientAt)
      return
    }
    drafts.of(patient, place)
    const date = dateAt >= 0 ? cells.date(row, dateAt) : null
    const day = dateAt >= 0 ? date : cells.day(row, dayAt)
    if (day === null) {
      cells.found('day_missing', row, Math.max(dateAt, dayAt))
      return
    }
    if (dateAt < 0 && day < 0) cells.found('day_before_entry', row, dayAt)
    const scores = {} as VisitRow['items']
    for (const [item, at] of items) scores[item] = cells.number(row, at, { min: 0, max: 4, integer: true })
    const declared = fixed ?? cells.word(row, scaleAt, scaleWords)
    const total = cells.number(row, totalAt, { min: 0, max: declared === 'ALSFRS' ? 40 : 48, integer: true })
    const original = declared === 'ALSFRS' || (declared === null && scores.q10 !== null)
    const visit = visitOfRow(
      {
        patient,
        day,
        items: scores,
        totalRevised: original ? null : total,
        totalOriginal: original ? total : null,
        declared,
        place,
      },
      log,
    )
    if (visit === null) return
    visits.push({ visit, place })
    if (date === null) return
    const mine = dated.get(patient) ?? []
    mine.push({ visit, date })
    dated.set(patient, mine)
    const origin = Math.min(origins.get(patient) ?? date, date)
    if (origin !== origins.get(patient)) {
      origins.set(patient, origin)
      for (const one of mine) one.visit.day = one.date - origin
    } else visit.day = date - origin
  }
}

function patientReader(cells: CellReader, columns: Columns, reading: Reading): TakeRow {
  const { mapping, drafts, origins } = reading
  const names = mapping.patients ?? {}
  const at = (column: PatientColumn, ...also: string[]) => {
    const given = names[column]
    return given === undefined ? columns.optional(column, ...also) : columns.required(given)
  }
  const patientAt = columns.required(names.patient ?? 'patient')
  const translate = <T>(words: ReadonlyMap<string, T>): Map<string, T> => {
    const all = new Map(words)
    for (const [word, meaning] of Object.entries(mapping.words ?? {})) {
      const value = words.get(meaning.toLowerCase())
      if (value !== undefined) all.set(word.toLowerCase(), value)
    }
    return all
  }
  const sexes = translate(sexWords)
  const sites = translate(onsetSiteWords)
  const answers = translate(yesNoWords)
  const sex = at('sex')
  const ageAtOnset = at('age_at_onset')
  const ageAtEntry = at('age_at_entry')
  const birth = at('birth_date')
  cells.masked.add(birth)
  const site = at('onset_site')
  const riluzole = at('riluzole')
  const days = (['onset', 'diagnosis', 'death'] as const).map((event) => ({
    field: `${event}_day` as const,
    day: at(`${event}_day`),
    date: at(`${event}_date`),
  }))
  const texts = (['el_escorial', 'dna_source', 'mimic', 'known_mutation', 'sample'] as const).map(
    (field) => [field, at(field)] as const,
  )
  return (row) => {
    const patient = cells.id(row, patientAt)
    if (patient === null) {
      cells.found('patient_missing', row, patientAt)
      return
    }
    const draft = drafts.of(patient, cells.place(row))
    drafts.set(draft, 'sex', cells.word(row, sex, sexes), cells.place(row, sex))
    drafts.set(draft, 'onset_site', cells.word(row, site, sites), cells.place(row, site))
    drafts.set(draft, 'riluzole', cells.word(row, riluzole, answers), cells.place(row, riluzole))
    drafts.set(draft, 'age_at_onset', cells.number(row, ageAtOnset, { min: 0, max: 120 }), cells.place(row, ageAtOnset))
    drafts.setAge(draft, cells.number(row, ageAtEntry, { min: 0, max: 120 }), cells.place(row, ageAtEntry))
    const born = cells.date(row, birth)
    const entry = origins.get(patient)
    if (born !== null && entry !== undefined) {
      const age = (entry - born) / 365.25
      const known = draft.agePlace !== null
      if (age < 0 || age > 120) cells.invalid(row, birth)
      else {
        drafts.setAge(draft, age, cells.place(row, birth), true)
        if (!known) cells.found('age_from_birth', row, birth, age.toFixed(2))
      }
    }
    for (const { field, day, date } of days) {
      drafts.set(draft, field, cells.day(row, day), cells.place(row, day))
      const when = field === 'onset_day' ? cells.period(row, date) : single(cells.date(row, date))
      if (when === null) continue
      const place = cells.place(row, date)
      const origin = origins.get(patient)
      if (origin === undefined) cells.found('date_without_visits', row, date)
      else if (when.earliest === when.latest) drafts.set(draft, field, when.earliest - origin, place)
      else drafts.setOnsetPeriod(draft, when.earliest - origin, when.latest - origin, place)
    }
    for (const [field, column] of texts) drafts.set(draft, field, cells.text(row, column), cells.place(row, column))
  }
}
