import type { ByteSource, Host } from '../host/host.ts'

/** A host that remembers what it opened, so that the files of a finished task are closed when the next one begins. */
export function trackingHost(host: Host): { host: Host; closeAll(): Promise<void> } {
  const opened = new Set<ByteSource>()
  return {
    host: {
      ...host,
      async open(path) {
        const source = await host.open(path)
        opened.add(source)
        return {
          name: source.name,
          size: source.size,
          read: (start, end, signal, into) => source.read(start, end, signal, into),
          close() {
            opened.delete(source)
            return source.close()
          },
        }
      },
    },
    async closeAll() {
      const sources = [...opened]
      opened.clear()
      await Promise.all(sources.map((source) => source.close()))
    },
  }
}
