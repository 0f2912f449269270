import { join } from 'node:path'
import { Option } from 'commander'
import { type LayoutName, layoutNames } from '../../clinical/sources/layouts.ts'
import {
  type DateStyle,
  dateStyles,
  type TableEncoding,
  type TableFormat,
  tableEncodings,
} from '../../clinical/tables/format.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { alsfrsItems, type Visit } from '../../results/clinical.ts'
import { type CliCommand, interruption, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { intakeTable } from '../intake-table.ts'

const cell = (value: string | number | null) => (value === null ? '' : String(value))

function visitsTsv(visits: readonly Visit[]): string {
  const names = ['patient', 'day', 'scale', 'total', ...alsfrsItems] as const
  return `${[names.join('\t'), ...visits.map((visit) => names.map((name) => cell(visit[name])).join('\t'))].join('\n')}\n`
}

/** The sources of a study, as its file declares and maps them. */
async function readStudy(file: string, given: readonly unknown[], host: Host, signal: AbortSignal) {
  if (given.some((option) => option !== undefined))
    throw new UpturnError(
      'BadArgument',
      'how a source is read stands in the study file; options that say it are for a folder',
    )
  const { loadStudy } = await import('../../study/load.ts')
  const { studyRecords } = await import('../../study/clinical-records.ts')
  return studyRecords(await loadStudy(file), host, signal)
}

export const intake: CliCommand = {
  usage: 'intake <folder>',
  summary: 'what a clinical export holds, or the sources of a study file: read, mended, refused, and why',
  define(command) {
    command
      .addOption(new Option('--source <name>', 'layout (default: recognised by its files)').choices([...layoutNames]))
      .addOption(
        new Option('--encoding <name>', 'of text files that are neither UTF-8 nor UTF-16').choices([...tableEncodings]),
      )
      .addOption(new Option('--decimals <mark>', 'what stands before decimals').choices(['point', 'comma']))
      .addOption(new Option('--dates <style>', 'how dates are written beside YYYY-MM-DD').choices([...dateStyles]))
      .option('--sheet <name>', 'the sheet of a workbook with several')
      .option('--visits <file>', 'write one row a visit to this TSV file')
      .option('--out <folder>', 'write intake.json, every finding as intake.tsv, and the figure intake.svg')
  },
  async run([path], options) {
    const { findingsTsv, readClinical } = await import('../../clinical/index.ts')
    const { nodeHost } = await import('../../host/node/index.ts')
    const { writeWhole } = await import('../../host/node/files.ts')
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const kind = options.source as LayoutName | undefined
    const format = {
      encoding: options.encoding as TableEncoding | undefined,
      decimals: options.decimals as TableFormat['decimals'],
      dates: options.dates as DateStyle | undefined,
      sheet: options.sheet as string | undefined,
    }
    const host = nodeHost()
    const { signal, release } = interruption()
    try {
      const records = /\.ya?ml$/i.test(path)
        ? await readStudy(path, [kind, ...Object.values(format)], host, signal)
        : await readClinical({ kind, path, cohort: 'intake', format }, host, signal)
      const { visits, intake: found, findings } = records
      if (typeof options.visits === 'string') await writeWhole(options.visits, visitsTsv(visits))
      if (typeof options.out === 'string') {
        const { intakeSvg } = await import('../../report/index.ts')
        const { writeText } = await import('../../study/text-file.ts')
        await writeWhole(join(options.out, 'intake.json'), `${JSON.stringify(found, null, 2)}\n`)
        await writeText(host, join(options.out, 'intake.tsv'), findingsTsv(findings))
        await writeWhole(join(options.out, 'intake.svg'), intakeSvg(found).svg)
      }
      print(
        options.json
          ? {
              source: found.source,
              patients: found.patients,
              visits: found.visits,
              labValues: found.labValues,
              findings: found.findings.map(({ code, count, action, message, where }) => ({
                code,
                count,
                action,
                message,
                where,
              })),
              files: found.files,
              filesNotRead: found.filesNotRead,
            }
          : intakeTable(found),
      )
      return exitCode.done
    } finally {
      release()
    }
  },
}
