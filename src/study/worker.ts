import { parentPort, workerData } from 'node:worker_threads'
import { type ChunkTask, type FindTask, serveChunks, type ToWorker } from '../compute/index.ts'
import { nodeHost } from '../host/node/index.ts'
import { installKernels } from '../numerics/kernels.ts'
import { tasks } from './tasks.ts'

// The entry of every worker thread: it alone gathers the tasks that workers run.
const port = parentPort
if (port !== null) {
  installKernels((workerData as { module: WebAssembly.Module }).module)
  const find: FindTask = async (name) => (await tasks[name]?.()) as ChunkTask<unknown, unknown, unknown> | undefined
  const serve = serveChunks(find, nodeHost(), (message, transfer) => port.postMessage(message, transfer))
  port.on('message', (message: ToWorker) => serve(message))
}
