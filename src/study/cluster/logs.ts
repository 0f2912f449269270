import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunFolder } from './run-folder.ts'

const most = 4096

/** The last lines of a log, in one; empty where there is nothing. */
export async function logTail(path: string, lines = 4): Promise<string> {
  try {
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      const bytes = Buffer.alloc(Math.min(most, size))
      await handle.read(bytes, 0, bytes.length, size - bytes.length)
      return bytes
        .toString('utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .slice(-lines)
        .join(' | ')
    } finally {
      await handle.close()
    }
  } catch {
    return ''
  }
}

/** The log written to last. */
export async function newestLog(run: RunFolder): Promise<string | undefined> {
  let newest: { path: string; time: number } | undefined
  for (const name of await readdir(run.logs).catch(() => [])) {
    const path = join(run.logs, name)
    const time = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
    if (newest === undefined || time > newest.time) newest = { path, time }
  }
  return newest?.path
}
