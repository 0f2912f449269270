export { type ChunkTask, type RunChunks, type RunOptions, runInline, type Workshop } from './task.ts'
