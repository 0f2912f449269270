import type { AlsfrsItem, Visit } from '../../results/clinical.ts'

/** Item 5 whichever way it was asked; null when missing or when 5a and 5b contradict each other. */
export function cutting(visit: Visit): number | null {
  if (visit.q5a !== null && visit.q5b !== null && visit.q5a !== visit.q5b) return null
  return visit.q5a ?? visit.q5b
}

function sum(values: readonly (number | null)[]): number | null {
  let total = 0
  for (const value of values) {
    if (value === null) return null
    total += value
  }
  return total
}

/** Sum of all items of the visit's own scale (ALSFRS-R 0 to 48, ALSFRS 0 to 40); null when one is missing. */
export function totalOfItems(visit: Visit): number | null {
  const shared = [visit.q1, visit.q2, visit.q3, visit.q4, cutting(visit), visit.q6, visit.q7, visit.q8, visit.q9]
  return sum(visit.scale === 'ALSFRS-R' ? [...shared, visit.r1, visit.r2, visit.r3] : [...shared, visit.q10])
}

export interface Subscores {
  /** Items 1 to 3, 0 to 12. */
  bulbar: number | null
  /** Items 4 to 6, 0 to 12. */
  fineMotor: number | null
  /** Items 7 to 9, 0 to 12. */
  grossMotor: number | null
  /** Items 4 to 9, 0 to 24. */
  motor: number | null
  /** Items R1 to R3, 0 to 12; on the ALSFRS item 10, 0 to 4. */
  respiratory: number | null
}

/** The domains of the scale; each is null when one of its items is missing. */
export function subscores(visit: Visit): Subscores {
  const items = (...names: AlsfrsItem[]) => names.map((name) => visit[name])
  const fineMotor = sum([visit.q4, cutting(visit), visit.q6])
  const grossMotor = sum(items('q7', 'q8', 'q9'))
  return {
    bulbar: sum(items('q1', 'q2', 'q3')),
    fineMotor,
    grossMotor,
    motor: sum([fineMotor, grossMotor]),
    respiratory: visit.scale === 'ALSFRS-R' ? sum(items('r1', 'r2', 'r3')) : visit.q10,
  }
}
