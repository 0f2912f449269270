import { resolve } from 'node:path'
import { Option } from 'commander'
import type { MetaVariant } from '../../results/index.ts'
import { sayCount } from '../../results/say.ts'
import { type CliCommand, type CommandOptions, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { inWorkshop } from '../genotype-options.ts'

const number = (value: number): string => value.toPrecision(3)
const p = (value: number | null): string =>
  value === null ? '–' : value === 0 || value >= 0.001 ? value.toPrecision(3) : value.toExponential(2)

const limits = (or: number | null, low: number | null, high: number | null): string =>
  or === null && low === null
    ? ''
    : `${or === null ? 'no estimate' : number(or)} (${low === null ? 'no limit' : number(low)} to ${high === null ? 'no limit' : number(high)})`

/** One variant's studies and every way of putting them together, as a table for people. */
function lines(variant: MetaVariant): string[] {
  const name = [variant.rsid, variant.variant].filter((v) => v !== '').join(' ')
  const width = Math.min(40, Math.max(24, ...variant.studies.map((s) => s.study.length)))
  return [
    ...(name === '' ? [] : [name]),
    ...variant.studies.map(
      (s) => `  ${s.study.padEnd(width)} ${s.or === null ? s.source : limits(s.or, s.low, s.high)}`,
    ),
    '',
    ...variant.estimates.map(
      (e) =>
        `  ${e.method.replaceAll('_', ' ').padEnd(width)} ${p(e.p).padStart(9)}   ${[limits(e.or, e.low, e.high), e.note].filter((x) => x !== '').join('; ')}`,
    ),
    '',
    variant.sentence,
  ]
}

export const meta: CliCommand = {
  usage: 'meta <files...>',
  summary: 'several studies together: a table with one row a study, or the results of several scans',
  define(command) {
    command
      .option('--names <list>', 'names of the studies, comma-separated, in the order of the files', (text: string) =>
        text.split(',').map((name) => name.trim()),
      )
      .addOption(
        new Option('--ambiguous <rule>', 'A/T and C/G variants of several scans: left out, or kept as written')
          .choices(['drop', 'keep'])
          .default('drop'),
      )
      .option('--out <folder>', 'where to write meta.json, meta.tsv and the forest figure')
  },
  async run(files, options: CommandOptions) {
    const { metaOfScans, metaOfTable } = await import('../../study/meta/index.ts')
    const given = {
      files,
      names: options.names as string[] | undefined,
      out: options.out === undefined ? undefined : resolve(String(options.out)),
      ambiguous: options.ambiguous as 'drop' | 'keep',
    }
    const notice = 'Research use only. Nothing here replaces the advice of a doctor.'
    if (files.length === 1) {
      const found = await inWorkshop('meta', options, (workshop) =>
        metaOfTable({ ...given, files: [files[0]] }, workshop),
      )
      for (const variant of found)
        if (options.json) print(variant)
        else print([...lines(variant), ''].join('\n'))
      if (!options.json) print(notice)
      return exitCode.done
    }
    const summary = await inWorkshop('meta', options, (workshop) => metaOfScans(given, workshop))
    if (options.json) {
      print({ ok: true, ...(given.out === undefined ? {} : { out: given.out }), ...summary })
      return exitCode.done
    }
    print(
      [
        ...summary.studies.map((s) => `${s.name}: ${sayCount(s.variants)} variants`),
        `${sayCount(summary.variants)} variants, ${sayCount(summary.pooled)} of them in two studies or more.`,
        ...Object.entries(summary.leftOut).map(([reason, n]) => `  left out: ${sayCount(n)}, ${reason}`),
        ...summary.warnings.map((warning) => `WARNING: ${warning}`),
        ...summary.notes,
        ...(summary.lead === null
          ? ['No variant has an effect.']
          : [
              `Lead by ${summary.rankedBy}; ${sayCount(summary.bonferroni.tests)} variants tested, Bonferroni ${p(summary.bonferroni.threshold)}:`,
              ...lines({
                ...summary.lead,
                sentence: summary.lead.sentence.replace(`${summary.warnings.join(' ')} `, ''),
              }),
            ]),
        ...(given.out === undefined ? [] : [`${given.out}/meta.tsv`]),
        notice,
      ].join('\n'),
    )
    return exitCode.done
  },
}
