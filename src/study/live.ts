import { rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Progress } from './progress.ts'

/** `.stages/progress.json`: where a run is, for `upturn status`. It is there while a run is at work, or was stopped. */
export interface LiveFile {
  study: string
  pid: number
  machine: string
  executor: string
  /** When the run began, ISO 8601. */
  began: string
  stage: string
  /** From 1. */
  index: number
  stages: number
  /** What the stage is at, and how much of that is done (0 to 1). */
  step: { label: string; fraction: number } | null
  /** Results of the chunks that are being run: one file each in the folder. */
  scan: { folder: string; chunks: number } | null
  finished: { stage: string; seconds: number; cached: boolean }[]
}

export const livePath = (cache: string): string => join(cache, 'progress.json')

/** Milliseconds between what is said of one scan. */
const writeEvery = 2_000
/** Milliseconds after which a new scan is written down: many are over before. */
const scanAfter = 100

/** A progress that also writes itself down. */
export interface LiveProgress extends Progress {
  /** The chunks that are run from now on. */
  scan(folder: string, chunks: number): void
  /** Ends the record: it stays only where the run may go on. */
  end(keep: boolean): Promise<void>
}

export function liveProgress(
  progress: Progress,
  cache: string,
  about: { study: string; executor: string },
): LiveProgress {
  const path = livePath(cache)
  const file: LiveFile = {
    ...about,
    pid: process.pid,
    machine: hostname(),
    began: new Date().toISOString(),
    stage: '',
    index: 0,
    stages: 0,
    step: null,
    scan: null,
    finished: [],
  }
  let written = Number.NEGATIVE_INFINITY
  let last: Promise<unknown> = Promise.resolve()
  let ended = false
  let soon: NodeJS.Timeout | undefined
  const write = () => {
    if (ended) return
    clearTimeout(soon)
    soon = undefined
    written = performance.now()
    const text = `${JSON.stringify(file, null, 1)}\n`
    const partial = `${path}.${process.pid}.partial`
    // A run does not fail because nobody could be told where it is.
    last = last
      .then(() => writeFile(partial, text))
      .then(() => rename(partial, path))
      .catch(() => undefined)
  }
  return {
    ...progress,
    stage(name, index, total) {
      progress.stage(name, index, total)
      Object.assign(file, { stage: name, index, stages: total, step: null, scan: null })
      write()
    },
    step(label, fraction) {
      progress.step(label, fraction)
      file.step = { label, fraction }
      if (performance.now() - written > writeEvery) write()
    },
    stageDone(name, seconds, cached) {
      progress.stageDone(name, seconds, cached)
      file.finished.push({ stage: name, seconds, cached })
    },
    scan(folder, chunks) {
      file.scan = { folder, chunks }
      soon ??= setTimeout(write, scanAfter).unref()
    },
    async end(keep) {
      if (keep) write()
      ended = true
      clearTimeout(soon)
      await last
      if (!keep) await rm(path, { force: true })
    },
  }
}
