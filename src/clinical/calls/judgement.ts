import type { Call } from '../../results/clinical.ts'

/** What a rule says of a person. */
export type Judgement = Pick<Call, 'verdict' | 'start_day' | 'end_day' | 'value' | 'reason'>

export function ineligible(reason: string): Judgement {
  return { verdict: 'ineligible', start_day: null, end_day: null, value: null, reason }
}
