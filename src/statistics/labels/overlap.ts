import { UpturnError } from '../../errors/index.ts'
import { inclusionProbabilities } from './draw.ts'
import type { LabelScheme } from './scheme.ts'

/** Expected share of the observed cases that a label set names again. Uniform labels: cases / people. Refuses a study without cases. */
export function meanOverlap(scheme: LabelScheme, observed: ArrayLike<number>): number {
  const inclusion = inclusionProbabilities(scheme)
  let sum = 0
  let cases = 0
  for (let i = 0; i < inclusion.length; i++) {
    if (observed[i] !== 1) continue
    sum += inclusion[i]
    cases++
  }
  if (cases === 0) throw new UpturnError('NoCases', 'nobody is a case, so there is nothing to redraw labels of')
  return sum / cases
}

/** Of 1:1 matched sets every one repeats half; sums of inclusion probabilities may end a little above. */
const mostRepeated = 0.5 + 1e-9

/**
 * Expected share of the smaller observed group, cases or controls, that a label set names again. Where cases are the larger
 * group, label sets repeat most of them however freely they are drawn.
 */
function repeatedShare(scheme: LabelScheme, observed: ArrayLike<number>): number {
  const overlap = meanOverlap(scheme, observed)
  const people = scheme.order.length
  let cases = 0
  for (let i = 0; i < people; i++) cases += observed[i] === 1 ? 1 : 0
  if (cases === people) throw new UpturnError('NoControls', 'everybody is a case, so labels cannot be redrawn')
  // A set has as many cases as were observed: what it misses of the cases it takes from the controls.
  return 2 * cases <= people ? overlap : 1 - (cases * (1 - overlap)) / (people - cases)
}

/** Refuses label sets within strata that, on average, repeat more than half of the observed cases (or controls, if fewer). */
export function requireRelabellingWithin(
  scheme: LabelScheme,
  observed: ArrayLike<number>,
  strata: readonly string[],
): void {
  const overlap = repeatedShare(scheme, observed)
  if (overlap <= mostRepeated) return
  const sizes = strata.map((_, s) => scheme.starts[s + 1] - scheme.starts[s])
  const named = strata.map((name, s) => `${name} (${scheme.cases[s]} of ${sizes[s]} are cases)`)
  throw new UpturnError(
    'NoOverlap',
    `labels redrawn within strata repeat ${Math.round(overlap * 100)}% of the observed grouping: the strata all but name the cases: ${named.slice(0, 5).join(', ')}${named.length > 5 ? ` and ${named.length - 5} more` : ''}; use strata that hold both cases and controls`,
    { details: { overlap, strata: [...strata] } },
  )
}

/**
 * Refuses a scheme conditional on risks that, on average, repeats more than half of the observed cases (or controls, if fewer). `advice`
 * ends the sentence.
 */
export function requireRelabelling(
  scheme: LabelScheme,
  observed: ArrayLike<number>,
  covariates: readonly string[],
  advice = 'and no adjustment can mend that',
): number {
  const overlap = repeatedShare(scheme, observed)
  if (overlap > mostRepeated)
    throw new UpturnError(
      'NoOverlap',
      `labels redrawn from the risks fitted to ${covariates.join(', ')} repeat ${Math.round(overlap * 100)}% of the observed cases: the covariates all but name them, ${advice}`,
      { details: { overlap, covariates: [...covariates] } },
    )
  return overlap
}
