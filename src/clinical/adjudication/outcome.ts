import type { AdjudicationSummary, Call, GroupRow } from '../../results/clinical.ts'
import { cohenKappa } from '../../statistics/agreement/index.ts'
import { type Adjudication, adjudicationVerdicts } from './record.ts'

export type Outcome = NonNullable<GroupRow['adjudication']>

/** The last word of each rater on each person under one definition; people and raters in the order of their first words. */
export function lastWords(
  entries: readonly Adjudication[],
  definition: string,
): Map<string, Map<string, Adjudication>> {
  const found = new Map<string, Map<string, Adjudication>>()
  for (const entry of entries) {
    if (entry.definition !== definition) continue
    const own = found.get(entry.patient) ?? new Map<string, Adjudication>()
    own.set(entry.who, entry)
    found.set(entry.patient, own)
  }
  return found
}

/** What the raters of one person come to: all confirm, all reject, somebody defers and nobody contradicts, or they disagree. */
export function outcomeOf(words: Iterable<Pick<Adjudication, 'verdict'>>): Outcome {
  const verdicts = new Set([...words].map(({ verdict }) => verdict))
  if (verdicts.has('confirm') && verdicts.has('reject')) return 'disagreed'
  if (verdicts.has('defer')) return 'deferred'
  return verdicts.has('confirm') ? 'confirmed' : 'rejected'
}

/**
 * Agreement of every two raters who judged somebody in common, on their last words: kappa of confirm, reject and defer, and of confirm against the rest, with limits.
 * Most people in common first.
 */
export function raterAgreement(
  words: ReadonlyMap<string, ReadonlyMap<string, Adjudication>>,
): AdjudicationSummary['agreement'] {
  const raters = [...new Set([...words.values()].flatMap((own) => [...own.keys()]))].sort()
  const found = raters.flatMap((a, i) =>
    raters.slice(i + 1).flatMap((b) => {
      const table = adjudicationVerdicts.map(() => adjudicationVerdicts.map(() => 0))
      const differ: string[] = []
      for (const [patient, own] of words) {
        const first = own.get(a)
        const second = own.get(b)
        if (first === undefined || second === undefined) continue
        table[adjudicationVerdicts.indexOf(first.verdict)][adjudicationVerdicts.indexOf(second.verdict)]++
        if (first.verdict !== second.verdict) differ.push(patient)
      }
      const kappa = cohenKappa(table)
      if (kappa.people === 0) return []
      const other = (row: readonly number[]) => [row[0], row[1] + row[2]]
      const rows = table.map(other)
      const confirm = cohenKappa([rows[0], [rows[1][0] + rows[2][0], rows[1][1] + rows[2][1]]])
      return [{ a, b, categories: [...adjudicationVerdicts], table, kappa, confirm, differ }]
    }),
  )
  return found.sort((x, y) => y.kappa.people - x.kappa.people)
}

const sameCall = (a: Adjudication['call'], b: Call): boolean =>
  a.verdict === b.verdict && a.start_day === b.start_day && a.end_day === b.end_day && a.value === b.value

/** Counts of adjudications and what they change; numbers of cases and controls with and without them come from `groups`. */
export function summariseAdjudications(
  entries: readonly Adjudication[],
  definition: string,
  calls: readonly Call[],
  groups: readonly GroupRow[],
): AdjudicationSummary {
  const words = lastWords(entries, definition)
  const own = new Map(calls.filter((call) => call.definition === definition).map((call) => [call.patient, call]))
  const counts = { confirmed: 0, rejected: 0, deferred: 0, disagreed: 0 }
  const raters = new Map<string, number>()
  const outdated: string[] = []
  let unknown = 0
  for (const [patient, said] of words) {
    const call = own.get(patient)
    if (call === undefined) unknown++
    else {
      counts[outcomeOf(said.values())]++
      if ([...said.values()].some((entry) => !sameCall(entry.call, call))) outdated.push(patient)
    }
    for (const who of said.keys()) raters.set(who, (raters.get(who) ?? 0) + 1)
  }
  const others = entries.filter((entry) => entry.definition !== definition).length
  const notes: string[] = []
  if (unknown > 0)
    notes.push(
      `${unknown} ${unknown === 1 ? 'person was' : 'people were'} adjudicated who ${unknown === 1 ? 'is' : 'are'} not among the records; nothing was done with that.`,
    )
  if (others > 0)
    notes.push(
      `${others} ${others === 1 ? 'adjudication is of another definition and was' : 'adjudications are of other definitions and were'} not used.`,
    )
  if (outdated.length > 0)
    notes.push(
      `The call of ${outdated.length === 1 ? 'one person' : `${outdated.length} people`} has changed since it was judged (${outdated.slice(0, 5).join(', ')}${outdated.length > 5 ? ' and others' : ''}); the verdict was used as it stands and should be looked at again.`,
    )
  return {
    entries: entries.length,
    people: words.size - unknown,
    ...counts,
    outdated: outdated.length,
    raters: [...raters]
      .map(([who, people]) => ({ who, people }))
      .sort((a, b) => b.people - a.people || (a.who < b.who ? -1 : 1)),
    agreement: raterAgreement(words),
    without: {
      cases: groups.filter((row) => row.rule_case === 1).length,
      controls: groups.filter((row) => row.rule_case === 0).length,
    },
    notes,
  }
}
