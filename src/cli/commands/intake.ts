import { Option } from 'commander'
import { type LayoutName, layoutNames } from '../../clinical/sources/layouts.ts'
import { alsfrsItems, type Intake, type Visit } from '../../results/clinical.ts'
import { type CliCommand, interruption, print } from '../command.ts'
import { exitCode } from '../failure.ts'

const cell = (value: string | number | null) => (value === null ? '' : String(value))

function visitsTsv(visits: readonly Visit[]): string {
  const names = ['patient', 'day', 'scale', 'total', ...alsfrsItems] as const
  return `${[names.join('\t'), ...visits.map((visit) => names.map((name) => cell(visit[name])).join('\t'))].join('\n')}\n`
}

function table(intake: Intake): string {
  const lines = [
    `${intake.source}: ${intake.patients} patients, ${intake.visits} visits, ${intake.labValues} laboratory values`,
  ]
  if (intake.findings.length === 0) lines.push('Nothing was mended, refused or noted.')
  for (const finding of intake.findings) {
    const place = finding.where[0]
    const where =
      place === undefined
        ? ''
        : `  first at ${[place.file, place.line, place.column].filter((part) => part !== undefined).join(':')}`
    lines.push(`  ${finding.action.padEnd(8)} ${String(finding.count).padStart(7)}  ${finding.message}${where}`)
  }
  return lines.join('\n')
}

export const intake: CliCommand = {
  usage: 'intake <folder>',
  summary: 'what a clinical export holds: read, mended, refused, and why',
  define(command) {
    command
      .addOption(new Option('--source <name>', 'layout (default: recognised by its files)').choices([...layoutNames]))
      .option('--visits <file>', 'write one row a visit to this TSV file')
  },
  async run([path], options) {
    const { readClinical } = await import('../../clinical/index.ts')
    const { nodeHost } = await import('../../host/node/index.ts')
    const { writeWhole } = await import('../../host/node/files.ts')
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const kind = options.source as LayoutName | undefined
    const { signal, release } = interruption()
    try {
      const { visits, intake: found } = await readClinical(
        { ...(kind !== undefined && { kind }), path, cohort: 'intake' },
        nodeHost(),
        signal,
      )
      if (typeof options.visits === 'string') await writeWhole(options.visits, visitsTsv(visits))
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
            }
          : table(found),
      )
      return exitCode.done
    } finally {
      release()
    }
  },
}
