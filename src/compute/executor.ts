import type { WorkerPool } from './pool.ts'
import type { ChunkTask } from './task.ts'

/** Where the result of every chunk is kept as a file: `names[i]` in `folder` holds that of chunk i. */
export interface ResultFiles {
  folder: string
  names: readonly string[]
}

/** A task over a deterministic plan of chunks. */
export interface Scan<Setup, Chunk, Result> {
  task: ChunkTask<Setup, Chunk, Result>
  setup: Setup
  chunks: readonly Chunk[]
  /** What is being done, for whoever watches. */
  label: string
  /** Relative cost of each chunk; equal when absent. */
  weights?: readonly number[]
  /** Results that are there already are used, new ones are kept here. Without it nothing is kept. */
  files?: ResultFiles
  /** Hears of every chunk whose result is there, in whatever order they come. */
  done?(index: number): void
}

/**
 * What runs the chunks of scans: threads of this process, or processes on other machines. It yields the result of every
 * chunk in the order of the chunks; since a result depends on setup and chunk alone, what is yielded is the same
 * whatever the executor, the number of its workers, and whatever died on the way.
 */
export interface Executor {
  run<Setup, Chunk, Result>(scan: Scan<Setup, Chunk, Result>, signal: AbortSignal): AsyncIterable<Result>
  /** Ends every worker. */
  close(): Promise<void>
}

/** The executor of a pool of workers in this process; it keeps no files. */
export function poolExecutor(pool: WorkerPool): Executor {
  return {
    run: ({ task, setup, chunks, done }, signal) => pool.run(task, setup, chunks, signal, done),
    close: () => pool.close(),
  }
}
