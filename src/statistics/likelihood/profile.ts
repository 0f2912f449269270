/** Standard normal quantile at 0.975: the square root of 3.8414588..., the drop of a 95% profile limit. */
export const standardNormal975 = 1.959963984540054

/**
 * Where `excess`, the root of twice the drop of a profile less 1.96, crosses 0 on one side of the estimate. The root is nearly linear in the
 * coefficient, so it is found by false position (Illinois), to 1e-10, of a standard error where that is less. Null when there is no crossing up to
 * `farthest` (|20| unless told) or a fit fails (undefined).
 */
export function profileCrossing(
  estimate: number,
  standardError: number,
  side: -1 | 1,
  excess: (at: number) => number | undefined,
  farthest = 20,
): number | null {
  const within = 1e-10 * Math.min(1, standardError)
  let inside = estimate
  let insideValue = -standardNormal975
  let outside = estimate + side * standardNormal975 * standardError
  let outsideValue = excess(outside)
  while (outsideValue !== undefined && outsideValue < 0) {
    inside = outside
    insideValue = outsideValue
    if (Math.abs(outside) >= farthest) return null
    const next = estimate + 1.3 * (outside - estimate)
    outside = Math.max(-farthest, Math.min(farthest, next))
    outsideValue = excess(outside)
  }
  if (outsideValue === undefined) return null
  let kept = 0
  for (let step = 0; step < 100 && Math.abs(outside - inside) > within; step++) {
    let middle = (inside * outsideValue - outside * insideValue) / (outsideValue - insideValue)
    if (!(Math.min(inside, outside) < middle && middle < Math.max(inside, outside))) middle = (inside + outside) / 2
    const value = excess(middle)
    if (value === undefined) return null
    if (Math.abs(value) < 1e-11) return middle
    if (value < 0) {
      inside = middle
      insideValue = value
      if (kept === -1) outsideValue /= 2
      kept = -1
    } else {
      outside = middle
      outsideValue = value
      if (kept === 1) insideValue /= 2
      kept = 1
    }
  }
  return (inside + outside) / 2
}
