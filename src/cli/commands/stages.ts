import type { StageName } from '../../study/stage.ts'
import type { CliCommand } from '../command.ts'
import { runStudyCommand } from './run.ts'

const stage = (name: string, target: StageName, summary: string): CliCommand => ({
  usage: `${name} <study>`,
  summary,
  define(command) {
    command.option('--out <folder>', 'results folder (default: results/ beside the study file)')
  },
  run: ([file], options) => runStudyCommand(file, options, target),
})

/** Commands that are one stage of a study and what it needs. */
export const stageCommands = {
  report: stage('report', 'report', 'the report and its figures'),
}

export type StageCommandName = keyof typeof stageCommands
