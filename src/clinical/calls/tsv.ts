import { type Call, callsTable } from '../../results/clinical.ts'

/** Calls as a tab-separated table with header, empty where missing; numbers are the shortest that read back the same. */
export function callsTsv(calls: readonly Call[]): string {
  const names = callsTable.columns.map(({ name }) => name as keyof Call)
  const lines = [names.join('\t')]
  for (const call of calls) lines.push(names.map((name) => cell(call[name])).join('\t'))
  return `${lines.join('\n')}\n`
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  return /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
