const most = 20_000

interface Piece {
  from: number
  width: number
  coefficients: Float64Array
}

/**
 * The maximum over [0, 1] of a polynomial in Bernstein's form with coefficients of at least 0: the value lies between `value`,
 * taken at `argument`, and `upper`. A piece's coefficients bound it (convex hull), and those of its halves (de Casteljau) bound it four times as
 * closely; pieces that cannot exceed what was met are dropped, until `upper` is within 1e-13 of `value` (or 20,000 pieces were
 * halved). All steps are averages of numbers of one sign. Source: Garloff 1985; Farouki 2012, Computer Aided Geometric Design 29:379.
 */
export function bernsteinMaximum(coefficients: Float64Array): { argument: number; value: number; upper: number } {
  const n = coefficients.length - 1
  let argument = 0
  let value = coefficients[0]
  const meet = (at: number, found: number) => {
    if (found > value) {
      value = found
      argument = at
    }
  }
  meet(1, coefficients[n])
  const largest = ({ coefficients: c }: Piece) => {
    let max = c[0]
    for (const v of c) if (v > max) max = v
    return max
  }
  let pieces: Piece[] = [{ from: 0, width: 1, coefficients }]
  for (let halved = 0; pieces.length > 0 && halved < most; ) {
    const next: Piece[] = []
    for (const { from, width, coefficients: whole } of pieces) {
      halved++
      const right = Float64Array.from(whole)
      const left = new Float64Array(n + 1)
      for (let level = 0; level <= n; level++) {
        left[level] = right[0]
        for (let i = 0; i < n - level; i++) right[i] = 0.5 * (right[i] + right[i + 1])
      }
      meet(from + width / 2, left[n])
      next.push({ from, width: width / 2, coefficients: left })
      next.push({ from: from + width / 2, width: width / 2, coefficients: right })
    }
    pieces = next.filter((piece) => largest(piece) > value * (1 + 1e-13))
  }
  let upper = value * (1 + 1e-13)
  for (const piece of pieces) upper = Math.max(upper, largest(piece))
  return { argument, value, upper }
}
