import type { PValueColumn } from '../results/association.ts'
import type { Study } from './schema.ts'

/** The column of the association table that the primary test decides by. */
export function primaryColumn(study: Study): PValueColumn {
  return study.primary.test === 'firth' ? 'firth_p' : 'family_p'
}
