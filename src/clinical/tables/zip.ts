import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'

/** A part larger than this is not read: it would not fit beside what is made of it. */
const largestPart = 200 * 2 ** 20
/** The end record and the longest comment that may follow it. */
const longestEnd = 22 + 65_535

/** The files in a ZIP archive. */
export interface ZipArchive {
  has(name: string): boolean
  /** Inflates one file and holds it against its declared size and checksum. */
  read(name: string): Promise<Uint8Array>
}

interface Entry {
  method: number
  flags: number
  crc: number
  packed: number
  size: number
  offset: number
}

/**
 * The directory of a ZIP archive (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16), as the spreadsheet formats use it: stored or deflated files,
 * one disk, no ZIP64. Sizes are held against the archive before anything is allocated.
 */
export async function openZip(source: ByteSource, host: Host, signal: AbortSignal): Promise<ZipArchive> {
  const damaged = (what: string) =>
    new UpturnError('FileDamaged', `${what}; save the workbook again`, { place: { file: source.name } })
  const from = Math.max(0, source.size - longestEnd)
  const tail = view(await source.read(from, source.size, signal))
  let end = -1
  for (let at = tail.byteLength - 22; at >= 0 && end < 0; at--)
    if (tail.getUint32(at, true) === 0x06054b50 && at + 22 + tail.getUint16(at + 20, true) === tail.byteLength) end = at
  if (end < 0) throw damaged('the archive of the workbook is cut off')
  const count = tail.getUint16(end + 10, true)
  const length = tail.getUint32(end + 12, true)
  const start = tail.getUint32(end + 16, true)
  if (start + length > from + end) throw damaged('the directory of the workbook’s archive lies outside the file')
  const directory = view(await source.read(start, start + length, signal))
  const entries = new Map<string, Entry>()
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || directory.getUint32(at, true) !== 0x02014b50)
      throw damaged('the directory of the workbook’s archive is damaged')
    const nameLength = directory.getUint16(at + 28, true)
    const next = at + 46 + nameLength + directory.getUint16(at + 30, true) + directory.getUint16(at + 32, true)
    if (next > length) throw damaged('the directory of the workbook’s archive is damaged')
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength))
    if (entries.has(name.toLowerCase())) throw damaged(`the archive of the workbook holds ${name} twice`)
    entries.set(name.toLowerCase(), {
      flags: directory.getUint16(at + 8, true),
      method: directory.getUint16(at + 10, true),
      crc: directory.getUint32(at + 16, true),
      packed: directory.getUint32(at + 20, true),
      size: directory.getUint32(at + 24, true),
      offset: directory.getUint32(at + 42, true),
    })
    at = next
  }
  return {
    has: (name) => entries.has(name.toLowerCase()),
    async read(name) {
      const entry = entries.get(name.toLowerCase())
      if (entry === undefined) throw damaged(`the workbook lacks its part ${name}`)
      if ((entry.flags & 1) !== 0)
        throw new UpturnError('FormatUnknown', 'the workbook is encrypted; save it without a password', {
          place: { file: source.name },
        })
      if (entry.size > largestPart)
        throw new UpturnError(
          'FormatUnknown',
          `${name} in the workbook is ${Math.round(entry.size / 2 ** 20)} MB, more than the ${largestPart / 2 ** 20} MB that are read; save the sheet as CSV`,
          { place: { file: source.name } },
        )
      const header = view(await source.read(entry.offset, entry.offset + 30, signal))
      if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50)
        throw damaged(`the part ${name} of the workbook is not where its archive says`)
      const begin = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true)
      if (begin + entry.packed > source.size) throw damaged(`the part ${name} of the workbook is cut off`)
      const packed = await source.read(begin, begin + entry.packed, signal)
      let bytes: Uint8Array
      if (entry.method === 0) {
        if (entry.packed !== entry.size) throw damaged(`the part ${name} of the workbook has two sizes`)
        bytes = packed
      } else if (entry.method === 8) bytes = await inflated(host, packed, entry.size, source.name)
      else throw damaged(`the part ${name} of the workbook is packed in an unknown way`)
      if (host.crc32(bytes) !== entry.crc) throw damaged(`the part ${name} of the workbook does not match its checksum`)
      return bytes
    },
  }
}

async function inflated(host: Host, packed: Uint8Array, size: number, file: string): Promise<Uint8Array> {
  try {
    return await host.inflateRaw(packed, size)
  } catch (cause) {
    throw new UpturnError('FileDamaged', 'a part of the workbook cannot be inflated; save the workbook again', {
      place: { file },
      cause,
    })
  }
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
