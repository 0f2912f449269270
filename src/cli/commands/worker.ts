import { UpturnError } from '../../errors/index.ts'
import { type CliCommand, interruption } from '../command.ts'
import { exitCode } from '../failure.ts'

/** A process that cannot end by itself is ended so many milliseconds after it was told to. */
const lastCall = 28_000

export const worker: CliCommand = {
  usage: 'worker <folder>',
  summary: 'work for a run on another machine: what batch systems start; folder is results/.stages/.cluster',
  define: () => undefined,
  async run([folder], options) {
    const { runPilotProcess } = await import('../../study/cluster/pilot-process.ts')
    const { signal: interrupted, release } = interruption()
    // What SGE and LSF send before they kill, where they are asked to.
    const warned = new AbortController()
    const warn = () => warned.abort(new UpturnError('Interrupted', 'the batch system ends this job'))
    for (const name of ['SIGUSR1', 'SIGUSR2'] as const) process.once(name, warn)
    const signal = AbortSignal.any([interrupted, warned.signal])
    signal.addEventListener('abort', () => setTimeout(() => process.exit(exitCode.interrupted), lastCall).unref())
    const say = (text: string) => {
      if (!options.quiet) process.stderr.write(`${text}\n`)
    }
    try {
      const end = await runPilotProcess({ folder, workers: options.workers, signal, say })
      // What to ask a batch system for next time.
      say(`ends: ${end}; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
      return end === 'interrupted' ? exitCode.interrupted : end === 'failed' ? exitCode.notMet : exitCode.done
    } finally {
      release()
    }
  },
}
