import { flattenError, UpturnError } from '../errors/index.ts'
import type { Host } from '../host/host.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import type { ChunkTask, ChunkWork } from './task.ts'
import { trackingHost } from './tracking-host.ts'

/** Loads the task of a name; the worker's entry gathers them. */
export type FindTask = (name: string) => Promise<ChunkTask<unknown, unknown, unknown> | undefined>

/** The worker's side of the protocol: feed it messages in order. */
export function serveChunks(
  find: FindTask,
  host: Host,
  post: (message: FromWorker, transfer: ArrayBuffer[]) => void,
): (message: ToWorker) => void {
  const { host: own, closeAll } = trackingHost(host)
  let task: Awaited<ReturnType<FindTask>>
  let work: ChunkWork<unknown, unknown> | undefined
  let controller = new AbortController()
  let queue: Promise<void> = Promise.resolve()
  const answer = async (message: Exclude<ToWorker, { kind: 'abort' }>) => {
    try {
      if (message.kind === 'prepare') {
        controller = new AbortController()
        work = undefined
        await closeAll()
        task = await find(message.task)
        if (task === undefined) throw new UpturnError('Internal', `no worker task is called ${message.task}`)
        work = await task.prepare(message.setup, own)
        post({ kind: 'done', id: message.id, result: null }, [])
      } else {
        if (work === undefined) throw new UpturnError('Internal', 'a chunk came before its task was prepared')
        const result = await work(message.chunk, controller.signal, message.spare)
        post({ kind: 'done', id: message.id, result }, task?.transfer?.(result) ?? [])
      }
    } catch (error) {
      post({ kind: 'failed', id: message.id, error: flattenError(error) }, [])
    }
  }
  return (message) => {
    if (message.kind === 'abort') controller.abort(new UpturnError('Interrupted', 'stopped'))
    else queue = queue.then(() => answer(message))
  }
}
