import { leastSquares } from '../../numerics/least-squares.ts'

/**
 * What is left of `target` (length d) by the best combination, with factors of at least 0, of `columns` (n of length d): Lawson and
 * Hanson's active sets (1974, ch. 23). The residual r has r'column <= 0 for every column, to rounding.
 */
export function nonnegativeResidual(columns: readonly Float64Array[], target: Float64Array): Float64Array {
  const d = target.length
  const active: number[] = []
  let factors: number[] = []
  const residualOf = () => {
    const r = Float64Array.from(target)
    active.forEach((c, i) => {
      for (let j = 0; j < d; j++) r[j] -= factors[i] * columns[c][j]
    })
    return r
  }
  const solve = (chosen: readonly number[]) => {
    const x = new Float64Array(d * chosen.length)
    chosen.forEach((c, i) => {
      for (let j = 0; j < d; j++) x[j * chosen.length + i] = columns[c][j]
    })
    return leastSquares(x, target, d, chosen.length).coefficients
  }
  const refused = new Set<number>()
  for (let round = 0; round < 50 * (d + 1); round++) {
    const r = residualOf()
    let best = -1
    let steepest = 1e-13
    for (let c = 0; c < columns.length; c++) {
      if (active.includes(c) || refused.has(c)) continue
      let dot = 0
      for (let j = 0; j < d; j++) dot += r[j] * columns[c][j]
      if (dot > steepest) {
        steepest = dot
        best = c
      }
    }
    if (best < 0) return r
    active.push(best)
    factors.push(0)
    let wanted = solve(active)
    // A column that depends on those held, or that rounding would make negative at once, is passed over.
    if (!(wanted[active.length - 1] > 0)) {
      active.pop()
      factors.pop()
      refused.add(best)
      continue
    }
    refused.clear()
    while (wanted.some((w) => !(w > 0))) {
      let share = 1
      wanted.forEach((w, i) => {
        if (!(w > 0)) share = Math.min(share, factors[i] / (factors[i] - w))
      })
      factors = factors.map((f, i) => f + share * (wanted[i] - f))
      for (let i = active.length - 1; i >= 0; i--)
        if (!(factors[i] > 1e-15)) {
          active.splice(i, 1)
          factors.splice(i, 1)
        }
      if (active.length === 0) break
      wanted = solve(active)
    }
    factors = Array.from(active.length === 0 ? [] : wanted)
  }
  return residualOf()
}
