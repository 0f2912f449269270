import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { blockHeader, inflateBlock, isGzip, maximumBlockBytes, truncatedAt } from '../bgzf/block.ts'
import { chromosomeRank, chromosomes } from '../import/chromosome.ts'
import { FastaIndexer, parseFai, placeFits, type SequencePlace, sequenceBytes } from './fai.ts'
import { scanText, type TextReader } from './text.ts'

/** Bases that are read at a time, and how many such pages are kept. */
const pageBases = 1 << 18
const pagesKept = 16
/** An index of a million sequences. */
const faiBytesLimit = 64 << 20

/** A page of bases, in upper case; whatever is not A, C, G or T is N. */
type Page = Uint8Array

/** ASCII to upper-case base, 0 for what no sequence holds. */
const baseOf = new Uint8Array(256)
for (let letter = 65; letter <= 90; letter++) baseOf[letter] = baseOf[letter + 32] = 78
for (const base of [65, 67, 71, 84]) baseOf[base] = baseOf[base + 32] = base
baseOf[42] = 78
baseOf[45] = 78

/**
 * The reference sequence of the chromosomes, out of a FASTA file: plain or bgzipped, with a `.fai` index beside it or
 * without. Bases are read as they are asked for; memory is for 16 pages of 262,144.
 */
export class ReferenceSequence {
  readonly path: string
  /** SHA-256 of the file, hex. */
  readonly sha256: string
  readonly #source: ByteSource
  readonly #text: TextReader
  readonly #places: readonly (SequencePlace | undefined)[]
  readonly #indexFile: string | undefined
  readonly #checked = new Set<number>()
  /** By rank and page; the most recently used last. */
  readonly #pages = new Map<number, Page>()
  #current: Page = new Uint8Array(0)
  /** Rank and 0-based positions of the current page. */
  #currentRank = -1
  #currentStart = 0

  constructor(
    source: ByteSource,
    text: TextReader,
    sha256: string,
    places: readonly SequencePlace[],
    indexFile: string | undefined,
  ) {
    this.path = source.name
    this.sha256 = sha256
    this.#source = source
    this.#text = text
    this.#places = byRank(places, source.name)
    this.#indexFile = indexFile
  }

  /** Bases of a chromosome, 0 for one that the file does not have. */
  length(rank: number): number {
    return this.#places[rank]?.length ?? 0
  }

  /**
   * The base at a 1-based position as upper-case ASCII, N for anything but A, C, G and T, 0 outside the chromosome, or -1
   * when its page must be loaded first.
   */
  base(rank: number, position: number): number {
    const at = position - 1 - this.#currentStart
    if (rank === this.#currentRank && at >= 0 && at < this.#current.length) return this.#current[at]
    return this.#elsewhere(rank, position)
  }

  /** Loads the page of a position, after which `base` answers for it. */
  async load(rank: number, position: number, signal?: AbortSignal): Promise<void> {
    const place = this.#places[rank]
    if (place === undefined) return
    if (!this.#checked.has(rank)) {
      if (!(await placeFits(this.#text, place, signal)))
        throw new UpturnError(
          'FormatInvalid',
          `the index says that ${place.name} stands where it does not; it is not the index of this FASTA file: make it again (samtools faidx) or remove it`,
          { place: { file: this.#indexFile ?? this.path } },
        )
      this.#checked.add(rank)
    }
    const page = Math.floor((position - 1) / pageBases)
    const bases = await this.#read(place, page * pageBases, signal)
    const key = pageKey(rank, page)
    this.#pages.set(key, bases)
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= pagesKept) break
      this.#pages.delete(oldest)
    }
  }

  close(): Promise<void> {
    return this.#source.close()
  }

  #elsewhere(rank: number, position: number): number {
    if (position < 1 || position > this.length(rank)) return 0
    const page = Math.floor((position - 1) / pageBases)
    const key = pageKey(rank, page)
    const bases = this.#pages.get(key)
    if (bases === undefined) return -1
    this.#pages.delete(key)
    this.#pages.set(key, bases)
    this.#current = bases
    this.#currentRank = rank
    this.#currentStart = page * pageBases
    return bases[position - 1 - this.#currentStart]
  }

  /** Bases [start, start + a page) of a sequence, 0-based. */
  async #read(place: SequencePlace, start: number, signal?: AbortSignal): Promise<Page> {
    const { lineBases, lineBytes, offset } = place
    const end = Math.min(place.length, start + pageBases)
    const line = Math.floor(start / lineBases)
    const from = offset + line * lineBytes + (start - line * lineBases)
    const to = offset + sequenceBytes({ ...place, length: end })
    const text = await this.#text.read(from, to, signal)
    const out = new Uint8Array(end - start)
    let at = 0
    for (let base = start; base < end; ) {
      const lineEnd = Math.min(end, (Math.floor(base / lineBases) + 1) * lineBases)
      for (; base < lineEnd; base++) {
        const letter = baseOf[text[at++]]
        if (letter === 0) throw this.#refuse(place, base)
        out[base - start] = letter
      }
      if (base < end)
        for (let k = lineBases; k < lineBytes; k++) {
          const byte = text[at++]
          if (byte !== 10 && byte !== 13) throw this.#refuse(place, base)
        }
    }
    return out
  }

  #refuse(place: SequencePlace, base: number): UpturnError {
    return new UpturnError(
      'FormatInvalid',
      `the sequence ${place.name} holds something that is no base around base ${base + 1}${this.#indexFile === undefined ? '' : `, or ${this.#indexFile} is not its index`}`,
      { place: { file: this.path } },
    )
  }
}

function pageKey(rank: number, page: number): number {
  return rank * 2 ** 20 + page
}

/** Sequences of the chromosomes that are studied; two that are one chromosome are refused. */
function byRank(places: readonly SequencePlace[], file: string): (SequencePlace | undefined)[] {
  const of = new Array<SequencePlace | undefined>(chromosomes.length).fill(undefined)
  for (const place of places) {
    const rank = sequenceRank(place.name)
    if (rank < 0) continue
    const other = of[rank]
    if (other !== undefined)
      throw new UpturnError(
        'FormatInvalid',
        `the sequences ${other.name} and ${place.name} are both chromosome ${chromosomes[rank]}; keep one of them`,
        { place: { file } },
      )
    of[rank] = place
  }
  if (!of.some((place) => place !== undefined && place.length > 0))
    throw new UpturnError(
      'FormatInvalid',
      `no sequence is named like a chromosome (1 or chr1); the first is ${places[0]?.name ?? 'missing'}`,
      { place: { file } },
    )
  return of
}

/** Rank of a sequence by its name; PLINK's number codes for X, Y and MT are no names of sequences. */
function sequenceRank(name: string): number {
  return /^(chr)?(2[3-6]|xy|par[12])$/i.test(name) ? -1 : chromosomeRank(name)
}

/** The text of a `.fai` file beside a FASTA file, undefined where there is none. */
async function readFai(host: Host, path: string): Promise<string | undefined> {
  if (!(await host.exists(path))) return undefined
  const source = await host.open(path)
  try {
    if (source.size > faiBytesLimit)
      throw new UpturnError('FormatInvalid', 'the FASTA index is larger than 64 MiB', { place: { file: path } })
    return new TextDecoder().decode(await source.read(0, source.size))
  } finally {
    await source.close()
  }
}

/**
 * Opens the reference sequence in a FASTA file. The whole file is read once, for its digest and, where there is no `.fai`,
 * for the places of its sequences. Refuses plain gzip, text that is no FASTA, sequences with lines of different length, an index of
 * another file, and a file without any chromosome.
 */
export async function openReference(host: Host, path: string, signal?: AbortSignal): Promise<ReferenceSequence> {
  const faiPath = `${path}.fai`
  const fai = await readFai(host, faiPath)
  const source = await host.open(path)
  try {
    await requireFasta(host, source, signal)
    const indexer = fai === undefined ? new FastaIndexer(path) : undefined
    const { text, sha256 } = await scanText(host, source, {
      onText: indexer === undefined ? undefined : (piece) => indexer.push(piece),
      signal,
    })
    const places = indexer?.finish() ?? parseFai(fai ?? '', faiPath, text.size)
    return new ReferenceSequence(source, text, sha256, places, indexer === undefined ? faiPath : undefined)
  } catch (error) {
    await source.close()
    throw error
  }
}

/** Looks at the first bytes of a FASTA file, and at its index where there is one; reads nothing else. */
export async function glanceAtReference(host: Host, path: string, signal?: AbortSignal): Promise<void> {
  const source = await host.open(path)
  try {
    await requireFasta(host, source, signal)
  } finally {
    await source.close()
  }
  const faiPath = `${path}.fai`
  const fai = await readFai(host, faiPath)
  if (fai !== undefined) byRank(parseFai(fai, faiPath, Number.POSITIVE_INFINITY), faiPath)
}

async function requireFasta(host: Host, source: ByteSource, signal?: AbortSignal): Promise<void> {
  let head = await source.read(0, maximumBlockBytes, signal)
  if (isGzip(head)) {
    const header = blockHeader(head)
    if (header === undefined)
      throw new UpturnError(
        'FormatUnknown',
        'this FASTA file is compressed with gzip, in which no place can be found; compress it with bgzip instead',
        { place: { file: source.name } },
      )
    if (header.blockBytes > head.length)
      throw truncatedAt(source.name, source.size, 'the block that begins at byte 0 is not whole')
    head = await inflateBlock(host, head, 0, header, source.name, 0)
  }
  if (head[0] !== 62)
    throw new UpturnError('FormatUnknown', 'this is no FASTA file: its first character is not ">"', {
      place: { file: source.name, line: 1 },
    })
}
