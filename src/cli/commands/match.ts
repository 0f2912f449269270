import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { type LayoutName, layoutNames } from '../../clinical/sources/layouts.ts'
import { UpturnError } from '../../errors/index.ts'
import type { MatchingSummary } from '../../results/matching.ts'
import { type CliCommand, integerOption, list, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { inWorkshop } from '../genotype-options.ts'
import { resultsFolder, runStudyCommand } from './run.ts'

const number = (value: number | null | undefined, digits = 2): string => (value == null ? '–' : value.toFixed(digits))

/** The balance table and what was lost, for people. */
export function matchingText(summary: MatchingSummary, where: string): string {
  const width = Math.max(24, ...summary.balance.map((b) => b.variable.length + 2))
  const header = ['cases', 'controls', 'matched', 'SMD before', 'after', 'var. ratio before', 'after']
  const cells = summary.balance.map((b) => [
    b.meanCases.toPrecision(4),
    b.meanControlsBefore.toPrecision(4),
    b.meanControlsAfter.toPrecision(4),
    number(b.smdBefore),
    number(b.smdAfter),
    number(b.varianceRatioBefore),
    number(b.varianceRatioAfter),
  ])
  const widths = header.map((name, c) => Math.max(name.length, ...cells.map((row) => row[c].length)) + 2)
  const line = (name: string, row: readonly string[]): string =>
    `  ${name.padEnd(width)}${row.map((cell, c) => cell.padStart(widths[c])).join('')}`
  return [
    `${summary.matchedCases} of ${summary.cases} cases are matched with ${summary.controlsMatched} controls; ${summary.controlsEligible} controls were eligible, ${summary.controlsNotAtRisk} were not observed long enough for any case, ${summary.controlsIncomplete} lack a variable.`,
    summary.method,
    line('', header),
    ...summary.balance.map((b, i) => line(b.variable, cells[i])),
    ...(summary.losses ?? []).map(({ reason }) => `  short of controls: ${reason}`),
    ...(summary.notes ?? []),
    `Written: ${where}`,
  ].join('\n')
}

/** `age_at_onset=10,propensity=0.2` as calipers. */
function calipersOf(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => {
      const [name, width, ...rest] = word.split('=')
      if (rest.length > 0 || width === undefined || width.trim() === '' || !(Number(width) >= 0))
        throw new UpturnError(
          'BadArgument',
          `--calipers takes name=width with commas between, such as age_at_onset=10, not ${word}`,
        )
      return [name.trim(), Number(width)]
    }),
  )
}

export const match: CliCommand = {
  usage: 'match <study>',
  summary: 'matched controls in risk sets, with the balance before and after, of a study or a folder of records',
  define(command) {
    command
      .option('--out <folder>', 'results folder (default: results/ beside the study file, or match/ for a folder)')
      .addOption(
        new Option('--source <name>', 'folder: its layout (default: recognised by its files)').choices([
          ...layoutNames,
        ]),
      )
      .option('--definition <id>', 'folder: who is a case (default: large-sustained)')
      .addOption(
        new Option('--controls <group>', 'folder: who is a control (default: typical)').choices([
          'typical',
          'slow',
          'rapid',
          'others',
        ]),
      )
      .option('--ratio <n>', 'folder: controls a case, at most (default: 4)', integerOption('ratio', 1, 20))
      .option('--exact <names>', 'folder: must be equal, comma-separated (default: sex)', list)
      .option('--variables <names>', 'folder: of the distance (default: age_at_onset,pre_nadir_slope)', list)
      .option('--calipers <widths>', 'folder: largest differences, such as age_at_onset=10,propensity=0.2', list)
      .addOption(new Option('--distance <name>', 'folder: what is made small').choices(['mahalanobis', 'propensity']))
  },
  async run([path], options) {
    if (/\.ya?ml$/i.test(path)) {
      const named = ['source', 'definition', 'controls', 'ratio', 'exact', 'variables', 'calipers', 'distance'].find(
        (name) => options[name] !== undefined,
      )
      if (named !== undefined)
        throw new UpturnError('BadArgument', `--${named} is for a folder; a study file says it under matching:`)
      return runStudyCommand(path, options, 'matching', async (read) => {
        const out = resultsFolder(path, options)
        const summary = (await read<MatchingSummary>('matching.json')) as MatchingSummary
        return { text: matchingText(summary, join(out, 'matching.tsv')), facts: { matching: summary } }
      })
    }
    const { countedCalls, matchControls, peopleForMatching } = await import('../../clinical/index.ts')
    const { callFolder } = await import('../../study/clinical-folder.ts')
    const { writeMatchingFiles } = await import('../../study/matching-files.ts')
    const { makeFolder } = await import('../../host/node/files.ts')
    const { out, summary } = await inWorkshop('match', options, async (workshop) => {
      const folder = await callFolder(
        {
          path,
          source: options.source as LayoutName | undefined,
          definition: options.definition as string | undefined,
          controls: options.controls as 'typical' | undefined,
        },
        workshop,
      )
      const people = peopleForMatching(
        {
          patients: folder.patients,
          groups: folder.called.groups,
          calls: countedCalls(folder.called.calls, folder.called.groups, folder.definition),
          ancestry: [],
          visits: folder.visits,
        },
        (options.variables as string[] | undefined) ?? ['age_at_onset', 'pre_nadir_slope'],
        (options.exact as string[] | undefined) ?? ['sex'],
      )
      const { rows, summary } = matchControls(people, {
        ratio: (options.ratio as number | undefined) ?? 4,
        exact: (options.exact as string[] | undefined) ?? ['sex'],
        calipers: calipersOf((options.calipers as string[] | undefined) ?? []),
        distance: (options.distance as 'mahalanobis' | undefined) ?? 'mahalanobis',
      })
      const out = resolve(typeof options.out === 'string' ? options.out : 'match')
      await makeFolder(out)
      await writeMatchingFiles((name) => join(out, name), rows, summary)
      return { out, summary }
    })
    print(
      options.json
        ? { ok: true, out, ...summary }
        : `${matchingText(summary, out)}\nResearch use only. Nothing here replaces the advice of a doctor.`,
    )
    return exitCode.done
  },
}
