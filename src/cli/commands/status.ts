import { join } from 'node:path'
import { UpturnError } from '../../errors/index.ts'
import type { Manifest } from '../../results/manifest.ts'
import type { RunStatus, StudyStatus } from '../../study/status.ts'
import { type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { resultsFolder } from './run.ts'

export const status: CliCommand = {
  usage: 'status <study>',
  summary: 'where a run is, or what is done and current',
  define(command) {
    command.option('--out <folder>', 'results folder (default: results/ beside the study file)')
  },
  async run([file], options) {
    const { studyStatus } = await import('../../study/status.ts')
    const { duration } = await import('../../study/progress.ts')
    const out = resultsFolder(file, options)
    const found = await studyStatus(out)
    const { state, run, manifest } = found
    if (state === 'none')
      throw new UpturnError('FileNotFound', 'there is no run here, finished or not; use upturn run', {
        place: { file: join(out, 'manifest.json') },
      })
    if (options.json) print({ ok: true, state, run, ...manifest })
    else
      print(
        [
          ...(run === null ? [] : runLines(state, run, duration)),
          ...(manifest === null ? [] : manifestLines(manifest, run !== null)),
        ].join('\n'),
      )
    return exitCode.done
  },
}

const words: Record<StudyStatus['state'], string> = {
  running: 'running',
  unknown: 'silent for long: its machine cannot be asked from here',
  interrupted: 'interrupted; upturn run goes on from here',
  finished: '',
  none: '',
}

function runLines(state: StudyStatus['state'], run: RunStatus, duration: (seconds: number) => string): string[] {
  const percent = run.fraction === null || run.chunks !== null ? '' : ` ${Math.floor(run.fraction * 100)}%`
  const chunks = run.chunks === null ? '' : ` (${run.chunksDone} of ${run.chunks} chunks)`
  const left = run.secondsLeft === null || state !== 'running' ? '' : `, about ${duration(run.secondsLeft)} left of it`
  const lines = [
    `${run.study}, ${words[state]} (process ${run.pid} on ${run.machine}, since ${run.began})`,
    `  stage ${run.index} of ${run.stages}, ${run.stage}${run.step === null ? '' : `: ${run.step}${percent}${chunks}${left}`}`,
  ]
  if (run.pilots !== null) {
    const { running, pending, reason, jobs, scheduler } = run.pilots
    lines.push(
      `  pilots by ${scheduler === '' ? 'signs of life' : scheduler}: ${running} running${pending === null ? '' : `, ${pending} pending${reason === null ? '' : ` (${reason})`}`}${jobs.length === 0 ? '' : `; jobs ${jobs.join(', ')}`}`,
    )
  }
  if (run.lastResult !== null) lines.push(`  last result ${duration(run.lastResult)} ago`)
  const done = run.finished.map(({ stage, seconds, cached }) =>
    cached ? `${stage} (unchanged)` : `${stage} (${duration(seconds)})`,
  )
  if (done.length > 0) lines.push(`  done: ${done.join(', ')}`)
  return lines
}

function manifestLines(manifest: Manifest, before: boolean): string[] {
  return [
    `${before ? 'Last finished run: ' : ''}${manifest.study}, Upturn ${manifest.upturn}, result digest ${manifest.resultDigest.slice(0, 16)}`,
    ...manifest.stages.map(
      (stage) =>
        `  ${stage.stage.padEnd(12)} ${stage.digest.slice(0, 12)}  ${stage.seconds.toFixed(1).padStart(7)} s  ${stage.cached ? 'unchanged' : `${stage.chunks} chunks, ${stage.chunksReused} reused`}`,
    ),
  ]
}
