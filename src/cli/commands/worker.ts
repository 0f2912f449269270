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
    const { signal, release } = interruption()
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
