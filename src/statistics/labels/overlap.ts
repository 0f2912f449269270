import { UpturnError } from '../../errors/index.ts'
import { inclusionProbabilities } from './draw.ts'
import type { LabelScheme } from './scheme.ts'

/** Expected share of the observed cases that a label set names again. Uniform labels: cases / people. */
export function meanOverlap(scheme: LabelScheme, observed: ArrayLike<number>): number {
  const inclusion = inclusionProbabilities(scheme)
  let sum = 0
  let cases = 0
  for (let i = 0; i < inclusion.length; i++) {
    if (observed[i] !== 1) continue
    sum += inclusion[i]
    cases++
  }
  return sum / cases
}

/** Refuses a scheme conditional on risks that, on average, names more than half of the observed cases again. */
export function requireRelabelling(
  scheme: LabelScheme,
  observed: ArrayLike<number>,
  covariates: readonly string[],
): number {
  const overlap = meanOverlap(scheme, observed)
  if (overlap > 0.5)
    throw new UpturnError(
      'NoOverlap',
      `labels redrawn from the risks fitted to ${covariates.join(', ')} repeat ${Math.round(overlap * 100)}% of the observed cases: the covariates all but name them, and no adjustment can mend that`,
      { details: { overlap, covariates: [...covariates] } },
    )
  return overlap
}
