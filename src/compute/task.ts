import type { Host } from '../host/host.ts'
import { trackingHost } from './tracking-host.ts'

/**
 * A computation that is cut into chunks. `prepare` runs once in each worker; the function it returns runs once a chunk.
 * Setup, chunk and result are plain data: objects, arrays, strings, numbers, booleans, null and typed arrays. A result
 * depends on setup and chunk alone, never on which worker ran it or what ran before.
 */
export interface ChunkTask<Setup, Chunk, Result> {
  /** `folder/name`, unique. */
  readonly name: string
  prepare(setup: Setup, host: Host): Promise<ChunkWork<Chunk, Result>>
  /** Buffers of a result that are handed over instead of copied: the task must hold no view of them. */
  transfer?(result: Result): ArrayBuffer[]
  /**
   * A buffer of a result that nobody looks at once the next result is asked for: a later chunk may be given it to fill, as
   * memory that is new to the process costs more than what is written to it.
   */
  spare?(result: Result): ArrayBuffer | undefined
}

/** Works on one chunk; `spare` is a buffer of a former result, if there is one. */
export type ChunkWork<Chunk, Result> = (
  chunk: Chunk,
  signal: AbortSignal,
  spare?: ArrayBuffer,
) => Promise<Result> | Result

export interface RunOptions {
  /** What is being done, for the progress line: "reading genotypes". */
  label?: string
  /** Relative cost of each chunk, for the estimate of the time left; equal when absent. */
  weights?: readonly number[]
}

/** Runs every chunk of a task and yields the results in the order of the chunks, a bounded number ahead. */
export type RunChunks = <Setup, Chunk, Result>(
  task: ChunkTask<Setup, Chunk, Result>,
  setup: Setup,
  chunks: readonly Chunk[],
  options?: RunOptions,
) => AsyncIterable<Result>

/** What a stage is given to work with. */
export interface Workshop {
  host: Host
  run: RunChunks
  signal: AbortSignal
  /** Says that a fraction (0 to 1) of a named step is done. */
  progress(label: string, fraction: number): void
}

/** Runs chunks one after another in this thread: tests, small jobs, and the reference for every executor. */
export function runInline(host: Host, signal: AbortSignal): RunChunks {
  return async function* run(task, setup, chunks) {
    const { host: own, closeAll } = trackingHost(host)
    try {
      const work = await task.prepare(setup, own)
      let spare: ArrayBuffer | undefined
      for (const chunk of chunks) {
        signal.throwIfAborted()
        const result = await work(chunk, signal, spare)
        yield result
        spare = task.spare?.(result)
      }
    } finally {
      await closeAll()
    }
  }
}
