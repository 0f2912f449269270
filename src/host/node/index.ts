import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../host.ts'
import { inflateZstdFrame, inflateZstdPieces } from '../zstd.ts'
import { createFile, fileExists, listFolder, openFile } from './files.ts'
import { duckDbTables } from './tables.ts'

/** The services of Node behind the interface that readers and stages receive. */
export function nodeHost(): Host {
  return {
    open: openFile,
    create: createFile,
    list: listFolder,
    exists: fileExists,
    remove: (path) => rm(path, { force: true }),
    inflateRaw(bytes, size) {
      let inflated: Uint8Array
      try {
        // One output chunk of the whole size is 1.4 times as fast as the default of 16 kB.
        inflated = inflateRawSync(bytes, { chunkSize: Math.max(64, size), maxOutputLength: Math.max(64, size) })
      } catch (error) {
        throw new UpturnError('FileDamaged', 'compressed bytes cannot be inflated; copy or make the file again', {
          cause: error,
        })
      }
      if (inflated.length !== size)
        throw new UpturnError(
          'FileDamaged',
          `compressed bytes inflate to ${inflated.length} bytes where ${size} are declared`,
        )
      return inflated
    },
    inflateZstd: inflateZstdFrame,
    inflateZstdPieces,
    deflateRaw: (bytes, level = 6) => deflateRawSync(bytes, { level }),
    crc32: (bytes) => crc32(bytes),
    sha256() {
      const hash = createHash('sha256')
      return {
        update: (bytes) => {
          hash.update(bytes)
        },
        hex: () => hash.digest('hex'),
      }
    },
    tables: duckDbTables,
  }
}
