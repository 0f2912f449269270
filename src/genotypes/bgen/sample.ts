import { UpturnError } from '../../errors/index.ts'
import type { Sex } from '../import/file.ts'

/** One line of a `.sample` file. */
export interface OxfordSample {
  /** Column 1. */
  readonly id1: string
  /** Column 2 where it is called ID_2, otherwise column 1: the person's name, as column 2 of a FAM file. */
  readonly id: string
  readonly sex: Sex
  /** 1-based line of the file. */
  readonly line: number
}

const males = new Set(['1', 'M', 'MALE'])
const females = new Set(['2', 'F', 'FEMALE'])

/**
 * People of an Oxford `.sample` file in its order. Line 1 names the columns: `ID_1` (any name will do), perhaps `ID_2`,
 * `missing` and others; line 2 gives their types and begins with 0. A column `sex` holds 1 or M for male, 2 or F for
 * female, anything else for unknown. Refuses lines whose columns are not those of line 1, and double names.
 */
export function parseOxfordSample(text: string, file: string): OxfordSample[] {
  const refuse = (message: string, line: number): never => {
    throw new UpturnError('FormatInvalid', message, { place: { file, line } })
  }
  const lines = text.replace(/^\ufeff/, '').split('\n')
  while (lines.length > 0 && lines[lines.length - 1].trim() === '') lines.pop()
  const cellsOf = (line: string): string[] => line.match(/[^ \t\r]+/g) ?? []
  const names = cellsOf(lines[0] ?? '').map((name) => name.toLowerCase())
  if (names.length === 0)
    refuse('a .sample file must begin with a line that names its columns: ID_1 ID_2 missing sex', 1)
  const types = cellsOf(lines[1] ?? '')
  if (types.length !== names.length || types[0] !== '0' || types.some((type) => !/^[0A-Za-z]$/.test(type)))
    refuse(
      'line 2 of a .sample file must give the type of each column and begin with 0, as in "0 0 0 D" for ID_1 ID_2 missing sex',
      2,
    )
  const id = names[1] === 'id_2' || names[1] === 'id2' ? 1 : 0
  const sexColumn = names.indexOf('sex')
  const seen = new Map<string, number>()
  return lines.slice(2).map((text, k) => {
    const line = k + 3
    const cells = cellsOf(text)
    if (cells.length !== names.length)
      refuse(`the line has ${cells.length} columns where line 1 names ${names.length}`, line)
    const earlier = seen.get(cells[id])
    if (earlier !== undefined)
      refuse(`the id ${cells[id]} stands in lines ${earlier} and ${line}; give every person an id of its own`, line)
    seen.set(cells[id], line)
    const sex = sexColumn < 0 ? '' : cells[sexColumn].toUpperCase()
    return { id1: cells[0], id: cells[id], sex: males.has(sex) ? 'male' : females.has(sex) ? 'female' : null, line }
  })
}
