import { UpturnError } from '../../src/errors/index.ts'
import { memorySource } from '../../src/genotypes/testing/inspect-bytes.ts'
import type { Host } from '../../src/host/host.ts'
import { nodeHost } from '../../src/host/node/index.ts'

/** A host whose files are in memory; nothing is written. */
export function memoryHost(files: ReadonlyMap<string, Uint8Array>): Host {
  return {
    ...nodeHost(),
    exists: async (path) => files.has(path),
    list: async () => [...files.keys()].sort(),
    async open(path) {
      const bytes = files.get(path)
      if (bytes === undefined) throw new UpturnError('FileNotFound', 'there is no such file', { place: { file: path } })
      return memorySource(path, bytes)
    },
  }
}
