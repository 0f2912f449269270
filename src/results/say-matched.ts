import type { MatchedSummary } from './association.ts'

const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

/** A matched design in sentences: its sets, what the matching stands for, and what is to be said of them. */
export function sayMatched({ sets, sizes, matchedOn, cancelled, notes }: MatchedSummary): string[] {
  const kinds = sizes.map(
    ({ cases, controls, sets: count }) => `${count} of ${plural(cases, 'case')} and ${plural(controls, 'control')}`,
  )
  const out = [
    `The design is matched: ${plural(sets, 'set')} (${kinds.join(', ')}). Labels are redrawn within sets, and every test is its form within them.`,
  ]
  if (matchedOn.length > 0) out.push(`The sets stand for ${matchedOn.join(', ')}, which the fits leave out.`)
  if (cancelled.length > 0)
    out.push(
      `${cancelled.join(', ')} ${cancelled.length === 1 ? 'does' : 'do'} not vary within any set and cancel${cancelled.length === 1 ? 's' : ''}.`,
    )
  return [...out, ...notes]
}
