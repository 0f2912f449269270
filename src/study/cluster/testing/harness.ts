import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChunkTask, serveChunks, type WorkerHandle, WorkerPool } from '../../../compute/index.ts'
import type { FromWorker } from '../../../compute/protocol.ts'
import { UpturnError } from '../../../errors/index.ts'
import type { Host } from '../../../host/host.ts'
import { threadExecutor } from '../../thread-executor.ts'
import { type ClusterExecutor, openCluster } from '../executor.ts'
import { runPilot } from '../pilot.ts'
import type { ClusterTimes } from '../run-folder.ts'
import type { Fate, Look, Scheduler } from '../scheduler.ts'

const host = {
  open: async () => ({ name: '', size: 0, read: async () => new Uint8Array(), close: async () => undefined }),
} as unknown as Host

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

export interface Trouble {
  /** Chunks whose own error ends the scan. */
  wrong?: readonly number[]
  /** Chunks that fail so many times on whatever node, as a missing file does. */
  missing?: Map<number, number>
  /** Milliseconds a chunk. */
  slow?: number
  /** Hears of every chunk that is computed. */
  ran?(chunk: number): void
}

export type Square = ChunkTask<{ add: number; table: Float64Array }, number, { value: number; table: Float64Array }>

/** Squares its chunk, after whatever is to go wrong. */
export function squareTask(trouble: Trouble = {}): Square {
  return {
    name: 'test/square',
    async prepare({ add, table }) {
      return async (chunk) => {
        trouble.ran?.(chunk)
        await pause(trouble.slow ?? (chunk * 37) % 5)
        if (trouble.wrong?.includes(chunk)) throw new UpturnError('FormatInvalid', `line ${chunk} is wrong`)
        const left = trouble.missing?.get(chunk) ?? 0
        if (left > 0) {
          trouble.missing?.set(chunk, left - 1)
          throw new UpturnError('FileNotFound', 'there is no such file; check the path', { place: { file: 'x.vcf' } })
        }
        return { value: chunk * chunk + add, table: table.map((x) => x + chunk) }
      }
    },
  }
}

export const squareSetup = { add: 1, table: Float64Array.of(0.1, Number.NaN, -0) }

/** Workers that live in this thread. */
export function localPool(task: Square, size: number): WorkerPool {
  const spawn = (): WorkerHandle => {
    let listener: (message: FromWorker) => void = () => undefined
    const serve = serveChunks(
      async () => task as ChunkTask<unknown, unknown, unknown>,
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
  return new WorkerPool(spawn, size)
}

export const quickTimes: ClusterTimes = { beat: 20, stale: 400, poll: 20, watch: 30, idle: 5000, local: 0 }

/** A batch system in this process: its elements are pilots in this thread. */
export class FakeScheduler implements Scheduler {
  readonly name = 'fake'
  readonly submitted: number[] = []
  readonly cancelled: string[] = []
  /** Elements by name; `stop` ends the pilot as a signal does. */
  readonly elements = new Map<string, { stop(): void; ended: boolean }>()
  readonly fates = new Map<string, Fate>()
  readonly #start: (job: string) => { stop(): void; ended: Promise<unknown> }
  /** Submissions whose jobs never start. */
  loses = 0
  refuses: string | null = null
  /** Tells only which jobs live, as templates do. */
  wholeJobs = false
  down = false

  constructor(start: (job: string) => { stop(): void; ended: Promise<unknown> }) {
    this.#start = start
  }

  async submit(count: number): Promise<string> {
    if (this.refuses !== null) throw new UpturnError('SchedulerFailed', this.refuses)
    this.submitted.push(count)
    const job = String(100 + this.submitted.length)
    if (this.loses > 0) {
      this.loses--
      return job
    }
    for (let i = 0; i < count; i++) this.begin(`${job}_${i}`)
    return job
  }

  begin(element: string): void {
    const pilot = this.#start(element)
    const entry = { stop: pilot.stop, ended: false }
    this.elements.set(element, entry)
    void pilot.ended
      .catch(() => undefined)
      .then(() => {
        entry.ended = true
      })
  }

  async look(jobs: readonly string[]): Promise<Look> {
    if (this.down) throw new UpturnError('SchedulerFailed', 'Slurm did not say how its jobs are: unable to contact')
    const running = [...this.elements].filter(([name, { ended }]) => !ended && jobs.includes(name.split('_')[0]))
    if (this.wholeJobs) {
      const names = new Set(running.map(([name]) => name.split('_')[0]))
      return { jobs: names, running: 0, pending: 0, reason: null, runningElements: null }
    }
    return {
      jobs: new Set(running.map(([name]) => name.split('_')[0])),
      running: running.length,
      pending: 0,
      reason: null,
      runningElements: new Set(running.map(([name]) => name)),
    }
  }

  fate(element: string): Promise<Fate | undefined> {
    return Promise.resolve(this.fates.get(element))
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    this.cancelled.push(...jobs)
    for (const [name, { stop }] of this.elements) if (jobs.includes(name.split('_')[0])) stop()
  }

  find(): Promise<string[]> {
    return Promise.resolve([])
  }
}

/** A results cache in a temporary folder, an executor on it, and pilots in this thread. */
export class Bench {
  readonly cache = mkdtempSync(join(tmpdir(), 'upturn-cluster-'))
  readonly folder = join(this.cache, '.cluster')
  readonly notes: string[] = []
  readonly results: string
  scheduler: FakeScheduler
  task: Square

  constructor(task: Square = squareTask()) {
    this.task = task
    this.results = join(this.cache, '.chunks-test-0', 'square')
    mkdirSync(this.results, { recursive: true })
    this.scheduler = new FakeScheduler((job) => this.startPilot(job))
  }

  startPilot(job: string, task: Square = this.task): { stop(): void; ended: Promise<unknown> } {
    const controller = new AbortController()
    const ended = runPilot({
      folder: this.folder,
      workers: 2,
      spawn: () => localPool(task, 1),
      id: `${job}-${Math.round(performance.now() * 1000)}`,
      job,
      log: null,
      version: '0.0.0',
      signal: controller.signal,
      grace: 50,
      say: () => undefined,
    })
    return { stop: () => controller.abort(new UpturnError('Interrupted', 'stopped')), ended }
  }

  open(options: { tasks?: number; times?: Partial<ClusterTimes>; workers?: number } = {}): Promise<ClusterExecutor> {
    const workers = options.workers ?? 1
    return openCluster({
      folder: this.folder,
      threads: threadExecutor(localPool(this.task, workers)),
      workers,
      scheduler: () => this.scheduler,
      tasks: options.tasks ?? 2,
      times: { ...quickTimes, ...options.times },
      program: 'upturn worker',
      version: '0.0.0',
      note: (text) => this.notes.push(text.trim()),
    })
  }

  scan(count: number, done: (index: number) => void = () => undefined) {
    const chunks = Array.from({ length: count }, (_, i) => i)
    return {
      task: this.task,
      setup: squareSetup,
      chunks,
      label: 'squaring',
      files: { folder: this.results, names: chunks.map((i) => `${i}-x`) },
      done,
    }
  }

  async collect(executor: ClusterExecutor, count: number, signal = new AbortController().signal): Promise<number[]> {
    const values: number[] = []
    for await (const { value, table } of executor.run(this.scan(count), signal)) {
      values.push(value)
      if (!Object.is(table[2], values.length - 1 + -0)) throw new Error('a typed array was changed on its way')
    }
    return values
  }

  remove(): void {
    rmSync(this.cache, { recursive: true, force: true, maxRetries: 5 })
  }
}

export const squares = (count: number): number[] => Array.from({ length: count }, (_, i) => i * i + squareSetup.add)
