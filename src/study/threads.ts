import { Worker } from 'node:worker_threads'
import { WorkerPool } from '../compute/index.ts'
import type { FromWorker, WorkerHandle } from '../compute/protocol.ts'
import { kernelModule } from '../host/node/kernels.ts'

/** MB for young objects in a worker: with V8's own 48 garbage lies about longer, and no scan is faster. */
const maxYoungGenerationSizeMb = 12

/** A thread started before there was a pool to take it, and what threads load before they are asked. */
let waiting: Worker | undefined
let firstTasks: readonly string[] = []

function startWorker(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { module: kernelModule(), firstTasks },
    resourceLimits: { maxYoungGenerationSizeMb },
  })
}

/**
 * Starts one thread for the pool to come, while the main thread still reads its own code, and has this and every later
 * thread load the code of `tasks` at once. A thread that no pool takes does not keep the program alive.
 */
export function startThreadAhead(tasks: readonly string[]): void {
  firstTasks = tasks
  waiting ??= startWorker()
  waiting.unref()
}

/** A pool of worker threads that know every task of the study. */
export function threadPool(workers: number): WorkerPool {
  const spawn = (): WorkerHandle => {
    const worker = waiting ?? startWorker()
    waiting = undefined
    worker.ref()
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      onMessage: (listener) => {
        worker.on('message', (message: FromWorker) => listener(message))
      },
      onExit: (listener) => {
        let reason = ''
        worker.on('error', (error: Error) => {
          reason = error.message
        })
        worker.on('exit', (code) => listener(reason === '' ? `exit code ${code}` : reason))
      },
      terminate: async () => {
        await worker.terminate()
      },
    }
  }
  return new WorkerPool(spawn, workers)
}
