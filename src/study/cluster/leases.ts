import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PilotStates } from './pilots.ts'
import type { ChunkFailure } from './scans.ts'
import { changedAt, makeExclusively, readJson, replaceFile } from './shared-file.ts'

// A lease is a file that is made exclusively, `BUNDLE.ATTEMPT.lease`, and holds the id of the pilot that made it. A
// bundle whose pilot is gone is taken over by making the lease of the next attempt, so nothing is ever removed or
// rewritten and of two pilots that try the same exactly one succeeds. A bundle is done when its results are there,
// whoever made them.

/** Attempts of any kind at one bundle. */
export const attemptLimit = 8
/** Attempts that took their pilot with them, or failed on what only one node may lack. */
export const strikeLimit = 2

/** The leases and failures of a scan, by their names. */
export interface LeaseList {
  /** Attempts begun at each bundle. */
  attempts: ReadonlyMap<number, number>
  /** Attempts, `BUNDLE.ATTEMPT`, that ended in an error which another node may not have. */
  failed: ReadonlySet<string>
  /** Attempts that were given up, by a pilot that was told to end. */
  released: ReadonlySet<string>
  /** Chunks whose own error ends the scan, in order. */
  errors: readonly number[]
}

export async function listLeases(folder: string): Promise<LeaseList> {
  const attempts = new Map<number, number>()
  const failed = new Set<string>()
  const released = new Set<string>()
  const errors: number[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const lease = /^(\d+)\.(\d+)\.lease$/.exec(name)
    if (lease !== null) {
      const bundle = Number(lease[1])
      attempts.set(bundle, Math.max(attempts.get(bundle) ?? 0, Number(lease[2])))
      continue
    }
    const end = /^(\d+\.\d+)\.(failed|released)$/.exec(name)
    if (end !== null) (end[2] === 'failed' ? failed : released).add(end[1])
    const error = /^(\d+)\.error$/.exec(name)
    if (error !== null) errors.push(Number(error[1]))
  }
  return { attempts, failed, released, errors: errors.sort((a, b) => a - b) }
}

const leasePath = (folder: string, bundle: number, attempt: number) => join(folder, `${bundle}.${attempt}.lease`)

/** Takes a bundle; false when another pilot was first. */
export const claim = (folder: string, bundle: number, attempt: number, pilot: string): Promise<boolean> =>
  makeExclusively(leasePath(folder, bundle, attempt), pilot)

/** Gives a bundle back unfinished. */
export const release = (folder: string, bundle: number, attempt: number): Promise<boolean> =>
  makeExclusively(join(folder, `${bundle}.${attempt}.released`), '')

export const writeFailure = (folder: string, bundle: number, attempt: number, failure: ChunkFailure, pilot: string) =>
  replaceFile(join(folder, `${bundle}.${attempt}.failed`), JSON.stringify(failure), pilot)

export const readFailure = (folder: string, bundle: number, attempt: number) =>
  readJson<ChunkFailure>(join(folder, `${bundle}.${attempt}.failed`))

export const writeError = (folder: string, failure: ChunkFailure, pilot: string) =>
  replaceFile(join(folder, `${failure.chunk}.error`), JSON.stringify(failure), pilot)

export const readError = (folder: string, chunk: number) => readJson<ChunkFailure>(join(folder, `${chunk}.error`))

/** What stands behind the leases of a bundle that is not done. */
export interface Verdict {
  /** Somebody alive is at it. */
  held: boolean
  strikes: number
  /** Pilots that were lost with it, in order. */
  lost: string[]
}

/** Judges bundles; remembers who made which lease. */
export class LeaseJudge {
  readonly #folder: string
  readonly #pilots: PilotStates
  readonly #owners = new Map<string, string>()

  constructor(folder: string, pilots: PilotStates) {
    this.#folder = folder
    this.#pilots = pilots
  }

  async #owner(bundle: number, attempt: number): Promise<string> {
    const key = `${bundle}.${attempt}`
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const owner = await readFile(leasePath(this.#folder, bundle, attempt), 'utf8').catch(() => '')
    if (owner !== '') this.#owners.set(key, owner)
    return owner
  }

  async judge(list: LeaseList, bundle: number): Promise<Verdict> {
    const attempts = list.attempts.get(bundle) ?? 0
    const verdict: Verdict = { held: false, strikes: 0, lost: [] }
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (list.failed.has(`${bundle}.${attempt}`)) {
        verdict.strikes++
        continue
      }
      if (list.released.has(`${bundle}.${attempt}`)) continue
      const owner = await this.#owner(bundle, attempt)
      if (owner === '') {
        // Made, and its maker's name not yet written: held unless that was long ago.
        const changed = await changedAt(leasePath(this.#folder, bundle, attempt))
        if (changed !== undefined && !(await this.#pilots.isStale(changed))) verdict.held = true
        continue
      }
      const state = await this.#pilots.state(owner)
      if (state === 'alive') verdict.held = verdict.held || attempt === attempts
      else if (state === 'lost') {
        verdict.strikes++
        verdict.lost.push(owner)
      }
    }
    return verdict
  }
}
