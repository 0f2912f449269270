import type { Intake, IntakeFinding } from '../../results/clinical.ts'
import { Texts } from './texts.ts'

/** Every rule of intake: what was seen and what was done about it. */
const rules = {
  age_from_birth: { action: 'mended', message: 'Age is missing and was taken from the date of birth.' },
  age_from_birth_period: {
    action: 'mended',
    message: 'Age was taken from the year or month of birth, so it can be off by half a year or half a month.',
  },
  age_impossible: {
    action: 'refused',
    message: 'The age at onset is negative or above the age at entry; it is left empty.',
  },
  als_unlisted: {
    action: 'refused',
    message: 'The source lists ALS for others and not for this person, who may have none; nothing of them is used.',
  },
  als_unrecorded: {
    action: 'noted',
    message:
      'No disease of the person is known to be ALS (mapping: concepts: in the study file can say so); the person is kept.',
  },
  both_5a_5b: {
    action: 'refused',
    message: 'Items 5a and 5b both hold an answer and differ; both and the total are left empty.',
  },
  both_5a_5b_equal: {
    action: 'noted',
    message: 'Items 5a and 5b both hold the same answer; it counts once and gastrostomy is unknown.',
  },
  both_5a_5b_settled: {
    action: 'mended',
    message: 'Items 5a and 5b both hold an answer; the recorded total tells which one counted.',
  },
  both_scales: {
    action: 'noted',
    message: 'ALSFRS and ALSFRS-R were recorded for one visit; ALSFRS-R is kept and the two are never mixed.',
  },
  cell_error: {
    action: 'refused',
    message: 'The cell of the workbook holds an error such as #N/A or #REF!; it is left empty.',
  },
  cell_formula: {
    action: 'noted',
    message: 'The cell of the workbook is a formula; the value that was last calculated is used.',
  },
  cell_formula_empty: {
    action: 'refused',
    message:
      'The cell of the workbook is a formula whose value was never saved; it is left empty. Open and save the workbook.',
  },
  cell_rounded: {
    action: 'refused',
    message:
      'A spreadsheet has cut a long number short (16 digits or more, or 1.23E+15); as a name of somebody it is not used. Format ids as text.',
  },
  date_serial: {
    action: 'refused',
    message:
      'A spreadsheet’s number of a day stands where a date is needed; it is left empty. Give the column a date format.',
  },
  date_without_visits: {
    action: 'refused',
    message: 'A date cannot be counted in days, since no visit of the person has a date; it is left empty.',
  },
  date_undeclared: {
    action: 'refused',
    message:
      'The date is written in another way than declared (YYYY-MM-DD unless dates: says otherwise); it is left empty.',
  },
  concept_conflict: {
    action: 'refused',
    message: 'The concept and the name that the source gives it mean different things; the row is not used.',
  },
  concept_unread: {
    action: 'noted',
    message:
      'Nothing says what the concept means (mapping: concepts: in the study file can); it is not used as a score.',
  },
  date_conflict: {
    action: 'refused',
    message: 'Two rows of one visit give different dates; rows that have no date of their own are not placed by it.',
  },
  date_incomplete: {
    action: 'refused',
    message: 'The date names only a year or month where a day is needed; it is left empty.',
  },
  day_before_entry: { action: 'noted', message: 'The visit lies before day 0 of its source; it is kept.' },
  day_missing: { action: 'refused', message: 'The row has no day, so it cannot be placed; it is not used.' },
  death_without_day: { action: 'noted', message: 'A death is recorded without its day.' },
  decimal_comma: {
    action: 'refused',
    message: 'The number has a decimal comma, which is not declared (decimals: comma); it is left empty.',
  },
  decimal_point: {
    action: 'refused',
    message: 'The number has a point although decimals: comma is declared; it is left empty.',
  },
  duplicate_conflict: {
    action: 'refused',
    message: 'Rows of one person and day contradict each other; none of them is used.',
  },
  duplicate_exact: { action: 'mended', message: 'The row repeats an earlier row; it counts once.' },
  duplicate_merged: {
    action: 'mended',
    message: 'Two rows of one person and day complete each other without contradiction; they are joined.',
  },
  feature_resolved: {
    action: 'noted',
    message: 'A phenotypic feature is recorded as resolved; calls are made from scores, not from it.',
  },
  identifier_date: {
    action: 'noted',
    message: 'A date marked as an identifier only places visits in time; differences in days leave, the date does not.',
  },
  identifier_unread: {
    action: 'refused',
    message: 'The data dictionary marks the field as an identifier; it is not read.',
  },
  item_recoded: {
    action: 'mended',
    message: 'The codes of an item are not its scores; the scores that begin the labels of its choices are used.',
  },
  lab_qualified: {
    action: 'noted',
    message: 'The laboratory result is a limit (below or above); its qualifier is kept.',
  },
  lab_repeated: {
    action: 'noted',
    message: 'One test has several different results for one person and day; all are kept.',
  },
  lab_text: { action: 'refused', message: 'The laboratory result is words, not a number; it is not used.' },
  lab_unnamed: {
    action: 'refused',
    message: 'The laboratory result has no test name; it is not used.',
  },
  onset_after_visit: { action: 'refused', message: 'Symptom onset lies after the first visit; it is left empty.' },
  not_als: { action: 'refused', message: 'The person is a control without ALS; nothing of them is used.' },
  onset_by_class: {
    action: 'noted',
    message: 'Onset is known only as a class or range of ages, which gives no day; it is left empty.',
  },
  onset_year_unplaced: {
    action: 'noted',
    message: 'The year of onset or diagnosis cannot be placed: the visits have no dates; it is left empty.',
  },
  onset_by_period: {
    action: 'noted',
    message:
      'Symptom onset is known by year or month only; the middle is used and how far it can be off is carried on.',
  },
  onset_diagnosis_swapped: {
    action: 'mended',
    message: 'Onset is recorded after diagnosis; the two days are exchanged.',
  },
  patient_conflict: {
    action: 'refused',
    message: 'Rows of one person give different values where one is possible; the value is left empty.',
  },
  patient_missing: { action: 'refused', message: 'The row names no person; it is not used.' },
  patient_without_visits: { action: 'noted', message: 'The person has no usable visit.' },
  presymptomatic: {
    action: 'refused',
    message:
      'The person comes from a study of gene carriers and has no recorded onset of ALS; nothing of them is used.',
  },
  sample_shared: { action: 'refused', message: 'One sample belongs to several people; it is taken from all of them.' },
  scale_unknown: {
    action: 'refused',
    message: 'Nothing tells whether the visit is ALSFRS or ALSFRS-R; it is not used.',
  },
  score_conflict: {
    action: 'refused',
    message: 'One item has two different scores on one day; it is left empty.',
  },
  section_unread: { action: 'noted', message: 'The section is not read; it holds nothing that is used.' },
  sentinel: {
    action: 'noted',
    message: 'The cell holds a code for missing (-5555, -7777, -8888, -9999, PEN, N/D); it is read as missing.',
  },
  sex_other: {
    action: 'noted',
    message: 'Sex is recorded as something other than female or male; it is left empty.',
  },
  time_coarse: {
    action: 'noted',
    message: 'The time is an age in whole years or months, so its day can be off by as much.',
  },
  total_impossible: {
    action: 'refused',
    message: 'The recorded total cannot be reached with the items present; it is left empty.',
  },
  total_not_sum: { action: 'mended', message: 'The recorded total is not the sum of the items; the sum is used.' },
  total_unverified: {
    action: 'noted',
    message: 'A total is recorded while items are missing, so it could not be checked; it is kept.',
  },
  unit_converted: { action: 'mended', message: 'The value is in another unit; it is converted.' },
  unit_unknown: { action: 'refused', message: 'The unit is none that the measure has; the value is not used.' },
  value_invalid: {
    action: 'refused',
    message: 'The cell holds a value that its column cannot have; it is left empty.',
  },
  visit_undated: {
    action: 'refused',
    message:
      'The visit has a number or event but no day; mapping: visit_days: in the study file can give it. It is not used.',
  },
  visit_after_death: {
    action: 'refused',
    message: 'A visit lies after the recorded death; the day of death is left empty.',
  },
  visit_empty: { action: 'noted', message: 'The row holds neither items nor a total.' },
  weight_impossible: {
    action: 'refused',
    message:
      'The weight is below 20 or above 200 kg, and no other weight of the person shows that it is in pounds; it is not used.',
  },
  weight_pounds: {
    action: 'mended',
    message:
      'The weight is in pounds where kilograms are meant, as the other weights of the person show; it is converted.',
  },
} as const satisfies Record<string, Pick<IntakeFinding, 'action' | 'message'>>

export type FindingCode = keyof typeof rules
export const findingRules: Readonly<Record<FindingCode, Pick<IntakeFinding, 'action' | 'message'>>> = rules

export interface Place {
  file: string
  line: number
  column?: string
}

/** What a cell held and what is used instead; `now` is left out where nothing is. */
export interface Change {
  was?: string | number | null
  now?: string | number | null
}

/** One finding, `intake.tsv`: one row each time a rule was used. */
export interface FindingRow {
  cohort?: string
  code: FindingCode
  action: IntakeFinding['action']
  file: string
  line: number
  column: string
  was: string
  now: string
}

/** All findings. */
export interface Findings {
  readonly size: number
  /** By file in the order of reading, then line; of one line in the order in which the rules were used. */
  rows(): Iterable<FindingRow>
}

const mostPlaces = 100
const codes = Object.keys(rules) as FindingCode[]
const codeIndex = new Map(codes.map((code, index) => [code, index]))
/** Numbers a finding takes: code, file, line, column, was, now. */
const width = 6
const blockRows = 1 << 13

const written = (value: string | number | null | undefined): string => (value == null ? '' : String(value))

/** Counts and places findings, all of them: 24 bytes each and texts that recur once, since an export may have millions. */
export class FindingLog implements Findings {
  readonly #counts = new Float64Array(codes.length)
  readonly #where: IntakeFinding['where'][] = codes.map(() => [])
  readonly #blocks: Uint32Array[] = []
  readonly #texts = new Texts()
  #size = 0

  add(code: FindingCode, place: Place, change: Change = {}): void {
    const index = codeIndex.get(code) ?? 0
    this.#counts[index]++
    if (this.#where[index].length < mostPlaces) this.#where[index].push({ ...place })
    const at = (this.#size % blockRows) * width
    if (at === 0) this.#blocks.push(new Uint32Array(blockRows * width))
    this.#size++
    const block = this.#blocks[this.#blocks.length - 1]
    block[at] = index
    block[at + 1] = this.#texts.of(place.file)
    block[at + 2] = place.line
    block[at + 3] = this.#texts.of(place.column ?? '')
    block[at + 4] = this.#texts.of(written(change.was))
    block[at + 5] = this.#texts.of(written(change.now))
  }

  /** Sorted by code. */
  findings(): Intake['findings'] {
    return codes
      .map((code, index) => ({ code, ...rules[code], count: this.#counts[index], where: this.#where[index] }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => (a.code < b.code ? -1 : 1))
  }

  get size(): number {
    return this.#size
  }

  /** Every finding, by file in the order of reading, then line; of one line in the order of its rules' use. */
  *rows(): Generator<FindingRow> {
    const cell = (row: number, k: number) => this.#blocks[Math.floor(row / blockRows)][(row % blockRows) * width + k]
    const order = Uint32Array.from({ length: this.#size }, (_, row) => row).sort(
      (a, b) => cell(a, 1) - cell(b, 1) || cell(a, 2) - cell(b, 2) || a - b,
    )
    const texts = this.#texts.all
    for (const row of order) {
      const code = codes[cell(row, 0)]
      yield {
        code,
        action: rules[code].action,
        file: texts[cell(row, 1)],
        line: cell(row, 2),
        column: texts[cell(row, 3)],
        was: texts[cell(row, 4)],
        now: texts[cell(row, 5)],
      }
    }
  }
}
