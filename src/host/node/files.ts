import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UpturnError } from '../../errors/index.ts'
import type { ByteSink, ByteSource } from '../host.ts'

/** Turns an operating-system error on a path into one sentence. */
export function fileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code
  const place = { file: path }
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new UpturnError('FileNotFound', 'there is no such file; check the path', { place, cause: error })
  if (code === 'EISDIR')
    return new UpturnError('FileUnreadable', 'this is a folder, a file is needed', { place, cause: error })
  if (code === 'EACCES' || code === 'EPERM')
    return new UpturnError('FileUnreadable', 'permission denied; ask the owner for access', { place, cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new UpturnError(
      'DiskFull',
      'there is no room left on this disk; free some space or choose another folder with --out',
      { place, cause: error },
    )
  if (code === 'EROFS')
    return new UpturnError('FileUnreadable', 'this disk is read-only; choose another folder with --out', {
      place,
      cause: error,
    })
  return error
}

/**
 * Makes a folder and whatever is missing above it, one step at a time: where a step cannot be made, that step is named.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = []
  let at = resolve(path)
  for (;;) {
    const found = await stat(at).catch(() => undefined)
    if (found?.isDirectory()) break
    if (found !== undefined)
      throw new UpturnError('FileUnreadable', 'this is a file where a folder is needed; name another folder', {
        place: { file: at },
      })
    missing.unshift(at)
    at = dirname(at)
  }
  for (const folder of missing)
    try {
      await mkdir(folder)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new UpturnError('FileUnreadable', 'no folder can be made here; name another one', {
          place: { file: folder },
          cause: error,
        })
      throw fileError(error, folder)
    }
}

/** Runs a file operation and translates what the operating system says. */
export async function withPath<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error, path)
  }
}

export async function openFile(path: string): Promise<ByteSource> {
  const handle = await withPath(path, () => open(path, 'r'))
  const information = await handle.stat()
  if (information.isDirectory()) {
    await handle.close()
    throw new UpturnError('FileUnreadable', 'this is a folder, a file is needed', { place: { file: path } })
  }
  const { size } = information
  return {
    name: path,
    size,
    async read(start, end, signal, into) {
      signal?.throwIfAborted()
      const from = Math.max(0, Math.min(start, size))
      const to = Math.max(from, Math.min(end, size))
      const room = into !== undefined && into.byteLength >= to - from
      const bytes = room ? Buffer.from(into, 0, to - from) : Buffer.allocUnsafeSlow(to - from)
      let done = 0
      while (done < bytes.length) {
        const { bytesRead } = await withPath(path, () => handle.read(bytes, done, bytes.length - done, from + done))
        if (bytesRead === 0)
          throw new UpturnError(
            'FileTruncated',
            'the file became shorter while it was read; do not change it during a run',
            {
              place: { file: path },
            },
          )
        done += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

const bufferBytes = 1 << 20
/** Pieces of this size are written as they come. */
const directBytes = 1 << 18
/** So many bytes more, and what was written is synced beside. */
const syncBytes = 1 << 23

/** Writes beside the target under a temporary name; `commit` syncs and renames. */
export async function createFile(path: string): Promise<ByteSink> {
  const temporary = `${path}.${process.pid}.partial`
  await makeFolder(dirname(path))
  const handle = await withPath(path, () => open(temporary, 'w'))
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  const writeAll = async (bytes: Uint8Array) => {
    let done = 0
    while (done < bytes.length) done += (await handle.write(bytes, done)).bytesWritten
  }
  const flush = async () => {
    if (pendingBytes === 0) return
    const bytes = pending.length === 1 ? pending[0] : Buffer.concat(pending)
    pending = []
    pendingBytes = 0
    await withPath(path, () => writeAll(bytes))
  }
  // A large file goes to disk while it is made, so that the last sync finds little left. What fails fails there again.
  let unsynced = 0
  let syncing: Promise<void> | undefined
  const syncBeside = (bytes: number) => {
    unsynced += bytes
    if (unsynced < syncBytes || syncing !== undefined) return
    unsynced = 0
    syncing = handle
      .datasync()
      .catch(() => undefined)
      .finally(() => {
        syncing = undefined
      })
  }
  const discard = async () => {
    await syncing
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
  }
  return {
    async write(bytes) {
      if (bytes.length >= directBytes) {
        await flush()
        await withPath(path, () => writeAll(bytes))
        syncBeside(bytes.length)
        return
      }
      pending.push(Uint8Array.from(bytes))
      pendingBytes += bytes.length
      if (pendingBytes >= bufferBytes) await flush()
    },
    async commit() {
      try {
        await flush()
        await syncing
        await withPath(path, () => handle.sync())
        await handle.close()
        await withPath(path, () => rename(temporary, path))
        await syncFolder(dirname(path))
      } catch (error) {
        await discard()
        throw error
      }
    },
    discard,
  }
}

/** Makes a rename inside a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } catch {
    // Some file systems cannot sync a folder; the rename itself is still atomic.
  } finally {
    await handle?.close()
  }
}

export async function listFolder(folder: string): Promise<string[]> {
  const names = await withPath(folder, () => readdir(folder))
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

export async function fileExists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

/** Writes a small file whole: under a temporary name, synced, renamed. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const sink = await createFile(path)
  try {
    await sink.write(typeof content === 'string' ? Buffer.from(content) : content)
    await sink.commit()
  } catch (error) {
    await sink.discard()
    throw error
  }
}
