import { dirname } from 'node:path'
import { writeWhole } from '../host/node/files.ts'
import { balanceSvg } from '../report/index.ts'
import { type MatchingSummary, type MatchRow, matchingTable } from '../results/matching.ts'
import { writeFigures } from './figures.ts'
import { toBatch } from './rows.ts'
import { tsvHeader, tsvLines } from './tsv.ts'

const balanceColumns = [
  'variable',
  'meanCases',
  'meanControlsBefore',
  'meanControlsAfter',
  'smdBefore',
  'smdAfter',
  'varianceRatioBefore',
  'varianceRatioAfter',
] as const
const balanceNames = [
  'variable',
  'mean_cases',
  'mean_controls_before',
  'mean_controls_after',
  'smd_before',
  'smd_after',
  'variance_ratio_before',
  'variance_ratio_after',
]

/** Writes matched people and balance as TSV, and the love plot: `matching.tsv`, `balance.tsv`, `balance.svg` and `.png`. */
export async function writeMatchingFiles(
  path: (name: string) => string,
  rows: readonly MatchRow[],
  summary: MatchingSummary,
): Promise<void> {
  await writeWhole(
    path('matching.tsv'),
    tsvHeader(matchingTable) + tsvLines(matchingTable, toBatch(matchingTable, rows)),
  )
  const lines = summary.balance.map((b) => balanceColumns.map((name) => b[name] ?? '').join('\t'))
  await writeWhole(path('balance.tsv'), `${[balanceNames.join('\t'), ...lines].join('\n')}\n`)
  await writeFigures(dirname(path('balance.svg')), [balanceSvg(summary)])
}
