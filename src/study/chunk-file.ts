import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { fileError } from '../host/node/files.ts'

/** A result whose last four bytes are the CRC-32 of the rest: a file cut short by a crash is seen. */
export function packResult(result: unknown): Buffer {
  const body = serialize(result)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(crc32(body))
  return Buffer.concat([body, tail])
}

export function unpackResult(bytes: Buffer): { result: unknown } | undefined {
  if (bytes.length < 4) return undefined
  const body = bytes.subarray(0, -4)
  return crc32(body) === bytes.readUInt32LE(bytes.length - 4) ? { result: deserialize(body) } : undefined
}

/**
 * Puts a result under its name, whole: written beside it under a name of this writer's own, renamed. `sync` makes it
 * durable first, and seen whole by other machines.
 */
export async function writeResult(path: string, result: unknown, writer: string, sync: boolean): Promise<void> {
  const partial = `${path}.${writer}.partial`
  try {
    const handle = await open(partial, 'w')
    try {
      await handle.writeFile(packResult(result))
      if (sync) await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw fileError(error, path)
  }
}

/** The result in a file; undefined, and the file removed, where it is torn; undefined where there is none. */
export async function readResult(path: string): Promise<{ result: unknown } | undefined> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw fileError(error, path)
  }
  const kept = unpackResult(bytes)
  if (kept === undefined) await rm(path, { force: true })
  return kept
}

/** Which of these names are in a folder. */
export async function presentNames(folder: string, names: readonly string[]): Promise<Set<number>> {
  const present = new Set(await readdir(folder))
  return new Set([...names.keys()].filter((index) => present.has(names[index])))
}

export const resultPath = (files: { folder: string; names: readonly string[] }, index: number): string =>
  join(files.folder, files.names[index])
