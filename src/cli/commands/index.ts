import type { CliCommand } from '../command.ts'
import { check } from './check.ts'
import { run } from './run.ts'
import { stageCommands } from './stages.ts'
import { status } from './status.ts'

/** In the order in which the manual lists them. */
export const commands: readonly CliCommand[] = [run, check, status, ...stageCommands]
