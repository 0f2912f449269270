/**
 * Root of a decreasing f between low (f >= 0) and high (f <= 0): false position with halving (Illinois), every eighth step a bisection; to `within` of
 * the root, by default the last digits.
 */
export function decreasingRoot(f: (x: number) => number, low: number, high: number, within = 2e-16): number {
  let [a, b] = [low, high]
  let [fa, fb] = [f(a), f(b)]
  if (fa === 0) return a
  if (fb === 0) return b
  let kept = 0
  for (let step = 0; step < 400 && b - a > within * b; step++) {
    let middle = step % 8 === 7 ? (a + b) / 2 : (a * fb - b * fa) / (fb - fa)
    if (!(middle > a && middle < b)) middle = (a + b) / 2
    if (!(middle > a && middle < b)) break
    const value = f(middle)
    if (value === 0) return middle
    if (value > 0) {
      a = middle
      fa = value
      if (kept === 1) fb /= 2
      kept = 1
    } else {
      b = middle
      fb = value
      if (kept === -1) fa /= 2
      kept = -1
    }
  }
  return (a + b) / 2
}
