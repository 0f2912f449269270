import type { ResultFiles } from '../../compute/index.ts'
import { reviveError, UpturnError } from '../../errors/index.ts'
import { presentNames } from '../chunk-file.ts'
import { attemptLimit, LeaseJudge, listLeases, readError, readFailure, strikeLimit, type Verdict } from './leases.ts'
import { logTail } from './logs.ts'
import { type GoneFile, gonePath, listPilots, type PilotStates } from './pilots.ts'
import type { ClusterTimes, RunFolder } from './run-folder.ts'
import type { ChunkFailure } from './scans.ts'
import { readJson } from './shared-file.ts'

interface WatchOptions {
  run: RunFolder
  /** Of the scan. */
  folder: string
  bundle: number
  files: ResultFiles
  label: string
  states: PilotStates
  times: ClusterTimes
  /** Looks after the pilots. */
  tend(bundles: number): Promise<void>
  /** Asks the scheduler what became of pilots; false where it does not answer now. */
  settle(lost: readonly string[]): Promise<boolean>
  done(index: number): void
  signal: AbortSignal
}

/** The nodes on which something went wrong, in words. */
const onNodes = (failures: readonly ChunkFailure[]) =>
  [...new Set(failures.map(({ host, job }) => (job === '' ? host : `${host}, job ${job}`)))].join('; ')

/** Follows a scan that pilots work on: which results are there, what failed, what was lost too often. */
export class ScanWatch {
  readonly #options: WatchOptions
  readonly #present = new Set<number>()
  readonly #judge: LeaseJudge
  readonly #loop: Promise<void>
  #errors: readonly number[] = []
  #failure: { error: unknown } | undefined
  #closed = false
  #wake: (() => void)[] = []
  #sleep: (() => void) | undefined

  constructor(options: WatchOptions) {
    this.#options = options
    this.#judge = new LeaseJudge(options.folder, options.states)
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
    if (options.signal.aborted) this.#onAbort()
    this.#loop = this.#follow()
  }

  readonly #onAbort = () => this.fail(this.#options.signal.reason)

  /** Ends the waiting with an error. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#notify()
  }

  #notify(): void {
    for (const resolve of this.#wake) resolve()
    this.#wake = []
    this.#sleep?.()
  }

  /** Waits for the result of a chunk; throws what went wrong with it, or with the run. */
  async until(index: number): Promise<void> {
    for (;;) {
      if (this.#options.signal.aborted) throw this.#options.signal.reason
      if (this.#present.has(index)) return
      if (this.#failure !== undefined) throw this.#failure.error
      // Chunks before it have been yielded: this is the first error in the order of the plan, on any executor.
      if (this.#errors.includes(index)) throw await this.#ownError(index)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  async #ownError(index: number): Promise<unknown> {
    const failure = await readError(this.#options.folder, index)
    return failure === undefined
      ? new UpturnError('Internal', `the error of chunk ${index} of ${this.#options.label} cannot be read`)
      : reviveError(failure.error)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    this.#notify()
    await this.#loop
  }

  async #follow(): Promise<void> {
    const { times } = this.#options
    let wait = 50
    try {
      while (!this.#closed && this.#failure === undefined) {
        const found = await this.#look()
        wait = found ? 50 : Math.min(times.poll, wait * 1.5)
        if (this.#closed || this.#failure !== undefined) return
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, wait)
          this.#sleep = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    } catch (error) {
      this.fail(error)
    }
  }

  /** One look at the shared folder; true when something new was there. */
  async #look(): Promise<boolean> {
    const { folder, files, bundle, done, tend } = this.#options
    const leases = await listLeases(folder)
    let found = false
    for (const index of await presentNames(files.folder, files.names)) {
      if (this.#present.has(index)) continue
      this.#present.add(index)
      found = true
      done(index)
    }
    if (leases.errors.length > this.#errors.length) found = true
    this.#errors = leases.errors
    if (found) this.#notify()
    const open = new Set<number>()
    for (let index = 0; index < files.names.length; index++)
      if (!this.#present.has(index)) open.add(Math.floor(index / bundle))
    if (open.size === 0) return found
    await tend(open.size)
    for (const number of open)
      if (leases.attempts.has(number)) {
        const hopeless = await this.#hopeless(leases, number)
        if (hopeless !== undefined) throw hopeless
      }
    return found
  }

  /** The error of a bundle that nobody may try again. */
  async #hopeless(leases: Awaited<ReturnType<typeof listLeases>>, bundle: number): Promise<unknown> {
    const { run, folder, files, label } = this.#options
    const attempts = leases.attempts.get(bundle) as number
    const ended = ({ held, strikes }: Verdict) => !held && (strikes >= strikeLimit || attempts >= attemptLimit)
    const first = await this.#judge.judge(leases, bundle)
    if (!ended(first) || !(await this.#options.settle(first.lost))) return undefined
    const verdict = await this.#judge.judge(leases, bundle)
    if (!ended(verdict)) return undefined
    const { strikes, lost } = verdict
    // Its results may have come since the folder was looked at.
    const present = await presentNames(files.folder, files.names)
    let chunk = bundle * this.#options.bundle
    while (present.has(chunk)) chunk++
    if (chunk >= Math.min(files.names.length, (bundle + 1) * this.#options.bundle)) return undefined
    const failures: ChunkFailure[] = []
    for (let attempt = 1; attempt <= attempts; attempt++)
      if (leases.failed.has(`${bundle}.${attempt}`)) {
        const failure = await readFailure(folder, bundle, attempt)
        if (failure !== undefined) failures.push(failure)
      }
    const last = failures.at(-1)
    if (last !== undefined && lost.length === 0) {
      const error = reviveError(last.error) as UpturnError
      return new UpturnError(error.code, `${error.message} (tried ${failures.length} times, on ${onNodes(failures)})`, {
        place: error.place,
        details: error.details,
        cause: error,
      })
    }
    if (strikes < strikeLimit)
      return new UpturnError(
        'ChunkLost',
        `${label}: chunk ${chunk} of ${files.names.length} was begun ${attempts} times and never finished; give the pilots more time, or a queue that does not pre-empt them`,
      )
    const pilots = await listPilots(run)
    const words: string[] = []
    let log: string | undefined
    for (const id of lost) {
      const pilot = pilots.find((file) => file.id === id)
      const gone = await readJson<GoneFile>(gonePath(run, id))
      words.push(
        `${pilot === undefined ? id : pilot.job === '' ? pilot.host : `job ${pilot.job} on ${pilot.host}`}: ${gone?.state ?? 'no sign of life'}`,
      )
      log = pilot?.log ?? log
    }
    const tail = log === undefined ? '' : await logTail(log)
    return new UpturnError(
      'ChunkLost',
      `${label}: chunk ${chunk} of ${files.names.length} took ${strikes} pilots with it (${words.join('; ')}); give the pilots more memory${tail === '' ? '' : `. The last log ends: ${tail}`}`,
      { place: { file: log } },
    )
  }
}
