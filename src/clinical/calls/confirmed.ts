import type { Call, GroupRow } from '../../results/clinical.ts'

/**
 * The calls of the study's own definition as the study counts them: somebody whom people confirmed counts as called, up to the last visit at which the gain was seen; the
 * rest as the rule says.
 */
export function countedCalls(calls: readonly Call[], groups: readonly GroupRow[], definition: string): Call[] {
  const confirmed = new Set(groups.filter((row) => row.adjudication === 'confirmed').map(({ patient }) => patient))
  return calls
    .filter((call) => call.definition === definition)
    .map((call) => (confirmed.has(call.patient) ? { ...call, verdict: 'yes' as const } : call))
}
