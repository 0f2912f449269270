import { parentPort, workerData } from 'node:worker_threads'
import { type ChunkTask, type FindTask, serveChunks, type ToWorker } from '../compute/index.ts'
import { nodeHost } from '../host/node/index.ts'
import { installKernels } from '../numerics/kernels.ts'
import { tasks } from './tasks.ts'

// The entry of every worker thread: it alone gathers the tasks that workers run.
const port = parentPort
if (port !== null) {
  const { module, firstTasks } = workerData as { module: WebAssembly.Module; firstTasks: readonly string[] }
  installKernels(module)
  const find: FindTask = async (name) => (await tasks[name]?.()) as ChunkTask<unknown, unknown, unknown> | undefined
  const serve = serveChunks(find, nodeHost(), (message, transfer) => port.postMessage(message, transfer))
  // What it will be asked for first is loaded while it is not asked; a failure is told when it is.
  for (const task of firstTasks) void tasks[task]?.().catch(() => undefined)
  port.on('message', (message: ToWorker) => serve(message))
}
