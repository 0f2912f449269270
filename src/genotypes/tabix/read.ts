import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { compareVirtual, readVirtual, type VirtualOffset } from '../bgzf/virtual.ts'
import { textKind, textPieces } from '../vcf/source.ts'
import { type Binning, binOverlaps, firstBin, tbiBinning } from './bins.ts'

/** A whole human genome at single-base density indexes to far less. */
const indexBytesLimit = 1 << 30

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
  readonly names: readonly string[]
  readonly binning: Binning
  readonly references: ReadonlyMap<string, IndexedReference>
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
  return new UpturnError('FormatInvalid', `the index cannot be used: ${what}; make it again with tabix`, {
    place: { file },
  })
}

/** Parses the uncompressed bytes of an index. */
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
  const magic = String.fromCharCode(...bytes.subarray(0, 4))
  const csi = magic === 'CSI\x01'
  if (!csi && magic !== 'TBI\x01') throw invalid(file, 'it begins neither like a TBI nor like a CSI index')
  let binning = tbiBinning
  let references = 0
  if (csi) {
    binning = { shift: int(), depth: int() }
    if (binning.shift < 1 || binning.depth < 0 || binning.shift + 3 * binning.depth > 50 || binning.depth > 10)
      throw invalid(file, 'its windows have an impossible size')
    if (counted(1) < 28) throw invalid(file, 'it holds no sequence names, so it is no index of a VCF file')
  } else references = counted(8)
  // format, columns of name, begin and end, comment character, lines to skip
  have(24)
  at += 24
  const namesBytes = counted(1)
  const names = new TextDecoder()
    .decode(bytes.subarray(at, at + namesBytes))
    .split('\0')
    .filter((name) => name !== '')
  at += namesBytes
  if (csi) references = counted(4)
  if (names.length !== references) throw invalid(file, `it names ${names.length} sequences but holds ${references}`)
  const indexed = new Map<string, IndexedReference>()
  for (const name of names) {
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
    indexed.set(name, { bins, windows })
  }
  return { names, binning, references: indexed }
}

/** Where in the file records that overlap bases [start, end), 0-based, may lie: sorted, neighbours joined. */
export function queryIndex(index: GenomicIndex, name: string, start: number, end: number): OffsetRange[] {
  const reference = index.references.get(name)
  if (reference === undefined || end <= start) return []
  const earliest = earliestOffset(reference, start, index.binning)
  const ranges: OffsetRange[] = []
  for (const [bin, { ranges: found }] of reference.bins) {
    if (!binOverlaps(bin, start, end, index.binning)) continue
    for (const range of found) if (compareVirtual(range.end, earliest) > 0) ranges.push(range)
  }
  ranges.sort((a, b) => compareVirtual(a.start, b.start))
  const joined: OffsetRange[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last === undefined || range.start.block > last.end.block) joined.push(range)
    else if (compareVirtual(range.end, last.end) > 0) joined[joined.length - 1] = { start: last.start, end: range.end }
  }
  return joined
}

function earliestOffset(reference: IndexedReference, start: number, binning: Binning): VirtualOffset {
  const { windows, bins } = reference
  if (windows.length > 0) return windows[Math.min(Math.floor(start / 2 ** binning.shift), windows.length - 1)]
  // CSI: the smallest bin that exists and begins at or before `start`, walking left among brothers, then up.
  for (let level = binning.depth; level >= 0; level--) {
    const size = 2 ** (binning.shift + 3 * (binning.depth - level))
    const first = bins.get(firstBin(level) + Math.floor(start / size))?.first
    if (first !== undefined) return first
  }
  return { block: 0, within: 0 }
}
