import type { Patient } from '../../results/clinical.ts'

/** Who is kept out of cases and controls: nobody, people with a recorded mimic, or also those with a known mutation. */
export type Strictness = 'none' | 'mimics' | 'mimics-and-mutations'

export const strictnessLevels: readonly Strictness[] = ['none', 'mimics', 'mimics-and-mutations']

const nothing = new Set(['', 'no', 'none', 'negative', 'false', '0'])

function recorded(text: string | null): boolean {
  return text !== null && !nothing.has(text.trim().toLowerCase())
}

/** Why a person is excluded at this strictness; a mimic before a mutation; null when not. */
export function exclusionOf(patient: Patient, strictness: Strictness): 'mimic' | 'known_mutation' | null {
  if (strictness === 'none') return null
  if (recorded(patient.mimic)) return 'mimic'
  return strictness === 'mimics-and-mutations' && recorded(patient.known_mutation) ? 'known_mutation' : null
}
