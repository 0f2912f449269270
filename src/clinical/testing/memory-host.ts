import { createHash } from 'node:crypto'
import { crc32, inflateRawSync } from 'node:zlib'
import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'

export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (start, end) => bytes.slice(Math.max(0, start), Math.min(bytes.length, end)),
    close: async () => {},
  }
}

const unused = (): never => {
  throw new UpturnError('Internal', 'not part of the memory host')
}

/** A host whose files are texts in memory, for tests. */
export function memoryHost(files: Readonly<Record<string, string | Uint8Array>>): Host {
  const contents = new Map(Object.entries(files))
  const encoder = new TextEncoder()
  return {
    async open(path) {
      const content = contents.get(path)
      if (content === undefined) throw new UpturnError('FileNotFound', `there is no file ${path}`)
      return bytesSource(path, typeof content === 'string' ? encoder.encode(content) : content)
    },
    async list(folder) {
      const prefix = folder.endsWith('/') ? folder : `${folder}/`
      const names = new Set<string>()
      for (const path of contents.keys())
        if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0])
      return [...names].sort()
    },
    exists: async (path) => contents.has(path) || [...contents.keys()].some((name) => name.startsWith(`${path}/`)),
    create: unused,
    remove: unused,
    inflateRaw: (bytes, size) => inflateRawSync(bytes, { maxOutputLength: Math.max(64, size) }),
    inflateZstd: unused,
    inflateZstdPieces: unused,
    deflateRaw: unused,
    crc32: (bytes) => crc32(bytes),
    sha256() {
      const hash = createHash('sha256')
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
    },
    tables: { write: unused, fromLines: unused, read: unused, text: unused },
  }
}
