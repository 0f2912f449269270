import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import {
  blockHeader,
  declaredSize,
  endOfFileBlock,
  inflateBlock,
  isGzip,
  maximumBlockBytes,
  truncatedAt,
} from '../bgzf/block.ts'

/** Random access to the text of a file, compressed or not. */
export interface TextReader {
  /** Bytes of text. */
  readonly size: number
  /** Bytes [start, end) of the text, clipped to it. */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>
}

const readBytes = 4 << 20
/** Blocks of a BGZF file: 500 GB of text in whole ones. */
const blocksLimit = 8 << 20

/** What one pass over the bytes of a file says. */
export interface ScannedText {
  readonly text: TextReader
  /** SHA-256 of the file's bytes, hex. */
  readonly sha256: string
}

/**
 * Reads a file from its beginning to its end, plain or BGZF: its digest, and for BGZF where its blocks lie, so that no
 * `.gzi` index is needed. A plain gzip file is refused, since nothing in it can be found without reading all before it.
 * @param onText told of the text piece by piece; without it blocks are not decompressed
 */
export async function scanText(
  host: Host,
  source: ByteSource,
  { onText, signal }: { onText?: (text: Uint8Array) => void; signal?: AbortSignal },
): Promise<ScannedText> {
  const head = await source.read(0, maximumBlockBytes, signal)
  const hash = host.sha256()
  if (!isGzip(head)) {
    for (let at = 0; at < source.size; at += readBytes) {
      signal?.throwIfAborted()
      const bytes = await source.read(at, at + readBytes, signal)
      hash.update(bytes)
      onText?.(bytes)
    }
    return { text: source, sha256: hash.hex() }
  }
  if (blockHeader(head) === undefined)
    throw new UpturnError(
      'FormatUnknown',
      'this file is compressed with gzip, in which no place can be found; compress it with bgzip instead',
      { place: { file: source.name } },
    )
  const tail = await source.read(source.size - endOfFileBlock.length, source.size, signal)
  if (tail.length !== endOfFileBlock.length || tail.some((byte, k) => byte !== endOfFileBlock[k]))
    throw truncatedAt(source.name, source.size, 'the block that ends every BGZF file is missing')
  const fileStart: number[] = []
  const textStart: number[] = []
  let size = 0
  let bytes: Uint8Array = new Uint8Array(0)
  let bytesAt = 0
  for (let at = 0; at < source.size; ) {
    signal?.throwIfAborted()
    let header = blockHeader(bytes, at - bytesAt)
    if (header === undefined || at - bytesAt + header.blockBytes > bytes.length) {
      bytes = await source.read(at, at + readBytes, signal)
      bytesAt = at
      header = blockHeader(bytes)
    }
    if (header === undefined || header.blockBytes > bytes.length)
      throw truncatedAt(source.name, source.size, `the block that begins at byte ${at} is not whole`)
    const within = at - bytesAt
    const declared = declaredSize(bytes, within, header.blockBytes)
    if (declared > maximumBlockBytes)
      throw new UpturnError('FileDamaged', `the compressed block at byte ${at} declares ${declared} bytes of text`, {
        place: { file: source.name },
        details: { byte: at },
      })
    hash.update(bytes.subarray(within, within + header.blockBytes))
    if (onText !== undefined) onText(await inflateBlock(host, bytes, within, header, source.name, at))
    if (declared > 0) {
      if (fileStart.length === blocksLimit)
        throw new UpturnError('FormatInvalid', `the file has more than ${blocksLimit} compressed blocks`, {
          place: { file: source.name },
        })
      fileStart.push(at)
      textStart.push(size)
    }
    size += declared
    at += header.blockBytes
  }
  return { text: blockText(host, source, fileStart, textStart, size), sha256: hash.hex() }
}

function blockText(
  host: Host,
  source: ByteSource,
  fileStart: readonly number[],
  textStart: readonly number[],
  size: number,
): TextReader {
  return {
    size,
    async read(from, to, signal) {
      const start = Math.max(0, Math.min(from, size))
      const end = Math.max(start, Math.min(to, size))
      const out = new Uint8Array(end - start)
      let block = lastAtOrBefore(textStart, start)
      while (block < textStart.length && textStart[block] < end) {
        const bytes = await source.read(fileStart[block], fileStart[block] + maximumBlockBytes, signal)
        const header = blockHeader(bytes)
        if (header === undefined || header.blockBytes > bytes.length)
          throw new UpturnError('FileDamaged', 'the file changed while it was read; do not change it during a run', {
            place: { file: source.name },
          })
        const text = await inflateBlock(host, bytes, 0, header, source.name, fileStart[block])
        const first = Math.max(start, textStart[block])
        const last = Math.min(end, textStart[block] + text.length)
        out.set(text.subarray(first - textStart[block], last - textStart[block]), first - start)
        block++
      }
      return out
    },
  }
}

/** Index of the last value that is at most `value`; 0 when none is. */
function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (sorted[middle] <= value) low = middle
    else high = middle
  }
  return low
}
