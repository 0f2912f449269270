import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { upturnVersion } from '../study/version.ts'
import { commandsFor } from './commands/index.ts'
import { exitCode, reportFailure } from './failure.ts'

const manual = `
A study in four steps:
  $ upturn demo                        a simulated cohort, the whole study, a report
  $ upturn check study.yaml            every mistake at once, before any long work
  $ upturn run study.yaml              all stages; run it again to go on or to see what changed
  $ upturn status study.yaml           what is done, what is current

Exit status:
  0  done
  1  done, but something that was asked for was not met
  2  the input or the command is wrong; one sentence says what and where
  3  interrupted; run the same command again to go on
  70 a fault of Upturn itself, with a report to send

Results stand beside the study file in results/ unless --out says otherwise. With --json the result goes to standard
output and events go to standard error, one JSON object a line. No genome leaves this machine: Upturn opens no
network connection.

Research use only. Nothing that Upturn shows replaces the advice of a doctor.`

/** Runs one command line; returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const program = new Command('upturn')
    .description('Who got better, what differs, how sure can one be with 22 people, and what the next study must be.')
    .version(upturnVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this manual, or that of a command')
    .addHelpText('after', manual)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
  let code: number = exitCode.done
  for (const command of await commandsFor(argv[0])) {
    const sub = program
      .command(command.usage)
      .description(command.summary)
      .addOption(
        new Option('--workers <n>', 'worker threads').argParser(positiveInteger).default(undefined, 'one a core'),
      )
      .option('--quiet', 'no progress')
      .option('--json', 'machine-readable result on standard output')
      .exitOverride()
    command.define(sub)
    sub.action(async (...parameters: unknown[]) => {
      const own = parameters.at(-1) as Command
      code = await command.run(own.args, own.opts())
    })
  }
  const json = argv.includes('--json')
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? code : exitCode.internal),
  )
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.wrongInput
    return reportFailure(error, json)
  }
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw new InvalidArgumentError('It takes a whole number from 1 to 1024.')
  return value
}
