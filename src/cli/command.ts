import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import { UpturnError } from '../errors/index.ts'
import type { OpenOptions } from '../genotypes/import/file.ts'
import { createProgress, type Progress } from '../study/progress.ts'

/** One command: a file in commands/. Heavy modules are imported when it runs. */
export interface CliCommand {
  usage: string
  summary: string
  define(command: Command): void
  /** Returns the exit code. */
  run(args: readonly string[], options: CommandOptions): Promise<number>
}

/** Options as commander parsed them: camel-cased names. */
export interface CommandOptions {
  workers?: number
  quiet?: boolean
  json?: boolean
  [name: string]: unknown
}

export const workersOf = (options: CommandOptions): number => options.workers ?? availableParallelism()

export function progressOf(options: CommandOptions): Progress {
  const mode = options.quiet ? 'quiet' : options.json ? 'json' : process.stderr.isTTY ? 'terminal' : 'plain'
  return createProgress(mode, process.stderr)
}

/** A signal that ends the run cleanly on Ctrl-C or a scheduler's TERM, and how to stop listening. */
export function interruption(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const stop = () =>
    controller.abort(new UpturnError('Interrupted', 'interrupted; run the same command again to go on'))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  return {
    signal: controller.signal,
    release() {
      process.removeListener('SIGINT', stop)
      process.removeListener('SIGTERM', stop)
    },
  }
}

/** A whole number from an option, or a BadArgument that names it. */
export function integerOption(name: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < minimum || value > maximum)
      throw new UpturnError('BadArgument', `--${name} takes a whole number from ${minimum} to ${maximum}, not ${text}`)
    return value
  }
}

/** Comma-separated words. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** What BGEN files need: which allele is the reference, and who the people are. */
export function bgenOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--ref <allele>',
        'BGEN: the allele that is the reference, which the file does not say (UK Biobank: first)',
      ).choices(['first', 'last']),
    )
    .option('--sample-file <file>', 'BGEN: .sample file (default: the one beside the BGEN file by the same name)')
}

export function openOptionsOf(options: CommandOptions): OpenOptions {
  return {
    ...(options.ref !== undefined && { ref: options.ref as 'first' | 'last' }),
    ...(options.sampleFile !== undefined && { sample: String(options.sampleFile) }),
  }
}

/** Prints a sentence or a result. Control characters of text are left out: a name out of a file must not command the terminal. */
export function print(value: unknown): void {
  const text = typeof value === 'string' ? value.replace(/(?![\n\t])\p{Cc}/gu, '') : JSON.stringify(value)
  process.stdout.write(`${text}\n`)
}
