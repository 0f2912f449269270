import { UpturnError } from '../../errors/index.ts'
import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import type { Columns, TableRow } from '../tables/index.ts'
import { type CellReader, onsetSiteWords, sexWords, yesNoWords } from './cells.ts'
import { type ClinicalLayout, isTableName } from './layout.ts'
import type { Reading } from './reading.ts'
import { visitOfRow } from './visit-rows.ts'

/** The tables that are read, by the release's name without prefix. */
const known = [
  'DEMOGRAPHICS',
  'ALSHISTORY',
  'DEATHDATA',
  'RILUZOLE',
  'ELESCORIAL',
  'GENOTYPED',
  'ALSFRS',
  'FVC',
  'SVC',
  'VITALSIGNS',
  'HANDGRIPSTRENGTH',
  'MUSCLESTRENGTH',
  'CONMEDS',
  'LABS',
] as const
type Known = (typeof known)[number]

/** `F_PROACT_ALSFRS.csv`, `PROACT_ALSFRS.csv` and `alsfrs.csv` are one table. */
export function tableName(file: string): string | null {
  const match = isTableName(file) ? /^(?:f_)?(?:proact_)?([a-z]+)\.\w+$/i.exec(file) : null
  return match === null ? null : match[1].toUpperCase()
}

type RowReader = (row: TableRow, patient: string) => void
type TableReader = (cells: CellReader, columns: Columns, into: Reading) => RowReader

const itemColumns: Readonly<Record<AlsfrsItem, readonly string[]>> = {
  q1: ['Q1_Speech'],
  q2: ['Q2_Salivation'],
  q3: ['Q3_Swallowing'],
  q4: ['Q4_Handwriting'],
  q5a: ['Q5a_Cutting_without_Gastrostomy'],
  q5b: ['Q5b_Cutting_with_Gastrostomy'],
  q6: ['Q6_Dressing_and_Hygiene'],
  q7: ['Q7_Turning_in_Bed'],
  q8: ['Q8_Walking'],
  q9: ['Q9_Climbing_Stairs'],
  q10: ['Q10_Respiratory'],
  r1: ['R_1_Dyspnea', 'R1_Dyspnea'],
  r2: ['R_2_Orthopnea', 'R2_Orthopnea'],
  r3: ['R_3_Respiratory_Insufficiency', 'R3_Respiratory_Insufficiency'],
}

const readers: Readonly<Record<Known, TableReader>> = {
  DEMOGRAPHICS(cells, columns, { drafts }) {
    const sex = columns.optional('Sex', 'Gender')
    const age = columns.optional('Age')
    const birth = columns.optional('Date_of_Birth')
    return (row, patient) => {
      const place = cells.place(row)
      const draft = drafts.of(patient, place)
      drafts.set(draft, 'sex', cells.word(row, sex, sexWords), cells.place(row, sex))
      const years = cells.number(row, age, { min: 0, max: 120 })
      const born = cells.number(row, birth, { min: -43830, max: 0 })
      if (years !== null) drafts.setAge(draft, years, cells.place(row, age))
      if (born === null) return
      // An age is often told in whole years.
      const known = draft.agePlace !== null
      drafts.setAge(draft, -born / 365.25, cells.place(row, birth), true)
      if (!known) cells.found('age_from_birth', row, birth, (-born / 365.25).toFixed(2))
    }
  },

  ALSHISTORY(cells, columns, { drafts }) {
    const site = columns.optional('Site_of_Onset')
    const flags = (['Bulbar', 'Limb', 'Spine', 'Limb_and_Bulbar', 'Other'] as const).map((name) => ({
      at: columns.optional(`Site_of_Onset___${name}`),
      value: name === 'Bulbar' ? 'bulbar' : name === 'Limb' || name === 'Spine' ? 'limb' : 'other',
    }))
    const onset = columns.optional('Onset_Delta')
    const diagnosis = columns.optional('Diagnosis_Delta')
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      drafts.set(draft, 'onset_site', cells.word(row, site, onsetSiteWords), cells.place(row, site))
      const ticked = new Set(flags.filter(({ at }) => cells.text(row, at) === '1').map(({ value }) => value))
      if (ticked.size > 0) {
        const at = flags.find((flag) => flag.at >= 0)?.at
        drafts.set(draft, 'onset_site', ticked.size === 1 ? [...ticked][0] : 'other', cells.place(row, at))
      }
      drafts.set(draft, 'onset_day', cells.day(row, onset), cells.place(row, onset))
      drafts.set(draft, 'diagnosis_day', cells.day(row, diagnosis), cells.place(row, diagnosis))
    }
  },

  DEATHDATA(cells, columns, { drafts, log }) {
    const died = columns.required('Subject_Died')
    const days = columns.required('Death_Days')
    const told = new Map<string, { dead: boolean; line: number }>()
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      const dead = cells.word(row, died, yesNoWords)
      const before = told.get(patient)
      if (dead !== null && before === undefined) told.set(patient, { dead, line: row.line })
      else if (dead !== null && before !== undefined && before.dead !== dead) {
        draft.contradicted.add('death_day')
        log.add('patient_conflict', cells.place(row, died), {
          was: `${row.cells[died]}, but not so in line ${before.line}`,
        })
      }
      const day = cells.day(row, days)
      if (dead === true && day === null) cells.found('death_without_day', row, days)
      if (dead === false && day !== null) cells.invalid(row, days)
      else drafts.set(draft, 'death_day', day, cells.place(row, days))
    }
  },

  RILUZOLE(cells, columns, { drafts }) {
    const used = columns.required('Subject_used_Riluzole')
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      const value = cells.word(row, used, yesNoWords)
      if (value === null) return
      // Several rows tell of several times: ever is what counts.
      const before = draft.values.get('riluzole')?.value === true
      draft.values.set('riluzole', { value: before || value, place: cells.place(row, used) })
    }
  },

  ELESCORIAL(cells, columns, { drafts }) {
    const category = columns.required('el_escorial')
    const delta = columns.optional('delta_days')
    const earliest = new Map<string, number>()
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      const value = cells.text(row, category)
      if (value === null) return
      const day = cells.day(row, delta) ?? Number.MAX_SAFE_INTEGER
      const before = earliest.get(patient)
      if (before !== undefined && before < day) return
      // An earlier row takes the place of a later one, contradictions among those included.
      if (before !== day) {
        drafts.clear(draft, 'el_escorial')
        draft.contradicted.delete('el_escorial')
      }
      earliest.set(patient, day)
      drafts.set(draft, 'el_escorial', value, cells.place(row, category))
    }
  },

  GENOTYPED(cells, columns, { drafts }) {
    const fields = [
      ['sample', columns.required('sample_id')],
      ['dna_source', columns.optional('DNA_Source')],
      ['mimic', columns.optional('Mimic')],
      ['known_mutation', columns.optional('Known_Mutation')],
    ] as const
    return (row, patient) => {
      const draft = drafts.of(patient, cells.place(row))
      for (const [field, at] of fields) drafts.set(draft, field, cells.text(row, at), cells.place(row, at))
    }
  },

  ALSFRS(cells, columns, { drafts, visits, log }) {
    const items = alsfrsItems.map((item) => [item, columns.optional(...itemColumns[item])] as const)
    const delta = columns.required('ALSFRS_Delta')
    const original = columns.optional('ALSFRS_Total')
    const revised = columns.optional('ALSFRS_R_Total')
    return (row, patient) => {
      const place = cells.place(row)
      drafts.of(patient, place)
      const day = cells.day(row, delta)
      if (day === null) {
        cells.found('day_missing', row, delta)
        return
      }
      if (day < 0) cells.found('day_before_entry', row, delta)
      const scores = {} as Record<AlsfrsItem, number | null>
      for (const [item, at] of items) scores[item] = cells.number(row, at, { min: 0, max: 4, integer: true })
      const visit = visitOfRow(
        {
          patient,
          day,
          items: scores,
          totalRevised: cells.number(row, revised, { min: 0, max: 48, integer: true }),
          totalOriginal: cells.number(row, original, { min: 0, max: 40, integer: true }),
          declared: null,
          place,
        },
        log,
      )
      if (visit !== null) visits.push({ visit, place })
    }
  },

  FVC: (cells, columns, reading) => spirometry('FVC', 'Forced_Vital_Capacity_Delta', cells, columns, reading),
  SVC: (cells, columns, reading) => spirometry('SVC', 'Slow_vital_Capacity_Delta', cells, columns, reading),

  VITALSIGNS(cells, columns, { drafts, weights }) {
    const weight = columns.optional('Weight')
    const unit = columns.optional('Weight_Units')
    const delta = columns.required('Vital_Signs_Delta')
    return (row, patient) => {
      if (!drafts.drafts.has(patient)) drafts.of(patient, cells.place(row))
      const value = cells.number(row, weight, { min: 0, max: 2000 })
      if (value === null) return
      const day = cells.day(row, delta)
      if (day === null) cells.found('day_missing', row, delta)
      else if (!weights.add(patient, day, value, cells.text(row, unit) ?? '', cells.place(row, weight)))
        cells.found('unit_unknown', row, unit)
    }
  },

  HANDGRIPSTRENGTH: (cells, columns, reading) => strength('HANDGRIP', cells, columns, reading),
  MUSCLESTRENGTH: (cells, columns, reading) => strength('MUSCLE', cells, columns, reading),

  /** Nothing of it enters a result; its days are looked at, so that intake tells how they stand. */
  CONMEDS(cells, columns, { drafts }) {
    const start = columns.optional('Start_Delta')
    const stop = columns.optional('Stop_Delta')
    return (row, patient) => {
      if (!drafts.drafts.has(patient)) drafts.of(patient, cells.place(row))
      cells.day(row, start)
      cells.day(row, stop)
    }
  },

  LABS(cells, columns, { drafts, labs }) {
    const at = {
      test: columns.required('Test_Name'),
      value: columns.required('Test_Result'),
      unit: columns.optional('Test_Unit'),
    }
    const delta = columns.required('Laboratory_Delta')
    const collector = labs(cells)
    return (row, patient) => {
      if (!drafts.drafts.has(patient)) drafts.of(patient, cells.place(row))
      const day = cells.day(row, delta)
      if (day === null) cells.found('day_missing', row, delta)
      else collector.read(cells, row, patient, day, at)
    }
  },
}

/** Vital capacity: the best of the trials is the measurement, as in spirometry practice. */
function spirometry(
  test: 'FVC' | 'SVC',
  dayColumn: string,
  cells: CellReader,
  columns: Columns,
  { drafts, labs }: Reading,
): RowReader {
  const trials = [1, 2, 3]
  const liters = trials.map((n) => columns.optional(`Subject_Liters_Trial_${n}`))
  const percents = trials.map((n) => columns.optional(`pct_of_Normal_Trial_${n}`))
  const delta = columns.required(dayColumn)
  const collector = labs(cells)
  return (row, patient) => {
    drafts.of(patient, cells.place(row))
    const best = (at: readonly number[], max: number) =>
      at.reduce((most, column) => Math.max(most, cells.number(row, column, { min: 0, max }) ?? -1), -1)
    const volume = best(liters, 15)
    const percent = best(percents, 250)
    const day = cells.day(row, delta)
    if (day === null) {
      cells.found('day_missing', row, delta)
      return
    }
    if (volume >= 0) collector.add(patient, day, test, volume, '', 'L', row.line)
    if (percent >= 0) collector.add(patient, day, `${test}_PERCENT`, percent, '', '% of normal', row.line)
  }
}

/** Strength by muscle or hand, under `HANDGRIP` or `MUSCLE` and the words of the table, values and units as written. */
function strength(
  test: 'HANDGRIP' | 'MUSCLE',
  cells: CellReader,
  columns: Columns,
  { drafts, labs }: Reading,
): RowReader {
  const value = columns.optional('Test_Result', 'MS_Result')
  const names = ['Test_Name', 'Test_Location', 'Laterality']
    .map((name) => columns.optional(name))
    .filter((at) => at >= 0)
  const unit = columns.optional('Test_Unit')
  const delta = columns.required('MS_Delta')
  const collector = labs(cells)
  return (row, patient) => {
    drafts.of(patient, cells.place(row))
    const strong = cells.number(row, value, { min: 0, max: 10_000 })
    if (strong === null) return
    const day = cells.day(row, delta)
    if (day === null) {
      cells.found('day_missing', row, delta)
      return
    }
    const words = names.map((at) => cells.text(row, at)).filter((word) => word !== null)
    collector.add(patient, day, [test, ...words].join(' '), strong, '', cells.text(row, unit) ?? '', row.line)
  }
}

function tablesOf(names: readonly string[], pathOf: (name: string) => string): Map<string, string> {
  const files = new Map<string, string>()
  for (const file of names) {
    const name = tableName(file)
    if (name === null) continue
    const before = files.get(name)
    if (before !== undefined && (known as readonly string[]).includes(name))
      throw new UpturnError('FormatInvalid', `${before} and ${file} are both the ${name} table; keep one of them`, {
        place: { file: pathOf(file) },
      })
    files.set(name, file)
  }
  return files
}

/**
 * A folder in the PRO-ACT layout (releases of 2016, 2022 and later). ALSFRS is needed; the other tables are read
 * when they are there; weights become the test WEIGHT in kg. `GENOTYPED.csv` (subject_id, sample_id, DNA_Source, Mimic, Known_Mutation) joins people to
 * genotypes. Days count from trial entry.
 */
export const proAct = {
  name: 'pro-act',
  title: 'PRO-ACT',
  async recognise(files) {
    return files.isFolder && files.names.some((file) => tableName(file) === 'ALSFRS')
  },
  async read(reading) {
    const { files } = reading
    const tables = tablesOf(files.names, files.pathOf)
    if (!tables.has('ALSFRS'))
      throw new UpturnError('FileNotFound', 'the folder holds no ALSFRS table (ALSFRS.csv or PROACT_ALSFRS.csv)', {
        place: { file: files.path },
      })
    for (const name of known) {
      const file = tables.get(name)
      if (file === undefined) continue
      await reading.scan(files.pathOf(file), (cells, columns) => {
        const subject = columns.required('subject_id', 'SubjectID')
        const readRow = readers[name](cells, columns, reading)
        return (row) => {
          const patient = cells.id(row, subject)
          if (patient === null) cells.found('patient_missing', row, subject)
          else readRow(row, patient)
        }
      })
    }
  },
} as const satisfies ClinicalLayout
