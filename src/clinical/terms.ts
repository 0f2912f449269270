import type { AlsfrsItem } from '../results/clinical.ts'

/** A term of an ontology or vocabulary. */
export interface Term {
  id: string
  label: string
}

/**
 * Codes of this project's own, used where no public code is known for certain: no identifier is invented in another vocabulary's
 * name. They are written to exports and read back.
 */
export const ownPrefix = 'UPTURN'

export const itemTerms: Readonly<Record<AlsfrsItem, Term>> = {
  q1: { id: 'UPTURN:q1', label: 'ALSFRS 1 speech' },
  q2: { id: 'UPTURN:q2', label: 'ALSFRS 2 salivation' },
  q3: { id: 'UPTURN:q3', label: 'ALSFRS 3 swallowing' },
  q4: { id: 'UPTURN:q4', label: 'ALSFRS 4 handwriting' },
  q5a: { id: 'UPTURN:q5a', label: 'ALSFRS 5a cutting food, without gastrostomy' },
  q5b: { id: 'UPTURN:q5b', label: 'ALSFRS 5b cutting food, with gastrostomy' },
  q6: { id: 'UPTURN:q6', label: 'ALSFRS 6 dressing and hygiene' },
  q7: { id: 'UPTURN:q7', label: 'ALSFRS 7 turning in bed' },
  q8: { id: 'UPTURN:q8', label: 'ALSFRS 8 walking' },
  q9: { id: 'UPTURN:q9', label: 'ALSFRS 9 climbing stairs' },
  q10: { id: 'UPTURN:q10', label: 'ALSFRS 10 breathing' },
  r1: { id: 'UPTURN:r1', label: 'ALSFRS-R R1 dyspnoea' },
  r2: { id: 'UPTURN:r2', label: 'ALSFRS-R R2 orthopnoea' },
  r3: { id: 'UPTURN:r3', label: 'ALSFRS-R R3 respiratory insufficiency' },
}

export const scaleTerms = {
  'ALSFRS-R': { id: 'UPTURN:ALSFRS-R', label: 'ALS Functional Rating Scale, revised' },
  ALSFRS: { id: 'UPTURN:ALSFRS', label: 'ALS Functional Rating Scale' },
} as const satisfies Record<string, Term>

export const totalTerms = {
  'ALSFRS-R': { id: 'UPTURN:total', label: 'ALSFRS-R total' },
  ALSFRS: { id: 'UPTURN:alsfrs_total', label: 'ALSFRS total' },
} as const satisfies Record<string, Term>

export const scoreUnit: Term = { id: 'UCUM:{score}', label: '{score}' }

/** ALS in MONDO; the other codes under which it is read stand beside it. */
export const alsTerm: Term = { id: 'MONDO:0004976', label: 'amyotrophic lateral sclerosis' }
export const alsCodes = ['MONDO:0004976', 'ORPHA:803', 'ORPHANET:803', 'ORDO:803', 'HP:0007354', 'ICD10CM:G12.21']

export const onsetSiteTerms: Readonly<Record<string, Term>> = {
  bulbar: { id: 'UPTURN:bulbar', label: 'Bulbar onset' },
  limb: { id: 'UPTURN:limb', label: 'Limb onset' },
  respiratory: { id: 'UPTURN:respiratory', label: 'Respiratory onset' },
  other: { id: 'UPTURN:other', label: 'Onset elsewhere or in several regions' },
}

export const diagnosisTerm: Term = { id: 'UPTURN:diagnosis', label: 'Diagnosis of ALS made' }
export const escorialTerm = 'UPTURN:el-escorial'
export const riluzoleTerm: Term = { id: 'UPTURN:riluzole', label: 'riluzole' }
export const reversalTerm = 'UPTURN:als-reversal'
/** A reference that gives a person's day 0 as an age or a date, so that days are read back as they were. */
export const dayZeroReference = 'UPTURN:day-0'
/** A reference that says that dates are made up: only their differences mean something. */
export const madeUpDates = 'UPTURN:made-up-dates'
export const researchOnly = 'UPTURN:research-use-only'
export const researchOnlySentence = "Research use only; not a replacement for a doctor's advice."
