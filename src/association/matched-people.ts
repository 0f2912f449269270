import type { DesignInput, StudyPerson } from './design.ts'

/** Names that a note spells out; of more, the first. */
const named = 8

/** Whoever a matched design leaves out. */
export interface MatchedPeople<P> {
  kept: P[]
  left: { reason: string; people: number }[]
  notes: string[]
}

/**
 * The people whose matched set holds cases and controls; the others are counted, and their sets named. Where X or Y is tested, sets
 * of both sexes are divided by sex, as labels must stay within it. `stratum`: a person's set; whoever has none is in none.
 */
export function matchedPeople<P extends Pick<StudyPerson, 'case' | 'sex' | 'stratum'>>(
  people: readonly P[],
  sexChromosomes: DesignInput['sexChromosomes'],
): MatchedPeople<P> {
  const sets = new Map<string, P[]>()
  const sexes = new Map<string, Set<string>>()
  let without = 0
  for (const person of people) {
    const { stratum, sex } = person
    if (stratum === undefined || stratum === '') {
      without++
      continue
    }
    const key = sexChromosomes ? `${stratum}\t${sex}` : stratum
    const members = sets.get(key)
    if (members === undefined) sets.set(key, [person])
    else members.push(person)
    sexes.set(stratum, (sexes.get(stratum) ?? new Set()).add(String(sex)))
  }
  const left = without === 0 ? [] : [{ reason: 'in no matched set', people: without }]
  const notes: string[] = []
  const dropped = new Set<P>()
  for (const [only, isCase] of [
    ['cases', true],
    ['controls', false],
  ] as const) {
    const alone = [...sets].filter(([, members]) => members.every((person) => person.case === isCase))
    if (alone.length === 0) continue
    let count = 0
    for (const [, members] of alone)
      for (const person of members) {
        dropped.add(person)
        count++
      }
    left.push({ reason: `in a matched set of ${only} only`, people: count })
    const names = alone.map(([key]) => key.replace('\t', ', ')).sort()
    const one = names.length === 1
    notes.push(
      `${one ? 'Matched set' : `${names.length} matched sets,`} ${names.slice(0, named).join('; ')}${names.length > named ? ' and others' : ''}${one ? '' : ','} ${one ? 'holds' : 'hold'} ${only} only and ${one ? 'says' : 'say'} nothing: ${count} ${count === 1 ? 'person is' : 'people are'} left out.`,
    )
  }
  const mixed = sexChromosomes ? [...sexes.values()].filter((seen) => seen.size > 1).length : 0
  if (mixed > 0)
    notes.push(
      `${mixed} matched ${mixed === 1 ? 'set holds' : 'sets hold'} both sexes and ${mixed === 1 ? 'was' : 'were'} divided by sex, since variants on X or Y are tested: match on sex, or leave X and Y out.`,
    )
  const kept = people.filter((person) => person.stratum !== undefined && person.stratum !== '' && !dropped.has(person))
  return { kept, left, notes }
}
