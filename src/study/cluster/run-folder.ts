import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Template } from './template.ts'

/** How long things take, in milliseconds; the same for the coordinator and its pilots. */
export interface ClusterTimes {
  /** Between two signs of life. */
  beat: number
  /** A pilot without a sign of life for so long is taken for dead. */
  stale: number
  /** Between two looks at the shared folder, at most. */
  poll: number
  /** Between two questions to the scheduler. */
  watch: number
  /** A pilot without work for so long ends. */
  idle: number
  /** A scan that threads of the coordinator's machine end in so long stays there. */
  local: number
}

export const usualTimes: ClusterTimes = {
  beat: 15_000,
  stale: 120_000,
  poll: 2_000,
  watch: 15_000,
  idle: 180_000,
  local: 30_000,
}

/** `run.json`, what a pilot reads first. */
export interface RunFile {
  format: 1
  upturn: string
  times: ClusterTimes
}

/** `jobs.json`, from which a coordinator that starts again knows what it submitted. */
export interface JobsFile {
  scheduler: string
  jobs: string[]
  /** Elements of each, where they are known. */
  sizes?: Record<string, number>
  /** Its commands, so that others can ask too. */
  template?: Template
}

/** The folder through which a coordinator and its pilots work together; it lies in the results folder. */
export function runFolder(folder: string) {
  return {
    folder,
    run: join(folder, 'run.json'),
    jobs: join(folder, 'jobs.json'),
    /** Its presence ends every pilot. */
    stop: join(folder, 'stop'),
    script: join(folder, 'pilot.sh'),
    logs: join(folder, 'logs'),
    pilots: join(folder, 'pilots'),
    scans: join(folder, 'scans'),
    clock: (who: string) => join(folder, `clock-${who}`),
  }
}

export type RunFolder = ReturnType<typeof runFolder>

/** The run folder of a results folder's cache. */
export const clusterFolder = (cache: string): string => join(cache, '.cluster')

export const shortDigest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
