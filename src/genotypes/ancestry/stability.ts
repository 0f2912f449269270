import { principalComponents } from './principal-components.ts'

export interface ComponentStability {
  /** Correlation of the component with the one that four fifths of the people give, among these; null without people enough. */
  stability: number | null
  /**
   * By how much projection pulls towards zero: the slope of the values that the other fifth gets when projected on their own
   * values; null where the component is not stable.
   */
  shrinkage: number | null
}

const heldOut = 5
const fewestPeople = 25
/** Below this correlation a component is another one. */
const stable = 0.9

/**
 * What becomes of components when one person in five does not define them. Covariance over everyone at `training`; scores
 * people x components by rows.
 */
export function componentStability(
  covariance: Float64Array,
  n: number,
  training: readonly number[],
  scores: Float64Array,
  components: number,
): ComponentStability[] {
  const staying = training.filter((_, place) => place % heldOut !== heldOut - 1)
  const leaving = training.filter((_, place) => place % heldOut === heldOut - 1)
  if (training.length < fewestPeople)
    return Array.from({ length: components }, () => ({ stability: null, shrinkage: null }))
  const fewer = principalComponents(covariance, n, staying, components)
  return Array.from({ length: components }, (_, c) => {
    let best = -1
    let correlation = 0
    for (let other = 0; other < components; other++) {
      const value = correlate(staying, scores, c, fewer.scores, other, components)
      if (Math.abs(value) > Math.abs(correlation)) {
        best = other
        correlation = value
      }
    }
    if (best < 0) return { stability: null, shrinkage: null }
    let product = 0
    let square = 0
    for (const i of leaving) {
      const own = scores[i * components + c]
      product += own * fewer.scores[i * components + best]
      square += own * own
    }
    const slope = (Math.sign(correlation) * product) / square
    return {
      stability: Math.abs(correlation),
      shrinkage: Math.abs(correlation) >= stable && Number.isFinite(slope) ? slope : null,
    }
  })
}

function correlate(
  people: readonly number[],
  a: Float64Array,
  c: number,
  b: Float64Array,
  d: number,
  components: number,
): number {
  let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0]
  for (const i of people) {
    const x = a[i * components + c]
    const y = b[i * components + d]
    sa += x
    sb += y
    aa += x * x
    bb += y * y
    ab += x * y
  }
  const n = people.length
  const value = (ab - (sa * sb) / n) / Math.sqrt((aa - (sa * sa) / n) * (bb - (sb * sb) / n))
  return Number.isFinite(value) ? value : 0
}
