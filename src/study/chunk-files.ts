import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import type { RunChunks, WorkerPool } from '../compute/index.ts'
import { fileError } from '../host/node/files.ts'

/** What a stage says of its chunks in the manifest. */
export interface ChunkCount {
  chunks: number
  reused: number
}

const short = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** A result whose last four bytes are the CRC-32 of the rest: a file cut short by a crash is seen. */
function pack(result: unknown): Buffer {
  const body = serialize(result)
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(crc32(body))
  return Buffer.concat([body, tail])
}

function unpack(bytes: Buffer): { result: unknown } | undefined {
  if (bytes.length < 4) return undefined
  const body = bytes.subarray(0, -4)
  return crc32(body) === bytes.readUInt32LE(bytes.length - 4) ? { result: deserialize(body) } : undefined
}

/**
 * Runs chunks on a pool and keeps each result as a file, so that an interrupted stage goes on from the last finished
 * chunk, and a second pass over the same chunks reads them back. A file belongs to task, setup and chunk by digest.
 */
export function runWithFiles(options: {
  pool: WorkerPool
  folder: string
  signal: AbortSignal
  count: ChunkCount
  progress(label: string, fraction: number): void
}): RunChunks {
  const { pool, signal, count, progress } = options
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
    const present = new Set(await readdir(folder))
    const missing = chunks.map((_, index) => index).filter((index) => !present.has(names[index]))
    if (firstPass) {
      count.chunks += chunks.length
      count.reused += chunks.length - missing.length
    }
    const weight = (index: number) => weights?.[index] ?? 1
    const total = chunks.reduce((sum, _, index) => sum + weight(index), 0)
    const isMissing = new Set(missing)
    let finished = chunks.reduce((sum, _, index) => sum + (isMissing.has(index) ? 0 : weight(index)), 0)
    if (missing.length > 0) progress(label, finished / total)
    const fresh = pool
      .run(
        task,
        setup,
        missing.map((index) => chunks[index]),
        signal,
        (position) => {
          finished += weight(missing[position])
          progress(label, finished / total)
        },
      )
      [Symbol.asyncIterator]()
    try {
      for (let index = 0; index < chunks.length; index++) {
        signal.throwIfAborted()
        const path = join(folder, names[index])
        if (isMissing.has(index)) {
          const next = await fresh.next()
          const partial = `${path}.partial`
          try {
            await writeFile(partial, pack(next.value))
            await rename(partial, path)
          } catch (error) {
            throw fileError(error, path)
          }
          yield next.value
        } else {
          const kept = unpack(await readFile(path))
          if (kept !== undefined) yield kept.result as never
          else {
            await rm(path, { force: true })
            for await (const result of pool.run(task, setup, [chunks[index]], signal)) yield result
          }
        }
      }
    } finally {
      await fresh.return?.()
    }
  }
}
