import { UpturnError } from '../../errors/index.ts'

export interface FamPerson {
  /** Column 2, the individual id. */
  readonly id: string
  readonly sex: 'female' | 'male' | null
}

/** The people of a FAM file, in its order. Refuses lines without exactly six columns and double individual ids. */
export function parseFam(text: string, file: string): FamPerson[] {
  const people: FamPerson[] = []
  const seen = new Map<string, number>()
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const [k, line] of lines.entries()) {
    const place = { file, line: k + 1 }
    const control = [...line].findIndex((c) => c < ' ' && c !== '\t' && c !== '\r')
    if (control >= 0)
      throw new UpturnError('FormatInvalid', 'there is a control character in the line', {
        place: { ...place, column: control + 1 },
      })
    const fields = [...line.matchAll(/[^ \t\r]+/g)]
    if (fields.length !== 6)
      throw new UpturnError(
        'FormatInvalid',
        `a FAM line must have 6 columns (family, id, father, mother, sex, phenotype), not ${fields.length}`,
        { place: { ...place, column: (fields[6]?.index ?? line.trimEnd().length) + 1 } },
      )
    const [, id, , , sex] = fields.map(([field]) => field)
    const earlier = seen.get(id)
    if (earlier !== undefined)
      throw new UpturnError(
        'FormatInvalid',
        `the id ${id} stands in lines ${earlier} and ${k + 1}; give every person an id of its own, also across families`,
        { place, details: { id, earlier } },
      )
    seen.set(id, k + 1)
    people.push({ id, sex: sex === '1' ? 'male' : sex === '2' ? 'female' : null })
  }
  if (people.length === 0)
    throw new UpturnError('FormatInvalid', 'the FAM file names nobody', { place: { file, line: 1 } })
  return people
}
