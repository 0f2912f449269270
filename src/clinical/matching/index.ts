export { type Matching, matchControls } from './match.ts'
export { type MatchingSources, peopleForMatching } from './people.ts'
export type { MatchingOptions, MatchPerson, TimedVariable } from './person.ts'
