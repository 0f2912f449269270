import { join } from 'node:path'
import { listPilots } from './pilots.ts'
import { clusterFolder, type JobsFile, type RunFile, runFolder } from './run-folder.ts'
import { changedAt, readJson } from './shared-file.ts'
import { Slurm } from './slurm.ts'
import { TemplateScheduler } from './template.ts'

/** Pilots of a run. */
export interface FleetStatus {
  scheduler: string
  jobs: string[]
  /** By the scheduler; by signs of life where it cannot be asked. */
  running: number
  /** Null where the scheduler cannot be asked. */
  pending: number | null
  /** Why some wait. */
  reason: string | null
}

/** Asks the scheduler, and counts signs of life; null where no cluster is at work. */
export async function fleetStatus(cache: string, time: number): Promise<FleetStatus | null> {
  const run = runFolder(clusterFolder(cache))
  const file = await readJson<RunFile>(run.run)
  if (file === undefined) return null
  const jobs = (await readJson<JobsFile>(run.jobs)) ?? { scheduler: '', jobs: [] }
  let alive = 0
  for (const pilot of await listPilots(run)) {
    if (pilot.id.startsWith('here-') || pilot.state === 'ended') continue
    const changed = await changedAt(join(run.pilots, `${pilot.id}.json`))
    if (changed !== undefined && time - changed <= file.times.stale) alive++
  }
  const scheduler =
    jobs.scheduler === 'slurm'
      ? new Slurm(run, [])
      : jobs.template === undefined
        ? undefined
        : new TemplateScheduler(run, jobs.template)
  const names = jobs.jobs.filter((job) => job !== '')
  const look = names.length === 0 ? undefined : await scheduler?.look(names).catch(() => undefined)
  const counted = look !== undefined && (look.runningElements !== null || look.running + look.pending > 0)
  return {
    scheduler: jobs.scheduler,
    jobs: jobs.jobs,
    running: counted ? look.running : alive,
    pending: counted ? look.pending : null,
    reason: look?.reason ?? null,
  }
}
