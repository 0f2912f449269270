import { openTable } from '../clinical/tables/index.ts'
import { UpturnError } from '../errors/index.ts'
import type { Host } from '../host/host.ts'

export interface PhenotypeOptions {
  caseColumn: string
  /** The value of a case, where values are words. */
  caseValue?: string
  idColumn?: string
  covariates: readonly string[]
  strata?: string
  /** Column of matched sets, or a file with the columns `set` and the people's ids: every test is then its form within the sets. */
  matched?: string
}

export interface Phenotypes {
  people: { sample: string; case: boolean; sex: 'female' | 'male' | null; stratum?: string; covariates: number[] }[]
  /** People of the table who are left out, by reason. */
  left: Record<string, number>
  /** How the case column was read, in words. */
  coding: string
}

/** Names of a column of sample ids, in lower case. */
export const idNames: readonly string[] = ['iid', '#iid', 'sample', 'sample_id', 'id', 'patient', 'subject_id']
/** What stands for nothing known, in lower case. */
export const missingWords = new Set(['', 'na', 'nan', '.', '-9', '#na'])

type Read = (text: string) => boolean | null

/** How a case column is to be read, from all its values: PLINK's 1/2, 0/1, true/false, or named values. */
function caseCoding(
  values: ReadonlySet<string>,
  options: PhenotypeOptions,
  place: { file: string; line: number; column: number },
): { read: Read; coding: string } {
  const present = [...values].filter((value) => !missingWords.has(value.toLowerCase()))
  const ask = (why: string): never => {
    throw new UpturnError(
      'ValueInvalid',
      `the column ${options.caseColumn} ${why}; say which value is a case with --case-value`,
      { place },
    )
  }
  if (options.caseValue !== undefined) {
    const wanted = options.caseValue
    if (!values.has(wanted))
      throw new UpturnError(
        'ValueInvalid',
        `no row of ${options.caseColumn} is ${wanted}; its values are ${present.slice(0, 8).join(', ')}`,
        { place },
      )
    return {
      read: (text) => (missingWords.has(text.toLowerCase()) ? null : text === wanted),
      coding: `${wanted} is a case, every other value a control`,
    }
  }
  const only = (...allowed: string[]) => present.every((value) => allowed.includes(value.toLowerCase()))
  if (present.length === 0) ask('is empty')
  if (only('true', 'false'))
    return {
      read: (text) => (missingWords.has(text.toLowerCase()) ? null : text.toLowerCase() === 'true'),
      coding: 'true is a case, false a control',
    }
  if (only('0', '1', '2') && present.includes('2'))
    return {
      read: (text) => (text === '2' ? true : text === '1' ? false : null),
      coding: 'PLINK: 2 is a case, 1 a control, 0 and -9 missing',
    }
  if (only('0', '1') && present.includes('0'))
    return { read: (text) => (text === '1' ? true : text === '0' ? false : null), coding: '1 is a case, 0 a control' }
  if (only('1')) ask('holds nothing but 1, which is a control to PLINK and a case elsewhere')
  return ask(`holds ${present.slice(0, 5).join(', ')}, of which no coding is known`)
}

export function sexOf(text: string, place: { file: string; line: number; column: number }): 'female' | 'male' | null {
  const word = text.toLowerCase()
  if (word === '0' || missingWords.has(word)) return null
  if (word === 'male' || word === 'm' || word === '1') return 'male'
  if (word === 'female' || word === 'f' || word === '2') return 'female'
  throw new UpturnError(
    'ValueInvalid',
    `sex is ${text}; it is male or female, M or F, 1 (male) or 2 (female), or missing`,
    { place },
  )
}

/** The set of each person of a file such as `matching.tsv`: a column `set`, and one of ids. */
async function readSets(path: string, host: Host, signal: AbortSignal): Promise<Map<string, string>> {
  const source = await host.open(path)
  try {
    const table = await openTable(source, signal)
    const names = table.header.map((name) => name.toLowerCase())
    const id = names.findIndex((name) => idNames.includes(name))
    const set = names.indexOf('set')
    if (id < 0 || set < 0)
      throw new UpturnError(
        'ColumnMissing',
        `a file of matched sets has a column set and one of ids (${idNames.join(', ')}); this one has ${table.header.join(', ')}`,
        { place: { file: path, line: 1 } },
      )
    const sets = new Map<string, string>()
    for await (const batch of table.rows)
      for (const { line, cells } of batch) {
        const sample = cells[id].trim()
        if (sets.has(sample))
          throw new UpturnError('ValueInvalid', `${sample} is in two matched sets; keep one row a person`, {
            place: { file: path, line, column: id + 1 },
          })
        sets.set(sample, cells[set].trim())
      }
    return sets
  } finally {
    await source.close()
  }
}

/** Reads a table with one row a person: who is a case, covariates (numbers, or two words), strata or matched sets, sex where there is a column of that name. */
export async function readPhenotypes(
  path: string,
  options: PhenotypeOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Phenotypes> {
  if (options.strata !== undefined && options.matched !== undefined)
    throw new UpturnError(
      'BadArgument',
      'give --strata or --matched, not both: matched sets are strata of their own; split them by the other column first',
    )
  const source = await host.open(path)
  try {
    const table = await openTable(source, signal)
    const names = table.header
    const inFile =
      options.matched !== undefined &&
      !names.includes(options.matched) &&
      /\.(tsv|csv|txt)(\.gz)?$/i.test(options.matched)
        ? await readSets(options.matched, host, signal)
        : undefined
    const column = (name: string): number => {
      const at = names.indexOf(name)
      if (at < 0)
        throw new UpturnError('ColumnMissing', `there is no column ${name}; the table has ${names.join(', ')}`, {
          place: { file: path, line: 1 },
        })
      return at
    }
    const id =
      options.idColumn === undefined
        ? names.findIndex((name) => idNames.includes(name.toLowerCase()))
        : column(options.idColumn)
    if (id < 0)
      throw new UpturnError(
        'ColumnMissing',
        `no column looks like a sample id (${idNames.join(', ')}); name it with --id`,
        { place: { file: path, line: 1 } },
      )
    const caseAt = column(options.caseColumn)
    const covariatesAt = options.covariates.map(column)
    const within = options.strata ?? (inFile === undefined ? options.matched : undefined)
    const strataAt = within === undefined ? -1 : column(within)
    const sexAt = names.findIndex((name) => name.toLowerCase() === 'sex')
    const rows: { line: number; cells: string[] }[] = []
    for await (const batch of table.rows)
      for (const row of batch) rows.push({ line: row.line, cells: row.cells.map((cell) => cell.trim()) })
    const { read, coding } = caseCoding(new Set(rows.map((row) => row.cells[caseAt])), options, {
      file: path,
      line: rows[0]?.line ?? 1,
      column: caseAt + 1,
    })
    const readers = covariatesAt.map((at, j) => covariateReader(options.covariates[j], at, rows, path))

    const stratumOf = (cells: readonly string[], sample: string): { stratum?: string } => {
      const set = inFile === undefined ? (strataAt < 0 ? undefined : cells[strataAt]) : inFile.get(sample)
      // Nobody is in a set called NA; strata may be.
      const none = set === undefined || (options.matched !== undefined && missingWords.has(set.toLowerCase()))
      return none ? {} : { stratum: set }
    }
    const left: Record<string, number> = {}
    const lose = (reason: string) => {
      left[reason] = (left[reason] ?? 0) + 1
    }
    const seen = new Map<string, number>()
    const people: Phenotypes['people'] = []
    for (const { line, cells } of rows) {
      const sample = cells[id]
      const before = seen.get(sample)
      if (before !== undefined)
        throw new UpturnError(
          'ValueInvalid',
          `${sample} stands in lines ${before} and ${line}; keep one row a person`,
          { place: { file: path, line, column: id + 1 } },
        )
      seen.set(sample, line)
      const isCase = read(cells[caseAt])
      if (isCase === null) {
        lose(`${options.caseColumn} is missing`)
        continue
      }
      const values = readers.map((reader) => reader(cells, line))
      const gap = values.indexOf(null)
      if (gap >= 0) {
        lose(`${options.covariates[gap]} is missing`)
        continue
      }
      people.push({
        sample,
        case: isCase,
        sex: sexAt < 0 ? null : sexOf(cells[sexAt], { file: path, line, column: sexAt + 1 }),
        covariates: values as number[],
        ...stratumOf(cells, sample),
      })
    }
    return { people, left, coding }
  } finally {
    await source.close()
  }
}

/** Reads a column of numbers, or of two words: the second in order is 1. Null where it is missing. */
export function covariateReader(
  name: string,
  at: number,
  rows: readonly { line: number; cells: string[] }[],
  file: string,
): (cells: readonly string[], line: number) => number | null {
  const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text))
  const present = rows.filter((row) => !missingWords.has(row.cells[at].toLowerCase()))
  const words = [...new Set(present.filter((row) => !isNumber(row.cells[at])).map((row) => row.cells[at]))].sort()
  if (words.length > 0) {
    const levels = [...new Set(present.map((row) => row.cells[at]))].sort()
    if (levels.length !== 2) {
      const first = present.find((row) => !isNumber(row.cells[at]))
      throw new UpturnError(
        'ValueInvalid',
        `${name} is ${first?.cells[at]} where a number is needed; a covariate holds numbers, or two words`,
        { place: { file, line: first?.line, column: at + 1 } },
      )
    }
    return (cells) => (missingWords.has(cells[at].toLowerCase()) ? null : cells[at] === levels[1] ? 1 : 0)
  }
  return (cells) => (missingWords.has(cells[at].toLowerCase()) ? null : Number(cells[at]))
}
