import { UpturnError } from '../../errors/index.ts'
import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import type { Columns, TableRow } from '../tables/index.ts'
import { Calendar, type DatedField } from './calendar.ts'
import { type CellReader, type Period, yesNoWords } from './cells.ts'
import { type ClinicalLayout, headerOfTable, isTableName } from './layout.ts'
import type { Reading } from './reading.ts'

/** Columns of the ALSFRS-R form, as its public data dictionary names them; answers are the scores 0 to 4. */
const itemColumns: Readonly<Partial<Record<AlsfrsItem, string>>> = {
  q1: 'speech_ftorres',
  q2: 'saliva_ftorres',
  q3: 'swallow_ftorres',
  q4: 'hndwrit_ftorres',
  q5a: 'utenwog_ftorres',
  q5b: 'utenwg_ftorres',
  q6: 'hygiene_ftorres',
  q7: 'bedcloth_ftorres',
  q8: 'walking_ftorres',
  q9: 'stairs_ftorres',
  r1: 'dyspnea_ftorres',
  r2: 'ortho_ftorres',
  r3: 'respins_ftorres',
}

/** Codes of `sex` in the data dictionary, beside words. Other codes are neither female nor male. */
const sexes = new Map<string, 'female' | 'male' | 'other'>([
  ['1', 'female'],
  ['2', 'male'],
  ['3', 'other'],
  ['90', 'other'],
  ['95', 'other'],
  ['female', 'female'],
  ['male', 'male'],
  ['intersex', 'other'],
  ['unknown', 'other'],
  ['not reported', 'other'],
])

/** Codes and words of `dsicf`, the form that was consented to. */
const consents = new Map<string, 'als' | 'control'>([
  ['1', 'als'],
  ['2', 'control'],
  ['3', 'control'],
  ['als', 'als'],
  ['control', 'control'],
])

const sites = [
  ['limb_mhloc', 'limb'],
  ['bulb_mhloc', 'bulbar'],
  ['axia_mhloc', 'other'],
  ['resp_mhloc', 'respiratory'],
  ['gen_mhloc', 'other'],
] as const

/** Codes of `gene_name`; 99 is another gene, named in `gene_name_oth`. */
const genes = [
  undefined,
  'C9ORF72',
  'SOD1',
  'ANG',
  'ANXA11',
  'ARHGEF28',
  'ATXN2',
  'CFAP410',
  'CHCHD10',
  'CHMP2B',
  'DAO',
  'DCTN1',
  'ERBB4',
  'FIG4',
  'FUS',
  'HNRNPA1',
  'HNRNPA2B1',
  'KIF5A',
  'MATR3',
  'MOBP',
  'NEFH',
  'NEK1',
  'OPTN',
  'PFN1',
  'SETX',
  'SQSTM1',
  'TAF15',
  'TARDBP',
  'TBK1',
  'TUBA4A',
  'UBQLN2',
  'UNC13A',
  'VAPB',
  'VCP',
  'ALS2',
  'ELP3',
  'EPHA4',
  'EWSR1',
  'KIFAP3',
  'PRPH',
  'SPG4',
  'SPG11',
] as const

/** Codes and words of `lbclass`: pathogenic and likely pathogenic count as a known mutation, the other classes do not. */
const classes = new Map<string, boolean>([
  ['1', true],
  ['2', true],
  ['pathogenic', true],
  ['likely pathogenic', true],
  ...['3', '4', '5', '6', '99'].map((code) => [code, false] as const),
  ...['variant of uncertain significance', 'likely benign', 'benign', 'not classified', 'other (specify):'].map(
    (word) => [word, false] as const,
  ),
])

const geneSymbol = /^[A-Z][A-Z0-9-]{1,14}$/

/** Kinds of view, each known by a column that no other has. */
const kinds = [
  ['consent', 'dsicf'],
  ['alsfrs', 'speech_ftorres'],
  ['demographics', 'brthdat'],
  ['history', 'mhstdat'],
  ['capacity', 'svctest'],
  ['mutations', 'lbclass'],
] as const
type Kind = (typeof kinds)[number][0]

function kindOf(header: readonly string[] | null): Kind | null {
  const names = new Set(header?.map((name) => name.toLowerCase()))
  if (!names.has('subjectuid')) return null
  return kinds.find(([, column]) => names.has(column))?.[0] ?? null
}

/** ALL ALS consortium, ASSESS and PREVENT: one table a form (`v_ALLALS_AS_ASSEALSFRSR`), people by `SubjectUID`. */
export const allAls = {
  name: 'all-als',
  title: 'ALL ALS (ASSESS, PREVENT)',
  async recognise(files) {
    for (const name of files.names) if (isTableName(name) && kindOf(await files.header(name)) === 'alsfrs') return true
    return false
  },
  async read(reading) {
    const { files } = reading
    const found = new Map<Kind, string[]>()
    for (const name of files.names) {
      const kind = kindOf(await headerOfTable(files, name))
      if (kind !== null) found.set(kind, [...(found.get(kind) ?? []), name])
    }
    if (!found.has('alsfrs'))
      throw new UpturnError(
        'FileNotFound',
        'the folder holds no ALSFRS-R form (columns SubjectUID and speech_ftorres)',
        {
          place: { file: files.path },
        },
      )
    const state = new AllAlsState(reading)
    for (const [kind] of kinds)
      for (const name of found.get(kind) ?? [])
        await reading.scan(files.pathOf(name), (cells, columns) => state.form(kind, cells, columns))
    state.finish()
  },
} as const satisfies ClinicalLayout

/** Files of PREVENT, whose participants carry a gene and may never have had a symptom. */
const isPrevent = (file: string): boolean => /ALLALS_PR_|PREVENT/i.test(file)

class AllAlsState {
  readonly #reading: Reading
  readonly #calendar: Calendar
  readonly #counted: boolean
  readonly #carriers = new Map<string, ReturnType<CellReader['place']>>()
  readonly #withOnset = new Set<string>()
  readonly #mutations = new Map<string, Set<string>>()

  constructor(reading: Reading) {
    this.#reading = reading
    this.#counted = reading.mapping.visits?.day !== undefined
    this.#calendar = new Calendar(reading, this.#counted)
  }

  form(kind: Kind, cells: CellReader, columns: Columns): (row: TableRow) => void {
    const { log, drafts } = this.#reading
    const id = columns.required('SubjectUID')
    const read = this[kind](cells, columns)
    const prevent = isPrevent(cells.file)
    return (row) => {
      const patient = cells.id(row, id)
      if (patient === null) {
        log.add('patient_missing', cells.place(row, id))
        return
      }
      drafts.of(patient, cells.place(row))
      if (prevent && !this.#carriers.has(patient)) this.#carriers.set(patient, cells.place(row))
      read(row, patient)
    }
  }

  /** A date of the form, or a day where the mapping says that the source counts days; undefined, and logged, without one. */
  #when(cells: CellReader, row: TableRow, at: number): Period | null {
    if (this.#counted) {
      const day = cells.day(row, at)
      return day === null ? null : { earliest: day, latest: day }
    }
    return cells.period(row, at)
  }

  #day(cells: CellReader, row: TableRow, at: number): number | null {
    const period = this.#when(cells, row, at)
    if (period !== null && period.earliest === period.latest) return period.earliest
    if (period !== null) this.#reading.log.add('date_incomplete', cells.place(row, at))
    this.#reading.log.add('day_missing', cells.place(row, at))
    return null
  }

  #event(cells: CellReader, row: TableRow, patient: string, field: DatedField, at: number): void {
    const period = this.#when(cells, row, at)
    if (period !== null) this.#calendar.event(patient, field, period, cells.place(row, at))
  }

  consent(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const form = columns.required('dsicf')
    return (row, patient) => {
      if (cells.word(row, form, consents) === 'control')
        this.#calendar.exclude(patient, 'not_als', cells.place(row, form))
    }
  }

  alsfrs(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const { mapping } = this.#reading
    const names = mapping.visits ?? {}
    const date = columns.required(names.day ?? names.date ?? 'ftdat')
    const total = columns.optional(names.total ?? 'fttotal')
    const items = alsfrsItems.map(
      (item) => [item, columns.optional(names.items?.[item] ?? itemColumns[item] ?? '')] as const,
    )
    return (row, patient) => {
      const scores = {} as Record<AlsfrsItem, number | null>
      for (const [item, at] of items) scores[item] = cells.number(row, at, { min: 0, max: 4, integer: true })
      const sum = cells.number(row, total, { min: 0, max: 48, integer: true })
      if (sum === null && alsfrsItems.every((item) => scores[item] === null)) {
        this.#reading.log.add('visit_empty', cells.place(row))
        return
      }
      const when = this.#day(cells, row, date)
      if (when === null) return
      const place = cells.place(row)
      this.#calendar.visit(
        { patient, items: scores, totalRevised: sum, totalOriginal: null, declared: 'ALSFRS-R', place },
        when,
      )
    }
  }

  demographics(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const { drafts, log } = this.#reading
    const sex = columns.optional('sex')
    const birth = columns.optional('brthdat')
    cells.masked.add(birth)
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      const value = cells.word(row, sex, sexes)
      if (value === 'other') log.add('sex_other', cells.place(row, sex))
      else drafts.set(draft, 'sex', value, cells.place(row, sex))
      const born = this.#when(cells, row, birth)
      if (born !== null) this.#calendar.birth(patient, born, cells.place(row, birth))
    }
  }

  history(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const { drafts } = this.#reading
    const onset = columns.required('mhstdat')
    const diagnosis = columns.optional('mhevdtyp_diagnosis')
    const ticks = sites.map(([name, site]) => [columns.optional(name), site] as const)
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      if (cells.text(row, onset) !== null) this.#withOnset.add(patient)
      this.#event(cells, row, patient, 'onset_day', onset)
      this.#event(cells, row, patient, 'diagnosis_day', diagnosis)
      const ticked = new Set<string>()
      for (const [at, site] of ticks) {
        const value = cells.text(row, at)
        if (value === null) continue
        const answer = yesNoWords.get(value.toLowerCase())
        if (answer === undefined) cells.invalid(row, at)
        else if (answer) ticked.add(site)
      }
      const [only] = ticked
      if (ticked.size > 0)
        drafts.set(draft, 'onset_site', ticked.size === 1 ? only : 'other', cells.place(row, ticks[0][0]))
    }
  }

  capacity(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const { log } = this.#reading
    const date = columns.required('redat')
    const test = columns.required('svctest')
    const trials = [1, 2, 3].map((n) => columns.optional(`svc_t${n}_reorres`))
    const percent = columns.optional('vcpp_reorres')
    const collector = this.#calendar.labs(this.#reading.labs(cells))
    const kinds = new Map([
      ['1', 'SVC'],
      ['2', 'FVC'],
      ['svc', 'SVC'],
      ['fvc', 'FVC'],
    ])
    return (row, patient) => {
      const name = cells.word(row, test, kinds)
      // The best of the trials is the measurement, as in spirometry practice.
      const volume = trials.reduce((most, at) => Math.max(most, cells.number(row, at, { min: 0, max: 15 }) ?? -1), -1)
      const share = cells.number(row, percent, { min: 0, max: 250 })
      if (volume < 0 && share === null) return
      if (name === null) {
        log.add('value_invalid', cells.place(row, test))
        return
      }
      const when = this.#day(cells, row, date)
      if (when === null) return
      if (volume >= 0) collector.add(patient, when, name, volume, '', 'L', row.line)
      if (share !== null) collector.add(patient, when, `${name}_PERCENT`, share, '', '% of normal', row.line)
    }
  }

  mutations(cells: CellReader, columns: Columns): (row: TableRow, patient: string) => void {
    const gene = columns.optional('gene_name')
    const other = columns.optional('gene_name_oth')
    const verdict = columns.required('lbclass')
    return (row, patient) => {
      if (cells.word(row, verdict, classes) !== true) return
      const code = cells.text(row, gene)
      const named = code === null || code === '99'
      const text = named ? cells.text(row, other) : /^\d+$/.test(code) ? genes[Number(code)] : code
      const name = text?.toUpperCase()
      if (name === undefined || !geneSymbol.test(name)) {
        cells.invalid(row, named ? other : gene)
        return
      }
      const before = this.#mutations.get(patient)
      if (before === undefined) this.#mutations.set(patient, new Set([name]))
      else before.add(name)
    }
  }

  finish(): void {
    const { drafts, log } = this.#reading
    if (this.#withOnset.size > 0)
      for (const [patient, { place }] of drafts.drafts)
        if (!this.#withOnset.has(patient) && !this.#carriers.has(patient) && !this.#calendar.isExcluded(patient))
          log.add('als_unrecorded', place)
    for (const [patient, place] of this.#carriers)
      if (!this.#withOnset.has(patient)) this.#calendar.exclude(patient, 'presymptomatic', place)
    for (const [patient, names] of this.#mutations) {
      const draft = drafts.drafts.get(patient)
      if (draft !== undefined) drafts.set(draft, 'known_mutation', [...names].sort().join(' '), draft.place)
    }
    this.#calendar.finish()
  }
}
