import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResultFiles } from '../../compute/index.ts'
import type { FlatError } from '../../errors/index.ts'
import { packResult, unpackResult } from '../chunk-file.ts'
import { type RunFolder, shortDigest } from './run-folder.ts'
import { changedAt, readJson, replaceFile } from './shared-file.ts'

/** `scan.json`: while it is there, pilots work on the scan. */
interface ScanFile {
  format: 1
  task: string
  /** Folder of the results. */
  results: string
  chunks: number
  /** Chunks that are taken together. */
  bundle: number
}

/** A scan as pilots see it. */
export interface OpenScan extends ScanFile {
  /** Its own folder, with description, leases and failures. */
  folder: string
  setup: unknown
  chunkList: readonly unknown[]
  names: readonly string[]
}

/** What went wrong with a chunk, for the coordinator to say. */
export interface ChunkFailure {
  chunk: number
  error: FlatError
  host: string
  job: string
  log: string | null
}

const description = 'scan.json'
/** The description of a scan that no coordinator has asked for yet, since the one that did is gone. */
const parked = 'parked.json'
const setupName = 'setup.v8'
const chunksName = 'chunks.v8'

/** Scans are told apart by where their results go and what these are called, so the same scan is found again. */
export const scanIdentity = (task: string, files: ResultFiles): string =>
  `${task.replaceAll(/\W+/g, '-')}-${shortDigest([files.folder, ...files.names].join('\n'))}`

/** Writes a scan down for pilots, or finds it as an earlier coordinator left it, with its leases. */
export async function publishScan(
  run: RunFolder,
  scan: { task: string; setup: unknown; chunks: readonly unknown[]; files: ResultFiles; bundle: number },
): Promise<{ folder: string; bundle: number }> {
  const folder = join(run.scans, scanIdentity(scan.task, scan.files))
  const found = await readJson<ScanFile>(join(folder, parked))
  if (found !== undefined) {
    await rename(join(folder, parked), join(folder, description))
    return { folder, bundle: found.bundle }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  await mkdir(folder, { recursive: true })
  await replaceFile(join(folder, setupName), packResult(scan.setup), 'coordinator')
  await replaceFile(
    join(folder, chunksName),
    packResult({ chunks: scan.chunks, names: scan.files.names }),
    'coordinator',
  )
  const file: ScanFile = {
    format: 1,
    task: scan.task,
    results: scan.files.folder,
    chunks: scan.chunks.length,
    bundle: scan.bundle,
  }
  await replaceFile(join(folder, description), JSON.stringify(file), 'coordinator')
  return { folder, bundle: scan.bundle }
}

/** Ends a scan: its description goes first, so that no pilot begins anything new. */
export async function withdrawScan(folder: string): Promise<void> {
  await rm(join(folder, description), { force: true })
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Sets the scans of an earlier coordinator aside until they are asked for again. */
export async function parkScans(run: RunFolder): Promise<void> {
  for (const name of await readdir(run.scans).catch(() => []))
    await rename(join(run.scans, name, description), join(run.scans, name, parked)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      },
    )
}

const isOpen = async (folder: string): Promise<boolean> => (await readJson(join(folder, description))) !== undefined

/** False once a scan has been withdrawn: whatever is still done for it is in vain. */
export const isWanted = async (folder: string): Promise<boolean> =>
  (await changedAt(join(folder, setupName))) !== undefined

/** Folders of the scans that pilots may work on. */
export async function openScans(run: RunFolder): Promise<string[]> {
  const names = await readdir(run.scans).catch(() => [])
  const folders = names.sort((a, b) => (a < b ? -1 : 1)).map((name) => join(run.scans, name))
  const open = await Promise.all(folders.map(isOpen))
  return folders.filter((_, i) => open[i])
}

/** Reads a scan's description; undefined when it has been withdrawn meanwhile. */
export async function readScan(folder: string): Promise<OpenScan | undefined> {
  const file = await readJson<ScanFile>(join(folder, description))
  if (file === undefined) return undefined
  const read = async (name: string) => unpackResult(await readFile(join(folder, name)))?.result
  try {
    const [setup, list] = await Promise.all([read(setupName), read(chunksName)])
    const { chunks, names } = (list ?? { chunks: [], names: [] }) as { chunks: unknown[]; names: string[] }
    if (chunks.length !== file.chunks) return undefined
    return { ...file, folder, setup, chunkList: chunks, names }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
