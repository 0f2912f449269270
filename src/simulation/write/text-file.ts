import type { Host } from '../../host/host.ts'

/** Writes a whole text file, or leaves nothing behind. */
export async function writeText(host: Host, path: string, text: string): Promise<void> {
  const sink = await host.create(path)
  try {
    await sink.write(new TextEncoder().encode(text))
  } catch (error) {
    await sink.discard()
    throw error
  }
  await sink.commit()
}

/** A comma-separated table; no cell of ours needs quotes. */
export function commaSeparated(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows].map((row) => `${row.join(',')}\n`).join('')
}
