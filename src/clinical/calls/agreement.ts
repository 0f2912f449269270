import type { Call, CallsSummary } from '../../results/clinical.ts'
import { cohenKappa } from '../../statistics/agreement/index.ts'
import type { Definition } from '../definitions/index.ts'

/**
 * Cohen's kappa of every two definitions, over the people of whom both can tell (yes or no): with limits, in the order of the definitions, the later one second.
 */
export function definitionKappas(
  calls: readonly Call[],
  definitions: readonly Definition[],
): NonNullable<CallsSummary['kappas']> {
  const verdicts = new Map<string, Map<string, boolean>>(definitions.map(({ id }) => [id, new Map()]))
  for (const { patient, definition, verdict } of calls)
    if (verdict === 'yes' || verdict === 'no') verdicts.get(definition)?.set(patient, verdict === 'yes')
  return definitions.flatMap(({ id: a }, i) =>
    definitions.slice(i + 1).map(({ id: b }) => {
      const table = [
        [0, 0],
        [0, 0],
      ]
      const other = verdicts.get(b)
      for (const [patient, first] of verdicts.get(a) ?? []) {
        const second = other?.get(patient)
        if (second !== undefined) table[first ? 0 : 1][second ? 0 : 1]++
      }
      const { people, kappa, low, high, status } = cohenKappa(table)
      return { a, b, people, both: table[0][0], kappa, low, high, status }
    }),
  )
}
