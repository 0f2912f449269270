export { WorkerPool } from './pool.ts'
export type { FromWorker, ToWorker, WorkerHandle } from './protocol.ts'
export { type FindTask, serveChunks } from './serve.ts'
export { type ChunkTask, type RunChunks, type RunOptions, runInline, type Workshop } from './task.ts'
