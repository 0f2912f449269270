import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunFolder } from './run-folder.ts'
import { changedAt, fileSystemTime, readJson, replaceFile, touch } from './shared-file.ts'

/** What a pilot says of itself. */
export interface PilotFile {
  id: string
  /** The scheduler's name of its job, `12_3`; empty where it was started by hand. */
  job: string
  host: string
  pid: number
  workers: number
  /** `ending`: it was told to stop, and whatever it leaves unfinished is no fault of the chunk. */
  state: 'working' | 'ending' | 'ended'
  /** When it began, on the file system's clock. */
  begun: number
  /** Its log, where it knows. */
  log: string | null
}

/** What the coordinator wrote down of a pilot that is gone. */
export interface GoneFile {
  /** The scheduler's word: `NODE_FAIL`; `gone` where it does not say. */
  state: string
  /** The pilot was ended from outside, so that its chunks are not suspected. */
  innocent: boolean
}

/** `alive`, or why it is not: `ended` by itself or from outside, or `lost`, perhaps by what it was doing. */
export type PilotState = 'alive' | 'ended' | 'lost'

export const pilotPath = (run: RunFolder, id: string) => join(run.pilots, `${id}.json`)
export const gonePath = (run: RunFolder, id: string) => join(run.pilots, `${id}.gone`)

/** A pilot's own file, which it rewrites to show that it lives. */
export class SignOfLife {
  readonly #path: string
  readonly #every: number
  #file: PilotFile
  #timer: NodeJS.Timeout | undefined
  /** Beats and changes follow each other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(run: RunFolder, file: PilotFile, every: number) {
    this.#path = pilotPath(run, file.id)
    this.#file = file
    this.#every = every
  }

  #write(change: boolean): Promise<void> {
    const text = JSON.stringify(this.#file)
    const write = () => (change ? replaceFile(this.#path, text, this.#file.id) : touch(this.#path, text))
    const done = this.#last.then(write, write)
    this.#last = done.catch(() => undefined)
    return done
  }

  async begin(): Promise<void> {
    await this.#write(true)
    // A beat that fails is a beat that is missed: others judge by those that come.
    this.#timer = setInterval(() => void this.#write(false).catch(() => undefined), this.#every)
    this.#timer.unref()
  }

  async say(state: PilotFile['state']): Promise<void> {
    this.#file = { ...this.#file, state }
    if (state === 'ended') clearInterval(this.#timer)
    await this.#write(true)
  }

  async remove(): Promise<void> {
    clearInterval(this.#timer)
    await this.#last
    await rm(this.#path, { force: true })
  }
}

/** What is known of pilots, by their files. Death is for ever; life is looked at anew when it was seen long ago. */
export class PilotStates {
  readonly #run: RunFolder
  readonly #stale: number
  readonly #clock: string
  readonly #dead = new Map<string, PilotState>()
  readonly #seen = new Map<string, number>()
  #time = { local: Number.NEGATIVE_INFINITY, shared: 0 }

  constructor(run: RunFolder, me: string, stale: number) {
    this.#run = run
    this.#stale = stale
    this.#clock = run.clock(me)
  }

  /** The file system's time, asked at most every quarter of `stale`; in between one's own clock only tells what passed. */
  async now(): Promise<number> {
    const local = performance.now()
    if (local - this.#time.local > this.#stale / 4) {
      const shared = await fileSystemTime(this.#clock)
      this.#time = { local: performance.now(), shared }
    }
    return this.#time.shared + (performance.now() - this.#time.local)
  }

  /** True when a file was changed so long ago that whoever keeps it alive is taken for dead. */
  async isStale(changed: number): Promise<boolean> {
    return (await this.now()) - changed > this.#stale
  }

  async state(id: string): Promise<PilotState> {
    const known = this.#dead.get(id)
    // A verdict of the coordinator may still turn `lost` into `ended`.
    if (known === 'ended') return known
    const gone = await readJson<GoneFile>(gonePath(this.#run, id))
    if (gone !== undefined) {
      const state = gone.innocent ? 'ended' : 'lost'
      this.#dead.set(id, state)
      return state
    }
    if (known !== undefined) return known
    const seen = this.#seen.get(id)
    if (seen !== undefined && performance.now() - seen < this.#stale / 4) return 'alive'
    const path = pilotPath(this.#run, id)
    const file = await readJson<PilotFile>(path)
    const changed = await changedAt(path)
    const stale = changed === undefined || (await this.isStale(changed))
    if (!stale && file?.state !== 'ended') {
      this.#seen.set(id, performance.now())
      return 'alive'
    }
    // A pilot without a file was never at work, or somebody cleaned up.
    const state = file?.state === 'working' ? 'lost' : 'ended'
    this.#dead.set(id, state)
    return state
  }
}

/** Every pilot that has a file. */
export async function listPilots(run: RunFolder): Promise<PilotFile[]> {
  const files: PilotFile[] = []
  for (const name of await readdir(run.pilots).catch(() => [])) {
    if (!name.endsWith('.json')) continue
    const file = await readJson<PilotFile>(join(run.pilots, name))
    if (file !== undefined) files.push(file)
  }
  return files
}
