import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type CliCommand, interruption, print, progressOf, workersOf } from '../command.ts'
import { exitCode } from '../failure.ts'
import { defineCohort, simulateTo } from './simulate.ts'

export const demo: CliCommand = {
  usage: 'demo',
  summary: 'simulate a cohort, run the whole study, say what was found of the truth',
  define(command) {
    command.option('--out <folder>', 'where to write', 'demo')
    defineCohort(command)
  },
  async run(_args, options) {
    const { loadStudy } = await import('../../study/load.ts')
    const { runStudy } = await import('../../study/run.ts')
    const { summarise } = await import('../../study/summary.ts')
    const { checkAgainstTruth } = await import('../../study/truth-check.ts')
    const began = performance.now()
    const folder = resolve(String(options.out))
    await simulateTo(folder, options)
    const loaded = await loadStudy(join(folder, 'study.yaml'))
    const out = join(folder, 'results')
    const progress = progressOf(options)
    const { signal, release } = interruption()
    try {
      const manifest = await runStudy(loaded, { out, workers: workersOf(options), progress, signal })
      progress.close()
      const check = await checkAgainstTruth(join(folder, 'truth.json'), out, manifest)
      const summary = await summarise(out, manifest)
      const seconds = (performance.now() - began) / 1000
      if (options.json)
        print({ ok: true, out, resultDigest: manifest.resultDigest, seconds, truth: check, ...summary.facts })
      else
        print(
          `${summary.text}\n\nAgainst the truth of this simulated cohort:\n${check.sentences.map((sentence) => `  ${sentence}`).join('\n')}\n\n${seconds.toFixed(0)} s in all.`,
        )
      return existsSync(join(out, 'report.html')) ? exitCode.done : exitCode.notMet
    } finally {
      progress.close()
      release()
    }
  },
}
