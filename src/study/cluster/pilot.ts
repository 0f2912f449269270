import { hostname } from 'node:os'
import type { ChunkTask, WorkerPool } from '../../compute/index.ts'
import { type ErrorCode, flattenError, isUpturnError, UpturnError } from '../../errors/index.ts'
import { resultPath, writeResult } from '../chunk-file.ts'
import { release, writeError, writeFailure } from './leases.ts'
import { type PilotFile, PilotStates, SignOfLife } from './pilots.ts'
import { type RunFile, type RunFolder, runFolder } from './run-folder.ts'
import { isWanted } from './scans.ts'
import { changedAt, fileSystemTime, readJson } from './shared-file.ts'
import { type Taken, Taker } from './taker.ts'

export interface PilotOptions {
  folder: string
  /** Chunks at a time. */
  workers: number
  /** A pool of one worker. */
  spawn(): WorkerPool
  id: string
  /** The scheduler's name of this pilot's job; empty where there is none. */
  job: string
  log: string | null
  version: string
  /** Aborts when the pilot is to end: what it is at may still be finished, for `grace` milliseconds. */
  signal: AbortSignal
  grace: number
  say(text: string): void
}

/** `idle`: nothing was left to do. `stopped`: the coordinator has ended the run. `interrupted`: by a signal. */
export type PilotEnd = 'idle' | 'stopped' | 'interrupted' | 'failed'

/** What one node may lack while another has it: worth a second try elsewhere. */
const ofTheNode: ReadonlySet<ErrorCode> = new Set([
  'Internal',
  'ChunkLost',
  'FileNotFound',
  'FileUnreadable',
  'DiskFull',
])

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** Only the name of a task crosses to the workers. */
const named = (name: string): ChunkTask<unknown, unknown, unknown> => ({
  name,
  prepare: () => Promise.reject(new UpturnError('Internal', 'a pilot does not prepare tasks itself')),
})

/**
 * A pilot: takes bundles of chunks from a run folder until none comes any more, and writes each result as a file. Any
 * number of pilots on any machines that share the folder may do so; they speak to nobody else.
 */
export async function runPilot(options: PilotOptions): Promise<PilotEnd> {
  const { id, job, log, signal, say } = options
  const run = runFolder(options.folder)
  const file = await readJson<RunFile>(run.run)
  if (file === undefined)
    throw new UpturnError('FileNotFound', 'no run is coordinated here; upturn run with --executor makes this folder', {
      place: { file: run.run },
    })
  if (file.format !== 1 || file.upturn !== options.version)
    throw new UpturnError(
      'BadArgument',
      `the run is coordinated by Upturn ${file.upturn}, this worker is ${options.version}; use one version everywhere`,
      { place: { file: run.run } },
    )
  const { times } = file
  const me: PilotFile = {
    id,
    job,
    log,
    host: hostname(),
    pid: process.pid,
    workers: options.workers,
    state: 'working',
    begun: await fileSystemTime(run.clock(id)),
  }
  const life = new SignOfLife(run, me, times.beat)
  await life.begin()
  const taker = new Taker(run, new PilotStates(run, id, times.stale), id, times.poll)
  const pools = Array.from({ length: options.workers }, () => options.spawn())
  const hard = new AbortController()
  const state: LaneState = { end: undefined, working: 0, lastWork: performance.now() }
  let graceTimer: NodeJS.Timeout | undefined
  const halt = () => {
    hard.abort(signal.reason)
    for (const pool of pools) void pool.close()
  }
  const onAbort = () => {
    state.end ??= 'interrupted'
    void life.say('ending').catch(() => undefined)
    const stop = async () => {
      // The run itself is over: nothing is worth finishing.
      if ((await changedAt(run.stop).catch(() => 0)) !== undefined) halt()
    }
    void stop()
    graceTimer = setTimeout(halt, options.grace)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const lane = async (pool: WorkerPool) => {
      let wait = 50
      while (state.end === undefined) {
        const taken = await taker.take()
        if (taken === undefined) {
          await lookAround(run, state, times.idle)
          await pause(wait)
          wait = Math.min(times.poll, wait * 1.5)
          continue
        }
        wait = 50
        state.working++
        try {
          const failed = await runBundle({ taken, pool, me, hard: hard.signal, ending: () => state.end !== undefined })
          if (failed !== undefined) {
            say(`chunk ${failed.chunk} of ${taken.scan.task}: ${failed.error.message}`)
            if (failed.ofTheNode) state.end ??= 'failed'
          }
        } finally {
          state.working--
          state.lastWork = performance.now()
          taker.finished(taken)
        }
      }
    }
    await Promise.all(pools.map(lane))
    return state.end as PilotEnd
  } finally {
    clearTimeout(graceTimer)
    signal.removeEventListener('abort', onAbort)
    await Promise.all(pools.map((pool) => pool.close()))
    // Where the folder is gone there is nobody to tell.
    await life.say('ended').catch(() => undefined)
  }
}

interface LaneState {
  end: PilotEnd | undefined
  working: number
  lastWork: number
}

async function lookAround(run: RunFolder, state: LaneState, idle: number): Promise<void> {
  if ((await changedAt(run.stop)) !== undefined || (await changedAt(run.run)) === undefined) state.end ??= 'stopped'
  else if (state.working === 0 && performance.now() - state.lastWork > idle) state.end ??= 'idle'
}

/** Runs the missing chunks of a bundle; what went wrong, where something did. */
async function runBundle(options: {
  taken: Taken
  pool: WorkerPool
  me: PilotFile
  hard: AbortSignal
  ending(): boolean
}): Promise<{ chunk: number; error: Error; ofTheNode: boolean } | undefined> {
  const { taken, pool, me, hard, ending } = options
  const { scan, bundle, attempt, missing } = taken
  const { folder } = scan
  const files = { folder: scan.results, names: scan.names }
  const task = named(scan.task)
  let at = missing[0]
  try {
    let writing: Promise<unknown> = Promise.resolve()
    for (const chunk of missing) {
      const path = resultPath(files, chunk)
      if ((await changedAt(path)) !== undefined) continue
      if (ending() || !(await isWanted(folder))) {
        await writing
        await release(folder, bundle, attempt)
        return undefined
      }
      at = chunk
      for await (const result of pool.run(task, scan.setup, [scan.chunkList[chunk]], hard, undefined, scan)) {
        // One result is written while the next is computed.
        await writing
        writing = writeResult(path, result, me.id, true)
        writing.catch(() => undefined)
      }
    }
    await writing
    return undefined
  } catch (caught) {
    // A run that was ended, or a scan that was withdrawn, takes its folders along.
    if (hard.aborted || !(await isWanted(folder))) {
      await release(folder, bundle, attempt).catch(() => undefined)
      return undefined
    }
    const error = describe(caught, at, scan.task)
    const node = !isUpturnError(error) || ofTheNode.has(error.code)
    const failure = { chunk: at, error: flattenError(error), host: me.host, job: me.job, log: me.log }
    if (node) await writeFailure(folder, bundle, attempt, failure, me.id)
    else await writeError(folder, failure, me.id)
    return { chunk: at, error, ofTheNode: node }
  }
}

function describe(caught: unknown, chunk: number, task: string): Error {
  if (isUpturnError(caught) && typeof caught.details.workerDied === 'string')
    return new UpturnError(
      'ChunkLost',
      `chunk ${chunk} of ${task} took two worker threads with it: ${caught.details.workerDied}; give the pilots more memory`,
    )
  return caught instanceof Error ? caught : new UpturnError('Internal', String(caught))
}
