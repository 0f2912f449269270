import type { PValueColumn } from '../results/association.ts'
import type { Study } from './schema.ts'

/** The column of the association table that the primary test decides by. */
export function primaryColumn(study: Study): PValueColumn {
  const columns: Record<Study['primary']['test'], PValueColumn> = {
    family: 'family_p',
    auto: 'family_p',
    trend_exact: 'trend_exact_p',
    trend_midp: 'trend_midp',
    fisher: 'fisher_p',
    firth: 'firth_p',
  }
  return columns[study.primary.test]
}
