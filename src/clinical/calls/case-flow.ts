import type { Call, CallsSummary, GroupRow } from '../../results/clinical.ts'
import type { Definition } from '../definitions/index.ts'
import { confidence } from './groups.ts'

/**
 * Steps from everyone to confirmed calls of the study's own definition; every step holds the people of the one before it less those who left, and why. A gain that
 * was lost and one that was not followed long enough are told apart.
 */
export function caseFlow({
  calls,
  groups,
  caseDefinition,
  definitions,
  adjudication,
}: {
  calls: readonly Call[]
  groups: readonly GroupRow[]
  caseDefinition: string
  definitions: readonly Definition[]
  adjudication?: CallsSummary['adjudication']
}): NonNullable<CallsSummary['caseFlow']> {
  const definition = definitions.find(({ id }) => id === caseDefinition)
  const own = new Map(calls.filter((call) => call.definition === caseDefinition).map((call) => [call.patient, call]))
  const steps: NonNullable<CallsSummary['caseFlow']> = []
  let left = [...groups]
  const keep = (step: string, reason: string, test: (row: GroupRow, call: Call | undefined) => boolean) => {
    const kept = left.filter((row) => test(row, own.get(row.patient)))
    steps.push({ step, people: kept.length, lost: left.length - kept.length, reason })
    left = kept
  }
  keep('People in the source', '', () => true)
  keep(
    'Records can tell',
    'too few visits or measurements, or too short a time',
    (_, call) => call !== undefined && call.verdict !== 'ineligible',
  )
  if (definition?.rule.kind === 'sustained-gain') {
    const { gain } = definition.rule
    keep(
      `Gained ${gain} points on an earlier visit`,
      'never gained so much',
      (_, call) => call?.verdict !== 'no' || (call.value ?? 0) >= gain,
    )
  }
  keep('Held as long as followed', 'the gain was lost again', (_, call) => call?.verdict !== 'no')
  keep('Called: held as long as asked', 'not seen for long enough', (_, call) => call?.verdict === 'yes')
  keep('Called, without a recorded exclusion', 'a recorded mimic or known mutation', (row) => row.exclusion === null)
  if (adjudication != null)
    keep(
      'Confirmed by those who judged',
      'not judged, rejected, deferred or disagreed upon',
      (row) => row.adjudication === 'confirmed',
    )
  else if (definition?.rule.kind === 'sustained-gain')
    keep(
      `Confident: probability of a true reversal at least ${confidence}`,
      'may be noise',
      (row) => row.posterior !== null && row.posterior >= confidence,
    )
  return steps
}
