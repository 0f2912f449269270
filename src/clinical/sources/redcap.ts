import { UpturnError } from '../../errors/index.ts'
import { type AlsfrsItem, alsfrsItems, type Visit } from '../../results/clinical.ts'
import type { Columns, TableRow } from '../tables/index.ts'
import { Calendar, type DatedField } from './calendar.ts'
import { type CellReader, onsetSiteWords, type Period, sexWords, yesNoWords } from './cells.ts'
import { type ClinicalLayout, headerOfTable, isTableName } from './layout.ts'
import type { Reading, TakeRow } from './reading.ts'
import { checkboxColumn, type DictionaryField, dictionaryReader, isDictionary } from './redcap-dictionary.ts'
import { type PatientColumn, scheduledDay } from './table.ts'

/** Columns that REDCap itself adds, by name and by what an export with labels calls them. */
const systemColumns: Readonly<Record<string, string>> = {
  redcap_event_name: 'event',
  'event name': 'event',
  redcap_repeat_instrument: 'instrument',
  'repeat instrument': 'instrument',
  redcap_repeat_instance: 'instance',
  'repeat instance': 'instance',
  redcap_data_access_group: 'other',
  'data access group': 'other',
  redcap_survey_identifier: 'identifier',
  'survey identifier': 'identifier',
  'complete?': 'other',
  'survey timestamp': 'other',
}

/** Columns that only REDCap writes, by name or by label. */
const own = /^redcap_|_complete$|___|^(?:event name|repeat instrument|complete\?)$/i

/** Names under which Answer ALS and NEALS forms keep the ALSFRS-R; used when all of them are fields. */
const nealsNames: Readonly<Partial<Record<AlsfrsItem, string>>> = {
  q1: 'alsfrs1',
  q2: 'alsfrs2',
  q3: 'alsfrs3',
  q4: 'alsfrs4',
  q5a: 'alsfrs5a',
  q5b: 'alsfrs5b',
  q6: 'alsfrs6',
  q7: 'alsfrs7',
  q8: 'alsfrs8',
  q9: 'alsfrs9',
  r1: 'alsfrsr1',
  r2: 'alsfrsr2',
  r3: 'alsfrsr3',
}

const patientFields = [
  'sex',
  'age_at_onset',
  'age_at_entry',
  'onset_site',
  'onset_day',
  'diagnosis_day',
  'death_day',
  'onset_date',
  'diagnosis_date',
  'death_date',
  'el_escorial',
  'riluzole',
  'dna_source',
  'mimic',
  'known_mutation',
  'sample',
] as const satisfies readonly PatientColumn[]

/**
 * A REDCap project: its records and its data dictionary, both CSV. The dictionary is needed, since it alone says which fields identify
 * people: those are never read. Field names are the project's own, so that `mapping` says what they mean, unless they are called
 * as in the plain table (q1, sex ...) or as the NEALS forms call the ALSFRS-R.
 */
export const redcap = {
  name: 'redcap',
  title: 'REDCap records with their data dictionary',
  async recognise(files) {
    let dictionary = false
    let records = false
    for (const name of files.names) {
      if (!isTableName(name)) continue
      const header = await files.header(name)
      if (header === null) continue
      if (isDictionary(header)) dictionary = true
      else if (header.some((column) => own.test(column))) records = true
    }
    return dictionary && records
  },
  async read(reading) {
    const { files } = reading
    const dictionaries: string[] = []
    const tables: string[] = []
    for (const name of files.names) {
      const header = await headerOfTable(files, name)
      if (header !== null && isDictionary(header)) dictionaries.push(name)
      else if (header !== null) tables.push(name)
    }
    if (dictionaries.length !== 1)
      throw new UpturnError(
        dictionaries.length === 0 ? 'FileNotFound' : 'FormatInvalid',
        dictionaries.length === 0
          ? 'the folder holds no REDCap data dictionary, without which nobody knows which fields identify people; put the project’s data dictionary CSV beside the records'
          : `${dictionaries.join(' and ')} are both data dictionaries; keep the one of these records`,
        { place: { file: files.path } },
      )
    const fields = new Map<string, DictionaryField>()
    await reading.scan(files.pathOf(dictionaries[0]), (cells, columns) => dictionaryReader(cells, columns, fields))
    if (fields.size === 0)
      throw new UpturnError('FormatInvalid', 'the data dictionary lists no field', { place: { file: dictionaries[0] } })
    const [recordField] = fields.values()
    const project = new Project(reading, fields, recordField, dictionaries[0])
    let found = 0
    for (const name of tables) {
      const header = (await files.header(name)) ?? []
      const first = header[0]?.toLowerCase() ?? ''
      if (first !== recordField.name && first !== recordField.label.toLowerCase()) {
        continue
      }
      found++
      await reading.scan(files.pathOf(name), (cells, columns) => project.records(cells, columns))
    }
    if (found === 0)
      throw new UpturnError(
        'FileNotFound',
        `the folder holds no records: no table begins with the column '${recordField.name}', the first field of the data dictionary`,
        { place: { file: files.path } },
      )
    project.finish()
  },
} as const satisfies ClinicalLayout

/** Where the ALSFRS-R answer of a field stands, and what its cells mean. */
interface ItemField {
  item: AlsfrsItem
  field: DictionaryField
  /** Scores by code and by label in lower case; null where cells are the scores themselves. */
  scores: ReadonlyMap<string, number> | null
}

interface RecordRow {
  patient: string
  event: string
  /** Rows of one repeat share it; empty in rows that repeat nothing. */
  repeat: string
}

class Project {
  readonly #reading: Reading
  readonly #fields: ReadonlyMap<string, DictionaryField>
  readonly #dictionary: string
  readonly #record: DictionaryField
  readonly #calendar: Calendar
  readonly #items: readonly ItemField[]
  readonly #total: DictionaryField | null
  readonly #date: DictionaryField | null
  readonly #day: DictionaryField | null
  readonly #missing: ReadonlySet<string>
  /** Dates of events, for answers whose date stands in another row of the event. */
  readonly #eventDates = new Map<string, number>()
  readonly #pending: {
    row: RecordRow
    items: Record<AlsfrsItem, number | null>
    total: number | null
    when: number | null
    place: ReturnType<CellReader['place']>
  }[] = []

  constructor(
    reading: Reading,
    fields: ReadonlyMap<string, DictionaryField>,
    record: DictionaryField,
    dictionary: string,
  ) {
    this.#reading = reading
    this.#fields = fields
    this.#dictionary = dictionary
    this.#record = record
    if (record.identifier) this.#refuseIdentifier(record)
    this.#missing = new Set(reading.mapping.missing?.map((code) => code.trim().toLowerCase()))
    const { visits } = reading.mapping
    this.#items = this.#findItems()
    this.#total = this.#named(visits?.total, 'total') ?? null
    if (this.#items.length === 0 && this.#total === null) this.#refuseWithoutItems()
    this.#day = visits?.day === undefined ? (this.#fields.get('day') ?? null) : this.#required(visits.day)
    this.#date = this.#day === null && reading.mapping.visit_days === undefined ? this.#findDate(visits?.date) : null
    this.#calendar = new Calendar(reading, this.#date === null)
  }

  #place(field: DictionaryField) {
    return { file: this.#dictionary, line: field.line }
  }

  #required(name: string): DictionaryField {
    const field = this.#fields.get(name.trim().toLowerCase())
    if (field === undefined)
      throw new UpturnError(
        'ColumnMissing',
        `the mapping names the field '${name}', which the data dictionary does not have`,
        { place: { file: this.#dictionary } },
      )
    return field
  }

  /** The field that the mapping names, or the one of this name, unless it identifies people. */
  #named(given: string | undefined, own: string): DictionaryField | null {
    const field = given === undefined ? this.#fields.get(own) : this.#required(given)
    if (field === undefined) return null
    if (field.type !== 'checkbox') this.#refuseAmbiguous(field)
    if (!field.identifier || isDate(field)) return field
    if (given !== undefined) this.#refuseIdentifier(field)
    return null
  }

  /** Cells hold codes or labels; where a label is the code of another choice nothing tells which is meant. */
  #refuseAmbiguous(field: DictionaryField): void {
    const codes = new Map(field.choices.map(({ code }, k) => [code.toLowerCase(), k]))
    const odd = field.choices.find(({ label }, k) => (codes.get(label.toLowerCase()) ?? k) !== k)
    if (odd !== undefined)
      throw new UpturnError(
        'FormatInvalid',
        `the label '${odd.label}' of '${field.name}' is the code of another of its choices, so that cells cannot be told apart`,
        { place: this.#place(field) },
      )
  }

  #refuseIdentifier(field: DictionaryField): never {
    throw new UpturnError(
      'FormatInvalid',
      `the data dictionary marks the field '${field.name}' as an identifier, so it is not read; use a field that identifies nobody`,
      { place: this.#place(field) },
    )
  }

  #refuseWithoutItems(): never {
    const telling =
      /speech|salivation|swallow|handwriting|cutting|dressing|turning in bed|walking|stairs|dyspn|orthopn|respiratory/i
    const likely = [...this.#fields.values()].filter(({ label }) => telling.test(label)).map(({ name }) => name)
    throw new UpturnError(
      'ColumnMissing',
      `no field is known to hold an ALSFRS-R item; name them in the study file under mapping: visits: items:${
        likely.length === 0 ? '' : ` (fields whose labels speak of one: ${likely.slice(0, 16).join(', ')})`
      }`,
      { place: { file: this.#dictionary } },
    )
  }

  #findItems(): ItemField[] {
    const given = this.#reading.mapping.visits?.items
    const neals = Object.values(nealsNames).every((name) => this.#fields.has(name))
    return alsfrsItems.flatMap((item): ItemField[] => {
      const field = this.#named(given?.[item], (neals ? nealsNames[item] : undefined) ?? item)
      return field === null ? [] : [{ item, field, scores: this.#scoresOf(field) }]
    })
  }

  /**
   * What the choices of an item score. Where every label begins with a number from 0 to 4, those are the scores; else the codes are,
   * if they are 0 to 4. A project may code its choices from 1, or from the best to the worst: nothing is taken for granted.
   */
  #scoresOf(field: DictionaryField): ReadonlyMap<string, number> | null {
    const { choices } = field
    if (choices.length === 0) return null
    const leading = choices.map(({ label }) => /^\(?([0-4])(?![\d.])/.exec(label)?.[1])
    const byLabel = leading.every((digit) => digit !== undefined) && new Set(leading).size === choices.length
    const byCode = choices.every(({ code }) => /^[0-4]$/.test(code))
    if (!byLabel && !byCode)
      throw new UpturnError(
        'FormatInvalid',
        `the choices of '${field.name}' tell no scores from 0 to 4, neither by their codes nor by their labels; give them as in '4, 4 - Normal | 3, 3 - ...'`,
        { place: this.#place(field) },
      )
    const scores = new Map<string, number>()
    let recoded = false
    choices.forEach(({ code }, k) => {
      const score = Number(byLabel ? leading[k] : code)
      if (code !== String(score)) recoded = true
      scores.set(code.toLowerCase(), score)
    })
    choices.forEach(({ label }, k) => {
      const folded = label.toLowerCase()
      const score = Number(byLabel ? leading[k] : choices[k].code)
      scores.set(folded, score)
    })
    // The best answer of every item is 'normal' or 'none'; one that is coded as the worst would turn the scale round.
    const labelOf = (score: number) =>
      choices.find(({ code }, k) => Number(byLabel ? leading[k] : code) === score)?.label ?? ''
    const best = /\b(?:normal|none)\b/i
    if (best.test(labelOf(0)) && !best.test(labelOf(4)))
      throw new UpturnError(
        'FormatInvalid',
        `'${field.name}' scores normal function as 0, where the ALSFRS-R scores it 4; turn its codes round before it is read`,
        { place: this.#place(field) },
      )
    if (recoded) this.#reading.log.add('item_recoded', { ...this.#place(field), column: field.name })
    return scores
  }

  /** The date of a visit: the field of the mapping, `date`, or the only date on the form that holds the items. */
  #findDate(given: string | undefined): DictionaryField | null {
    if (given !== undefined) {
      const field = this.#required(given)
      if (!isDate(field))
        throw new UpturnError('FormatInvalid', `the mapping names '${given}' as date, which is no date field`, {
          place: this.#place(field),
        })
      return field
    }
    const own = this.#fields.get('date')
    if (own !== undefined && isDate(own)) return own
    const form = this.#items[0]?.field.form ?? this.#total?.form
    const dates = [...this.#fields.values()].filter((field) => field.form === form && isDate(field))
    if (dates.length === 1) return dates[0]
    const all = [...this.#fields.values()].filter(isDate).map(({ name }) => name)
    throw new UpturnError(
      'ColumnMissing',
      `which field holds the date of a visit is not clear; name it under mapping: visits: date: (date fields: ${all.slice(0, 16).join(', ') || 'none'}), or give mapping: visit_days:`,
      { place: { file: this.#dictionary } },
    )
  }

  records(cells: CellReader, columns: Columns): TakeRow {
    const { log, mapping } = this.#reading
    const at = new Map<string, number>()
    const ticks = new Map<string, { at: number; code: string; label: string }[]>()
    const system = new Map<string, number>()
    const labels = new Map<string, DictionaryField | null>()
    for (const field of this.#fields.values()) {
      const folded = field.label.toLowerCase()
      if (folded !== '') labels.set(folded, labels.has(folded) ? null : field)
    }
    const boxes = new Map<string, { field: DictionaryField; code: string; label: string }>()
    for (const field of this.#fields.values())
      if (field.type === 'checkbox')
        for (const { code, label } of field.choices) {
          boxes.set(checkboxColumn(field.name, code), { field, code, label })
          boxes.set(`${field.label} (choice=${label})`.toLowerCase(), { field, code, label })
        }
    const wanted = this.#wanted()
    const identifier = new Set<string>()
    cells.header.forEach((name, index) => {
      const folded = name.toLowerCase()
      const own = systemColumns[folded]
      if (own !== undefined && own !== 'other' && own !== 'identifier') {
        system.set(own, columns.required(name))
        return
      }
      const box = boxes.get(folded)
      const field = box?.field ?? this.#fields.get(folded) ?? labels.get(folded) ?? undefined
      if (own === 'identifier' || (field?.identifier === true && !wanted.has(field.name))) {
        identifier.add(name)
        return
      }
      if (field !== undefined && box !== undefined && wanted.has(field.name)) {
        const list = ticks.get(field.name) ?? []
        list.push({ at: columns.required(name), code: box.code, label: box.label })
        ticks.set(field.name, list)
      } else if (field !== undefined && wanted.has(field.name)) {
        if (at.has(field.name))
          throw new UpturnError('FormatInvalid', `two columns hold the field '${field.name}'`, {
            place: { file: cells.file, line: 1, column: index + 1 },
          })
        at.set(field.name, columns.required(name))
      }
    })
    for (const name of identifier) log.add('identifier_unread', { file: cells.file, line: 1, column: name })
    const birth = this.#personField('birth_date')
    for (const field of wanted.values()) {
      const index = at.get(field.name)
      if (index === undefined) continue
      if (field.identifier || field === birth) cells.masked.add(index)
      if (field.identifier) log.add('identifier_date', { file: cells.file, line: 1, column: field.name })
    }

    const id = columns.required(this.#record.name, this.#record.label)
    const column = (field: DictionaryField | null) => (field === null ? -1 : (at.get(field.name) ?? -1))
    const items = this.#items.map((one) => ({ ...one, at: column(one.field) }))
    const total = column(this.#total)
    const totalMost = mapping.visits?.scale?.toUpperCase() === 'ALSFRS' ? 40 : 48
    const date = column(this.#date)
    const day = column(this.#day)
    const person = this.#personReader(cells, at, ticks)
    const cellAt = (row: TableRow, index: number | undefined) => (index === undefined ? '' : row.cells[index].trim())
    return (row) => {
      const patient = cells.id(row, id)
      if (patient === null) {
        log.add('patient_missing', cells.place(row, id))
        return
      }
      const event = cellAt(row, system.get('event'))
      const instance = cellAt(row, system.get('instance'))
      const record: RecordRow = {
        patient,
        event,
        repeat: instance === '' ? '' : `${cellAt(row, system.get('instrument'))} ${instance}`,
      }
      this.#reading.drafts.of(patient, cells.place(row))
      person(row, patient)
      const when = day >= 0 ? this.#number(cells, row, day, -36525, 36525) : this.#visitDate(cells, row, date)
      if (record.repeat === '' && when !== null) this.#eventDates.set(`${event} ${patient}`, when)
      const scores = {} as Record<AlsfrsItem, number | null>
      for (const item of alsfrsItems) scores[item] = null
      for (const one of items) scores[one.item] = this.#score(cells, row, one)
      const sum = this.#number(cells, row, total, 0, totalMost)
      if (sum === null && alsfrsItems.every((item) => scores[item] === null)) return
      this.#pending.push({ row: record, items: scores, total: sum, when, place: cells.place(row) })
    }
  }

  /** Fields that are read, by name. */
  #wanted(): Map<string, DictionaryField> {
    const wanted = new Map<string, DictionaryField>([[this.#record.name, this.#record]])
    for (const field of [...this.#items.map(({ field }) => field), this.#total, this.#date, this.#day])
      if (field !== null) wanted.set(field.name, field)
    for (const column of [...patientFields, 'birth_date' as const]) {
      const field = this.#personField(column)
      if (field !== null) wanted.set(field.name, field)
    }
    return wanted
  }

  #personField(column: (typeof patientFields)[number] | 'birth_date'): DictionaryField | null {
    return this.#named(this.#reading.mapping.patients?.[column], column)
  }

  #personReader(
    cells: CellReader,
    at: ReadonlyMap<string, number>,
    ticks: ReadonlyMap<string, readonly { at: number; code: string; label: string }[]>,
  ): (row: TableRow, patient: string) => void {
    const { drafts, mapping } = this.#reading
    const fieldOf = (column: (typeof patientFields)[number] | 'birth_date') => {
      const field = this.#personField(column)
      return {
        field,
        at: field === null ? -1 : (at.get(field.name) ?? -1),
        ticks: field === null ? [] : (ticks.get(field.name) ?? []),
      }
    }
    const words = <T>(known: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
      const all = new Map(known)
      for (const [word, meaning] of Object.entries(mapping.words ?? {})) {
        const value = known.get(meaning.toLowerCase())
        if (value !== undefined) all.set(word.toLowerCase(), value)
      }
      return all
    }
    const sexes = words(sexWords)
    const places = words(onsetSiteWords)
    const answers = words(yesNoWords)
    const sex = fieldOf('sex')
    const site = fieldOf('onset_site')
    const riluzole = fieldOf('riluzole')
    const atOnset = fieldOf('age_at_onset')
    const atEntry = fieldOf('age_at_entry')
    const birth = fieldOf('birth_date')
    const days = (['onset', 'diagnosis', 'death'] as const).map((event) => ({
      field: `${event}_day` as DatedField,
      day: fieldOf(`${event}_day`),
      date: fieldOf(`${event}_date`),
    }))
    const texts = (['el_escorial', 'dna_source', 'mimic', 'known_mutation', 'sample'] as const).map(
      (name) => [name, fieldOf(name)] as const,
    )
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      drafts.set(draft, 'sex', this.#word(cells, row, sex, sexes), cells.place(row, sex.at))
      drafts.set(draft, 'onset_site', this.#site(cells, row, site, places), cells.place(row, site.at))
      drafts.set(draft, 'riluzole', this.#word(cells, row, riluzole, answers), cells.place(row, riluzole.at))
      drafts.set(
        draft,
        'age_at_onset',
        this.#number(cells, row, atOnset.at, 0, 120, true),
        cells.place(row, atOnset.at),
      )
      drafts.setAge(draft, this.#number(cells, row, atEntry.at, 0, 120, true), cells.place(row, atEntry.at))
      const born = this.#period(cells, row, birth.at, birth.field)
      if (born !== null) this.#calendar.birth(patient, born, cells.place(row, birth.at))
      for (const { field, day, date } of days) {
        drafts.set(draft, field, this.#number(cells, row, day.at, -36525, 36525), cells.place(row, day.at))
        const period = this.#period(cells, row, date.at, date.field)
        if (period === null) continue
        if (this.#date === null) cells.found('date_without_visits', row, date.at)
        else this.#calendar.event(patient, field, period, cells.place(row, date.at))
      }
      for (const [name, one] of texts) drafts.set(draft, name, this.#label(cells, row, one), cells.place(row, one.at))
    }
  }

  /** The cell's text, null where it is empty or a code for missing. */
  #text(cells: CellReader, row: TableRow, at: number): string | null {
    if (at < 0) return null
    if (this.#missing.has(row.cells[at].trim().toLowerCase())) {
      this.#reading.log.add('sentinel', cells.place(row, at))
      return null
    }
    return cells.text(row, at)
  }

  #number(cells: CellReader, row: TableRow, at: number, min: number, max: number, decimals = false): number | null {
    return this.#text(cells, row, at) === null ? null : cells.number(row, at, { min, max, integer: !decimals })
  }

  #score(cells: CellReader, row: TableRow, { scores, at }: ItemField & { at: number }): number | null {
    const text = this.#text(cells, row, at)
    if (text === null) return null
    if (scores === null) return cells.number(row, at, { min: 0, max: 4, integer: true })
    const score = scores.get(text.toLowerCase())
    if (score === undefined) cells.invalid(row, at)
    return score ?? null
  }

  /** The label of a choice, by its code or by itself; other texts as they stand. */
  #label(
    cells: CellReader,
    row: TableRow,
    { field, at }: { field: DictionaryField | null; at: number },
  ): string | null {
    const text = this.#text(cells, row, at)
    if (text === null || field === null || field.choices.length === 0) return text
    const label = field.labelOf.get(text) ?? field.labelOf.get(text.toLowerCase())
    if (label === undefined) cells.invalid(row, at)
    return label ?? null
  }

  #word<T>(
    cells: CellReader,
    row: TableRow,
    one: { field: DictionaryField | null; at: number },
    words: ReadonlyMap<string, T>,
  ): T | null {
    const label = this.#label(cells, row, one)
    if (label === null) return null
    const value = words.get(label.toLowerCase())
    if (value === undefined) {
      cells.invalid(row, one.at)
      return null
    }
    return value
  }

  /** A site of onset from one cell, or from the boxes that are ticked: several are 'other'. */
  #site(
    cells: CellReader,
    row: TableRow,
    one: { field: DictionaryField | null; at: number; ticks: readonly { at: number; label: string }[] },
    words: ReadonlyMap<string, string>,
  ): string | null {
    if (one.ticks.length === 0) return this.#word(cells, row, one, words)
    const ticked = new Set<string>()
    for (const { at, label } of one.ticks) {
      const text = this.#text(cells, row, at)
      if (text === null || /^(?:0|unchecked|no)$/i.test(text)) continue
      if (!/^(?:1|checked|yes)$/i.test(text) && text.toLowerCase() !== label.toLowerCase()) {
        cells.invalid(row, at)
        continue
      }
      const site = words.get(label.toLowerCase())
      if (site === undefined) cells.invalid(row, at)
      else ticked.add(site)
    }
    const [only] = ticked
    return ticked.size === 0 ? null : ticked.size === 1 ? only : 'other'
  }

  /** Dates are exported as YYYY-MM-DD whatever a field shows on screen; fields without validation may hold a year or month. */
  #period(cells: CellReader, row: TableRow, at: number, field: DictionaryField | null): Period | null {
    return this.#text(cells, row, at) === null || field === null ? null : cells.period(row, at)
  }

  #visitDate(cells: CellReader, row: TableRow, at: number): number | null {
    const period = this.#period(cells, row, at, this.#date)
    if (period === null || period.earliest === period.latest) return period?.earliest ?? null
    this.#reading.log.add('date_incomplete', cells.place(row, at))
    return null
  }

  finish(): void {
    const { log, mapping } = this.#reading
    const scale = mapping.visits?.scale?.toUpperCase()
    const declared: Visit['scale'] | null = scale === 'ALSFRS' || scale === 'ALSFRS-R' ? scale : null
    const hasTen = this.#items.some(({ item }) => item === 'q10')
    for (const { row, items, total, when, place } of this.#pending) {
      const day = when ?? this.#eventDates.get(`${row.event} ${row.patient}`) ?? scheduledDay(mapping, row.event)
      if (day === undefined) {
        log.add(mapping.visit_days === undefined ? 'day_missing' : 'visit_undated', place)
        continue
      }
      const original = declared === 'ALSFRS' || (declared === null && hasTen && items.q10 !== null)
      this.#calendar.visit(
        {
          patient: row.patient,
          items,
          totalRevised: original ? null : total,
          totalOriginal: original ? total : null,
          declared,
          place,
        },
        day,
      )
    }
    this.#calendar.finish()
  }
}

const isDate = ({ validation }: DictionaryField): boolean => /^date(?:time)?_/.test(validation)
