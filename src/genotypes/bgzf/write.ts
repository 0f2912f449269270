import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { maximumBlockBytes } from './block.ts'

/** Text bytes of every block but the last of a piece, the same as htslib writes. */
export const textBytesPerBlock = 65280

/** Compression that favours speed: genotype text is so regular that higher levels gain a tenth and cost twice the time. */
export const compressionLevel = 4

export interface CompressedBlocks {
  /** Whole BGZF blocks, without the block that ends a file. */
  readonly bytes: Uint8Array
  /** Offset in `bytes` of each block; block k holds text from k * textBytesPerBlock. */
  readonly blocks: Uint32Array
}

/** Compresses text to whole BGZF blocks; the same bytes for the same text, wherever it is done. */
export async function compressBlocks(
  host: Host,
  text: Uint8Array,
  level = compressionLevel,
): Promise<CompressedBlocks> {
  const count = Math.ceil(text.length / textBytesPerBlock)
  const blocks = new Uint32Array(count)
  const parts: Uint8Array[] = []
  let total = 0
  for (let k = 0; k < count; k++) {
    const block = await compressBlock(host, text.subarray(k * textBytesPerBlock, (k + 1) * textBytesPerBlock), level)
    blocks[k] = total
    total += block.length
    parts.push(block)
  }
  const bytes = new Uint8Array(total)
  for (let k = 0; k < count; k++) bytes.set(parts[k], blocks[k])
  return { bytes, blocks }
}

async function compressBlock(host: Host, text: Uint8Array, level: number): Promise<Uint8Array> {
  let data = await host.deflateRaw(text, level)
  if (data.length + 26 > maximumBlockBytes) data = stored(text)
  const block = new Uint8Array(data.length + 26)
  if (block.length > maximumBlockBytes) throw new UpturnError('Internal', 'a BGZF block came out too large')
  const view = new DataView(block.buffer)
  block.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43, 2, 0])
  view.setUint16(16, block.length - 1, true)
  block.set(data, 18)
  view.setUint32(18 + data.length, host.crc32(text), true)
  view.setUint32(22 + data.length, text.length, true)
  return block
}

/** One final stored DEFLATE block (RFC 1951, 3.2.4). */
function stored(text: Uint8Array): Uint8Array {
  const data = new Uint8Array(text.length + 5)
  data.set([1, text.length & 255, text.length >> 8, ~text.length & 255, (~text.length >> 8) & 255])
  data.set(text, 5)
  return data
}
