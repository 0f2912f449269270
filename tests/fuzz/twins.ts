import { chromosomeRank, chromosomes } from '../../src/genotypes/import/chromosome.ts'
import type { Calls } from './read-calls.ts'

// What accepted files say, worked out in the plainest way from their bytes: a file that a reader accepts must give the same.

/** Key of a variant with shared bases trimmed, or null where there is none. */
function keyOf(chromosome: string, position: number, ref: string, alt: string): string | null {
  const rank = chromosomeRank(chromosome)
  if (rank < 0 || position < 1) return null
  let [r, a, at] = [ref.toUpperCase(), alt.toUpperCase(), position]
  if (r === a) return null
  while (r.length > 1 && a.length > 1 && r.at(-1) === a.at(-1)) [r, a] = [r.slice(0, -1), a.slice(0, -1)]
  while (r.length > 1 && a.length > 1 && r[0] === a[0]) [r, a, at] = [r.slice(1), a.slice(1), at + 1]
  return `${chromosomes[rank]} ${at} ${r} ${a}`
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Columns of people in the order of their ids. */
const order = (ids: readonly string[]) => ids.map((_, s) => s).sort((a, b) => byCodeUnit(ids[a], ids[b]))

/** Copies of alternate allele `alt` in a GT value as text; 3 for no call. */
function copies(gt: string, alt: number): number {
  const alleles = gt.replace(/^[/|]/, '').split(/[/|]/)
  if (alleles.includes('.') || alleles.length > 2) return 3
  const found = alleles.filter((allele) => Number(allele) === alt).length
  return alleles.length === 1 ? 2 * found : found
}

/** Copies of the alternate allele that value k (from 0) of DS names; null where it is missing, or there is none. */
function dosage(cell: string, key: number, k: number): number | null {
  const text = cell.split(':')[key]?.split(',')[k]
  return text === undefined || text === '.' ? null : Number(text)
}

/** Calls of VCF text. */
export function vcfTwin(bytes: Uint8Array): Calls {
  const lines = new TextDecoder().decode(bytes).split('\n')
  if (lines.at(-1) === '') lines.pop()
  const calls: [string, string][] = []
  let people: number[] = []
  // Of several alternate alleles DS is read where it is declared to have a value for each.
  let dosageOfEach = false
  for (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (/^##FORMAT=<(.*,)?ID=DS,/.test(line)) dosageOfEach = /[<,]Number=A,/.test(line)
    if (line.startsWith('##')) continue
    const cells = line.split('\t')
    if (line.startsWith('#CHROM')) {
      people = order(cells.slice(9))
      continue
    }
    const [chromosome, position, , ref, alts, , filter, , format] = cells
    if (filter !== 'PASS' && filter !== '.') continue
    if (format === undefined || alts === '.') continue
    const keys = format.split(':')
    const ds = alts.includes(',') && !dosageOfEach ? -1 : keys.indexOf('DS')
    if (keys[0] !== 'GT' && ds < 0) continue
    for (const [k, alt] of alts.split(',').entries()) {
      if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(ref)) continue
      const key = keyOf(chromosome, Number(position), ref, alt)
      if (key === null) continue
      const call = (cell: string) => {
        const gt = keys[0] === 'GT' ? cell.split(':')[0] : './.'
        const ploidy = gt.replace(/^[/|]/, '').split(/[/|]/).length
        const value = ds < 0 || ploidy > 2 ? null : dosage(cell, ds, k)
        return value === null ? copies(gt, k + 1) : callOf(ploidy === 1 ? 2 * value : value)
      }
      calls.push([key, people.map((s) => call(cells[9 + s])).join('')])
    }
  }
  return calls
}

/** Hard call of expected copies: the nearest whole number within 0.1, counted in 16384ths; 3 for none. */
function callOf(copies: number): number {
  const units = Math.round(16384 * copies)
  const nearest = Math.round(units / 16384)
  return Math.abs(units - 16384 * nearest) <= 1638 ? nearest : 3
}

/** Calls of an uncompressed BGEN file of layout 1 or 2 whose people are named in it; the first allele is the reference. */
export function bgenTwin(bytes: Uint8Array): Calls {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = (start: number, end: number) => new TextDecoder().decode(bytes.subarray(start, end))
  const [u16, u32] = [(at: number) => view.getUint16(at, true), (at: number) => view.getUint32(at, true)]
  const [header, people] = [u32(4), u32(12)]
  const layout = (u32(header) >> 2) & 15
  const ids: string[] = []
  for (let at = 12 + header; ids.length < people; at += 2 + u16(at)) ids.push(text(at + 2, at + 2 + u16(at)))
  const columns = order(ids)
  const calls: [string, string][] = []
  for (let at = 4 + u32(0), v = 0; v < u32(8); v++) {
    if (layout === 1) at += 4
    const labels = [0, 1, 2].map(() => {
      const start = at + 2
      at = start + u16(at)
      return text(start, at)
    })
    const position = u32(at)
    const count = layout === 1 ? 2 : u16(at + 4)
    at += layout === 1 ? 4 : 6
    const alleles = Array.from({ length: count }, () => {
      const start = at + 4
      at = start + u32(at)
      return text(start, at)
    })
    const copies = layout === 1 ? triples(view, at, people) : probabilities(view, at + 4, people, count)
    at += layout === 1 ? 6 * people : 4 + u32(at)
    const chromosome = labels[2].replace(/^(chr)?0+(?=.)/i, '')
    for (const [k, alt] of alleles.slice(1).entries()) {
      if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(alleles[0])) continue
      const key = keyOf(chromosome, position, alleles[0], alt)
      if (key === null) continue
      calls.push([key, columns.map((s) => (copies[s] === null ? 3 : callOf(copies[s][k + 1]))).join('')])
    }
  }
  return calls
}

/** Expected copies of both alleles of each person, from three 16-bit probabilities; null for none. */
function triples(view: DataView, at: number, people: number): (number[] | null)[] {
  return Array.from({ length: people }, (_, s) => {
    const [aa, ab, bb] = [0, 2, 4].map((k) => view.getUint16(at + 6 * s + k, true))
    const sum = aa + ab + bb
    return sum === 0 ? null : [(2 * aa + ab) / sum, (ab + 2 * bb) / sum]
  })
}

/** Expected copies of every allele of each person, from genotypes of layout 2; null for none. */
function probabilities(view: DataView, at: number, people: number, alleles: number): (number[] | null)[] {
  const phased = view.getUint8(at + 8 + people) === 1
  const bits = view.getUint8(at + 9 + people)
  let bit = 8 * (at + 10 + people)
  const next = () => {
    let value = 0
    for (let k = 0; k < bits; k++, bit++) value += ((view.getUint8(bit >> 3) >> (bit & 7)) & 1) * 2 ** k
    return value / (2 ** bits - 1)
  }
  return Array.from({ length: people }, (_, s) => {
    const byte = view.getUint8(at + 8 + s)
    const ploidy = byte & 63
    const copies = new Array<number>(alleles).fill(0)
    // Unordered ways to choose the alleles, as lists; the last one's probability is what is left.
    const choose = (from: number, left: number): number[][] =>
      left === 0
        ? [[]]
        : Array.from({ length: alleles - from }, (_, k) => from + k).flatMap((a) =>
            choose(a, left - 1).map((rest) => [a, ...rest]),
          )
    const colex = (a: number[], b: number[]) => {
      for (let k = a.length - 1; k >= 0; k--) if (a[k] !== b[k]) return a[k] - b[k]
      return 0
    }
    const groups = phased ? Array.from({ length: ploidy }, () => choose(0, 1)) : [choose(0, ploidy).sort(colex)]
    for (const ways of groups) {
      let left = 1
      for (const [k, way] of ways.entries()) {
        const p = k < ways.length - 1 ? next() : left
        left -= p
        for (const a of way) copies[a] += p
      }
    }
    if (byte >= 128 || ploidy === 0 || ploidy > 2) return null
    return ploidy === 1 ? copies.map((copy) => 2 * copy) : copies
  })
}

/** Calls of a PGEN file of mode 2, all of whose records are two bits a call; null for another mode. */
export function pgenTwin(pgen: Uint8Array, pvar: Uint8Array, psam: Uint8Array): Calls | null {
  if (pgen[2] !== 2) return null
  const rows = (of: Uint8Array) =>
    new TextDecoder()
      .decode(of)
      .split('\n')
      .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(/[ \t]+/))
  // Columns are those of the unchanged headers; files whose headers were changed are for the reader alone.
  const text = (of: Uint8Array) => new TextDecoder().decode(of)
  if (!text(pvar).startsWith('##source=test\n#CHROM\tPOS\tID\tREF\tALT\n') || !text(psam).startsWith('#IID\tSEX\n'))
    return null
  // Blanks before the first column are passed over in one file and refused in the other.
  if ([...rows(pvar), ...rows(psam)].some((row) => row[0] === '')) return null
  const people = order(rows(psam).map((row) => row[0]))
  const each = Math.ceil(people.length / 4)
  const calls = rows(pvar).flatMap(([chromosome, position, , ref, alt], v): [string, string][] => {
    if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(ref)) return []
    const key = keyOf(chromosome, Number(position), ref, alt)
    if (key === null) return []
    return [[key, people.map((s) => (pgen[12 + v * each + (s >> 2)] >> (2 * (s & 3))) & 3).join('')]]
  })
  // Records of several alternate alleles have tracks of their own, which mode 2 cannot hold.
  return rows(pvar).some((row) => row[4]?.includes(',')) ? null : calls
}

/** Calls of a PLINK 1 file by the bytes of its three parts. */
export function bedTwin(bed: Uint8Array, bim: Uint8Array, fam: Uint8Array): Calls {
  const rows = (of: Uint8Array) =>
    new TextDecoder()
      .decode(of)
      .split('\n')
      .map((line) => line.split(/[ \t\r]+/).filter((field) => field !== ''))
      .filter((fields) => fields.length > 0)
  const people = rows(fam)
  const columns = order(people.map((row) => row[1]))
  const each = Math.ceil(people.length / 4)
  const codes = [2, 3, 1, 0]
  return rows(bim).flatMap(([chromosome, , , position, alt, ref], v): [string, string][] => {
    if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(ref)) return []
    const key = keyOf(chromosome, Number(position), ref, alt)
    if (key === null) return []
    return [[key, columns.map((s) => codes[(bed[3 + v * each + (s >> 2)] >> (2 * (s & 3))) & 3]).join('')]]
  })
}

/** Calls of a BCF file, not compressed, that has the header of another one and no DS; null for another header. */
export function bcfTwin(bytes: Uint8Array, model: Uint8Array): Calls | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headEnd = 9 + new DataView(model.buffer, model.byteOffset).getUint32(5, true)
  if (Buffer.compare(bytes.subarray(0, headEnd), model.subarray(0, headEnd)) !== 0) return null
  const lines = new TextDecoder()
    .decode(bytes.subarray(9, headEnd - 1))
    .trimEnd()
    .split('\n')
  const names = (pattern: RegExp) => [...new Set(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []))]
  const contigs = names(/^##contig=<ID=([^,>]+)/)
  const gt =
    1 +
    names(/^##(?:FILTER|INFO|FORMAT)=<ID=([^,>]+)/)
      .filter((name) => name !== 'PASS')
      .indexOf('GT')
  const people = order((lines.at(-1) ?? '').split('\t').slice(9))
  const sizes = [0, 1, 2, 4, 0, 4, 0, 1]
  const int = (at: number, size: number) =>
    size === 1 ? view.getInt8(at) : size === 2 ? view.getInt16(at, true) : view.getInt32(at, true)
  /** Type, number of values and place of what is declared at a byte. */
  const declared = (at: number) => {
    const type = bytes[at] & 15
    if (bytes[at] >> 4 < 15) return { type, count: bytes[at] >> 4, at: at + 1 }
    const size = sizes[bytes[at + 1] & 15]
    return { type, count: int(at + 2, size), at: at + 2 + size }
  }
  const calls: [string, string][] = []
  for (let record = headEnd; record < bytes.length; ) {
    const shared = record + 8
    const individual = shared + view.getUint32(record, true)
    const next = individual + view.getUint32(record + 4, true)
    record = next
    let at = shared + 24
    const strings = Array.from({ length: 1 + view.getUint16(shared + 18, true) }, () => {
      const { count, at: from } = declared(at)
      at = from + count
      return new TextDecoder('latin1').decode(bytes.subarray(from, at))
    })
    const [, ref, ...alts] = strings
    const filter = declared(at)
    const filters = Array.from({ length: filter.count }, (_, k) =>
      int(filter.at + k * sizes[filter.type], sizes[filter.type]),
    )
    const missing = -(2 ** (8 * sizes[filter.type] - 1))
    if (!(filters.length === 0 || (filters.length === 1 && (filters[0] === 0 || filters[0] === missing)))) continue
    if (bytes[shared + 23] === 0) continue
    const keySize = sizes[bytes[individual] & 15]
    if (int(individual + 1, keySize) !== gt) continue
    const { type, count, at: from } = declared(individual + 1 + keySize)
    const size = sizes[type]
    const end = -(2 ** (8 * size - 1)) + 1
    const codes = people.map((s) => {
      const values = Array.from({ length: count }, (_, k) => int(from + (s * count + k) * size, size))
      const stop = values.findIndex((value) => value <= end)
      return (stop < 0 ? values : values.slice(0, stop)).map((value) => (value >> 1) - 1)
    })
    for (const [k, alt] of alts.entries()) {
      if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(ref)) continue
      const key = keyOf(contigs[view.getInt32(shared, true)], view.getInt32(shared + 4, true) + 1, ref, alt)
      if (key === null) continue
      const copiesOf = (alleles: readonly number[]) => {
        if (alleles.length === 0 || alleles.length > 2 || alleles.includes(-1)) return 3
        return alleles.filter((allele) => allele === k + 1).length * (alleles.length === 1 ? 2 : 1)
      }
      calls.push([key, codes.map(copiesOf).join('')])
    }
  }
  return calls
}
