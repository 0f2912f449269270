import { describeError, isUpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { maximumBlockBytes } from '../bgzf/block.ts'
import { compareVirtual, type VirtualOffset } from '../bgzf/virtual.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { type Regions, regionsOf } from '../regions/regions.ts'
import { bgzfPieces, type TextPiece } from '../vcf/source.ts'
import { type GenomicIndex, joinRanges, type OffsetRange, queryIndex, readIndex, recordPlaces } from './read.ts'

/** A BGZF file whose records may be indexed. */
export interface IndexedFile {
  /** Where its first record begins. */
  readonly records: { readonly byte: number; readonly within: number }
  /** Contigs by number, which an index of a BCF file refers to. */
  readonly contigs: ReadonlyMap<number, string>
}

/**
 * Ranges of a BGZF file that hold every record inside regions, and others, in groups of about `bytes` bytes; undefined where
 * there is no index beside the file that fits it, and `note` is told of one that does not. An index fits when its
 * first record is the file's, and nothing follows its last: one of an earlier file of the same name does not.
 */
export async function regionRanges(
  host: Host,
  source: ByteSource,
  file: IndexedFile,
  regions: Regions,
  bytes: number,
  { signal, note }: { signal?: AbortSignal; note?: (text: string) => void },
): Promise<OffsetRange[][] | undefined> {
  for (const ending of ['.csi', '.tbi']) {
    const path = `${source.name}${ending}`
    if (!(await host.exists(path))) continue
    const refused = (why: string) => note?.(`${path} was not used: ${why}; all of ${source.name} was read`)
    let index: GenomicIndex
    try {
      index = await readIndex(host, path, signal)
    } catch (error) {
      if (!isUpturnError(error) || error.code === 'Interrupted' || error.code === 'Internal') throw error
      refused(describeError(error))
      continue
    }
    const { starts, end } = recordPlaces(index)
    const first = { block: file.records.byte, within: file.records.within }
    const fits =
      starts.length === 0
        ? await endsAt(host, source, first, signal)
        : (await nothingBetween(host, source, first, starts[0], signal)) && (await endsAt(host, source, end, signal))
    if (!fits) {
      refused('it is of another file, so make it again with bcftools index')
      continue
    }
    return cutRanges(rangesOf(index, file.contigs, regions), starts, bytes)
  }
  return undefined
}

/** Ranges of all sequences of an index that may hold something inside regions; what lies between near ones is read, too. */
function rangesOf(index: GenomicIndex, contigs: ReadonlyMap<number, string>, regions: Regions): OffsetRange[] {
  const ranges: OffsetRange[] = []
  for (const sequence of index.references.keys()) {
    const name = index.names === null ? contigs.get(sequence) : index.names[sequence]
    for (const { start, end } of regionsOf(regions, chromosomeRank(name ?? '')))
      ranges.push(...queryIndex(index, sequence, start - 1, end))
  }
  return joinRanges(ranges, maximumBlockBytes)
}

/** Ranges in groups of about `bytes` bytes; long ones are cut where records begin. */
function cutRanges(ranges: readonly OffsetRange[], starts: readonly VirtualOffset[], bytes: number): OffsetRange[][] {
  const groups: OffsetRange[][] = []
  let group: OffsetRange[] = []
  let size = 0
  let k = 0
  const add = (start: VirtualOffset, end: VirtualOffset) => {
    group.push({ start, end })
    size += end.block - start.block
    if (size < bytes) return
    groups.push(group)
    group = []
    size = 0
  }
  for (const { start, end } of ranges) {
    let from = start
    while (k < starts.length && compareVirtual(starts[k], from) <= 0) k++
    for (; k < starts.length && compareVirtual(starts[k], end) < 0; k++)
      if (size + starts[k].block - from.block >= bytes) {
        add(from, starts[k])
        from = starts[k]
      }
    add(from, end)
  }
  if (group.length > 0) groups.push(group)
  return groups
}

/** Whether no text follows a place of a BGZF file. */
export function endsAt(host: Host, source: ByteSource, place: VirtualOffset, signal?: AbortSignal): Promise<boolean> {
  return nothingBetween(host, source, place, { block: source.size, within: 0 }, signal)
}

/** Whether no text lies between two places of a BGZF file; false, too, where one of them is no place of it. */
async function nothingBetween(
  host: Host,
  source: ByteSource,
  from: VirtualOffset,
  to: VirtualOffset,
  signal?: AbortSignal,
): Promise<boolean> {
  if (compareVirtual(from, to) >= 0) return compareVirtual(from, to) === 0
  // More than a few empty blocks in a row are of no file that is indexed.
  const stop = Math.min(source.size, from.block + 4 * maximumBlockBytes)
  try {
    for await (const { text, byte, next } of bgzfPieces(host, source, from.block, stop, signal)) {
      const start = byte === from.block ? from.within : 0
      if (byte === to.block) return to.within <= start
      if (text.length !== start) return false
      if (next === to.block && to.within === 0) return true
      if (next > to.block) return false
    }
  } catch (error) {
    if (!isUpturnError(error) || error.code === 'Interrupted') throw error
  }
  return false
}

/** A piece of the text of a range: `within` bytes of text of the block at `byte` come before it. */
export interface RangePiece extends TextPiece {
  readonly within: number
  /** The byte of the block's text before the piece, undefined where it begins with its block. */
  readonly before: number | undefined
}

/**
 * The text of one range.
 * @returns whether the range ended where a block, or a byte of its text, really does
 */
export async function* rangePieces(
  host: Host,
  source: ByteSource,
  { start, end }: OffsetRange,
  signal: AbortSignal,
): AsyncGenerator<RangePiece, boolean> {
  let reached = start.block
  const last = end.within > 0 ? end.block + 1 : end.block
  for await (const { text, byte, next } of bgzfPieces(host, source, start.block, last, signal)) {
    const from = byte === start.block ? start.within : 0
    const to = byte === end.block ? end.within : text.length
    if (from > text.length || to > text.length) return false
    reached = byte === end.block ? byte : next
    yield { text: text.subarray(from, to), byte, within: from, before: text[from - 1], next }
  }
  return reached === end.block
}
