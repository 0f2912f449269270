import { open, readFile, rename, rm } from 'node:fs/promises'

// A shared file system has one clock, its own: what it writes down as the time of a change. Clocks of the machines that
// use it are never compared. Files are opened to be looked at: on NFS that asks the server, where `stat` may answer from
// a cache.

/** Writes a file in place. Where the content is the same as before nobody can read it half-written. */
export async function touch(path: string, content: string): Promise<void> {
  const handle = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return open(path, 'w')
  })
  try {
    await handle.write(content, 0)
  } finally {
    await handle.close()
  }
}

/** When a file was last changed, milliseconds on the file system's clock; undefined where there is none. */
export async function changedAt(path: string): Promise<number | undefined> {
  try {
    const handle = await open(path, 'r')
    try {
      return (await handle.stat()).mtimeMs
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The time on the file system's clock, milliseconds: what a change of a file of one's own is written down with. */
export async function fileSystemTime(ownFile: string): Promise<number> {
  await touch(ownFile, '.')
  return (await changedAt(ownFile)) as number
}

/** Makes a file that must not be there yet; false where it is. The exclusive open is atomic, on NFS too. */
export async function makeExclusively(path: string, content: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    try {
      await handle.write(content)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The JSON in a file; undefined where it is absent or cut short. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a file whole: under a name of the writer's own, synced, renamed. Makes no folder: one that is gone stays gone. */
export async function replaceFile(path: string, content: string | Uint8Array, writer: string): Promise<void> {
  const partial = `${path}.${writer}.partial`
  const handle = await open(partial, 'w')
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
