import { UpturnError } from '../../errors/index.ts'
import type { Sex } from '../import/file.ts'

export interface PsamPerson {
  /** IID, the individual id. */
  readonly id: string
  readonly sex: Sex
}

/** Place of the first control character that parts no columns, -1 for none. */
function controlCharacter(line: string): number {
  return [...line].findIndex((c) => (c < ' ' && c !== '\t' && c !== '\r') || c === '\u007f')
}

const sexes: Readonly<Record<string, Sex>> = { 1: 'male', M: 'male', m: 'male', 2: 'female', F: 'female', f: 'female' }

/**
 * The people of a PSAM file (PLINK 2 File Format Specification, PSAM), or of a FAM file, in its order. The individual
 * id names a person and must be unique, also across families; sex is 1, M, 2 or F, anything else unknown. Refuses lines
 * with fewer or more columns than the header, control characters, columns named twice, and ids that are double or 0.
 */
export function parsePsam(text: string, file: string): PsamPerson[] {
  const refuse = (message: string, line: number, column?: number) =>
    new UpturnError('FormatInvalid', message, { place: { file, line, column } })
  const lines = text.split('\n')
  let head = 0
  while (head < lines.length && lines[head].startsWith('#')) head++
  let names: string[] = []
  for (let k = 0; k < head; k++) {
    if (!/^#[FI]ID(\s|$)/.test(lines[k])) continue
    if (k < head - 1) throw refuse('the line of column names (#FID or #IID) must be the last that begins with #', k + 1)
    names = lines[k]
      .slice(1)
      .trim()
      .split(/[ \t\r]+/)
  }
  if (head > 0 && names.length === 0)
    throw refuse('the last line that begins with # must begin with #FID or #IID', head)
  let iid = names.indexOf('IID')
  let sex = names.indexOf('SEX')
  let needed = names.length
  if (head > 0) {
    if (iid !== (names[0] === 'FID' ? 1 : 0)) throw refuse('the column IID must come first, or right behind FID', head)
    const double = names.find((name, k) => names.indexOf(name) < k)
    if (double !== undefined) throw refuse(`two columns are called ${double}`, head)
    if (names.includes('PAT') !== names.includes('MAT'))
      throw refuse('the columns PAT and MAT must both be there, or neither', head)
  } else {
    // as a FAM file: family, id, father, mother, sex and, perhaps, phenotypes
    iid = 1
    sex = 4
    needed = 5
  }
  const people: PsamPerson[] = []
  const seen = new Map<string, number>()
  for (let k = head; k < lines.length; k++) {
    const fields = [...lines[k].matchAll(/[^ \t\r]+/g)]
    if (fields.length === 0) continue
    if (lines[k].startsWith('#')) throw refuse('a line that begins with # stands among the people', k + 1)
    if (fields.length < needed)
      throw refuse(
        `the line has ${fields.length} columns where ${needed} are needed`,
        k + 1,
        lines[k].trimEnd().length + 1,
      )
    if (head > 0 && fields.length > needed)
      throw refuse(
        `the line has ${fields.length} columns where the header names ${needed}; an id may hold no space`,
        k + 1,
        fields[needed].index + 1,
      )
    const control = controlCharacter(lines[k])
    if (control >= 0) throw refuse('there is a control character in the line', k + 1, control + 1)
    const id = fields[iid][0]
    if (id === '0') throw refuse('the id 0 means nobody; give every person an id', k + 1, fields[iid].index + 1)
    const earlier = seen.get(id)
    if (earlier !== undefined)
      throw new UpturnError(
        'FormatInvalid',
        `the id ${id} stands in lines ${earlier} and ${k + 1}; give every person an id of its own, also across families`,
        { place: { file, line: k + 1 }, details: { id, earlier } },
      )
    seen.set(id, k + 1)
    const code = sex < 0 ? 'NA' : fields[sex][0]
    people.push({ id, sex: Object.hasOwn(sexes, code) ? sexes[code] : null })
  }
  if (people.length === 0) throw refuse('the file names nobody', head + 1)
  return people
}
