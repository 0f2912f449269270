import { dirname, join, resolve } from 'node:path'
import { Option } from 'commander'
import { UpturnError } from '../../errors/index.ts'
import type { ClusterFlags } from '../../study/cluster/settings.ts'
import { type StageName, stageNames } from '../../study/stage.ts'
import {
  type CliCommand,
  type CommandOptions,
  integerOption,
  interruption,
  print,
  progressOf,
  workersOf,
} from '../command.ts'
import { exitCode } from '../failure.ts'

/** Where a study's results go: `--out`, else results/ beside the study file. */
export const resultsFolder = (file: string, options: CommandOptions): string =>
  resolve(typeof options.out === 'string' ? options.out : join(dirname(file), 'results'))

/** What a command of one stage says of it: a text for people and facts for --json. Reads the documents of the results by name. */
export type SayStage = (
  read: <T>(name: string) => Promise<T | undefined>,
) => Promise<{ text: string; facts: Record<string, unknown> }>

/** Runs a study, or one stage and what it needs, and says what came out. */
export async function runStudyCommand(
  file: string,
  options: CommandOptions,
  stage?: StageName,
  say?: SayStage,
): Promise<number> {
  const { loadStudy } = await import('../../study/load.ts')
  const { checkStudy } = await import('../../study/check.ts')
  const { runStudy } = await import('../../study/run.ts')
  const { currentDocument, summarise } = await import('../../study/summary.ts')
  const { clusterSettings } = await import('../../study/cluster/settings.ts')
  const { localSeconds } = options
  if (localSeconds !== undefined && !(Number(localSeconds) >= 0))
    throw new UpturnError('BadArgument', '--local-seconds takes a number of seconds, 0 or more')
  const cluster = await clusterSettings({ executor: 'threads', ...options } as ClusterFlags)
  const loaded = await loadStudy(file)
  if (typeof options.seed === 'number') loaded.study.seed = options.seed
  if (typeof options.cases === 'number') loaded.study.calibration.cases = options.cases
  await checkStudy(loaded, stage)
  const out = resultsFolder(file, options)
  const progress = progressOf(options)
  const { signal, release } = interruption()
  try {
    const manifest = await runStudy(loaded, { out, workers: workersOf(options), cluster, stage, progress, signal })
    const exported: string[] = []
    if (stage === undefined && loaded.study.exports.length > 0) {
      const { exportStudy } = await import('../../study/export.ts')
      for (const kind of loaded.study.exports)
        exported.push(...(await exportStudy(loaded, { out, kind }, signal)).files)
    }
    progress.close()
    const summary = await summarise(out, manifest, stage)
    const said = await say?.((name) => currentDocument(out, manifest, name))
    print(
      options.json
        ? {
            ok: true,
            out,
            resultDigest: manifest.resultDigest,
            seconds: manifest.seconds,
            ...summary.facts,
            ...said?.facts,
            ...(exported.length > 0 && { exported: [...new Set(exported)] }),
          }
        : [
            ...(said === undefined ? [] : ['', said.text]),
            ...(exported.length > 0 ? ['', `Exported, controlled access: ${[...new Set(exported)].join(', ')}`] : []),
            summary.text,
          ].join('\n'),
    )
    return exitCode.done
  } finally {
    progress.close()
    release()
  }
}

export const run: CliCommand = {
  usage: 'run <study>',
  summary: 'run a study: visits, calls, genotypes, tests, report',
  define(command) {
    command
      .option('--out <folder>', 'results folder (default: results/ beside the study file)')
      .option('--seed <n>', 'use this seed instead of the one in the study file', Number)
      .addOption(new Option('--stage <name>', 'only this stage and what it needs').choices(stageNames))
      .option('--executor <name>', 'what runs the work: threads, slurm, template, or a cluster.yaml', 'threads')
      .option('--tasks <n>', 'processes on the cluster at a time (default: 8)', integerOption('tasks', 1, 10_000))
      .option('--slurm-options <options>', 'for sbatch: "--partition=x --time=4:00:00 --cpus-per-task=4"')
      .option('--submit <command>', 'template: submits {script} as {tasks} array elements')
      .option('--status <command>', 'template: says how {job} is')
      .option('--cancel <command>', 'template: cancels {job}')
      .option('--local-seconds <n>', 'what takes less stays on this machine (default: 30)', Number)
  },
  run: ([file], options) => runStudyCommand(file, options, options.stage as StageName | undefined),
}
