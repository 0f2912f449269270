import type { ByteSource, Host } from '../../host/host.ts'
import { openStore } from '../store/open.ts'
import type { GenotypeStore } from '../store/reader.ts'

/** A scan comes to every block once: keeping more than the one at hand is of no use. */
const cacheBytes = 1 << 20

/**
 * Opens a store that holds no file between reads. A chunk task is never told that its last chunk is done, so it has no
 * moment at which to close one.
 */
export function scanStore(host: Host, folder: string): Promise<GenotypeStore> {
  const open = async (path: string): Promise<ByteSource> => {
    const { name, size } = await using(host, path, async (source) => source)
    return {
      name,
      size,
      read: (start, end, signal) => using(host, path, (source) => source.read(start, end, signal)),
      close: async () => {},
    }
  }
  return openStore({ ...host, open }, folder, cacheBytes)
}

async function using<T>(host: Host, path: string, work: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await host.open(path)
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
