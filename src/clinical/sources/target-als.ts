import { UpturnError } from '../../errors/index.ts'
import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import type { Columns, TableRow } from '../tables/index.ts'
import { Calendar } from './calendar.ts'
import { type CellReader, onsetSiteWords, type Period, sexWords, yesNoWords } from './cells.ts'
import { type ClinicalLayout, headerOfTable, isTableName } from './layout.ts'
import { periodOf } from './periods.ts'
import type { Reading } from './reading.ts'
import { scheduledDay } from './table.ts'

const itemColumn = (item: AlsfrsItem): string => `alsfrs_r_subscore_${item.replace(/^q/, '')}`

/** ALSFRS-R has no item 10; the column cannot be there. */
const items = alsfrsItems.filter((item) => item !== 'q10')

/** Columns that make a file of this source one that is read. */
const telling = [
  'clinical_group',
  'alsfrs_r_score_total',
  'sex_reported',
  'nfl_concentration_pg_per_ml',
  'visit_number',
]

/** Tests that have a column each: name, unit, greatest value possible. */
const tests = [
  ['nfl_concentration_pg_per_ml', 'NFL', 'pg/mL', 1e6],
  ['ecas_score', 'ECAS', 'points', 136],
  ['als_cbs_score', 'ALS-CBS', 'points', 20],
] as const

/**
 * Target ALS natural history study, columns as its public summary names them. Its tables number visits and give no day of one: days
 * come from `mapping.visit_days`, or from a day or date column that the mapping names. Years of onset and diagnosis are placed only
 * where visits have dates.
 */
export const targetAls = {
  name: 'target-als',
  title: 'Target ALS natural history study',
  async recognise(files) {
    for (const name of files.names) {
      if (!isTableName(name)) continue
      const header = (await files.header(name))?.map((column) => column.toLowerCase()) ?? []
      if (header.includes('subject_id') && header.includes('visit_number') && header.includes(itemColumn('q1')))
        return true
    }
    return false
  },
  async read(reading) {
    const { files } = reading
    const state = new TargetState(reading)
    let found = false
    for (const name of files.names) {
      const header = (await headerOfTable(files, name))?.map((column) => column.toLowerCase()) ?? []
      const scores = header.includes(itemColumn('q1'))
      if (!header.includes('subject_id') || !(scores || telling.some((column) => header.includes(column)))) {
        continue
      }
      found ||= scores
      await reading.scan(files.pathOf(name), (cells, columns) => state.table(cells, columns))
    }
    if (!found)
      throw new UpturnError(
        'FileNotFound',
        `the folder holds no table with the columns subject_id and ${itemColumn('q1')}`,
        {
          place: { file: files.path },
        },
      )
    state.finish()
  },
} as const satisfies ClinicalLayout

class TargetState {
  readonly #reading: Reading
  readonly #calendar: Calendar
  readonly #years: {
    patient: string
    field: 'onset_day' | 'diagnosis_day'
    period: Period
    place: ReturnType<CellReader['place']>
  }[] = []
  readonly #mutations = new Map<string, Set<string>>()
  #dated = false

  constructor(reading: Reading) {
    this.#reading = reading
    this.#calendar = new Calendar(reading, reading.mapping.visits?.date === undefined)
  }

  table(cells: CellReader, columns: Columns): (row: TableRow) => void {
    const { log, drafts } = this.#reading
    const id = columns.required('subject_id')
    const group = columns.optional('clinical_group')
    const place = this.#placing(cells, columns)
    const person = this.#person(cells, columns)
    const scores = this.#scores(cells, columns)
    const values = this.#values(cells, columns)
    return (row) => {
      const patient = cells.id(row, id)
      if (patient === null) {
        log.add('patient_missing', cells.place(row, id))
        return
      }
      const kind = cells.text(row, group)
      if (kind !== null && /\bcontrol\b/i.test(kind)) {
        this.#calendar.exclude(patient, 'not_als', cells.place(row, group))
        return
      }
      if (kind !== null && !/^als\b/i.test(kind)) cells.invalid(row, group)
      drafts.of(patient, cells.place(row))
      person(row, patient)
      const when = place(row)
      scores(row, patient, when)
      values(row, patient, when)
    }
  }

  /** Where a row lies in time: on a date, or on a day of the person's own count; undefined, said once a row, when nothing tells. */
  #placing(cells: CellReader, columns: Columns): (row: TableRow) => Placed {
    const { mapping } = this.#reading
    const names = mapping.visits ?? {}
    const number = columns.optional('visit_number')
    const date = names.date === undefined ? -1 : columns.optional(names.date)
    const day = names.day === undefined ? -1 : columns.optional(names.day)
    return (row) => {
      if (date >= 0) {
        const when = cells.date(row, date)
        if (when === null) return { column: date, missing: 'day_missing' }
        this.#dated = true
        return { date: when }
      }
      if (day >= 0) {
        const when = cells.day(row, day)
        return when === null ? { column: day, missing: 'day_missing' } : { day: when }
      }
      const visit = cells.text(row, number)
      const when = visit === null ? undefined : scheduledDay(mapping, visit.replace(/\.0+$/, ''))
      return when === undefined ? { column: number, missing: 'visit_undated' } : { day: when }
    }
  }

  #person(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const { drafts, log, mapping } = this.#reading
    const sex = columns.optional('sex_reported')
    const age = columns.optional('age_in_years')
    const visit = columns.optional('visit_number')
    const site = columns.optional('site_of_motor_onset')
    const escorial = columns.optional('als_diagnosis_revised_el_escorial')
    const riluzole = columns.optional('taking_riluzole')
    const sample = columns.optional(mapping.patients?.sample ?? 'sample_id')
    const years = [
      ['onset_day', columns.optional('year_of_symptom_onset')],
      ['diagnosis_day', columns.optional('year_of_als_diagnosis')],
    ] as const
    const genes = cells.header.flatMap((name) => {
      const match = /^(?:reported_(\w+)_mutation|(\w+)_pathogenic_repeat_expansion)$/i.exec(name)
      return match === null ? [] : [{ gene: (match[1] ?? match[2]).toUpperCase(), at: columns.required(name) }]
    })
    const otherGenes = columns.optional('other_reported_als_associated_genomic_variants')
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      drafts.set(draft, 'sex', cells.word(row, sex, sexWords), cells.place(row, sex))
      drafts.set(draft, 'onset_site', cells.word(row, site, onsetSiteWords), cells.place(row, site))
      drafts.set(draft, 'el_escorial', cells.text(row, escorial), cells.place(row, escorial))
      drafts.set(draft, 'sample', cells.text(row, sample), cells.place(row, sample))
      const years_ = cells.number(row, age, { min: 0, max: 120 })
      // The age at the first visit is the age at day 0, as far as whole years can tell.
      if (years_ !== null && (visit < 0 || /^1(?:\.0+)?$/.test(row.cells[visit].trim()))) draft.age ??= years_
      const taken = cells.word(row, riluzole, yesNoWords)
      if (taken !== null)
        draft.values.set('riluzole', {
          value: taken || draft.values.get('riluzole')?.value === true,
          place: cells.place(row, riluzole),
        })
      for (const [field, at] of years) {
        const year = cells.number(row, at, { min: 1900, max: 2100, integer: true })
        const period = year === null ? null : periodOf(year)
        if (period !== null) this.#years.push({ patient, field, period, place: cells.place(row, at) })
      }
      for (const { gene, at } of genes) {
        const text = cells.text(row, at)?.toLowerCase()
        if (text === 'positive') this.#mutation(patient, gene)
        else if (text !== undefined && text !== 'negative') log.add('value_invalid', cells.place(row, at))
      }
      for (const gene of (cells.text(row, otherGenes) ?? '').split('|').map((name) => name.trim()))
        if (gene !== '' && gene.toLowerCase() !== 'none identified') this.#mutation(patient, gene.toUpperCase())
    }
  }

  #mutation(patient: string, gene: string): void {
    const before = this.#mutations.get(patient)
    if (before === undefined) this.#mutations.set(patient, new Set([gene]))
    else before.add(gene)
  }

  #scores(cells: CellReader, columns: Columns): (row: TableRow, patient: string, placed: Placed) => void {
    const given = this.#reading.mapping.visits?.items
    const at = items.map((item) => [item, columns.optional(given?.[item] ?? itemColumn(item))] as const)
    const total = columns.optional(this.#reading.mapping.visits?.total ?? 'alsfrs_r_score_total')
    if (at.every(([, column]) => column < 0) && total < 0) return () => {}
    return (row, patient, placed) => {
      const scores = { q10: null } as Record<AlsfrsItem, number | null>
      for (const [item, column] of at) scores[item] = cells.number(row, column, { min: 0, max: 4, integer: true })
      const sum = cells.number(row, total, { min: 0, max: 48, integer: true })
      if (sum === null && items.every((item) => scores[item] === null)) {
        this.#reading.log.add('visit_empty', cells.place(row))
        return
      }
      if (!this.#isPlaced(cells, row, placed)) return
      const visit = {
        patient,
        items: scores,
        totalRevised: sum,
        totalOriginal: null,
        declared: 'ALSFRS-R' as const,
        place: cells.place(row),
      }
      this.#calendar.visit(visit, placed.date ?? placed.day ?? 0)
    }
  }

  #values(cells: CellReader, columns: Columns): (row: TableRow, patient: string, placed: Placed) => void {
    const plain = tests.map(([name, ...rest]) => [columns.optional(name), ...rest] as const)
    const type = columns.optional('spirometry_test_type')
    const liters = [1, 2, 3].map((n) => columns.optional(`spirometry_test_trial_${n}_result_in_l`))
    const percents = [1, 2, 3].map((n) => columns.optional(`spirometry_test_trial_${n}_pcnt_predict`))
    if ([...plain.map(([at]) => at), ...liters, ...percents].every((at) => at < 0)) return () => {}
    const collector = this.#calendar.labs(this.#reading.labs(cells))
    return (row, patient, placed) => {
      const found: [test: string, value: number, unit: string][] = []
      for (const [at, test, unit, max] of plain) {
        const value = cells.number(row, at, { min: 0, max })
        if (value !== null) found.push([test, value, unit])
      }
      const best = (at: readonly number[], max: number) =>
        at.reduce((most, column) => Math.max(most, cells.number(row, column, { min: 0, max }) ?? -1), -1)
      const volume = best(liters, 15)
      const percent = best(percents, 250)
      const kind = cells.text(row, type)?.toUpperCase()
      if (kind !== undefined && kind !== 'SVC' && kind !== 'FVC') cells.invalid(row, type)
      else if (volume >= 0 || percent >= 0) {
        const test = kind ?? 'VC'
        if (volume >= 0) found.push([test, volume, 'L'])
        if (percent >= 0) found.push([`${test}_PERCENT`, percent, '% of normal'])
      }
      if (found.length === 0 || !this.#isPlaced(cells, row, placed)) return
      for (const [test, value, unit] of found)
        collector.add(patient, placed.date ?? placed.day ?? 0, test, value, '', unit, row.line)
    }
  }

  #isPlaced(cells: CellReader, row: TableRow, placed: Placed): boolean {
    if (placed.missing === undefined) return true
    this.#reading.log.add(placed.missing, cells.place(row, placed.column ?? -1))
    return false
  }

  finish(): void {
    const { drafts, log } = this.#reading
    const said = new Set<string>()
    for (const { patient, field, period, place } of this.#years) {
      // The year stands in every row of a person.
      const key = `${field} ${period.earliest} ${patient}`
      if (said.has(key) || this.#calendar.isExcluded(patient)) continue
      said.add(key)
      if (this.#dated) this.#calendar.event(patient, field, period, place)
      else log.add('onset_year_unplaced', place)
    }
    for (const [patient, genes] of this.#mutations) {
      const draft = drafts.drafts.get(patient)
      if (draft !== undefined) drafts.set(draft, 'known_mutation', [...genes].sort().join(' '), draft.place)
    }
    this.#calendar.finish()
  }
}

interface Placed {
  date?: number
  day?: number
  missing?: 'day_missing' | 'visit_undated'
  column?: number
}
