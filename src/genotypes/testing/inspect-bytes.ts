import { isUpturnError, type UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
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

/**
 * What `inspect` says of some bytes under a file name, or the tagged error that refuses them; anything else is thrown:
 * the one function that a fuzzer calls.
 */
export async function inspectBytes(
  name: string,
  bytes: Uint8Array,
  open: OpenOptions = {},
): Promise<GenotypeInspection | UpturnError> {
  const host = { ...nodeHost(), exists: async () => false, open: async () => memorySource(name, bytes) }
  try {
    return await inspectGenotypes(name, host, new AbortController().signal, { open })
  } catch (error) {
    if (!isUpturnError(error) || error.code === 'Internal') throw error
    return error
  }
}
