import type { Visit } from '../../results/clinical.ts'
import { all, any } from './logic.ts'

export type KingsStage = '0' | '1' | '2' | '3' | '4A' | '4B' | '4A+4B' | '5'

const below = (value: number | null, limit: number): boolean | null => (value === null ? null : value < limit)

/**
 * King's stage from the ALSFRS-R (Balendra et al. 2014). Null where an item that decides is missing, and on the ALSFRS,
 * which lacks the respiratory items. Items 6, 7, 9 and R2 are not used, so a score below 48 can give stage 0.
 *
 * @param gastrostomy recorded gastrostomy, where the source has it beside item 5b
 */
export function kingsStage(
  visit: Visit,
  options: { dead?: boolean; gastrostomy?: boolean | null } = {},
): KingsStage | null {
  if (options.dead === true) return '5'
  if (visit.scale !== 'ALSFRS-R') return null
  const respiratory = any(visit.r1 === null ? null : visit.r1 === 0, below(visit.r3, 4))
  const ambiguous = visit.q5a !== null && visit.q5b !== null
  const nutrition = any(
    options.gastrostomy ?? false,
    ambiguous ? null : visit.q5b !== null ? true : visit.q5a === null ? null : false,
  )
  if (respiratory === null || nutrition === null) return null
  if (respiratory && nutrition) return '4A+4B'
  if (respiratory) return '4B'
  if (nutrition) return '4A'
  const regions = [
    any(below(visit.q1, 4), below(visit.q2, 4), below(visit.q3, 4)),
    any(below(visit.q4, 4), below(visit.q5a, 4)),
    below(visit.q8, 4),
  ]
  if (regions.includes(null)) return null
  return String(regions.filter(Boolean).length) as KingsStage
}

/** The functions of MiToS that are lost; null where items that decide are missing. */
export interface LostFunctions {
  movement: boolean | null
  swallowing: boolean | null
  communication: boolean | null
  breathing: boolean | null
}

export function lostFunctions(visit: Visit): LostFunctions {
  return {
    movement: any(below(visit.q8, 2), below(visit.q6, 2)),
    swallowing: below(visit.q3, 2),
    communication: all(below(visit.q1, 2), below(visit.q4, 2)),
    breathing: visit.scale === 'ALSFRS-R' ? any(below(visit.r1, 2), below(visit.r3, 3)) : null,
  }
}

/** MiToS stage 0 to 5 (Chio et al. 2015): the number of functions lost, 5 at death; null when one is unknown. */
export function mitosStage(visit: Visit, options: { dead?: boolean } = {}): number | null {
  if (options.dead === true) return 5
  const lost = Object.values(lostFunctions(visit))
  return lost.includes(null) ? null : lost.filter(Boolean).length
}
