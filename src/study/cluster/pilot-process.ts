import { randomBytes } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { resolve } from 'node:path'
import { threadPool } from '../threads.ts'
import { upturnVersion } from '../version.ts'
import { type PilotEnd, runPilot } from './pilot.ts'
import { runFolder } from './run-folder.ts'

/** After a signal, so long may what is at work take to end. Slurm waits 30 s before it kills. */
const graceTime = 20_000

const positive = (text: string | undefined) => {
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : undefined
}

/** Cores that the batch system gave: one unless it says more, and never more than the process may use. */
export function grantedCores(environment: NodeJS.ProcessEnv): number {
  const granted =
    positive(environment.SLURM_CPUS_PER_TASK) ??
    positive(environment.NSLOTS) ??
    positive(environment.PBS_NCPUS) ??
    positive(environment.NCPUS) ??
    positive(environment.LSB_DJOB_NUMPROC) ??
    1
  // What the job has here is more certain than what a coordinator that is itself a job was given, and handed down.
  const here = positive(environment.SLURM_CPUS_ON_NODE) ?? granted
  return Math.min(granted, here, availableParallelism())
}

/** The batch system's name of this process's job, `12_3`, and its log. Of an array each element has a name of its own. */
export function jobOf(environment: NodeJS.ProcessEnv, logs: string): { job: string; log: string | null } {
  const {
    SLURM_ARRAY_JOB_ID: array,
    SLURM_ARRAY_TASK_ID: element,
    SLURM_JOB_ID: slurm,
    PBS_JOBID: pbs,
    LSB_JOBID: lsf,
    LSB_JOBINDEX: lsfIndex,
    JOB_ID: sge,
    SGE_TASK_ID: sgeTask,
    SGE_STDOUT_PATH: sgeLog,
  } = environment
  // SLURM_JOB_ID of an array's last element is the array's own: naming it would name them all.
  if (array !== undefined && element !== undefined)
    return { job: `${array}_${element}`, log: `${logs}/${array}_${element}.log` }
  if (slurm !== undefined) return { job: slurm, log: null }
  if (pbs !== undefined) return { job: pbs, log: null }
  if (lsf !== undefined)
    return { job: lsfIndex === undefined || lsfIndex === '0' ? lsf : `${lsf}[${lsfIndex}]`, log: null }
  if (sge !== undefined)
    return {
      job: sgeTask === undefined || sgeTask === 'undefined' ? sge : `${sge}.${sgeTask}`,
      log: sgeLog ?? null,
    }
  return { job: '', log: null }
}

/** This process as a pilot of a run folder. */
export function runPilotProcess(options: {
  folder: string
  /** Chunks at a time; what the batch system gave when absent. */
  workers?: number
  signal: AbortSignal
  say(text: string): void
}): Promise<PilotEnd> {
  const folder = resolve(options.folder)
  const { job, log } = jobOf(process.env, runFolder(folder).logs)
  const host = hostname().replaceAll(/\W+/g, '-')
  return runPilot({
    folder,
    workers: options.workers ?? grantedCores(process.env),
    spawn: () => threadPool(1),
    id: `${job.replaceAll(/\W+/g, '_')}-${host}-${process.pid}-${randomBytes(4).toString('hex')}`,
    job,
    log,
    version: upturnVersion(),
    signal: options.signal,
    grace: graceTime,
    say: options.say,
  })
}
