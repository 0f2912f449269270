import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { UpturnError } from '../errors/index.ts'
import type { Host } from '../host/host.ts'
import { WorkerPool } from './pool.ts'
import type { FromWorker, ToWorker, WorkerHandle } from './protocol.ts'
import { serveChunks } from './serve.ts'
import { type ChunkTask, runInline } from './task.ts'

const host = {
  open: async () => ({ name: '', size: 0, read: async () => new Uint8Array(), close: async () => undefined }),
} as unknown as Host
const square: ChunkTask<{ add: number }, number, number> = {
  name: 'test/square',
  async prepare({ add }) {
    return async (chunk) => {
      await new Promise((resolve) => setTimeout(resolve, (chunk * 37) % 5))
      if (chunk === 13) throw new UpturnError('BadArgument', 'thirteen')
      return chunk * chunk + add
    }
  },
}

/** A worker in this thread that dies when it meets the chunk `deadly` for the first time. */
function fakeWorkers(deadly?: { chunk: number; times: number }, task: unknown = square) {
  const born: number[] = []
  const spawn = (): WorkerHandle => {
    born.push(1)
    let listener: (message: FromWorker) => void = () => undefined
    let exit: (reason: string) => void = () => undefined
    let dead = false
    const serve = serveChunks(
      async () => task as ChunkTask<unknown, unknown, unknown>,
      host,
      (message) => {
        if (!dead) listener(message)
      },
    )
    return {
      post(message: ToWorker) {
        if (message.kind === 'chunk' && deadly !== undefined && message.chunk === deadly.chunk && deadly.times-- > 0) {
          dead = true
          setTimeout(() => exit('killed'), 1)
        } else serve(message)
      },
      onMessage: (l) => {
        listener = l
      },
      onExit: (l) => {
        exit = l
      },
      terminate: async () => undefined,
    }
  }
  return { spawn, born }
}

async function collect(pool: WorkerPool, chunks: number[], signal = new AbortController().signal) {
  const results: number[] = []
  for await (const result of pool.run(square, { add: 1 }, chunks, signal)) results.push(result)
  return results
}

describe('worker pool', () => {
  const chunks = Array.from({ length: 12 }, (_, i) => i)
  it('yields results in the order of the chunks, for any number of workers', async () => {
    for (const size of [1, 2, 5]) {
      const pool = new WorkerPool(fakeWorkers().spawn, size)
      expect(await collect(pool, chunks)).toEqual(chunks.map((c) => c * c + 1))
    }
  })
  it('replaces a dead worker and tries its chunk once more', async () => {
    const workers = fakeWorkers({ chunk: 7, times: 1 })
    expect(await collect(new WorkerPool(workers.spawn, 2), chunks)).toEqual(chunks.map((c) => c * c + 1))
    expect(workers.born.length).toBe(3)
  })
  it('gives up when the same chunk kills twice', async () => {
    const workers = fakeWorkers({ chunk: 7, times: 2 })
    await expect(collect(new WorkerPool(workers.spawn, 2), chunks)).rejects.toMatchObject({ code: 'Internal' })
  })
  it('passes a tagged error on', async () => {
    const pool = new WorkerPool(fakeWorkers().spawn, 3)
    await expect(collect(pool, [...chunks, 13, 14])).rejects.toMatchObject({ code: 'BadArgument', message: 'thirteen' })
  })
  it('lets go of results that were consumed', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const results: WeakRef<object>[] = []
    const make: ChunkTask<null, number, object> = {
      name: 'test/object',
      prepare: async () => () => {
        const result = {}
        results.push(new WeakRef(result))
        return result
      },
    }
    const spawn = (): WorkerHandle => {
      let listener: (message: FromWorker) => void = () => undefined
      const serve = serveChunks(
        async () => make as ChunkTask<unknown, unknown, unknown>,
        host,
        (message) => listener(message),
      )
      return {
        post: serve,
        onMessage: (l) => {
          listener = l
        },
        onExit: () => undefined,
        terminate: async () => undefined,
      }
    }
    const pool = new WorkerPool(spawn, 2)
    let consumed = 0
    for await (const _ of pool.run(
      make,
      null,
      Array.from({ length: 40 }, (_, i) => i),
      new AbortController().signal,
    ))
      if (++consumed === 30) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        collectGarbage()
        expect(results.slice(0, 25).filter((reference) => reference.deref() !== undefined).length).toBeLessThan(3)
      }
    expect(consumed).toBe(40)
  })
  it('hands buffers of consumed results to later chunks, and never one that is still looked at', async () => {
    const filling: ChunkTask<null, number, Uint8Array<ArrayBuffer>> = {
      name: 'test/filling',
      prepare: async () => (chunk, _signal, spare) => new Uint8Array(spare ?? new ArrayBuffer(8)).fill(chunk),
      spare: (result) => result.buffer,
    }
    const { signal } = new AbortController()
    const numbers = Array.from({ length: 60 }, (_, i) => i)
    const pool = new WorkerPool(fakeWorkers(undefined, filling).spawn, 2)
    const inline = runInline(host, signal)
    for (const results of [inline(filling, null, numbers), pool.run(filling, null, numbers, signal)]) {
      const buffers = new Set<ArrayBuffer>()
      let consumed = 0
      for await (const result of results) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        expect([...result]).toEqual(Array(8).fill(consumed++))
        buffers.add(result.buffer)
      }
      expect(consumed).toBe(60)
      expect(buffers.size).toBeLessThan(12)
    }
  })
  it('runs two scans at once on the same workers, each with its own setup', async () => {
    const pool = new WorkerPool(fakeWorkers().spawn, 2)
    const { signal } = new AbortController()
    const scan = async (add: number) => {
      const results: number[] = []
      for await (const result of pool.run(square, { add }, chunks, signal)) results.push(result - add)
      return results
    }
    const expected = chunks.map((c) => c * c)
    expect(await Promise.all([scan(1), scan(1000), scan(2)])).toEqual([expected, expected, expected])
  })

  it('prepares a worker once for calls of one owner, and says why it cannot', async () => {
    let prepared = 0
    const counting: ChunkTask<null, number, number> = {
      name: 'test/counting',
      async prepare() {
        prepared++
        if (prepared > 1) throw new UpturnError('BadArgument', 'once is enough')
        return (chunk) => chunk
      },
    }
    const pool = new WorkerPool(fakeWorkers(undefined, counting).spawn, 1)
    const { signal } = new AbortController()
    const owner = {}
    const one = async (chunk: number, whose: object) => {
      for await (const result of pool.run(counting, null, [chunk], signal, undefined, whose)) return result
    }
    expect([await one(1, owner), await one(2, owner)]).toEqual([1, 2])
    await expect(one(3, {})).rejects.toMatchObject({ message: 'once is enough' })
  })

  it('stops on abort with the reason given', async () => {
    const controller = new AbortController()
    const pool = new WorkerPool(fakeWorkers().spawn, 2)
    const running = collect(pool, chunks, controller.signal)
    controller.abort(new UpturnError('Interrupted', 'enough'))
    await expect(running).rejects.toMatchObject({ code: 'Interrupted' })
  })
})
