import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { nodeHost } from '../../host/node/index.ts'
import type { OpenOptions } from '../import/file.ts'
import { type GenotypeInspection, inspectGenotypes } from '../inspect/inspect.ts'

/** A file that exists in memory alone. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (start, end) => bytes.slice(Math.min(start, bytes.length), Math.min(end, bytes.length)),
    close: async () => undefined,
  }
}

/** A host whose files exist in memory alone; texts are UTF-8. */
function memoryFiles(files: Readonly<Record<string, Uint8Array | string>>): Host {
  const contents = new Map(Object.entries(files))
  return {
    ...nodeHost(),
    exists: async (path) => contents.has(path),
    async open(path) {
      const content = contents.get(path)
      if (content === undefined)
        throw new UpturnError('FileNotFound', 'there is no such file; check the path', { place: { file: path } })
      return memorySource(path, typeof content === 'string' ? new TextEncoder().encode(content) : content)
    },
  }
}

/**
 * What `inspect` says of a dataset of several files, by name, or the tagged error that refuses them; anything else is
 * thrown.
 */
export async function inspectFiles(
  files: Readonly<Record<string, Uint8Array | string>>,
  path: string,
  open: OpenOptions = {},
): Promise<GenotypeInspection | UpturnError> {
  try {
    return await inspectGenotypes(path, memoryFiles(files), new AbortController().signal, { open })
  } catch (error) {
    if (!isUpturnError(error) || error.code === 'Internal') throw error
    return error
  }
}

/**
 * What `inspect` says of some bytes under a file name, or the tagged error that refuses them; anything else is thrown:
 * the one function that a fuzzer calls.
 */
export function inspectBytes(
  name: string,
  bytes: Uint8Array,
  open: OpenOptions = {},
): Promise<GenotypeInspection | UpturnError> {
  return inspectFiles({ [name]: bytes }, name, open)
}
