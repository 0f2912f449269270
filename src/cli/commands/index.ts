import type { CliCommand } from '../command.ts'
import type { StageCommandName } from './stages.ts'

const stage = (name: StageCommandName) => async (): Promise<CliCommand> =>
  (await import('./stages.ts')).stageCommands[name]

/** How each command is loaded, in the order in which the manual lists them. */
const load: Readonly<Record<string, () => Promise<CliCommand>>> = {
  demo: async () => (await import('./demo.ts')).demo,
  simulate: async () => (await import('./simulate.ts')).simulate,
  run: async () => (await import('./run.ts')).run,
  check: async () => (await import('./check.ts')).check,
  status: async () => (await import('./status.ts')).status,
  inspect: async () => (await import('./inspect.ts')).inspect,
  convert: async () => (await import('./convert.ts')).convert,
  import: async () => (await import('./import.ts')).importCommand,
  quality: async () => (await import('./quality.ts')).quality,
  kinship: async () => (await import('./kinship.ts')).kinship,
  pca: async () => (await import('./pca.ts')).pca,
  ld: async () => (await import('./ld.ts')).ld,
  intake: async () => (await import('./intake.ts')).intake,
  associate: async () => (await import('./associate.ts')).associate,
  exact: async () => (await import('./exact.ts')).exact,
  'gene-tests': async () => (await import('./gene-tests.ts')).geneTests,
  'test-table': async () => (await import('./test-table.ts')).testTable,
  survival: async () => (await import('./survival.ts')).survival,
  meta: async () => (await import('./meta.ts')).meta,
  calibrate: async () => (await import('./calibrate.ts')).calibrate,
  call: async () => (await import('./call.ts')).call,
  adjudicate: async () => (await import('./adjudicate.ts')).adjudicate,
  match: async () => (await import('./match.ts')).match,
  biomarkers: async () => (await import('./biomarkers.ts')).biomarkers,
  report: stage('report'),
  export: async () => (await import('./export.ts')).exportCommand,
  plan: async () => (await import('./plan.ts')).plan,
  worker: async () => (await import('./worker.ts')).worker,
}

/** The command of this name alone; all of them where there is none, as the manual and what is mistyped need. */
export async function commandsFor(name: string | undefined): Promise<readonly CliCommand[]> {
  if (name !== undefined && Object.hasOwn(load, name)) return [await load[name]()]
  return Promise.all(Object.values(load).map((one) => one()))
}
