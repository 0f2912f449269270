import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { compareVirtual, readVirtual, type VirtualOffset } from '../bgzf/virtual.ts'
import { textKind, textPieces } from '../vcf/source.ts'
import { type Binning, binsOverlapping, firstBin, tbiBinning } from './bins.ts'

/** A whole human genome at single-base density indexes to far less. */
const indexBytesLimit = 1 << 30

/** Places [start, end) of a file. In an index they begin and end where records do. */
export interface OffsetRange {
  readonly start: VirtualOffset
  readonly end: VirtualOffset
}

interface IndexedBin {
  /** CSI: nothing that overlaps the bin's first base lies before it. */
  readonly first?: VirtualOffset
  readonly ranges: readonly OffsetRange[]
}

interface IndexedReference {
  readonly bins: ReadonlyMap<number, IndexedBin>
  /** TBI: first place of anything that overlaps each window of 16,384 bases. */
  readonly windows: readonly VirtualOffset[]
}

/** A TBI or CSI index in memory. */
export interface GenomicIndex {
  /** Names of the sequences; null in a CSI index of a BCF file, whose header numbers them. */
  readonly names: readonly string[] | null
  readonly binning: Binning
  /** One a sequence. */
  readonly references: readonly IndexedReference[]
}

/** Reads a `.tbi` or `.csi` file; every declared count is checked against the bytes there are. */
export async function readIndex(host: Host, path: string, signal?: AbortSignal): Promise<GenomicIndex> {
  const source = await host.open(path)
  const parts: Uint8Array[] = []
  let size = 0
  try {
    const kind = await textKind(source, signal)
    for await (const { text } of textPieces(host, source, kind, signal)) {
      parts.push(text)
      size += text.length
      if (size > indexBytesLimit) throw invalid(path, 'it is larger than 1 GiB')
    }
  } finally {
    await source.close()
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return parseIndex(bytes, path)
}

function invalid(file: string, what: string): UpturnError {
  return new UpturnError('FormatInvalid', `the index cannot be used: ${what}; make it again with bcftools index`, {
    place: { file },
  })
}

/** Parses the uncompressed bytes of an index (tabix and CSIv1 specifications). */
export function parseIndex(bytes: Uint8Array, file: string): GenomicIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 4
  const have = (count: number) => {
    if (at + count > bytes.length) throw invalid(file, `it ends at byte ${bytes.length} within a list`)
  }
  const int = () => {
    have(4)
    at += 4
    return view.getInt32(at - 4, true)
  }
  const counted = (bytesEach: number) => {
    const count = int()
    if (count < 0) throw invalid(file, `a count at byte ${at - 4} is negative`)
    have(count * bytesEach)
    return count
  }
  const virtual = () => {
    have(8)
    at += 8
    return readVirtual(view, at - 8)
  }
  /** Format, columns of name, begin and end, comment character, lines to skip; then the names. */
  const namesWithin = (end: number) => {
    have(24)
    at += 24
    const length = counted(1)
    if (at + length > end) throw invalid(file, 'its names are longer than the field that holds them')
    const text = new TextDecoder().decode(bytes.subarray(at, at + length))
    at += length
    return text.split('\0').filter((name) => name !== '')
  }
  const magic = String.fromCharCode(...bytes.subarray(0, 4))
  const csi = magic === 'CSI\x01'
  if (!csi && magic !== 'TBI\x01') throw invalid(file, 'it begins neither like a TBI nor like a CSI index')
  let binning = tbiBinning
  let names: string[] | null = null
  let references: number
  if (csi) {
    binning = { shift: int(), depth: int() }
    if (binning.shift < 1 || binning.depth < 0 || binning.shift + 3 * binning.depth > 50 || binning.depth > 10)
      throw invalid(file, 'its windows have an impossible size')
    const auxiliary = counted(1)
    const end = at + auxiliary
    if (auxiliary >= 28) names = namesWithin(end)
    at = end
    references = counted(4)
  } else {
    references = counted(8)
    names = namesWithin(bytes.length)
  }
  if (names !== null && names.length !== references)
    throw invalid(file, `it names ${names.length} sequences but holds ${references}`)
  const indexed: IndexedReference[] = []
  for (let r = 0; r < references; r++) {
    const bins = new Map<number, IndexedBin>()
    const binCount = counted(csi ? 16 : 8)
    for (let b = 0; b < binCount; b++) {
      const bin = int() >>> 0
      const first = csi ? virtual() : undefined
      const count = counted(16)
      const ranges: OffsetRange[] = []
      for (let c = 0; c < count; c++) ranges.push({ start: virtual(), end: virtual() })
      // The bin behind the last holds counts rather than places.
      if (bin < firstBin(binning.depth + 1)) bins.set(bin, { first, ranges })
    }
    const windows: VirtualOffset[] = []
    if (!csi) {
      const count = counted(8)
      for (let w = 0; w < count; w++) windows.push(virtual())
    }
    indexed.push({ bins, windows })
  }
  return { names, binning, references: indexed }
}

/**
 * Where in the file records that overlap bases [start, end), 0-based, of a sequence may lie: sorted, those that overlap
 * or touch joined.
 */
export function queryIndex(
  { references, binning }: GenomicIndex,
  sequence: number,
  start: number,
  end: number,
): OffsetRange[] {
  const reference = references[sequence]
  if (reference === undefined || end <= start) return []
  const earliest = earliestOffset(reference, start, binning)
  const ranges: OffsetRange[] = []
  for (const bin of binsOverlapping(reference.bins, start, end, binning))
    for (const range of reference.bins.get(bin)?.ranges ?? [])
      if (compareVirtual(range.end, earliest) > 0) ranges.push(range)
  return joinRanges(ranges, 0)
}

/** Sorted ranges; those between which at most `gap` bytes of the file lie are joined. */
export function joinRanges(ranges: readonly OffsetRange[], gap: number): OffsetRange[] {
  const joined: OffsetRange[] = []
  for (const range of [...ranges].sort((a, b) => compareVirtual(a.start, b.start))) {
    const last = joined.at(-1)
    const near =
      last !== undefined && (compareVirtual(range.start, last.end) <= 0 || range.start.block - last.end.block <= gap)
    if (!near) joined.push(range)
    else if (compareVirtual(range.end, last.end) > 0) joined[joined.length - 1] = { start: last.start, end: range.end }
  }
  return joined
}

/** Every place at which, by the index, a record begins, sorted, and the place behind the last record. */
export function recordPlaces({ references }: GenomicIndex): { starts: VirtualOffset[]; end: VirtualOffset } {
  const starts: VirtualOffset[] = []
  let end: VirtualOffset = { block: 0, within: 0 }
  for (const { bins } of references)
    for (const { ranges } of bins.values())
      for (const range of ranges) {
        starts.push(range.start)
        if (compareVirtual(range.end, end) > 0) end = range.end
      }
  return { starts: starts.sort(compareVirtual), end }
}

function earliestOffset(reference: IndexedReference, start: number, binning: Binning): VirtualOffset {
  const { windows, bins } = reference
  if (windows.length > 0) return windows[Math.min(Math.floor(start / 2 ** binning.shift), windows.length - 1)]
  // CSI: the smallest bin that exists and holds `start`.
  for (let level = binning.depth; level >= 0; level--) {
    const size = 2 ** (binning.shift + 3 * (binning.depth - level))
    const first = bins.get(firstBin(level) + Math.floor(start / size))?.first
    if (first !== undefined) return first
  }
  return { block: 0, within: 0 }
}
