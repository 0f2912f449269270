import { exp, log, normalCdf, normalLogTail } from '../../numerics/special.ts'
import { gaussNodes, gaussShares, panel } from './quadrature.ts'

/** The law of Z ~ N(mu, 1) among the studies in which this result would have been shown; z > 0 is what was seen. */
export interface Selection {
  /** log P(shown | mu). */
  logProbability(mu: number): number
  /** E(Z | shown, mu). */
  mean(mu: number): number
  /** P(Z >= z | shown, mu). */
  upper(mu: number): number
  /** P(Z <= z | shown, mu). */
  lower(mu: number): number
}

const halfLog2Pi = 0.9189385332046728

/** Shown because |Z| > c (Zollner and Pritchard 2007; Ghosh, Zou and Wright 2008). */
export function selectedByThreshold(z: number, c: number): Selection {
  const logProbability = (mu: number) => {
    const near = normalLogTail(c - mu)
    const far = normalLogTail(c + mu)
    const larger = Math.max(near, far)
    return larger + log(exp(near - larger) + exp(far - larger))
  }
  const upper = (mu: number) => exp(normalLogTail(z - mu) - logProbability(mu))
  return {
    logProbability,
    mean: (mu) => {
      const total = logProbability(mu)
      const density = (d: number) => exp(-0.5 * d * d - halfLog2Pi - total)
      return mu + density(c - mu) - density(c + mu)
    },
    upper,
    lower: (mu) => 1 - upper(mu),
  }
}

/**
 * Shown because |Z| was the largest of m tests, the others without effect and independent: the weight of x is
 * (2 Phi(|x|) - 1)^(m - 1). Integrals by composite Gauss-Legendre, error below 1e-10.
 */
export function selectedAsBest(z: number, m: number): Selection {
  const points: number[] = []
  const weights: number[] = []
  const beyond: boolean[] = []
  // panels meet at z, so that both tails are sums of whole panels
  const below = Math.max(1, Math.ceil(z / panel))
  const add = (from: number, width: number, above: boolean) => {
    for (let i = 0; i < 5; i++) {
      const x = from + width * gaussNodes[i]
      const weight = m === 1 ? 1 : exp((m - 1) * logInside(x))
      if (weight === 0) continue
      points.push(x)
      weights.push(weight * gaussShares[i] * width)
      beyond.push(above)
    }
  }
  for (let i = 0; i < below; i++) add((z * i) / below, z / below, false)
  for (let i = 0; i < Math.ceil((z + 14) / panel); i++) add(z + i * panel, panel, true)

  const sums = (mu: number) => {
    let all = 0
    let first = 0
    let above = 0
    for (let i = 0; i < points.length; i++) {
      const x = points[i]
      const plus = weights[i] * exp(-0.5 * (x - mu) * (x - mu) - halfLog2Pi)
      const minus = weights[i] * exp(-0.5 * (x + mu) * (x + mu) - halfLog2Pi)
      all += plus + minus
      first += x * (plus - minus)
      if (beyond[i]) above += plus
    }
    return { all, first, above }
  }
  return {
    logProbability: (mu) => log(sums(mu).all),
    mean: (mu) => {
      const { all, first } = sums(mu)
      return first / all
    },
    upper: (mu) => {
      const { all, above } = sums(mu)
      return above / all
    },
    lower: (mu) => {
      const { all, above } = sums(mu)
      return (all - above) / all
    },
  }
}

/** log P(|Z| <= x). */
function logInside(x: number): number {
  return log(1 - 2 * normalCdf(-x))
}
