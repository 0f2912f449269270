import { readFile } from 'node:fs/promises'
import { UpturnError } from '../../errors/index.ts'
import { type CliCommand, type CommandOptions, print } from '../command.ts'
import { exitCode } from '../failure.ts'

const names = ['case_ref', 'case_het', 'case_alt', 'control_ref', 'control_het', 'control_alt'] as const
type Counts = [number, number, number, number, number, number]

const mostPeople = 1_000_000

function countsOf(cells: readonly string[], place?: { file: string; line: number }): Counts {
  const counts = cells.map((cell, i) => {
    const value = Number(cell)
    if (cell === undefined || cell.trim() === '' || !Number.isInteger(value) || value < 0 || value > mostPeople)
      throw new UpturnError(
        'ValueInvalid',
        `${names[i]} is ${cell === undefined ? 'missing' : cell}; a count is a whole number from 0 to ${mostPeople}`,
        { place: place && { ...place, column: i + 2 } },
      )
    return value
  })
  return counts as Counts
}

async function tablesFrom(file: string): Promise<{ id: string; counts: Counts }[]> {
  const { withPath } = await import('../../host/node/files.ts')
  const lines = (await withPath(file, () => readFile(file, 'utf8'))).replace(/^\uFEFF/, '').split(/\r?\n/)
  const header = lines[0].split('\t')
  const columns = ['id', ...names].map((name) => header.indexOf(name))
  const missing = ['id', ...names].filter((_, i) => columns[i] < 0)
  if (missing.length > 0)
    throw new UpturnError(
      'ColumnMissing',
      `the header lacks ${missing.join(', ')}; a table has the tab-separated columns id, ${names.join(', ')}`,
      { place: { file, line: 1 } },
    )
  return lines.slice(1).flatMap((line, i) => {
    if (line === '') return []
    const cells = line.split('\t')
    return [
      {
        id: cells[columns[0]],
        counts: countsOf(
          columns.slice(1).map((column) => cells[column]),
          { file, line: i + 2 },
        ),
      },
    ]
  })
}

const p = (value: number | null) =>
  value === null ? '–' : value === 0 ? '<1e-307' : value >= 0.001 ? value.toPrecision(3) : value.toExponential(2)

export const testTable: CliCommand = {
  usage: 'test-table [counts...]',
  summary: 'every test on genotype counts: case ref, het, alt; control ref, het, alt',
  define(command) {
    command.option('--from <file>', 'TSV with columns id case_ref .. control_alt, one table a line')
  },
  async run(args, options: CommandOptions) {
    if ((options.from === undefined) === (args.length === 0) || (options.from === undefined && args.length !== 6))
      throw new UpturnError(
        'BadArgument',
        `give six counts (case ref, het, alt, control ref, het, alt) or --from FILE; ${args.length} counts were given`,
      )
    const tables =
      options.from === undefined ? [{ id: 'table', counts: countsOf(args) }] : await tablesFrom(String(options.from))
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const { testTable: test } = await import('../../association/index.ts')
    for (const { id, counts } of tables) {
      const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts
      const result = test({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt })
      if (options.json) {
        print({ id, ...result })
        continue
      }
      const rows: [string, number | null, string][] = [
        [
          'exact trend',
          result.trend_exact_p,
          `mid-p ${p(result.trend_midp)}; smallest attainable ${p(result.min_attainable_p)}`,
        ],
        ['Fisher 2x3', result.fisher_p, `mid-p ${p(result.fisher_midp)}`],
        [
          'Firth, likelihood ratio',
          result.firth_p,
          result.or === null
            ? result.status
            : `odds ratio ${result.or.toPrecision(4)} (${p(result.or_low)} to ${p(result.or_high)})`,
        ],
        [
          'log-F(1,1)',
          result.logf_p,
          result.logf_or === null
            ? ''
            : `odds ratio ${result.logf_or.toPrecision(4)} (${p(result.logf_or_low)} to ${p(result.logf_or_high)})`,
        ],
        ['score, saddlepoint', result.spa_p, 'an approximation, to be compared'],
        ['allelic', result.allelic_p, `mid-p ${p(result.allelic_midp)}`],
        ['dominant', result.dominant_p, `mid-p ${p(result.dominant_midp)}`],
        ['dominant, Barnard', result.dominant_barnard_p, 'groups fixed, carriers not'],
        ['dominant, Boschloo', result.dominant_boschloo_p, 'groups fixed, carriers not'],
        ['recessive', result.recessive_p, `mid-p ${p(result.recessive_midp)}`],
        ['recessive, Barnard', result.recessive_barnard_p, 'groups fixed, carriers not'],
        ['recessive, Boschloo', result.recessive_boschloo_p, 'groups fixed, carriers not'],
        ['asymptotic trend', result.trend_asymptotic_p, 'not to be relied on with few cases'],
      ]
      print(
        [
          `${id === 'table' ? '' : `${id}: `}cases ${counts.slice(0, 3).join('/')}, controls ${counts.slice(3).join('/')}`,
          ...rows.map(([name, value, note]) => `  ${name.padEnd(24)} ${p(value).padStart(9)}   ${note}`),
          result.agreement,
        ].join('\n'),
      )
    }
    return exitCode.done
  },
}
