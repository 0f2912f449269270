import { UpturnError } from '../../errors/index.ts'
import { writeWhole } from '../../host/node/files.ts'
import { logTail, newestLog } from './logs.ts'
import { type GoneFile, gonePath, listPilots, type PilotStates } from './pilots.ts'
import type { ClusterTimes, JobsFile, RunFolder } from './run-folder.ts'
import type { Look, Scheduler } from './scheduler.ts'
import { readJson, replaceFile } from './shared-file.ts'
import { isElementOf } from './template.ts'

/** Submissions, with no pilot left and no result in between, before a run is given up. */
const fruitlessLimit = 5
/** No more than so many milliseconds between two submissions while there are pilots. */
const longestWait = 600_000

/** The pilots of a run as its scheduler has them: submitted, watched, replaced, cancelled. */
export class Fleet {
  readonly #run: RunFolder
  readonly #scheduler: Scheduler
  readonly #tasks: number
  readonly #times: ClusterTimes
  readonly #states: PilotStates
  readonly #note: (text: string) => void
  #jobs: string[] = []
  /** Elements of the jobs, where they are known. */
  readonly #sizes = new Map<string, number>()
  /** Pilots that were wanted when some were last submitted. */
  #wanted = 0
  #looked = Number.NEGATIVE_INFINITY
  #submitted = { at: Number.NEGATIVE_INFINITY, results: -1, job: '' }
  #fruitless = 0
  #topUps = 0
  #outage = false
  #said = ''

  constructor(options: {
    run: RunFolder
    scheduler: Scheduler
    tasks: number
    times: ClusterTimes
    states: PilotStates
    note(text: string): void
  }) {
    this.#run = options.run
    this.#scheduler = options.scheduler
    this.#tasks = options.tasks
    this.#times = options.times
    this.#states = options.states
    this.#note = options.note
  }

  /** Finds the jobs that an earlier coordinator of this folder submitted. */
  async open(): Promise<void> {
    const file = await readJson<JobsFile>(this.#run.jobs)
    const written = file?.scheduler === this.#scheduler.name ? file.jobs : []
    for (const [job, size] of Object.entries(file?.sizes ?? {})) this.#sizes.set(job, size)
    this.#jobs = [...new Set([...written, ...(await this.#scheduler.find())])]
    if (this.#jobs.length === 0) return
    const look = await this.#scheduler.look(this.#jobs)
    if (look !== undefined) this.#jobs = this.#jobs.filter((job) => look.jobs.has(job))
    if (this.#jobs.length > 0) this.#note(`  goes on with the jobs of an earlier run: ${this.#jobs.join(', ')}`)
    await this.#save()
  }

  #save(): Promise<void> {
    const { name, template } = this.#scheduler
    const file: JobsFile = { scheduler: name, jobs: this.#jobs, sizes: Object.fromEntries(this.#sizes), template }
    return writeWhole(this.#run.jobs, JSON.stringify(file))
  }

  /** Lets the next `tend` look at once. */
  wake(): void {
    this.#looked = Number.NEGATIVE_INFINITY
  }

  /**
   * Looks after the pilots, at most every `watch` milliseconds: those that are gone are written down as such, and where
   * too few are left for `bundles` more are submitted. `results` counts what has been finished so far.
   */
  async tend(bundles: number, results: number): Promise<void> {
    const now = performance.now()
    if (now - this.#looked < this.#times.watch) return
    this.#looked = now
    // Pilots first: one that starts between the two looks must not be taken for gone.
    const pilots = await listPilots(this.#run)
    let look: Look | undefined
    try {
      look = this.#jobs.length === 0 ? undefined : await this.#scheduler.look(this.#jobs)
      this.#outage = false
    } catch (error) {
      // Without its scheduler a run goes on by its results; nothing is submitted blindly.
      if (!this.#outage) this.#note(`  ${(error as Error).message}; the run goes on, and asks again`)
      this.#outage = true
      return
    }
    if (look !== undefined) await this.#writeGone(pilots, look)
    const wanted = Math.min(this.#tasks, bundles)
    const living = await this.#living(pilots, look, now)
    this.#tell(look, living)
    if (results > this.#submitted.results) {
      this.#fruitless = 0
      this.#topUps = 0
    }
    if (living >= wanted) return
    if (living > 0 && wanted > this.#wanted) {
      // A larger scan than those before: nothing was lost.
    } else if (living > 0) {
      // Some are at work: others are added, ever more slowly while nothing comes of it.
      const wait = Math.min(longestWait, 2 * this.#times.watch * 2 ** this.#topUps)
      if (now - this.#submitted.at < wait) return
      this.#topUps++
    } else {
      if (this.#fruitless >= fruitlessLimit) throw await this.#lostThemAll()
      if (now - this.#submitted.at < this.#times.watch * (2 ** this.#fruitless - 1)) return
      this.#fruitless++
    }
    this.#submitted = { at: performance.now(), results, job: '' }
    const job = await this.#scheduler.submit(wanted - living)
    this.#submitted = { at: performance.now(), results, job }
    this.#wanted = wanted
    this.#sizes.set(job, (job === '' ? (this.#sizes.get(job) ?? 0) : 0) + wanted - living)
    if (job !== '') this.#jobs.push(job)
    await this.#save()
    this.#note(
      `  ${wanted - living} ${wanted - living === 1 ? 'pilot' : 'pilots'} submitted${job === '' ? '' : `, job ${job}`}`,
    )
  }

  async #lostThemAll(): Promise<UpturnError> {
    const log = await newestLog(this.#run)
    const tail = log === undefined ? '' : await logTail(log)
    return new UpturnError(
      'SchedulerFailed',
      `pilots were submitted ${fruitlessLimit} times and were gone each time before they had finished anything${
        tail === '' ? '; they left no log' : `; the last log ends: ${tail}`
      }`,
      { place: { file: log } },
    )
  }

  /** Writes down which pilots are gone, so that what they held is free at once. */
  async #writeGone(pilots: Awaited<ReturnType<typeof listPilots>>, look: Look): Promise<void> {
    for (const pilot of pilots) {
      if (pilot.job === '' || pilot.state === 'ended' || (await readJson(gonePath(this.#run, pilot.id))) !== undefined)
        continue
      let gone: GoneFile | undefined
      if (look.runningElements === null) {
        const job = this.#jobs.find((name) => name !== '' && isElementOf(pilot.job, name))
        if (job !== undefined && !look.jobs.has(job)) gone = { state: 'gone', innocent: false }
      } else if (!look.runningElements.has(pilot.job)) {
        const fate = await this.#scheduler.fate(pilot.job)
        gone = fate ?? { state: 'gone', innocent: false }
      } else if (pilots.some((other) => other.job === pilot.job && other.begun > pilot.begun))
        // The same element runs anew.
        gone = { state: 'REQUEUED', innocent: true }
      if (gone !== undefined) await this.#bury(pilot.id, gone)
    }
  }

  /**
   * Makes sure that what the scheduler knows of lost pilots is written down; false where it cannot be asked now. One
   * that it still takes for running went silent with its node, which is no fault of what it was doing.
   */
  async settle(lost: readonly string[]): Promise<boolean> {
    const pilots = await listPilots(this.#run)
    try {
      const look = this.#jobs.length === 0 ? undefined : await this.#scheduler.look(this.#jobs)
      if (look === undefined) return true
      await this.#writeGone(pilots, look)
      for (const { id, job } of pilots)
        if (
          lost.includes(id) &&
          look.runningElements?.has(job) &&
          (await readJson(gonePath(this.#run, id))) === undefined
        )
          await this.#bury(id, { state: 'no sign of life', innocent: true })
      return true
    } catch {
      return false
    }
  }

  #bury(id: string, gone: GoneFile): Promise<void> {
    return replaceFile(gonePath(this.#run, id), JSON.stringify(gone), 'coordinator')
  }

  /** How many pilots live or wait to start. */
  async #living(pilots: Awaited<ReturnType<typeof listPilots>>, look: Look | undefined, now: number): Promise<number> {
    // Some schedulers take a while to list a new job.
    const young = now - this.#submitted.at < Math.max(this.#times.watch, 1000)
    if (look?.runningElements != null) return look.running + look.pending
    const listed = (look?.running ?? 0) + (look?.pending ?? 0)
    if (listed > 0) return listed
    const size = (job: string) => this.#sizes.get(job) ?? this.#tasks
    // Where only whole jobs are told, each counts with all its elements.
    if (look !== undefined) {
      const living = new Set(young && this.#submitted.job !== '' ? [...look.jobs, this.#submitted.job] : look.jobs)
      return [...living].reduce((sum, job) => sum + size(job), 0)
    }
    if (this.#submitted.job === '' && this.#jobs.length === 0 && this.#submitted.results < 0) return 0
    // Nobody can be asked: while no pilot has come, they may be waiting.
    let alive = 0
    let known = 0
    for (const pilot of pilots) {
      if (pilot.id.startsWith('here-')) continue
      known++
      if ((await this.#states.state(pilot.id)) === 'alive') alive++
    }
    return alive > 0 || known === 0 || young ? size(this.#submitted.job) : 0
  }

  #tell(look: Look | undefined, living: number): void {
    if (look === undefined) return
    const counted = look.runningElements !== null || look.running + look.pending > 0
    const text = counted
      ? `  pilots: ${look.running} running${look.pending > 0 ? `, ${look.pending} pending${look.reason === null ? '' : ` (${look.reason})`}` : ''}`
      : `  pilots: ${living > 0 ? 'submitted' : 'none'}`
    if (text !== this.#said) this.#note(text)
    this.#said = text
  }

  /** Cancels every job, and waits a little for them to be gone. */
  async cancel(): Promise<void> {
    if (this.#submitted.at === Number.NEGATIVE_INFINITY && this.#jobs.length === 0) return
    const known = this.#jobs.filter((job) => job !== '')
    // One that was submitted, and whose name never came back, is found by the scheduler.
    const jobs = [...new Set([...known, ...(await this.#scheduler.find().catch(() => []))])]
    if (jobs.length > 0) {
      await this.#scheduler.cancel(jobs)
      for (let waited = 0; waited < 10_000; waited += 250) {
        const look = await this.#scheduler.look(jobs).catch(() => undefined)
        if (look === undefined || look.jobs.size === 0) break
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
    this.#jobs = []
  }
}
