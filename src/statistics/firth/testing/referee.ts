/** Firth's fit of one variant in the plainest arithmetic: the twin of the fast one, and what is asked where PLINK gave up. */
export interface RefereeFit {
  beta: number
  /** Square root of the last diagonal element of the inverse of the ordinary information, at the estimate. */
  standardError: number
  /** Penalised log-likelihood at the estimate. */
  penalised: number
}

/** Cholesky factor L (lower, row by row) of a symmetric positive definite matrix; null where it is not. */
function cholesky(a: readonly number[][]): number[][] | null {
  const l = a.map((row) => row.map(() => 0))
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j]
      for (let k = 0; k < j; k++) sum -= l[i][k] * l[j][k]
      if (i === j && !(sum > 0)) return null
      l[i][j] = i === j ? Math.sqrt(sum) : sum / l[j][j]
    }
  return l
}

function solveLower(l: readonly number[][], b: readonly number[]): number[] {
  const x: number[] = []
  for (let i = 0; i < b.length; i++) {
    let sum = b[i]
    for (let k = 0; k < i; k++) sum -= l[i][k] * x[k]
    x.push(sum / l[i][i])
  }
  return x
}

function solveUpper(l: readonly number[][], b: readonly number[]): number[] {
  const x = b.map(() => 0)
  for (let i = b.length - 1; i >= 0; i--) {
    let sum = b[i]
    for (let k = i + 1; k < b.length; k++) sum -= l[k][i] * x[k]
    x[i] = sum / l[i][i]
  }
  return x
}

/**
 * Maximises log L + log|I| / 2 (Firth 1993; Heinze and Schemper 2002) by Newton steps, halved while they do not climb.
 * @param rows one row a person: 1, covariates, copies of the allele; @param cases 1 or 0 a person
 * @param hold keeps the last coefficient at 0, with the information of the whole model
 * @returns null where it does not settle within 500 steps
 */
export function refereeFirth(
  rows: readonly (readonly number[])[],
  cases: readonly number[],
  hold = false,
): RefereeFit | null {
  const width = rows[0].length
  const at = (beta: readonly number[]) => {
    const information = beta.map(() => beta.map(() => 0))
    let logLikelihood = 0
    const risks = rows.map((row, i) => {
      const eta = row.reduce((sum, x, j) => sum + x * beta[j], 0)
      const risk = 1 / (1 + Math.exp(-eta))
      logLikelihood -= Math.log1p(Math.exp(cases[i] === 1 ? -eta : eta))
      const weight = risk * (1 - risk)
      for (let j = 0; j < width; j++) for (let k = 0; k <= j; k++) information[j][k] += weight * row[j] * row[k]
      return risk
    })
    for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) information[k][j] = information[j][k]
    const factor = cholesky(information)
    if (factor === null) return null
    return { risks, factor, value: logLikelihood + factor.reduce((sum, row, i) => sum + Math.log(row[i]), 0) }
  }
  let beta = rows[0].map(() => 0)
  let now = at(beta)
  let share = 1
  let last: { moved: number[]; taken: number } | null = null
  for (let step = 0; now !== null && step < 500; step++) {
    const { risks, factor } = now
    const score = beta.map(() => 0)
    rows.forEach((row, i) => {
      const half = solveLower(factor, row)
      const leverage = risks[i] * (1 - risks[i]) * half.reduce((sum, x) => sum + x * x, 0)
      const residual = cases[i] - risks[i] + leverage * (0.5 - risks[i])
      for (let j = 0; j < width; j++) score[j] += residual * row[j]
    })
    // The factor of a leading block is the leading block of the factor.
    const free = hold ? factor.slice(0, -1) : factor
    const move = solveUpper(free, solveLower(free, score.slice(0, free.length)))
    if (hold) move.push(0)
    if (Math.max(...move.map(Math.abs)) < 1e-10) {
      const unit = solveLower(
        factor,
        beta.map((_, j) => (j === width - 1 ? 1 : 0)),
      )
      return {
        beta: beta[width - 1],
        standardError: Math.sqrt(unit.reduce((sum, x) => sum + x * x, 0)),
        penalised: now.value,
      }
    }
    // Where the penalty weighs as much as the person, as for a single carrier, a whole step goes twice as far as it should:
    // the share that the last step should have had serves for this one (Barzilai and Borwein 1988).
    if (last !== null) {
      const { moved, taken } = last
      const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, j) => sum + x * b[j], 0)
      const curvature = (1 - dot(move, moved) / dot(moved, moved)) / taken
      share = curvature > 0 ? Math.min(1, Math.max(0.25, 1 / curvature)) : 1
      if (step % 3 === 2) share = 0.5
    }
    let length = Math.min(share, 5 / Math.max(...move.map(Math.abs)))
    let next: ReturnType<typeof at> = null
    let tried = beta
    for (let halving = 0; halving < 40; halving++, length /= 2) {
      tried = beta.map((b, j) => b + length * move[j])
      next = at(tried)
      // Within rounding of the top any step is a climb.
      if (next !== null && next.value >= now.value - 1e-10 * Math.abs(now.value)) break
    }
    last = { moved: move, taken: length }
    beta = tried
    now = next
  }
  return null
}
