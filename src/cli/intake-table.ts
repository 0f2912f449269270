import type { Intake, IntakeFinding } from '../results/clinical.ts'

const barWidth = 24
const eighths = ' ▏▎▍▌▋▊▉'

/** A bar whose length is the logarithm of a count, for a terminal. */
function bar(count: number, largest: number): string {
  const cells = barWidth * 8
  const filled = Math.max(8, Math.round((cells * Math.log10(count * 10)) / Math.log10(largest * 10)))
  return `${'█'.repeat(filled >> 3)}${filled % 8 === 0 ? '' : eighths[filled % 8]}`.padEnd(barWidth)
}

const place = ({ where }: IntakeFinding): string =>
  where.length === 0
    ? ''
    : [where[0].file, where[0].line, where[0].column].filter((part) => part !== undefined).join(':')

const order: readonly IntakeFinding['action'][] = ['refused', 'mended', 'noted']

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')

/** Names, and how many more there are. */
const few = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`

// What others wrote must not move the cursor or colour the screen.
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')

/** What a clinical export held, as a table with a figure in it: a bar a rule, on a logarithmic scale. */
export function intakeTable(intake: Intake): string {
  const { files = [], filesNotRead = [], findings } = intake
  const lines = [
    `${intake.source}: ${grouped(intake.patients)} patients, ${grouped(intake.visits)} visits, ${grouped(intake.labValues)} laboratory values`,
  ]
  for (const { file, rows, columnsNotRead } of files)
    lines.push(
      `  ${file}: ${grouped(rows)} row${rows === 1 ? '' : 's'}${columnsNotRead.length === 0 ? '' : `; columns not read: ${few(columnsNotRead)}`}`,
    )
  if (filesNotRead.length > 0) lines.push(`  not read: ${few(filesNotRead)}`)
  if (findings.length === 0) lines.push('Nothing was mended, refused or noted.')
  const largest = Math.max(1, ...findings.map(({ count }) => count))
  for (const action of order) {
    const own = findings.filter((finding) => finding.action === action).sort((a, b) => b.count - a.count)
    const sum = own.reduce((total, { count }) => total + count, 0)
    if (own.length > 0) lines.push('', `${action} ${grouped(sum)}`)
    for (const finding of own)
      lines.push(
        `  ${grouped(finding.count).padStart(9)} ${bar(finding.count, largest)} ${finding.message}`,
        `${' '.repeat(13 + barWidth)}${finding.code}, first at ${place(finding)}`,
      )
  }
  if (findings.length > 0)
    lines.push(
      '',
      'Bars are on a logarithmic scale. --out FOLDER lists every finding with what was read and what is used.',
    )
  return lines.map(printable).join('\n')
}
