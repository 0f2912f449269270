import { join } from 'node:path'
import type { Executor } from '../../compute/index.ts'
import { packageFolder, upturnVersion } from '../version.ts'
import { openCluster, quoted } from './executor.ts'
import { clusterFolder } from './run-folder.ts'
import type { ClusterSettings } from './settings.ts'
import { Slurm } from './slurm.ts'
import { TemplateScheduler } from './template.ts'

/** The command line of a pilot of this very installation, which every node must see. */
const thisProgram = () => [process.execPath, join(packageFolder, 'bin', 'upturn.js'), 'worker'].map(quoted).join(' ')

/** Opens the executor that the settings describe, with its run folder in a results folder's cache. */
export function openClusterExecutor(
  settings: ClusterSettings,
  options: { cache: string; threads: Executor; workers: number; note(text: string): void },
): Promise<Executor> {
  const { scheduler, tasks, times, program } = settings
  return openCluster({
    folder: clusterFolder(options.cache),
    threads: options.threads,
    workers: options.workers,
    scheduler: (run) =>
      scheduler.kind === 'slurm' ? new Slurm(run, scheduler.options) : new TemplateScheduler(run, scheduler.template),
    tasks,
    times,
    program: program ?? thisProgram(),
    version: upturnVersion(),
    note: options.note,
  })
}
