import type { FlatError } from '../errors/index.ts'

/** What the owner of a worker says. Every request has an id, answered once. */
export type ToWorker =
  | { kind: 'prepare'; id: number; task: string; setup: unknown }
  | { kind: 'chunk'; id: number; chunk: unknown; spare?: ArrayBuffer }
  | { kind: 'abort' }

export type FromWorker =
  | { kind: 'done'; id: number; result: unknown }
  | { kind: 'failed'; id: number; error: FlatError }

/** A worker of any host. */
export interface WorkerHandle {
  post(message: ToWorker, transfer: ArrayBuffer[]): void
  onMessage(listener: (message: FromWorker) => void): void
  /** Called once, when the worker is gone for whatever reason. */
  onExit(listener: (reason: string) => void): void
  terminate(): Promise<void>
}
