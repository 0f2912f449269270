import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
import { truncatedAt } from './block.ts'
import { Inflater } from './inflate.ts'

const readBytes = 1 << 20
/** Longest gzip header that is accepted: names and comments are short. */
const headerLimit = 128 << 10

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function updateCrc(crc: number, bytes: Uint8Array): number {
  let value = ~crc
  for (let k = 0; k < bytes.length; k++) value = crcTable[(value ^ bytes[k]) & 255] ^ (value >>> 8)
  return ~value >>> 0
}

/**
 * The text of a plain gzip file (RFC 1952), member after member, in pieces of about 512 KiB. Checksums and sizes are
 * checked at the end of each member; FileTruncated or FileDamaged where the file is not whole.
 */
export async function* inflateGzip(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let at = 0
  const more = async () => {
    signal?.throwIfAborted()
    const bytes = await source.read(at, at + readBytes, signal)
    at += bytes.length
    return bytes
  }
  const cut = (what: string) => truncatedAt(source.name, source.size, what)
  let input = await more()
  const need = async (bytes: number) => {
    while (input.length < bytes && at < source.size) input = joined(input, await more())
    return input.length >= bytes
  }
  for (let member = 0; ; member++) {
    if (!(await need(1))) return
    await need(headerLimit)
    const start = headerEnd(input)
    if (start === undefined) {
      if (member > 0 && input.every((byte) => byte === 0) && at >= source.size) return
      throw new UpturnError('FileDamaged', `there is no gzip header before byte ${at}; copy the file again`, {
        place: { file: source.name },
      })
    }
    if (start > input.length) throw cut('its gzip header is not whole')
    const inflater = new Inflater()
    inflater.push(input.subarray(start), at >= source.size)
    let crc = 0
    let size = 0
    while (!inflater.ended) {
      let piece: Uint8Array | undefined
      try {
        piece = inflater.pull()
      } catch (error) {
        if (!isUpturnError(error)) throw error
        if (at >= source.size && inflater.starved) throw cut('the compressed data do not end')
        throw new UpturnError('FileDamaged', `${error.message} (before byte ${at})`, { place: { file: source.name } })
      }
      if (piece !== undefined) {
        crc = updateCrc(crc, piece)
        size = (size + piece.length) % 2 ** 32
        yield piece
      } else if (!inflater.ended) inflater.push(await more(), at >= source.size)
    }
    input = inflater.rest()
    if (!(await need(8))) throw cut('the checksum at the end is missing')
    const view = new DataView(input.buffer, input.byteOffset)
    if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== size)
      throw new UpturnError('FileDamaged', 'the text does not have the checksum that the gzip file declares', {
        place: { file: source.name },
      })
    input = input.subarray(8)
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** Bytes of the gzip header, undefined when it is none, and more than there are when it is not whole. */
function headerEnd(bytes: Uint8Array): number | undefined {
  if (bytes.length < 10) return bytes.length < 3 || bytes[0] === 0x1f ? bytes.length + 1 : undefined
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || (bytes[3] & 0xe0) !== 0) return undefined
  const flags = bytes[3]
  let at = 10
  if (flags & 4) at += 2 + ((bytes[10] ?? 0) | ((bytes[11] ?? 0) << 8))
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue
    const end = bytes.indexOf(0, at)
    if (end < 0) return bytes.length + 1
    at = end + 1
  }
  return flags & 2 ? at + 2 : at
}
