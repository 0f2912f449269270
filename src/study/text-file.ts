import type { Host } from '../host/host.ts'

/** Writes a text that is made piece by piece; the file appears when it is whole. */
export async function writeText(host: Host, path: string, pieces: Iterable<string>): Promise<void> {
  const encoder = new TextEncoder()
  const sink = await host.create(path)
  try {
    for (const piece of pieces) await sink.write(encoder.encode(piece))
    await sink.commit()
  } catch (error) {
    await sink.discard()
    throw error
  }
}
