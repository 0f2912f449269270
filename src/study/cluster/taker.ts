import { presentNames } from '../chunk-file.ts'
import { attemptLimit, claim, LeaseJudge, listLeases, strikeLimit } from './leases.ts'
import type { PilotStates } from './pilots.ts'
import type { RunFolder } from './run-folder.ts'
import { type OpenScan, openScans, readScan } from './scans.ts'

/** A bundle that was taken. */
export interface Taken {
  scan: OpenScan
  bundle: number
  attempt: number
  /** Chunks of the bundle whose results were not there. */
  missing: number[]
  /** It took a pilot with it before: nothing else may run beside it. */
  alone: boolean
}

interface View {
  scan: OpenScan
  judge: LeaseJudge
  /** Bundles that nobody had begun when the folder was looked at, lowest first. */
  fresh: number[]
  at: number
}

export const bundleChunks = (scan: { bundle: number; chunks: number }, bundle: number): number[] => {
  const chunks: number[] = []
  for (let i = bundle * scan.bundle; i < Math.min(scan.chunks, (bundle + 1) * scan.bundle); i++) chunks.push(i)
  return chunks
}

/** So many bundles in a row that others were first at: time to look again. */
const missesBeforeLook = 16

/** Chooses what a pilot does next. Calls follow each other; leases keep pilots apart. */
export class Taker {
  readonly #run: RunFolder
  readonly #pilots: PilotStates
  readonly #me: string
  readonly #poll: number
  readonly #views = new Map<string, View>()
  #active = 0
  #alone = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(run: RunFolder, pilots: PilotStates, me: string, poll: number) {
    this.#run = run
    this.#pilots = pilots
    this.#me = me
    this.#poll = poll
  }

  /** A bundle, whose taker must call `finished`; undefined when there is nothing to do now. */
  take(): Promise<Taken | undefined> {
    const next = () => this.#take()
    const taken = this.#last.then(next, next)
    this.#last = taken.catch(() => undefined)
    return taken
  }

  finished(taken: Taken): void {
    this.#active--
    if (taken.alone) this.#alone = false
  }

  async #take(): Promise<Taken | undefined> {
    if (this.#alone) return undefined
    const folders = await openScans(this.#run)
    for (const known of this.#views.keys()) if (!folders.includes(known)) this.#views.delete(known)
    for (const folder of folders) {
      const taken = await this.#takeFrom(folder).catch((error: NodeJS.ErrnoException) => {
        // Withdrawn while it was looked at.
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (taken === undefined) continue
      this.#active++
      this.#alone = taken.alone
      return taken
    }
    return undefined
  }

  async #takeFrom(folder: string): Promise<Taken | undefined> {
    let view = this.#views.get(folder)
    let misses = 0
    while (view !== undefined && view.fresh.length > 0 && misses < missesBeforeLook) {
      const bundle = view.fresh.shift() as number
      if (await claim(folder, bundle, 1, this.#me))
        return { scan: view.scan, bundle, attempt: 1, missing: bundleChunks(view.scan, bundle), alone: false }
      misses++
    }
    if (view !== undefined && misses < missesBeforeLook && performance.now() - view.at < this.#poll) return undefined

    const scan = view?.scan ?? (await readScan(folder))
    if (scan === undefined) return undefined
    view = { scan, judge: view?.judge ?? new LeaseJudge(folder, this.#pilots), fresh: [], at: performance.now() }
    this.#views.set(folder, view)
    // Leases first: a bundle that ends between the two looks is then seen as done, not as given up.
    const leases = await listLeases(folder)
    const present = await presentNames(scan.results, scan.names)
    const missingOf = (bundle: number) => bundleChunks(scan, bundle).filter((chunk) => !present.has(chunk))
    const begun: number[] = []
    for (let bundle = 0; bundle * scan.bundle < scan.chunks; bundle++) {
      // What stands behind the first error is not needed.
      if (leases.errors.length > 0 && bundle * scan.bundle > leases.errors[0]) break
      if (missingOf(bundle).length > 0) (leases.attempts.has(bundle) ? begun : view.fresh).push(bundle)
    }
    while (view.fresh.length > 0) {
      const bundle = view.fresh.shift() as number
      if (await claim(folder, bundle, 1, this.#me))
        return { scan, bundle, attempt: 1, missing: missingOf(bundle), alone: false }
    }
    for (const bundle of begun) {
      const attempt = (leases.attempts.get(bundle) as number) + 1
      if (attempt > attemptLimit || leases.errors.some((chunk) => bundleChunks(scan, bundle).includes(chunk))) continue
      const { held, strikes } = await view.judge.judge(leases, bundle)
      if (held || strikes >= strikeLimit) continue
      const alone = strikes > 0
      if (alone && this.#active > 0) continue
      if (await claim(folder, bundle, attempt, this.#me))
        return { scan, bundle, attempt, missing: missingOf(bundle), alone }
    }
    return undefined
  }
}
