import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../results/manifest.ts'
import { changedAt, fileSystemTime, readJson } from './cluster/shared-file.ts'
import { type FleetStatus, fleetStatus } from './cluster/status.ts'
import { type LiveFile, livePath } from './live.ts'
import { lockHolder } from './lock.ts'

/** A run that is at work, or that was stopped before its end. */
export interface RunStatus {
  study: string
  stage: string
  /** From 1, of `stages`. */
  index: number
  stages: number
  step: string | null
  /** Of the step, 0 to 1. */
  fraction: number | null
  /** Chunks of the step whose results are there. */
  chunksDone: number | null
  chunks: number | null
  /** Seconds since the last result came; null before the first. */
  lastResult: number | null
  /** Seconds that the step will still take at the pace of its last results; null while there is none to go by. */
  secondsLeft: number | null
  executor: string
  began: string
  pid: number
  machine: string
  finished: LiveFile['finished']
  /** Processes on a cluster; null where there is none. */
  pilots: FleetStatus | null
}

export interface StudyStatus {
  /** `unknown`: its lock is held by another machine, which cannot be asked from here, and nothing was written for long. */
  state: 'running' | 'unknown' | 'interrupted' | 'finished' | 'none'
  run: RunStatus | null
  manifest: Manifest | null
}

/** Results from whose pace the time left is taken. */
const paceResults = 50
/** A run on another machine that wrote nothing for so long may be gone, milliseconds. */
const silence = 300_000

/** The file system's time, or this machine's where nothing may be written. */
async function now(folder: string): Promise<number> {
  const path = join(folder, `.clock-${process.pid}.partial`)
  try {
    const time = await fileSystemTime(path)
    await rm(path, { force: true })
    return time
  } catch {
    return Date.now()
  }
}

/** Where a study's results folder is. Reads only. */
export async function studyStatus(out: string): Promise<StudyStatus> {
  const cache = join(out, '.stages')
  const manifest = (await readJson<Manifest>(join(out, 'manifest.json'))) ?? null
  const live = await readJson<LiveFile>(livePath(cache))
  if (live === undefined) return { state: manifest === null ? 'none' : 'finished', run: null, manifest }
  const holder = await lockHolder(join(cache, 'lock'))
  const time = await now(cache)
  const written = (await changedAt(livePath(cache))) ?? time
  const state =
    holder === undefined
      ? 'interrupted'
      : holder.alive === null
        ? time - written > silence
          ? 'unknown'
          : 'running'
        : holder.alive
          ? 'running'
          : 'interrupted'
  const results = live.scan === null ? { count: 0, times: [] } : await resultTimes(live.scan.folder)
  const chunks = live.scan?.chunks ?? null
  const last = results.times.at(-1)
  const recent = results.times.slice(-paceResults)
  const pace = recent.length < 3 ? null : (recent[recent.length - 1] - recent[0]) / (recent.length - 1)
  const left = chunks === null ? 0 : chunks - results.count
  return {
    state,
    manifest,
    run: {
      study: live.study,
      stage: live.stage,
      index: live.index,
      stages: live.stages,
      step: live.step?.label ?? null,
      fraction: live.step?.fraction ?? null,
      chunksDone: chunks === null ? null : results.count,
      chunks,
      lastResult: last === undefined ? null : Math.max(0, (time - last) / 1000),
      secondsLeft: pace === null || left <= 0 ? null : (left * pace) / 1000,
      executor: live.executor,
      began: live.began,
      pid: live.pid,
      machine: live.machine,
      finished: live.finished,
      pilots: await fleetStatus(cache, time),
    },
  }
}

/** More results than this are not all looked at. */
const mostResults = 20_000

/** How many results a folder holds, and when they came, in order: of very many only those of the last chunks. */
async function resultTimes(folder: string): Promise<{ count: number; times: number[] }> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith('.partial'))
  const last =
    names.length <= mostResults
      ? names
      : names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).slice(-mostResults)
  const times: number[] = []
  for (const name of last) {
    const information = await stat(join(folder, name)).catch(() => undefined)
    if (information !== undefined) times.push(information.mtimeMs)
  }
  return { count: names.length, times: times.sort((a, b) => a - b) }
}
