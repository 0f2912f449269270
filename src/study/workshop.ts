import type { Workshop } from '../compute/index.ts'
import { nodeHost } from '../host/node/index.ts'
import { installNodeKernels } from '../host/node/kernels.ts'
import type { Progress } from './progress.ts'
import { threadPool } from './threads.ts'

/** A workshop outside any study: nothing is kept between runs. Close it when done. */
export function openWorkshop(options: {
  workers: number
  signal: AbortSignal
  progress: Progress
}): Workshop & { close(): Promise<void> } {
  const { signal, progress } = options
  const pool = threadPool(options.workers)
  pool.start()
  installNodeKernels()
  return {
    host: nodeHost(),
    signal,
    progress: (label, fraction) => progress.step(label, fraction),
    async *run(task, setup, chunks, { label = task.name, weights } = {}) {
      const weight = (index: number) => weights?.[index] ?? 1
      const total = chunks.reduce((sum, _, index) => sum + weight(index), 0)
      let finished = 0
      yield* pool.run(task, setup, chunks, signal, (index) => {
        finished += weight(index)
        progress.step(label, finished / total)
      })
    },
    close: () => pool.close(),
  }
}
