import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import type { AlleleBytes, BatchBuilder } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { type Counts, count } from '../import/counts.ts'
import type { RegionFilter } from '../regions/regions.ts'
import type { LineReader } from './lines.ts'

/** A header of 64 MiB would describe a million filters. */
const headerBytesLimit = 64 << 20

/** What a column is, as the kernel numbers it; 0 is passed over. */
const roles: Readonly<Record<string, number>> = {
  CHROM: 1,
  POS: 2,
  ID: 3,
  REF: 4,
  ALT: 5,
  FILTER: 6,
  QUAL: 0,
  INFO: 0,
  CM: 0,
}

/** How the lines of a PVAR file are laid out. Plain data: it travels to workers. */
export interface PvarLayout {
  /** Lines before the first variant. */
  readonly headerLines: number
  /** Role of each column that every line must have. */
  readonly roles: Int32Array
  /** Lines may have more columns: a VCF file's genotypes. */
  readonly open: boolean
}

/**
 * Reads the header of a PVAR file (PLINK 2 File Format Specification, PVAR), or sees that there is none, as in a BIM
 * file. Refuses columns that the specification does not know, named twice, or missing.
 */
export async function readPvarLayout(reader: LineReader, file: string): Promise<PvarLayout> {
  let header = ''
  let bytes = 0
  const refuse = (message: string, line = reader.lines) =>
    new UpturnError('FormatInvalid', message, { place: { file, line } })
  while ((await reader.peek()) === 35) {
    if (header.startsWith('#CHROM')) throw refuse('the line that begins with #CHROM must be the last of the header')
    const { text } = await reader.take(1, 1)
    bytes += text.length
    if (bytes > headerBytesLimit) throw refuse('the header is larger than 64 MiB')
    header = new TextDecoder().decode(text)
  }
  const headerLines = reader.lines
  if (headerLines === 0) {
    const line = new TextDecoder().decode(await reader.peekLine())
    const columns = line.trim().split(/[ \t]+/).length
    if (line.trim() !== '' && columns < 5)
      throw refuse(`a line without header must have 5 columns (chromosome, id, position, alt, ref), not ${columns}`, 1)
    const names = columns === 5 ? ['CHROM', 'ID', 'POS', 'ALT', 'REF'] : ['CHROM', 'ID', 'CM', 'POS', 'ALT', 'REF']
    return { headerLines, roles: Int32Array.from(names, (name) => roles[name]), open: true }
  }
  if (!/^#CHROM[ \t]/.test(header)) throw refuse('the last line of the header must begin with #CHROM')
  const all = header
    .slice(1)
    .trim()
    .split(/[ \t]+/)
  const format = all.indexOf('FORMAT')
  const names = format < 0 ? all : all.slice(0, format)
  const unknown = names.find((name) => !Object.hasOwn(roles, name))
  if (unknown !== undefined)
    throw refuse(
      `${JSON.stringify(unknown.slice(0, 40))} is no column of a PVAR file; there are ${Object.keys(roles).join(', ')}`,
    )
  const double = names.find((name, k) => names.indexOf(name) < k)
  if (double !== undefined) throw refuse(`two columns are called ${double}`)
  for (const name of ['POS', 'ID', 'REF', 'ALT'])
    if (!names.includes(name)) throw refuse(`the column ${name} is missing`)
  return { headerLines, roles: Int32Array.from(names, (name) => roles[name]), open: format >= 0 }
}

/** A refused line: lines from the first one scanned, bytes from the line's first, both 0-based. */
export interface PvarFailure {
  readonly message: string
  readonly line: number
  readonly column: number
}

const refusals: Readonly<Record<number, string>> = {
  1: 'the line has fewer columns than the header',
  2: 'the line has more columns than the header',
  3: 'the position is not a whole number below 2^31',
  4: 'an alternate allele is empty',
  5: 'a header line stands among the variants',
  6: 'the variant has more than 16,000 alternate alleles',
  7: 'the line is empty',
  8: 'there is a control character',
}

// Slots of a kernel's row.
const rowWords = 12
const slotAlts = 9
const slotPassed = 10
const slotRefKind = 11
/** Kinds of an allele: see alleleKind in kernels/assembly/genotype.ts. */
const kindAmbiguous = 2
const kindStar = 3
const kindSymbolic = 4
const kindMissing = 5

/** Where the genotypes of a variant lie: those of alternate alleles [first, first + count). */
export interface VariantGenotypes {
  readonly first: number
  readonly count: number
  /** Packed records; that of allele `first` begins at byte `record`, the others follow. */
  readonly planes: Uint8Array
  readonly record: number
  readonly bytesPerRecord: number
  readonly dosages: Uint16Array | undefined
}

/** The variants of some lines of a PVAR file. */
export class PvarLines {
  readonly #text: Uint8Array
  readonly #rows: Int32Array
  readonly #kinds: Uint8Array
  readonly #firstKind: Int32Array
  /** Number of alternate alleles of each variant, 1 also where the allele is missing. */
  readonly alts: Int32Array
  #name: AlleleBytes | undefined
  #rank = -1

  constructor(text: Uint8Array, rows: Int32Array, kinds: Uint8Array, alts: Int32Array) {
    this.#text = text
    this.#rows = rows
    this.#kinds = kinds
    this.alts = alts
    this.#firstKind = new Int32Array(alts.length + 1)
    for (let v = 0; v < alts.length; v++) this.#firstKind[v + 1] = this.#firstKind[v] + alts[v]
  }

  /** Adds alternate alleles of variant v to a batch; what is left out is counted. */
  add(v: number, genotypes: VariantGenotypes, keepFiltered: boolean, batch: BatchBuilder, counts: Counts): void {
    const { first, count: most, planes, record, bytesPerRecord, dosages } = genotypes
    const row = v * rowWords
    const rows = this.#rows
    if (rows[row + slotPassed] === 0 && !keepFiltered) {
      if (first === 1) count(counts, 'record did not pass FILTER', 1)
      return
    }
    const text = this.#text
    const id = { text, start: rows[row + 3], end: rows[row + 4] }
    const ref = { text, start: rows[row + 5], end: rows[row + 6] }
    const refKind = rows[row + slotRefKind]
    const name = { text, start: rows[row], end: rows[row + 1] }
    const rank = this.#rankOf(name)
    const position = rows[row + 2]
    for (let k = 0, alt = this.#alt(row, first); k < most; k++, alt = this.#nextAlt(row, alt)) {
      const kind = this.#kinds[this.#firstKind[v] + first - 1 + k]
      if (kind === kindMissing || (kind === 0 && unseen(alt))) count(counts, 'no alternate allele', 1)
      else if (kind === kindSymbolic) count(counts, 'symbolic allele or breakend', 1)
      else if (kind === kindStar) count(counts, 'spanning deletion allele (*)', 1)
      else if (refKind === 0 && unseen(ref)) count(counts, 'unknown reference allele', 1)
      else if (kind === 0 || refKind === 0) count(counts, 'allele that is no sequence', 1)
      else if (kind === kindAmbiguous || refKind === kindAmbiguous) count(counts, 'ambiguous base in an allele', 1)
      else if (position === 0 || (name.end - name.start === 1 && text[name.start] === 48))
        count(counts, 'no position', 1)
      else if (rank < 0) count(counts, 'contig that is not studied', 1)
      else if (!batch.add(rank, position, ref, alt, id, planes, record + k * bytesPerRecord, dosages))
        count(counts, 'alternate allele equals the reference', 1)
    }
  }

  /** For each variant, 1 where its reference allele overlaps a region. */
  inside(filter: RegionFilter): Uint8Array {
    return Uint8Array.from(this.alts, (_, v) => {
      const [name, nameEnd, position, , , ref, refEnd] = this.#rows.subarray(v * rowWords, v * rowWords + 7)
      const rank = this.#rankOf({ text: this.#text, start: name, end: nameEnd })
      return filter.overlaps(rank, position, position + refEnd - ref - 1) ? 1 : 0
    })
  }

  /** The line (0-based) and byte of an alternate allele that stands twice in a variant, if any does. */
  doubleAllele(): { line: number; column: number } | undefined {
    for (const [v, alts] of this.alts.entries()) {
      if (alts === 1) continue
      const row = v * rowWords
      const seen = new Set<string>()
      for (let k = 0, alt = this.#alt(row, 1); k < alts; k++, alt = this.#nextAlt(row, alt)) {
        // Two symbolic alleles or breakends of one name may differ in INFO; they are left out anyway.
        if (this.#kinds[this.#firstKind[v] + k] >= kindSymbolic) continue
        const letters = new TextDecoder().decode(this.#text.subarray(alt.start, alt.end)).toUpperCase()
        if (seen.has(letters)) return { line: v, column: alt.start - this.#lineStart(row) }
        seen.add(letters)
      }
    }
    return undefined
  }

  #lineStart(row: number): number {
    return this.#text.lastIndexOf(10, this.#rows[row]) + 1
  }

  #rankOf(name: AlleleBytes): number {
    const last = this.#name
    if (last === undefined || !sameBytes(last, name)) {
      this.#name = name
      this.#rank = chromosomeRank(new TextDecoder().decode(name.text.subarray(name.start, name.end)))
    }
    return this.#rank
  }

  /** The alternate allele of a number, counted from 1. */
  #alt(row: number, number: number): AlleleBytes {
    let alt = this.#nextAlt(row, { text: this.#text, start: 0, end: this.#rows[row + 7] - 1 })
    for (let k = 1; k < number; k++) alt = this.#nextAlt(row, alt)
    return alt
  }

  #nextAlt(row: number, { text, end }: AlleleBytes): AlleleBytes {
    const start = end + 1
    const last = this.#rows[row + 8]
    let stop = start
    while (stop < last && text[stop] !== 44) stop++
    return { text, start, end: stop }
  }
}

/** One character, `0` or `.`: the allele was never seen. */
function unseen({ text, start, end }: AlleleBytes): boolean {
  return end - start === 1 && (text[start] === 48 || text[start] === 46)
}

function sameBytes(a: AlleleBytes, b: AlleleBytes): boolean {
  if (a.end - a.start !== b.end - b.start) return false
  for (let k = a.start, m = b.start; k < a.end; k++, m++) if (a.text[k] !== b.text[m]) return false
  return true
}

/** Scans whole lines; the last one may lack its line feed. */
export function scanPvarLines(given: Uint8Array, lines: number, layout: PvarLayout): PvarLines | PvarFailure {
  const text = given.at(-1) === 10 || lines === 0 ? given : new Uint8Array(given.length + 1).fill(10)
  if (text !== given) text.set(given)
  const k = kernels()
  return k.scope(() => {
    const textAt = k.put(text)
    const rolesAt = k.put(layout.roles)
    const rowsAt = k.allocate(4 * rowWords * lines)
    const kindsAt = k.allocate(text.length)
    const stateAt = k.allocate(8)
    const code = k.call.scanPvar(
      textAt,
      text.length,
      lines,
      rolesAt,
      layout.roles.length,
      layout.open ? 1 : 0,
      rowsAt,
      kindsAt,
      stateAt,
    )
    if (code !== 0) {
      const message = refusals[code]
      if (message === undefined)
        throw new UpturnError('Internal', 'text handed to the PVAR scan is not made of whole lines')
      const [line, at] = k.i32(stateAt, 2)
      return { message, line, column: at - (text.subarray(0, at).lastIndexOf(10) + 1) }
    }
    const rows = k.i32(rowsAt, rowWords * lines).slice()
    const alts = Int32Array.from({ length: lines }, (_, v) => rows[v * rowWords + slotAlts])
    const kinds = k.u8(
      kindsAt,
      alts.reduce((sum, count) => sum + count, 0),
    )
    const scanned = new PvarLines(text, rows, kinds.slice(), alts)
    const double = scanned.doubleAllele()
    if (double === undefined) return scanned
    return {
      message: 'an alternate allele is named twice; name it once and let the genotypes refer to that one',
      ...double,
    }
  })
}
