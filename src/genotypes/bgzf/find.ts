import type { ByteSource } from '../../host/host.ts'
import { blockHeader, maximumBlockBytes } from './block.ts'

/**
 * Offset in `bytes` of the first BGZF block that begins there, or -1. Bytes may look like a header by chance, so the
 * next block must begin where this one ends, unless that is at or behind the end of `bytes` and the file ends there too.
 * @param atFileEnd whether the file ends where `bytes` end
 */
export function findBlock(bytes: Uint8Array, atFileEnd: boolean): number {
  const limit = Math.min(bytes.length, maximumBlockBytes)
  for (let at = 0; at < limit; at++) {
    if (bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b) continue
    const header = blockHeader(bytes, at)
    if (header === undefined) continue
    const next = at + header.blockBytes
    if (next === bytes.length ? atFileEnd : blockHeader(bytes, next) !== undefined) return at
  }
  return -1
}

/** Byte at which the first BGZF block that begins in [start, end) of a file does, or -1. */
export async function findBlockIn(
  source: ByteSource,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<number> {
  const bytes = await source.read(start, start + 2 * maximumBlockBytes + 1024, signal)
  const found = findBlock(bytes, start + bytes.length === source.size)
  return found < 0 || start + found >= end ? -1 : start + found
}
