export { type Matching, type MatchingOptions, type MatchPerson, matchControls } from './match.ts'
export { type MatchingSources, peopleForMatching } from './people.ts'
