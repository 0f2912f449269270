import { UpturnError } from '../../errors/index.ts'

/** What the numbers in BCF records stand for (VCF 4.3 specification, 6.2.1 and 6.2.2). */
export interface BcfDictionary {
  /** Contig names by number; numbers may have gaps where the header gives them with IDX. */
  readonly contigs: ReadonlyMap<number, string>
  /** Numbers of filters and of INFO and FORMAT keys by name; PASS is always there. */
  readonly strings: ReadonlyMap<string, number>
  /** The FORMAT key DS is declared with Number=A. */
  readonly dosePerAllele: boolean
}

/** Far above the contigs of any assembly; a table of this many numbers is small. */
const numberLimit = 2 ** 22

/** Fields of a header line `##KEY=<...>`, or undefined for a line of another form. Quoted values may hold anything. */
function fieldsOf(line: string): Map<string, string> | undefined {
  const open = line.indexOf('=<')
  if (open < 0) return undefined
  const fields = new Map<string, string>()
  const field = /([^=,<>]+)=("(?:[^"\\]|\\.)*"|[^,>]*)/y
  for (let at = open + 2; ; at++) {
    field.lastIndex = at
    const match = field.exec(line)
    if (match === null) return fields
    if (!fields.has(match[1])) fields.set(match[1], match[2])
    at = field.lastIndex
    if (line[at] !== ',') return fields
  }
}

/** Names by number in the order of the header, or as IDX says. */
class Numbered {
  readonly byName = new Map<string, number>()
  readonly byNumber = new Map<number, string>()
  #next = 0
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  add(name: string, given: string | undefined, line: number): void {
    if (this.byName.has(name)) return
    if (given !== undefined && !(/^\d{1,7}$/.test(given) && Number(given) < numberLimit))
      throw new UpturnError('FormatInvalid', 'IDX is no whole number below 2^22', {
        place: { file: this.#file, line },
      })
    const number = given === undefined ? this.#next : Number(given)
    const other = this.byNumber.get(number)
    if (other !== undefined)
      throw new UpturnError('FormatInvalid', `${name} and ${other} have the same IDX, ${number}`, {
        place: { file: this.#file, line },
      })
    this.byName.set(name, number)
    this.byNumber.set(number, name)
    this.#next = Math.max(this.#next, number + 1)
  }
}

/** The dictionaries of strings and of contigs that the header lines of a BCF file define. */
export function bcfDictionary(lines: readonly string[], file: string): BcfDictionary {
  const strings = new Numbered(file)
  const contigs = new Numbered(file)
  let dosePerAllele = false
  strings.add('PASS', undefined, 0)
  for (const [k, line] of lines.entries()) {
    const kind = /^##(contig|FILTER|INFO|FORMAT)=</.exec(line)?.[1]
    if (kind === undefined) continue
    const fields = fieldsOf(line)
    const name = fields?.get('ID')
    if (name === undefined || name === '') continue
    if (kind === 'FORMAT' && name === 'DS') dosePerAllele = fields?.get('Number') === 'A'
    ;(kind === 'contig' ? contigs : strings).add(name, fields?.get('IDX'), k + 1)
  }
  return { contigs: contigs.byNumber, strings: strings.byName, dosePerAllele }
}
