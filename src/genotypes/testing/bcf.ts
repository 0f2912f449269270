/** Bytes as they are written: little-endian numbers and typed values. */
class Bytes {
  readonly #parts: number[] = []

  get length(): number {
    return this.#parts.length
  }
  u8(...values: number[]): this {
    for (const value of values) this.#parts.push(value & 255)
    return this
  }
  int(value: number, size: number): this {
    for (let k = 0; k < size; k++) this.#parts.push((value >> (8 * k)) & 255)
    return this
  }
  float(value: number): this {
    return this.int(new Int32Array(Float32Array.of(value).buffer)[0], 4)
  }
  bytes(from: Uint8Array): this {
    for (const byte of from) this.#parts.push(byte)
    return this
  }
  type(type: number, count: number): this {
    if (count < 15) return this.u8((count << 4) | type)
    return this.u8(0xf0 | type).atom(count)
  }
  atom(value: number): this {
    const size = sizeFor([value])
    return this.u8(0x10 | typeOfSize[size]).int(value, size)
  }
  string(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.type(7, bytes.length).bytes(bytes)
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#parts)
  }
}

const typeOfSize: Readonly<Record<number, number>> = { 1: 1, 2: 2, 4: 3 }
const limits: Readonly<Record<number, number>> = { 1: 120, 2: 32000 }
const sizeFor = (values: readonly number[]) =>
  [1, 2].find((size) => values.every((value) => Math.abs(value) <= limits[size])) ?? 4

const missingFloat = 0x7f800001
const endFloat = 0x7f800002

export interface BcfForm {
  /** Number every header line with IDX, beginning at this number and counting down where it is negative. */
  idx?: 'plain' | 'reversed'
  /** Smallest size of the values of GT. */
  gtBytes?: 1 | 2 | 4
}

/**
 * The bytes of a BCF 2.2 file, not compressed, of VCF text: a plain encoder for tests, from the specification. All contigs,
 * filters and keys must be defined in the header; INFO other than `.` must be of flags and whole numbers.
 */
export function bcfBytes(vcf: string, { idx, gtBytes = 1 }: BcfForm = {}): Uint8Array {
  const lines = vcf.split('\n').filter((line) => line !== '')
  const head = lines.filter((line) => line.startsWith('#'))
  const strings = new Map([['PASS', 0]])
  const contigs = new Map<string, number>()
  const types = new Map<string, string>()
  const defined = (pattern: RegExp) => [...new Set(head.flatMap((line) => pattern.exec(line)?.[1] ?? []))]
  const names = defined(/^##(?:FILTER|INFO|FORMAT)=<ID=([^,>]+)/).filter((name) => name !== 'PASS')
  const contigNames = defined(/^##contig=<ID=([^,>]+)/)
  for (const [k, name] of names.entries()) strings.set(name, idx === 'reversed' ? names.length + 5 - k : k + 1)
  for (const [k, name] of contigNames.entries())
    contigs.set(name, idx === 'reversed' ? 2 * (contigNames.length - k) : k)
  const header = head.map((line) => {
    const match = /^##(contig|FILTER|INFO|FORMAT)=<ID=([^,>]+)/.exec(line)
    if (match === null) return line
    if (match[1] === 'FORMAT') types.set(match[2], /Type=(\w+)/.exec(line)?.[1] ?? '')
    if (idx === undefined) return line
    const number = match[1] === 'contig' ? contigs.get(match[2]) : strings.get(match[2])
    return line.replace(/>$/, `,IDX=${number}>`)
  })
  const text = new TextEncoder().encode(`${header.join('\n')}\n\0`)
  const out = new Bytes().u8(0x42, 0x43, 0x46, 2, 2).int(text.length, 4).bytes(text)
  const number = (of: Map<string, number>, name: string) => {
    const found = of.get(name)
    if (found === undefined) throw new Error(`${name} is not in the header`)
    return found
  }
  for (const line of lines.filter((other) => !other.startsWith('#'))) {
    const [chrom, pos, id, ref, alt, qual, filter, info, format, ...cells] = line.split('\t')
    const alleles = [ref, ...(alt === '.' ? [] : alt.split(','))]
    const filters = filter === '.' ? [] : filter.split(';').map((name) => number(strings, name))
    const infos = info === '.' ? [] : info.split(';')
    const keys = format === undefined ? [] : format.split(':')
    const shared = new Bytes()
      .int(number(contigs, chrom), 4)
      .int(Number(pos) - 1, 4)
      .int(ref.length, 4)
    if (qual === '.') shared.int(missingFloat, 4)
    else shared.float(Number(qual))
    shared.int(infos.length, 2).int(alleles.length, 2)
    shared.int(cells.length | (keys.length << 24), 4)
    if (id === '.') shared.u8(7)
    else shared.string(id)
    for (const allele of alleles) shared.string(allele)
    vector(shared, filters, filters.length)
    for (const entry of infos) {
      const [key, value] = entry.split('=')
      shared.atom(number(strings, key))
      const values = value === undefined ? [1] : value.split(',').map(Number)
      vector(shared, values, values.length)
    }
    const individual = new Bytes()
    for (const [k, key] of keys.entries()) {
      individual.atom(number(strings, key))
      const values = cells.map((cell) => cell.split(':')[k] ?? '.')
      if (key === 'GT') genotypes(individual, values, gtBytes)
      else field(individual, values, types.get(key) ?? '')
    }
    out.int(shared.length, 4).int(individual.length, 4).bytes(shared.done()).bytes(individual.done())
  }
  return out.done()
}

function vector(to: Bytes, values: readonly number[], count: number): void {
  const size = sizeFor(values)
  to.type(typeOfSize[size], count)
  for (const value of values) to.int(value, size)
}

/** Missing and end-of-vector values of an integer of `size` bytes. */
const missingInt = (size: number) => -(2 ** (8 * size - 1))

function genotypes(to: Bytes, cells: readonly string[], atLeast: number): void {
  const calls = cells.map((cell) => {
    const parts = cell.split(/(?=[/|])/)
    return parts.map((part) => {
      const allele = part.replace(/[/|]/, '')
      return ((allele === '.' ? 0 : Number(allele) + 1) << 1) | Number(part.startsWith('|'))
    })
  })
  const ploidy = Math.max(1, ...calls.map((call) => call.length))
  const size = Math.max(atLeast, sizeFor(calls.flat()))
  to.type(typeOfSize[size], ploidy)
  for (const call of calls)
    for (let k = 0; k < ploidy; k++) to.int(k < call.length ? call[k] : missingInt(size) + 1, size)
}

function field(to: Bytes, cells: readonly string[], type: string): void {
  if (type === 'String' || type === 'Character') {
    const texts = cells.map((cell) => new TextEncoder().encode(cell))
    const count = Math.max(1, ...texts.map((text) => text.length))
    to.type(7, count)
    for (const text of texts) to.bytes(text).u8(...new Uint8Array(count - text.length))
    return
  }
  const values = cells.map((cell) => cell.split(','))
  const count = Math.max(1, ...values.map((list) => list.length))
  const known = values.flat().filter((value) => value !== '.')
  const size = type === 'Float' ? 4 : sizeFor(known.map(Number))
  to.type(type === 'Float' ? 5 : typeOfSize[size], count)
  for (const list of values)
    for (let k = 0; k < count; k++) {
      const value = list[k]
      if (type === 'Float') {
        if (value === undefined) to.int(endFloat, 4)
        else if (value === '.') to.int(missingFloat, 4)
        else to.float(Number(value))
      } else if (value === undefined) to.int(missingInt(size) + 1, size)
      else to.int(value === '.' ? missingInt(size) : Number(value), size)
    }
}
