import { UpturnError } from '../../errors/index.ts'
import type { Columns } from '../tables/index.ts'
import type { CellReader } from './cells.ts'
import type { TakeRow } from './reading.ts'

/** One field of a REDCap data dictionary. */
export interface DictionaryField {
  name: string
  form: string
  /** text, radio, dropdown, checkbox, yesno, truefalse, calc, slider, notes, descriptive, file, sql. */
  type: string
  label: string
  /** Codes and labels of a field with choices, in the dictionary's order. */
  choices: readonly { code: string; label: string }[]
  /** The label of a choice by its code, and by its own text in lower case where that is no code. */
  labelOf: ReadonlyMap<string, string>
  /** date_ymd, integer, number, ... or empty. */
  validation: string
  identifier: boolean
  line: number
}

/** Names of the columns, in a file downloaded from the project and in one from the programming interface. */
const columnNames = {
  name: ['Variable / Field Name', 'field_name'],
  form: ['Form Name', 'form_name'],
  type: ['Field Type', 'field_type'],
  label: ['Field Label', 'field_label'],
  choices: ['Choices, Calculations, OR Slider Labels', 'select_choices_or_calculations'],
  validation: ['Text Validation Type OR Show Slider Number', 'text_validation_type_or_show_slider_number'],
  identifier: ['Identifier?', 'identifier'],
} as const

/** Whether a table is a data dictionary. */
export function isDictionary(header: readonly string[]): boolean {
  const names = new Set(header.map((name) => name.toLowerCase()))
  return (['name', 'form', 'type', 'identifier'] as const).every((column) =>
    columnNames[column].some((name) => names.has(name.toLowerCase())),
  )
}

const withChoices = new Set(['radio', 'dropdown', 'checkbox'])
const yesNo = [
  { code: '1', label: 'Yes' },
  { code: '0', label: 'No' },
]
const trueFalse = [
  { code: '1', label: 'True' },
  { code: '0', label: 'False' },
]

/** `1, Male | 2, Female`. */
export function parseChoices(text: string): { code: string; label: string }[] {
  return text
    .split('|')
    .map((choice) => {
      const comma = choice.indexOf(',')
      return comma < 0
        ? { code: choice.trim(), label: choice.trim() }
        : { code: choice.slice(0, comma).trim(), label: choice.slice(comma + 1).trim() }
    })
    .filter(({ code }) => code !== '')
}

/** Gathers the fields of a dictionary; refuses (`FormatInvalid`) a field that is named twice, and a choice that is coded twice. */
export function dictionaryReader(cells: CellReader, columns: Columns, fields: Map<string, DictionaryField>): TakeRow {
  const at = {
    name: columns.required(...columnNames.name),
    form: columns.required(...columnNames.form),
    type: columns.required(...columnNames.type),
    label: columns.optional(...columnNames.label),
    choices: columns.optional(...columnNames.choices),
    validation: columns.optional(...columnNames.validation),
    identifier: columns.required(...columnNames.identifier),
  }
  return (row) => {
    const cell = (column: number) => (column < 0 ? '' : row.cells[column].trim())
    const name = cell(at.name).toLowerCase()
    const place = { file: cells.file, line: row.line }
    if (name === '') return
    if (fields.has(name))
      throw new UpturnError('FormatInvalid', `the data dictionary names the field '${name}' twice`, { place })
    const type = cell(at.type).toLowerCase()
    const choices = withChoices.has(type)
      ? parseChoices(cell(at.choices))
      : type === 'yesno'
        ? yesNo
        : type === 'truefalse'
          ? trueFalse
          : []
    const codes = new Set<string>()
    for (const { code } of choices) {
      if (codes.has(code))
        throw new UpturnError('FormatInvalid', `the field '${name}' has two choices with the code ${code}`, { place })
      codes.add(code)
    }
    const labelOf = new Map<string, string>()
    for (const { label } of choices) labelOf.set(label.toLowerCase(), label)
    for (const { code, label } of choices) labelOf.set(code, label)
    const identifier = cell(at.identifier).toLowerCase()
    if (identifier !== '' && identifier !== 'y' && identifier !== 'n')
      throw new UpturnError(
        'FormatInvalid',
        `the column Identifier? of the data dictionary holds '${identifier}', not y; whether '${name}' may be read is unknown`,
        { place },
      )
    fields.set(name, {
      name,
      form: cell(at.form),
      type,
      label: cell(at.label).replace(/<[^<>]*>/g, ''),
      choices,
      labelOf,
      validation: cell(at.validation).toLowerCase(),
      identifier: identifier === 'y',
      line: row.line,
    })
  }
}

/** The name of the column of a checkbox choice: field___code, the code in lower case with what is no letter, digit or _ replaced. */
export function checkboxColumn(field: string, code: string): string {
  return `${field}___${code.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`
}
