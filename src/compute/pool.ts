import { reviveError, UpturnError } from '../errors/index.ts'
import type { WorkerHandle } from './protocol.ts'
import type { ChunkTask } from './task.ts'

interface Waiting {
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** One worker and the requests it has not answered. */
class Member {
  readonly #handle: WorkerHandle
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  /** For whom the last `prepare` was sent. */
  #prepared: object | undefined
  alive = true

  constructor(handle: WorkerHandle) {
    this.#handle = handle
    handle.onMessage((message) => {
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.kind === 'done') waiting?.resolve(message.result)
      else waiting?.reject(reviveError(message.error))
    })
    handle.onExit((reason) => {
      this.alive = false
      for (const waiting of this.#waiting.values()) waiting.reject(new WorkerGone(reason))
      this.#waiting.clear()
    })
  }

  ask(
    message:
      | { kind: 'prepare'; task: string; setup: unknown }
      | { kind: 'chunk'; chunk: unknown; spare: ArrayBuffer | undefined },
  ): Promise<unknown> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      const spare = message.kind === 'chunk' ? message.spare : undefined
      this.#handle.post({ ...message, id }, spare === undefined ? [] : [spare])
    })
  }

  /**
   * Runs one chunk, after a `prepare` where the last one was for another owner. Both are sent in one go, so that two
   * scans that share the worker cannot come between them.
   */
  async chunk(owner: object, task: string, setup: unknown, chunk: unknown, spare?: ArrayBuffer): Promise<unknown> {
    const prepare = this.#prepared === owner ? undefined : this.ask({ kind: 'prepare', task, setup })
    this.#prepared = owner
    const result = this.ask({ kind: 'chunk', chunk, spare })
    // When it is refused as unprepared, what `prepare` said is the reason.
    result.catch(() => undefined)
    try {
      await prepare
    } catch (error) {
      this.#prepared = undefined
      throw error
    }
    return result
  }

  abort(): void {
    this.#handle.post({ kind: 'abort' }, [])
  }

  terminate(): Promise<void> {
    return this.#handle.terminate()
  }
}

/** Internal: the worker died without an answer. */
class WorkerGone {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** A chunk whose worker died is tried this many times in all, each in a fresh worker. */
const attempts = 2
/** Chunks a worker may be ahead of the consumer, so that memory stays bounded. */
const windowPerWorker = 3

/**
 * Workers that take chunks one by one. A worker that dies is replaced and its chunk tried once more; an error that the
 * task itself throws ends the run. The pool lives as long as the study and is closed by its owner.
 */
export class WorkerPool {
  readonly #spawn: () => WorkerHandle
  readonly #size: number
  readonly #members: (Member | undefined)[]

  constructor(spawn: () => WorkerHandle, size: number) {
    this.#spawn = spawn
    this.#size = size
    this.#members = Array.from({ length: size }, () => undefined)
  }

  get size(): number {
    return this.#size
  }

  /** Starts every worker, which is else done when there is a chunk for it: what is done until then they start beside. */
  start(): void {
    for (let slot = 0; slot < this.#size; slot++) this.#member(slot)
  }

  #member(slot: number): Member {
    const member = this.#members[slot]
    if (member?.alive) return member
    const fresh = new Member(this.#spawn())
    this.#members[slot] = fresh
    return fresh
  }

  /**
   * Yields the result of every chunk in order. `done` hears of each finished chunk at once, in whatever order they end.
   * Calls with the same `owner` are of the same task and setup: a worker prepares once for all of them.
   */
  async *run<Setup, Chunk, Result>(
    task: ChunkTask<Setup, Chunk, Result>,
    setup: Setup,
    chunks: readonly Chunk[],
    signal: AbortSignal,
    done: (index: number) => void = () => undefined,
    owner: object = {},
  ): AsyncIterable<Result> {
    signal.throwIfAborted()
    const results: (Promise<Result> | undefined)[] = []
    // Emptied once settled: a resolver keeps its promise, and that its result, alive.
    const settle: ({ resolve(result: Result): void; reject(error: unknown): void } | undefined)[] = []
    for (let index = 0; index < chunks.length; index++) {
      const promise = new Promise<Result>((resolve, reject) => settle.push({ resolve, reject }))
      // A rejection is seen by the consumer, or not at all when it has stopped.
      promise.catch(() => undefined)
      results.push(promise)
    }
    const spares: ArrayBuffer[] = []
    let next = 0
    let consumed = 0
    let stopped = false
    let wake: (() => void)[] = []
    const window = windowPerWorker * this.#size
    const room = async () => {
      while (!stopped && next >= consumed + window) await new Promise<void>((resolve) => wake.push(resolve))
    }
    const stop = () => {
      stopped = true
      for (const resolve of wake) resolve()
      wake = []
    }
    const work = async (slot: number) => {
      while (!stopped && next < chunks.length) {
        await room()
        if (stopped || next >= chunks.length) return
        const index = next++
        for (let attempt = 1; ; attempt++) {
          try {
            const member = this.#member(slot)
            const result = (await member.chunk(owner, task.name, setup, chunks[index], spares.pop())) as Result
            settle[index]?.resolve(result)
            settle[index] = undefined
            done(index)
            break
          } catch (error) {
            if (error instanceof WorkerGone && attempt < attempts && !signal.aborted) continue
            const reason =
              error instanceof WorkerGone
                ? new UpturnError(
                    'Internal',
                    `a worker died twice on chunk ${index} of ${task.name}: ${error.reason}`,
                    {
                      details: { workerDied: error.reason },
                    },
                  )
                : error
            settle[index]?.reject(reason)
            stop()
            return
          }
        }
      }
    }
    const workers = Array.from({ length: Math.min(this.#size, chunks.length) }, (_, slot) => work(slot))
    const onAbort = () => {
      for (const member of this.#members) if (member?.alive) member.abort()
      for (const waiting of settle) waiting?.reject(signal.reason)
      stop()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (let index = 0; index < chunks.length; index++) {
        const result = await (results[index] as Promise<Result>)
        results[index] = undefined
        consumed = index + 1
        for (const resolve of wake) resolve()
        wake = []
        yield result
        const spare = task.spare?.(result)
        if (spare !== undefined) spares.push(spare)
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      stop()
      await Promise.allSettled(workers)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.flatMap((member) => (member === undefined ? [] : [member.terminate()])))
    this.#members.fill(undefined)
  }
}
