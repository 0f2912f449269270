import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import type { Executor, RunChunks } from '../compute/index.ts'
import { fileError } from '../host/node/files.ts'
import { presentNames } from './chunk-file.ts'

/** What a stage says of its chunks in the manifest. */
export interface ChunkCount {
  chunks: number
  reused: number
}

const short = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/**
 * Runs chunks on an executor and keeps each result as a file, so that an interrupted stage goes on from the last
 * finished chunk, and a second pass over the same chunks reads them back. A file belongs to task, setup and chunk by
 * digest.
 */
export function runWithFiles(options: {
  executor: Executor
  folder: string
  signal: AbortSignal
  count: ChunkCount
  progress(label: string, fraction: number): void
  /** Hears where the results of a scan go, before it begins. */
  began?(folder: string, chunks: number): void
}): RunChunks {
  const { executor, signal, count, progress, began } = options
  const seen = new Set<string>()
  return async function* run(task, setup, chunks, { label = task.name, weights } = {}) {
    const identity = `${task.name.replaceAll(/\W+/g, '-')}-${short(serialize(setup))}`
    const folder = join(options.folder, identity)
    const firstPass = !seen.has(identity)
    seen.add(identity)
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, folder)
    })
    const names = chunks.map((chunk, index) => `${index}-${short(serialize(chunk))}`)
    const present = await presentNames(folder, names)
    if (firstPass) {
      count.chunks += chunks.length
      count.reused += present.size
    }
    const weight = (index: number) => weights?.[index] ?? 1
    const total = chunks.reduce((sum, _, index) => sum + weight(index), 0)
    let finished = [...present].reduce((sum, index) => sum + weight(index), 0)
    if (present.size < chunks.length) {
      began?.(folder, chunks.length)
      progress(label, finished / total)
    }
    yield* executor.run(
      {
        task,
        setup,
        chunks,
        label,
        weights,
        files: { folder, names },
        done(index) {
          if (present.has(index)) return
          present.add(index)
          finished += weight(index)
          progress(label, finished / total)
        },
      },
      signal,
    )
  }
}
