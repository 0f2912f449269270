import { link, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { fileError } from '../host/node/files.ts'

/** A result and behind it the CRC-32 of its bytes: a file cut short by a crash is seen. */
function packedParts(result: unknown): [body: Buffer, tail: Buffer] {
  const body = serialize(result)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(crc32(body))
  return [body, tail]
}

export const packResult = (result: unknown): Buffer => Buffer.concat(packedParts(result))

export function unpackResult(bytes: Buffer): { result: unknown } | undefined {
  if (bytes.length < 4) return undefined
  const body = bytes.subarray(0, -4)
  return crc32(body) === bytes.readUInt32LE(bytes.length - 4) ? { result: deserialize(body) } : undefined
}

/** What a file system says that has no hard links. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Puts a result under its name, whole: written beside it under a name of this writer's own, then renamed. Where
 * `shared`, other machines may write the same result and read it meanwhile: it is made durable first, and the first
 * one stays, since a file that is replaced while it is read on another machine may be lost to its reader.
 */
export async function writeResult(path: string, result: unknown, writer: string, shared: boolean): Promise<void> {
  const partial = `${path}.${writer}.partial`
  try {
    const handle = await open(partial, 'w')
    try {
      for (const part of packedParts(result)) await handle.writeFile(part)
      if (shared) await handle.sync()
    } finally {
      await handle.close()
    }
    if (!shared || !(await linkOnce(partial, path))) await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw fileError(error, path)
  }
}

/** Gives a file its final name unless that is taken; false where the file system cannot. */
async function linkOnce(partial: string, path: string): Promise<boolean> {
  try {
    await link(partial, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== undefined && noLinks.has(code)) return false
    if (code !== 'EEXIST') throw error
  }
  await rm(partial, { force: true })
  return true
}

/** The result in a file; undefined, and the file removed, where it is torn; undefined where there is none. */
export async function readResult(path: string): Promise<{ result: unknown } | undefined> {
  for (let attempt = 1; ; attempt++)
    try {
      const kept = unpackResult(await readFile(path))
      if (kept === undefined) await rm(path, { force: true })
      return kept
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      // NFS, where the file was put anew on another machine while it was being read here.
      if (code === 'ESTALE' && attempt < 3) continue
      throw fileError(error, path)
    }
}

/** Which of these names are in a folder. */
export async function presentNames(folder: string, names: readonly string[]): Promise<Set<number>> {
  const present = new Set(await readdir(folder))
  return new Set([...names.keys()].filter((index) => present.has(names[index])))
}

export const resultPath = (files: { folder: string; names: readonly string[] }, index: number): string =>
  join(files.folder, files.names[index])
