import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileError, syncFolder, writeWhole } from '../host/node/files.ts'

/** `stage.json` in every finished stage folder. */
export interface StageSeal {
  stage: string
  key: string
  version: number
  digest: string
  seconds: number
  chunks: number
  files: { name: string; bytes: number }[]
}

const seal = 'stage.json'

/** The finished folder of a key, or undefined when it is absent or a file of it is gone or cut. */
export async function findStage(folder: string): Promise<StageSeal | undefined> {
  try {
    const found = JSON.parse(await readFile(join(folder, seal), 'utf8')) as StageSeal
    for (const file of found.files) if ((await stat(join(folder, file.name))).size !== file.bytes) return undefined
    return found
  } catch {
    return undefined
  }
}

/** Syncs what a stage wrote, seals it and puts it under its final name. */
export async function sealStage(
  building: string,
  final: string,
  content: Omit<StageSeal, 'files'>,
): Promise<StageSeal> {
  const names = (await readdir(building, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(building.length + 1))
    .sort()
  const files = []
  for (const name of names) {
    const handle = await open(join(building, name), 'r+')
    await handle.sync()
    files.push({ name, bytes: (await handle.stat()).size })
    await handle.close()
  }
  const sealed: StageSeal = { ...content, files }
  await writeWhole(join(building, seal), `${JSON.stringify(sealed, null, 1)}\n`)
  await rm(final, { recursive: true, force: true })
  await rename(building, final)
  await syncFolder(dirname(final))
  return sealed
}

/** Puts a file of a stage into the results folder, whole: a hard link where the file system has them. */
export async function publishFile(from: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}.partial`
  await mkdir(dirname(to), { recursive: true })
  await rm(temporary, { force: true })
  try {
    await link(from, temporary)
  } catch {
    await copyFile(from, temporary).catch((error: unknown) => {
      throw fileError(error, to)
    })
  }
  await rename(temporary, to)
  // Renaming one link of a file onto another link of the same file does nothing, by POSIX.
  await rm(temporary, { force: true })
}

interface KnownInput {
  bytes: number
  modified: number
  inode: number
  sha256: string
}

/** Digests of input files, remembered by size, time and inode so that an unchanged 40 GB file is read once. */
export class InputDigests {
  readonly #path: string
  #known: Record<string, KnownInput> = Object.create(null) as Record<string, KnownInput>

  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<void> {
    try {
      Object.assign(this.#known, JSON.parse(await readFile(this.#path, 'utf8')))
    } catch {
      this.#known = Object.create(null) as Record<string, KnownInput>
    }
  }

  async digest(
    path: string,
    signal: AbortSignal,
    progress: (fraction: number) => void,
  ): Promise<{ bytes: number; sha256: string }> {
    const information = await stat(path).catch((error: unknown) => {
      throw fileError(error, path)
    })
    const known = this.#known[path]
    if (
      known !== undefined &&
      known.bytes === information.size &&
      known.modified === information.mtimeMs &&
      known.inode === information.ino
    )
      return known
    const hash = createHash('sha256')
    let done = 0
    try {
      await pipeline(
        createReadStream(path, { highWaterMark: 1 << 20 }),
        async (source: AsyncIterable<Buffer>) => {
          for await (const bytes of source) {
            hash.update(bytes)
            done += bytes.length
            progress(information.size === 0 ? 1 : done / information.size)
          }
        },
        { signal },
      )
    } catch (error) {
      signal.throwIfAborted()
      throw fileError(error, path)
    }
    const entry = {
      bytes: information.size,
      modified: information.mtimeMs,
      inode: information.ino,
      sha256: hash.digest('hex'),
    }
    this.#known[path] = entry
    return entry
  }

  save(): Promise<void> {
    return writeWhole(this.#path, JSON.stringify(this.#known))
  }
}
