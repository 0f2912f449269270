import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Executor, Scan } from '../../compute/index.ts'
import { isUpturnError } from '../../errors/index.ts'
import { fileError, writeWhole } from '../../host/node/files.ts'
import { presentNames, readResult, resultPath } from '../chunk-file.ts'
import { Fleet } from './fleet.ts'
import { ScanWatch } from './follow.ts'
import { claim } from './leases.ts'
import { PilotStates, SignOfLife } from './pilots.ts'
import { type ClusterTimes, type JobsFile, type RunFile, type RunFolder, runFolder } from './run-folder.ts'
import { parkScans, publishScan, withdrawScan } from './scans.ts'
import type { Scheduler } from './scheduler.ts'
import { fileSystemTime, readJson, replaceFile } from './shared-file.ts'

export interface ClusterOptions {
  /** The run folder, on a file system that every node sees at the same path. */
  folder: string
  /** Threads of this machine, for scans too small to be worth sending. */
  threads: Executor
  /** How many. */
  workers: number
  scheduler(run: RunFolder): Scheduler
  /** Pilots at a time. */
  tasks: number
  times: ClusterTimes
  /** The command line of a pilot, without its folder. */
  program: string
  version: string
  note(text: string): void
}

/** Bundles at least so long are worth a lease, milliseconds of one worker. */
const bundleTime = 10_000
/** Bundles a pilot should have in reach, so that none waits long for the last. */
const bundlesAPilot = 8
/** More leases in one folder make every look at it slow. */
const mostBundles = 4096

/** An executor whose chunks run in pilots that a batch system starts; small scans stay with threads of this machine. */
export async function openCluster(options: ClusterOptions): Promise<ClusterExecutor> {
  const run = runFolder(options.folder)
  const scheduler = options.scheduler(run)
  const earlier = await readJson<RunFile>(run.run)
  // Pilots of another version must not go on with what this one coordinates.
  const foreign = earlier !== undefined && (earlier.format !== 1 || earlier.upturn !== options.version)
  if (foreign) await endForeign(run, scheduler, options.note)
  await rm(run.stop, { force: true })
  for (const folder of [run.pilots, run.scans, run.logs])
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, folder)
    })
  for (const name of await readdir(run.pilots)) if (name.startsWith('here-')) await rm(join(run.pilots, name))
  await parkScans(run)
  const file: RunFile = { format: 1, upturn: options.version, times: options.times }
  await writeWhole(run.run, JSON.stringify(file))
  await writeWhole(
    run.script,
    `#!/bin/sh\n# Started by a batch system: works for the run in this folder until nothing is left.\nexec ${options.program} ${quoted(run.folder)}\n`,
  )
  await chmod(run.script, 0o755)
  const id = `here-${process.pid}`
  const life = new SignOfLife(
    run,
    {
      id,
      job: '',
      log: null,
      host: hostname(),
      pid: process.pid,
      workers: options.workers,
      state: 'working',
      begun: await fileSystemTime(run.clock(id)),
    },
    options.times.beat,
  )
  await life.begin()
  const states = new PilotStates(run, id, options.times.stale)
  const fleet = new Fleet({ run, scheduler, tasks: options.tasks, times: options.times, states, note: options.note })
  try {
    await fleet.open()
  } catch (error) {
    await life.remove()
    // What an earlier coordinator wrote down of its jobs stays.
    if (earlier === undefined || foreign) await rm(run.folder, { recursive: true, force: true })
    throw error
  }
  return new ClusterExecutor(options, { run, id, life, states, fleet, scheduler })
}

async function endForeign(run: RunFolder, scheduler: Scheduler, note: (text: string) => void): Promise<void> {
  await replaceFile(run.stop, '', 'coordinator')
  const file = await readJson<JobsFile>(run.jobs)
  const written = file?.scheduler === scheduler.name ? file.jobs.filter((job) => job !== '') : []
  const jobs = [...new Set([...written, ...(await scheduler.find())])]
  if (jobs.length > 0) {
    note(`  cancels the jobs of a run by another version of Upturn: ${jobs.join(', ')}`)
    await scheduler.cancel(jobs)
  }
  await rm(run.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

export const quoted = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

interface Parts {
  run: RunFolder
  id: string
  life: SignOfLife
  states: PilotStates
  fleet: Fleet
  scheduler: Scheduler
}

export class ClusterExecutor implements Executor {
  readonly #options: ClusterOptions
  readonly #parts: Parts
  #failed = false
  /** Seen in all scans together. */
  #results = 0

  constructor(options: ClusterOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
  }

  async *run<Setup, Chunk, Result>(scan: Scan<Setup, Chunk, Result>, signal: AbortSignal): AsyncIterable<Result> {
    const { threads, workers, times } = this.#options
    const { files, chunks } = scan
    if (files === undefined) {
      yield* threads.run(scan, signal)
      return
    }
    const present = await presentNames(files.folder, files.names)
    const missing = [...chunks.keys()].filter((index) => !present.has(index))
    if (missing.length === 0) {
      yield* threads.run(scan, signal)
      return
    }
    const trial = await this.#tryHere(scan, missing, signal)
    if (trial.rest * trial.perChunk <= times.local * workers) {
      yield* threads.run(scan, signal)
      return
    }
    try {
      yield* this.#send(scan, trial, signal)
    } catch (error) {
      if (!isUpturnError(error, 'Interrupted')) this.#failed = true
      throw error
    } finally {
      await trial.ended.catch(() => undefined)
    }
  }

  /**
   * Runs the first missing chunks on this machine, one a worker, to learn how long one takes. What is still running
   * after `local` goes on meanwhile.
   */
  async #tryHere<Setup, Chunk, Result>(
    scan: Scan<Setup, Chunk, Result>,
    missing: readonly number[],
    signal: AbortSignal,
  ): Promise<Trial> {
    const { threads, workers, times } = this.#options
    const { files, chunks } = scan
    if (times.local <= 0)
      return { rest: missing.length, perChunk: Number.POSITIVE_INFINITY, running: [], ended: Promise.resolve() }
    const first = missing.slice(0, workers)
    const began = performance.now()
    const whole = async () => {
      const part = {
        ...scan,
        chunks: first.map((index) => chunks[index]),
        files: { folder: files?.folder as string, names: first.map((index) => files?.names[index] as string) },
        done: (place: number) => scan.done?.(first[place]),
      }
      for await (const _ of threads.run(part, signal));
    }
    const ended = whole()
    ended.catch(() => undefined)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), times.local)
    })
    const tooLong = await Promise.race([ended.then(() => false), late]).finally(() => clearTimeout(timer))
    const rest = missing.length - first.length
    if (tooLong) return { rest, perChunk: Number.POSITIVE_INFINITY, running: first, ended }
    return { rest, perChunk: performance.now() - began, running: [], ended }
  }

  /** Writes the scan down for pilots and yields results as their files come. */
  async *#send<Setup, Chunk, Result>(
    scan: Scan<Setup, Chunk, Result>,
    trial: Trial,
    signal: AbortSignal,
  ): AsyncIterable<Result> {
    const { run, id, states, fleet } = this.#parts
    const { times, tasks, threads } = this.#options
    const { task, setup, chunks, label } = scan
    const files = scan.files as NonNullable<typeof scan.files>
    const fair = Math.floor(chunks.length / (bundlesAPilot * tasks))
    const worth = Number.isFinite(trial.perChunk) ? Math.floor(bundleTime / Math.max(1, trial.perChunk)) : 1
    const published = await publishScan(run, {
      task: task.name,
      setup,
      chunks,
      files,
      bundle: Math.max(1, Math.min(fair, worth), Math.ceil(chunks.length / mostBundles)),
    })
    // What runs here is not for pilots. A lease is for a whole bundle: where that is more, they may do it once more.
    if (published.bundle === 1) for (const chunk of trial.running) await claim(published.folder, chunk, 1, id)
    const watch = new ScanWatch({
      run,
      folder: published.folder,
      bundle: published.bundle,
      files,
      label,
      states,
      times,
      tend: (bundles) => fleet.tend(bundles, this.#results),
      settle: (lost) => fleet.settle(lost),
      done: (index) => {
        this.#results++
        scan.done?.(index)
      },
      signal,
    })
    fleet.wake()
    trial.ended.catch((error: unknown) => watch.fail(error))
    try {
      for (let index = 0; index < chunks.length; index++) {
        await watch.until(index)
        const kept = await readResult(resultPath(files, index))
        if (kept !== undefined) {
          yield kept.result as Result
          continue
        }
        // Torn: whoever wrote it is not asked again.
        const again = {
          ...scan,
          chunks: [chunks[index]],
          files: { folder: files.folder, names: [files.names[index]] },
          done: undefined,
        }
        yield* threads.run(again, signal)
      }
    } finally {
      await watch.close()
      // A scan that was interrupted is found again, with its leases.
      if (!signal.aborted) await withdrawScan(published.folder)
    }
  }

  async close(): Promise<void> {
    const { run, life, fleet } = this.#parts
    const { note } = this.#options
    await this.#options.threads.close()
    await replaceFile(run.stop, '', 'coordinator').catch(() => undefined)
    await fleet.cancel().catch((error: unknown) => note(`  ${(error as Error).message}`))
    await life.remove().catch(() => undefined)
    // After a failure the logs stay, for whoever looks for the reason.
    const remove = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
    if (!this.#failed) await rm(run.folder, remove)
    else
      for (const name of await readdir(run.folder).catch(() => []))
        if (join(run.folder, name) !== run.logs) await rm(join(run.folder, name), remove)
  }
}

interface Trial {
  /** Chunks that were not begun. */
  rest: number
  /** Milliseconds; infinite where it is not known, or too long. */
  perChunk: number
  /** Chunks that threads of this machine are still at. */
  running: readonly number[]
  ended: Promise<void>
}

/**
 * Ends whatever pilots an earlier run left at work, when this one does without them; undefined when there is nothing to
 * end. What it returns removes the folder, in which they had until then to see that they are to end.
 */
export async function retireCluster(folder: string): Promise<(() => Promise<void>) | undefined> {
  const run = runFolder(folder)
  if ((await readJson(run.run)) === undefined) return undefined
  await replaceFile(run.stop, '', 'coordinator')
  return () => rm(run.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}
