import { Worker } from 'node:worker_threads'
import { WorkerPool } from '../compute/index.ts'
import type { FromWorker, WorkerHandle } from '../compute/protocol.ts'
import { kernelModule } from '../host/node/kernels.ts'

/** MB for young objects in a worker: with V8's own 48 garbage lies about longer, and no scan is faster. */
const maxYoungGenerationSizeMb = 12

/** A pool of worker threads that know every task of the study. */
export function threadPool(workers: number): WorkerPool {
  const module = kernelModule()
  const spawn = (): WorkerHandle => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: { module },
      resourceLimits: { maxYoungGenerationSizeMb },
    })
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
