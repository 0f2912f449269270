import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { type LayoutName, layoutNames } from '../../clinical/sources/layouts.ts'
import { UpturnError } from '../../errors/index.ts'
import type { AdjudicationSummary, Call, CallsSummary } from '../../results/clinical.ts'
import type { Called } from '../../study/called.ts'
import { type CliCommand, type CommandOptions, interruption, list, print, progressOf, workersOf } from '../command.ts'
import { exitCode } from '../failure.ts'
import { resultsFolder, runStudyCommand } from './run.ts'

/** People whose reasons are printed; the rest are in the table. */
const mostShown = 40

const limits = (low: number | null, high: number | null) =>
  low === null || high === null ? 'too few people for limits' : `95% limits ${low.toFixed(2)} to ${high.toFixed(2)}`

/** Kappa of two raters in a sentence. */
export function agreementText({ a, b, kappa, confirm, differ }: AdjudicationSummary['agreement'][number]): string {
  const of = (name: string, one: typeof kappa) =>
    one.kappa === null
      ? `${name} cannot be told (${one.status === 'one_category' ? 'both used one and the same verdict' : 'nobody in common'})`
      : `${name} ${one.kappa.toFixed(2)} (${limits(one.low, one.high)})`
  return `${a} and ${b}, ${kappa.people} ${kappa.people === 1 ? 'person' : 'people'} in common: ${of('kappa', kappa)}; ${of('confirm against the rest, kappa', confirm)}.${differ.length === 0 ? '' : ` They differ on ${differ.slice(0, 10).join(', ')}${differ.length > 10 ? ` and ${differ.length - 10} more` : ''}.`}`
}

function adjudicationLines(summary: CallsSummary): string[] {
  const found = summary.adjudication
  if (found == null) return []
  return [
    `Adjudicated: ${found.people} people, of whom ${found.confirmed} are confirmed, ${found.rejected} rejected, ${found.deferred} deferred and ${found.disagreed} disagreed upon. With that ${summary.cases} cases and ${summary.controls} controls, by rules alone ${found.without.cases} and ${found.without.controls}.`,
    ...found.agreement.map((pair) => `  ${agreementText(pair)}`),
    ...found.notes.map((note) => `  ${note}`),
  ]
}

/** Every definition with its counts, the way to a confirmed call, and everybody called with the reason. */
export function callsText(summary: CallsSummary, calls: readonly Call[], where: string): string {
  const width = Math.max(...summary.definitions.map(({ title }) => title.length)) + 2
  const columns = ['yes', 'no', 'unconfirmed', 'ineligible'] as const
  const own = calls.filter(({ definition }) => definition === summary.definition)
  const said = (verdict: Call['verdict'], heading: string) => {
    const found = own.filter((call) => call.verdict === verdict)
    if (found.length === 0) return []
    return [
      `${heading} (${found.length}):`,
      ...found.slice(0, mostShown).map(({ patient, reason }) => `  ${patient}: ${reason}`),
      ...(found.length > mostShown ? [`  and ${found.length - mostShown} more in calls.tsv`] : []),
    ]
  }
  const title = summary.definitions.find(({ id }) => id === summary.definition)?.title ?? summary.definition
  return [
    `  ${''.padEnd(width)}${columns.map((name) => name.padStart(12)).join('')}`,
    ...summary.definitions.map(
      ({ id, title: name, counts }) =>
        `${id === summary.definition ? '*' : ' '} ${name.padEnd(width)}${columns.map((column) => String(counts[column]).padStart(12)).join('')}`,
    ),
    '',
    `From everyone to a confirmed call of ${title}:`,
    ...(summary.caseFlow ?? []).map(
      ({ step, people, lost, reason }) =>
        `  ${String(people).padStart(6)}  ${step}${lost === 0 ? '' : ` (${lost} left: ${reason})`}`,
    ),
    '',
    ...adjudicationLines(summary),
    ...said('yes', 'Called'),
    ...said('unconfirmed', 'Not seen for long enough'),
    `Written: ${where}`,
  ].join('\n')
}

/** Tables, the summary and the figures of calls, into a folder. */
async function writeCalls(called: Called, out: string): Promise<void> {
  const { callsTsv, rowsTsv } = await import('../../clinical/index.ts')
  const { makeFolder, writeWhole } = await import('../../host/node/files.ts')
  const { callsSvgs } = await import('../../report/index.ts')
  const { groupsTable, measuresTable, visitMeasuresTable } = await import('../../results/index.ts')
  const { writeFigures } = await import('../../study/figures.ts')
  await makeFolder(out)
  await writeWhole(join(out, 'calls.tsv'), callsTsv(called.calls))
  await writeWhole(join(out, 'calls.json'), `${JSON.stringify(called.summary, null, 1)}\n`)
  await writeWhole(join(out, 'groups.tsv'), rowsTsv(groupsTable, called.groups))
  await writeWhole(join(out, 'measures.tsv'), rowsTsv(measuresTable, called.measures))
  await writeWhole(join(out, 'visit-measures.tsv'), rowsTsv(visitMeasuresTable, called.visitMeasures))
  await writeFigures(join(out, 'figures'), callsSvgs(called.summary, called.groups, called.visits))
}

/** What makes calls of a folder, from the command line. */
export const folderOptions = (options: CommandOptions) => ({
  ...(options.source !== undefined && { source: options.source as LayoutName }),
  ...(options.definition !== undefined && { definition: String(options.definition) }),
  ...(options.definitions !== undefined && {
    definitions: (options.definitions as string[]).map((path) => resolve(path)),
  }),
  ...(options.strictness !== undefined && { strictness: options.strictness as 'mimics' }),
  ...(options.file !== undefined && { adjudications: resolve(String(options.file)) }),
})

export function defineFolderOptions(command: Parameters<CliCommand['define']>[0]): void {
  command
    .addOption(
      new Option('--source <name>', 'folder: its layout (default: recognised by its files)').choices([...layoutNames]),
    )
    .option('--definition <id>', 'folder: who is a case (default: large-sustained)')
    .option('--definitions <paths>', 'folder: further definitions, files or folders, comma-separated', list)
    .addOption(
      new Option('--strictness <level>', 'folder: who is left out (default: mimics)').choices([
        'none',
        'mimics',
        'mimics-and-mutations',
      ]),
    )
    .option('--file <path>', 'folder: verdicts of people (default: adjudications.jsonl beside it)')
}

/** Settings that a study file makes by itself. */
export function refuseFolderOptions(options: CommandOptions): void {
  const named = ['source', 'definition', 'definitions', 'strictness', 'file'].find(
    (name) => options[name] !== undefined,
  )
  if (named !== undefined)
    throw new UpturnError(
      'BadArgument',
      `--${named} is for a folder; a study file says it under cohorts: or phenotype:`,
    )
}

export const call: CliCommand = {
  usage: 'call <study>',
  summary: 'who reversed, by each definition, how probably and why, of a study or a folder of records',
  define(command) {
    command.option('--out <folder>', 'results folder (default: results/ beside the study file, or calls/ for a folder)')
    defineFolderOptions(command)
  },
  async run([path], options) {
    const { calledOf, isStudyFile } = await import('../../study/called.ts')
    const { openWorkshop } = await import('../../study/workshop.ts')
    const open = (signal: AbortSignal, progress: ReturnType<typeof progressOf>) =>
      openWorkshop({ workers: workersOf(options), signal, progress })
    if (isStudyFile(path)) {
      refuseFolderOptions(options)
      const out = resultsFolder(path, options)
      return runStudyCommand(path, options, 'calls', async () => {
        const { signal, release } = interruption()
        const workshop = open(signal, progressOf({ ...options, quiet: true }))
        try {
          const called = await calledOf(path, { out }, workshop)
          const { callsSvgs } = await import('../../report/index.ts')
          const { writeFigures } = await import('../../study/figures.ts')
          await writeFigures(join(out, 'figures'), callsSvgs(called.summary, called.groups, called.visits))
          return {
            text: callsText(called.summary, called.calls, join(out, 'calls.tsv')),
            facts: { calls: called.summary },
          }
        } finally {
          release()
          await workshop.close()
        }
      })
    }
    const progress = progressOf(options)
    const { signal, release } = interruption()
    const workshop = open(signal, progress)
    try {
      const out = resolve(typeof options.out === 'string' ? options.out : 'calls')
      const called = await calledOf(path, { out, ...folderOptions(options) }, workshop)
      await writeCalls(called, out)
      progress.close()
      print(
        options.json
          ? { ok: true, out, ...called.summary }
          : `${callsText(called.summary, called.calls, out)}\nResearch use only. Nothing here replaces the advice of a doctor.`,
      )
      return exitCode.done
    } finally {
      progress.close()
      release()
      await workshop.close()
    }
  },
}
