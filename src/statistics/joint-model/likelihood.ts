import { exp, expm1, log, normalLogTail } from '../../numerics/special.ts'
import { type JointData, type Layout, layoutOf } from './data.ts'
import { exponentialMoments } from './exponential-moments.ts'
import { gaussHermite } from './quadrature.ts'

const halfLog2Pi = 0.9189385332046728

export interface Value {
  logLikelihood: number
  gradient: Float64Array
}

/** What of one person's likelihood does not depend on b: fixed parts, sums over measured rows of residuals and times, censored rows. */
interface PersonTerms {
  i: number
  theta: Float64Array
  /** Of the log density, what depends on the parameters alone. */
  constant: number
  level: number
  slope: number
  sigma: number
  sums: { n: number; t: number; tt: number; e: number; et: number; ee: number }
  censored: { row: number; e: number; t: number; side: number; score: number }[]
  risk: number
  logRisk: number
  alpha: number
  l11: number
  l21: number
  l22: number
}

/**
 * Log-likelihood and score of a joint model, the person's effects b integrated out by Gauss-Hermite quadrature around each person's own
 * integrand: its mode and curvature, and where it is not Gaussian its mean and covariance (Pinheiro & Bates, J Comput Graph Stat 4:12, 1995). `centre` sets the places of the nodes; `evaluate` leaves them, so that
 * its gradient is exactly that of its value: any place gives a quadrature of the same integral. Without censoring and survival the integrand is Gaussian and the
 * result exact.
 */
export class JointLikelihood {
  readonly layout: Layout
  readonly #data: JointData
  readonly #rowsOf: number[][]
  /** Nodes of each person, shared by people of one kind. */
  readonly #gridOf: (readonly Node[])[]
  /** For each person: centre of its nodes (2) and lower factor of their spread (3). */
  readonly #modes: Float64Array
  readonly #factors: Float64Array
  readonly #moments = new Float64Array(3)
  readonly #risk = new Float64Array(3)
  readonly #byPiece: Float64Array
  readonly #sums: Float64Array

  constructor(data: JointData, nodes: number) {
    this.#data = data
    this.layout = layoutOf(data)
    this.#byPiece = new Float64Array(this.layout.effects - this.layout.hazard)
    this.#sums = new Float64Array(at.pieces + this.#byPiece.length)
    this.#rowsOf = Array.from({ length: data.subjects }, () => [])
    for (let r = 0; r < data.y.length; r++) this.#rowsOf[data.subject[r]].push(r)
    // A Gaussian integrand times a square is exact with 3 nodes; the step that a censored value makes needs the most.
    const gaussian = gridOf(Math.min(3, nodes), data.randomSlope)
    const smooth = gridOf(Math.ceil(nodes / 2), data.randomSlope)
    const stepped = gridOf(nodes, data.randomSlope)
    this.#gridOf = this.#rowsOf.map((rows) =>
      rows.some((r) => data.censoring[r] !== 0) ? stepped : data.survival?.linked === true ? smooth : gaussian,
    )
    this.#modes = new Float64Array(2 * data.subjects)
    this.#factors = new Float64Array(3 * data.subjects)
  }

  /** Moves each person's nodes to the mode of the integrand at these parameters; false where one cannot be found. */
  centre(theta: Float64Array): boolean {
    for (let i = 0; i < this.#data.subjects; i++) {
      const person = this.#person(i, theta)
      let b0 = this.#modes[2 * i]
      let b1 = this.#modes[2 * i + 1]
      let at = this.#integrand(person, b0, b1)
      if (!Number.isFinite(at.value)) {
        b0 = 0
        b1 = 0
        at = this.#integrand(person, 0, 0)
      }
      for (let step = 0; step < 100; step++) {
        const { d0, d1, h00, h01, h11 } = at
        const det = h00 * h11 - h01 * h01
        const move0 = this.#data.randomSlope ? (h11 * d0 - h01 * d1) / det : d0 / h00
        const move1 = this.#data.randomSlope ? (h00 * d1 - h01 * d0) / det : 0
        if (!(move0 * d0 + move1 * d1 >= 0)) return false
        if (move0 * d0 + move1 * d1 < 1e-18) break
        let next = at
        let share = 1
        for (; share > 1e-9; share /= 2) {
          next = this.#integrand(person, b0 + share * move0, b1 + share * move1)
          if (next.value >= at.value) break
        }
        if (share <= 1e-9) break
        b0 += share * move0
        b1 += share * move1
        at = next
      }
      const { h00, h01, h11 } = at
      if (!(h00 > 0)) return false
      this.#modes[2 * i] = b0
      this.#modes[2 * i + 1] = b1
      if (this.#data.randomSlope) {
        const det = h00 * h11 - h01 * h01
        if (!(det > 0)) return false
        const c00 = Math.sqrt(h11 / det)
        const c10 = -h01 / det / c00
        this.#factors[3 * i] = c00
        this.#factors[3 * i + 1] = c10
        this.#factors[3 * i + 2] = Math.sqrt(Math.max(0, h00 / det - c10 * c10))
      } else this.#factors[3 * i] = 1 / Math.sqrt(h00)
      // Where the integrand is not Gaussian its mean and variance are better places than mode and curvature.
      if (person.censored.length > 0 || person.alpha !== 0) for (let round = 0; round < 3; round++) this.#spread(person)
    }
    return true
  }

  /** Moves the nodes of one person to the mean and covariance of the integrand, as its nodes now give them (Naylor & Smith, Appl Stat 31:214, 1982). */
  #spread(person: PersonTerms): void {
    const { i } = person
    const two = this.#data.randomSlope
    const grid = this.#gridOf[i]
    const places = grid.map(({ x }) => this.#place(i, x))
    const logs = grid.map(({ logWeight }, k) => this.#value(person, places[k][0], places[k][1]) + logWeight)
    const top = logs.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
    let [total, m0, m1] = [0, 0, 0]
    const weights = logs.map((value) => (value - top > -40 ? exp(value - top) : 0))
    weights.forEach((weight, k) => {
      total += weight
      m0 += weight * places[k][0]
      m1 += weight * places[k][1]
    })
    m0 /= total
    m1 /= total
    let [v00, v01, v11] = [0, 0, 0]
    weights.forEach((weight, k) => {
      const [e0, e1] = [places[k][0] - m0, places[k][1] - m1]
      v00 += (weight * e0 * e0) / total
      v01 += (weight * e0 * e1) / total
      v11 += (weight * e1 * e1) / total
    })
    const c00 = Math.sqrt(v00)
    const rest = two ? v11 - (v01 * v01) / v00 : 1
    if (!(c00 > 0 && rest > 0)) return
    this.#modes[2 * i] = m0
    this.#modes[2 * i + 1] = m1
    this.#factors[3 * i] = c00
    if (!two) return
    this.#factors[3 * i + 1] = v01 / c00
    this.#factors[3 * i + 2] = Math.sqrt(rest)
  }

  /** (b0, b1) of a node of a person. */
  #place(i: number, x: readonly [number, number]): [number, number] {
    const f = this.#factors
    const b0 = this.#modes[2 * i] + Math.SQRT2 * f[3 * i] * x[0]
    if (!this.#data.randomSlope) return [b0, 0]
    return [b0, this.#modes[2 * i + 1] + Math.SQRT2 * (f[3 * i + 1] * x[0] + f[3 * i + 2] * x[1])]
  }

  /** Value and gradient with the nodes where they are. */
  evaluate(theta: Float64Array): Value {
    const { layout } = this
    const data = this.#data
    const gradient = new Float64Array(layout.size)
    let logLikelihood = 0
    for (let i = 0; i < data.subjects; i++) {
      const person = this.#person(i, theta)
      const grid = this.#gridOf[i]
      const logs = new Float64Array(grid.length)
      const [c00, , c11] = this.#factors.subarray(3 * i, 3 * i + 3)
      const logScale = data.randomSlope ? log(c00) + log(c11) + log(2) : log(c00) + 0.5 * log(2)
      let top = Number.NEGATIVE_INFINITY
      grid.forEach(({ x, logWeight }, k) => {
        const [b0, b1] = this.#place(i, x)
        const value = this.#value(person, b0, b1) + logWeight
        logs[k] = value
        if (value > top) top = value
      })
      let total = 0
      for (let k = 0; k < logs.length; k++) total += logs[k] - top > -700 ? exp(logs[k] - top) : 0
      logLikelihood += top + log(total) + logScale
      const sums = this.#sums.fill(0)
      for (let k = 0; k < grid.length; k++) {
        const weight = logs[k] - top > -40 ? exp(logs[k] - top) / total : 0
        if (weight === 0) continue
        const [b0, b1] = this.#place(i, grid[k].x)
        this.#addNode(person, b0, b1, weight, sums)
      }
      this.#addScore(person, sums, gradient)
    }
    return { logLikelihood, gradient }
  }

  #person(i: number, theta: Float64Array): PersonTerms {
    const { layout } = this
    const data = this.#data
    let level = 0
    data.base.forEach((column, j) => {
      level += theta[layout.base + j] * column[i]
    })
    let slope = 0
    data.slope.forEach((column, j) => {
      slope += theta[layout.slope + j] * column[i]
    })
    const sigma = exp(theta[layout.sigma])
    const sums = { n: 0, t: 0, tt: 0, e: 0, et: 0, ee: 0 }
    const censored: PersonTerms['censored'] = []
    for (const r of this.#rowsOf[i]) {
      let e = data.y[r] - level - slope * data.time[r]
      data.row?.forEach((column, j) => {
        e -= theta[layout.row + j] * column[r]
      })
      const t = data.time[r]
      if (data.censoring[r] !== 0) {
        censored.push({ row: r, e, t, side: data.censoring[r], score: 0 })
        continue
      }
      sums.n++
      sums.t += t
      sums.tt += t * t
      sums.e += e
      sums.et += e * t
      sums.ee += e * e
    }
    const { survival } = data
    let risk = 0
    survival?.columns.forEach((column, j) => {
      risk += theta[layout.effects + j] * column[i]
    })
    const l11 = exp(theta[layout.random])
    const logScale = theta[layout.random] + (data.randomSlope ? theta[layout.random + 2] : 0)
    return {
      i,
      constant: -sums.n * (halfLog2Pi + theta[layout.sigma]) - (data.randomSlope ? 2 : 1) * halfLog2Pi - logScale,
      theta,
      level,
      slope,
      sigma,
      sums,
      censored,
      risk: exp(risk),
      logRisk: risk,
      alpha: survival?.linked === true ? theta[layout.alpha] : 0,
      l11,
      l21: data.randomSlope ? theta[layout.random + 1] : 0,
      l22: data.randomSlope ? exp(theta[layout.random + 2]) : 1,
    }
  }

  /** log of measurements x survival x density of b. */
  #value(person: PersonTerms, b0: number, b1: number): number {
    const { sigma, sums, censored, l11, l21, l22 } = person
    const { n, t, tt, e, et, ee } = sums
    const squares = ee - 2 * b0 * e - 2 * b1 * et + n * b0 * b0 + 2 * t * b0 * b1 + tt * b1 * b1
    let value = person.constant - squares / (2 * sigma * sigma)
    for (const c of censored) value += normalLogTail((c.side * (c.e - b0 - b1 * c.t)) / sigma)
    const u1 = b0 / l11
    const u2 = this.#data.randomSlope ? (b1 - l21 * u1) / l22 : 0
    value -= 0.5 * (u1 * u1 + u2 * u2)
    return this.#data.survival === undefined ? value : value + this.#logSurvival(person, b0, b1)
  }

  /** The same with its gradient in b and minus its Hessian. */
  #integrand(person: PersonTerms, b0: number, b1: number) {
    const { sigma, sums, censored, l11, l21, l22 } = person
    const data = this.#data
    const variance = sigma * sigma
    const { n, t, tt, e, et, ee } = sums
    const squares = ee - 2 * b0 * e - 2 * b1 * et + n * b0 * b0 + 2 * t * b0 * b1 + tt * b1 * b1
    let value = person.constant - squares / (2 * variance)
    let d0 = (e - n * b0 - t * b1) / variance
    let d1 = (et - t * b0 - tt * b1) / variance
    let h00 = n / variance
    let h01 = t / variance
    let h11 = tt / variance
    for (const c of censored) {
      const u = (c.e - b0 - b1 * c.t) / sigma
      const logTail = normalLogTail(c.side * u)
      value += logTail
      const hazard = exp(-0.5 * u * u - halfLog2Pi - logTail)
      const first = (c.side * hazard) / sigma
      const second = Math.max(0, hazard * (hazard - c.side * u)) / variance
      d0 += first
      d1 += first * c.t
      h00 += second
      h01 += second * c.t
      h11 += second * c.t * c.t
    }
    // density of b
    const u1 = b0 / l11
    const p11 = 1 / (l11 * l11)
    if (data.randomSlope) {
      const u2 = (b1 - l21 * u1) / l22
      value -= 0.5 * (u1 * u1 + u2 * u2)
      const r = l21 / (l11 * l22)
      d0 += -u1 / l11 + u2 * r
      d1 += -u2 / l22
      h00 += p11 + r * r
      h01 += -r / l22
      h11 += 1 / (l22 * l22)
    } else {
      value -= 0.5 * u1 * u1
      d0 += -u1 / l11
      h00 += p11
    }
    const { survival } = data
    if (survival !== undefined) {
      const { alpha } = person
      this.#hazards(person, b0, b1)
      const [k0, k1, k2] = this.#risk
      const event = survival.event[person.i]
      value += this.#logSurvival(person, b0, b1)
      d0 += alpha * (event - k0)
      d1 += alpha * (event * survival.time[person.i] - k1)
      h00 += alpha * alpha * k0
      h01 += alpha * alpha * k1
      h11 += alpha * alpha * k2
    }
    return { value, d0, d1, h00, h01, h11 }
  }

  /** log survival contribution alone. */
  #logSurvival(person: PersonTerms, b0: number, b1: number): number {
    const { cuts, time, event } = this.#data.survival as NonNullable<JointData['survival']>
    const { theta, alpha, i } = person
    const { hazard } = this.layout
    const level = alpha * (person.level + b0) + person.logRisk
    const rate = alpha * (person.slope + b1)
    const end = time[i]
    let sum = 0
    let from = 0
    for (let piece = 0; ; piece++) {
      const to = piece < cuts.length && cuts[piece] < end ? cuts[piece] : end
      const x = rate * (to - from)
      const scale = exp(theta[hazard + piece] + level + rate * from) * (to - from)
      sum += scale * (Math.abs(x) < 1e-9 ? 1 + x / 2 : expm1(x) / x)
      if (to === end) return event[i] * (theta[hazard + piece] + level + rate * end) - sum
      from = to
    }
  }

  /** The integrals of t^k x hazard (k = 0, 1, 2) over the time at risk into `#risk`, and of the hazard by piece into `#byPiece`; returns the last piece. */
  #hazards(person: PersonTerms, b0: number, b1: number): number {
    const { layout } = this
    const { cuts, time } = this.#data.survival as NonNullable<JointData['survival']>
    const { theta, alpha, risk, i } = person
    const end = time[i]
    const level = alpha * (person.level + b0)
    const rate = alpha * (person.slope + b1)
    const out = this.#risk.fill(0)
    this.#byPiece.fill(0)
    let from = 0
    for (let piece = 0; ; piece++) {
      const to = piece < cuts.length && cuts[piece] < end ? cuts[piece] : end
      const h = to - from
      exponentialMoments(rate * h, this.#moments)
      const scale = risk * exp(theta[layout.hazard + piece] + level + rate * from) * h
      const m0 = scale * this.#moments[0]
      const m1 = scale * this.#moments[1] * h
      const m2 = scale * this.#moments[2] * h * h
      out[0] += m0
      out[1] += from * m0 + m1
      out[2] += from * from * m0 + 2 * from * m1 + m2
      this.#byPiece[piece] = m0
      if (to === end) return piece
      from = to
    }
  }

  /** Adds one node's share of the score, by the terms of the person's mean, to `sums`. */
  #addNode(person: PersonTerms, b0: number, b1: number, weight: number, sums: Float64Array): void {
    const { sigma, censored, l11, l21, l22, alpha, i } = person
    const { n, t, tt, e, et, ee } = person.sums
    const variance = sigma * sigma
    let dLevel = (e - n * b0 - t * b1) / variance
    let dSlope = (et - t * b0 - tt * b1) / variance
    const squares = ee - 2 * b0 * e - 2 * b1 * et + n * b0 * b0 + 2 * t * b0 * b1 + tt * b1 * b1
    let dSigma = squares / variance - n
    for (let c = 0; c < censored.length; c++) {
      const { e: left, t: time, side } = censored[c]
      const u = (left - b0 - b1 * time) / sigma
      const hazard = exp(-0.5 * u * u - halfLog2Pi - normalLogTail(side * u))
      const first = (side * hazard) / sigma
      dLevel += first
      dSlope += first * time
      dSigma += side * hazard * u
      censored[c].score += weight * first
    }
    const { survival } = this.#data
    if (survival !== undefined) {
      this.#hazards(person, b0, b1)
      const [k0, k1] = this.#risk
      const event = survival.event[i]
      const end = survival.time[i]
      const level = person.level + b0
      const slope = person.slope + b1
      dLevel += alpha * (event - k0)
      dSlope += alpha * (event * end - k1)
      sums[at.risk] += weight * k0
      sums[at.alpha] += weight * (event * (level + slope * end) - level * k0 - slope * k1)
      for (let k = 0; k < this.#byPiece.length; k++) sums[at.pieces + k] += weight * this.#byPiece[k]
    }
    const u1 = b0 / l11
    const u2 = this.#data.randomSlope ? (b1 - l21 * u1) / l22 : 0
    sums[at.level] += weight * dLevel
    sums[at.slope] += weight * dSlope
    sums[at.sigma] += weight * dSigma
    sums[at.u11] += weight * u1 * u1
    sums[at.u12] += weight * u1 * u2
    sums[at.u22] += weight * u2 * u2
    sums[at.b0] += weight * b0
    sums[at.b1] += weight * b1
  }

  /** Turns the sums of a person's nodes into the score of the parameters. */
  #addScore(person: PersonTerms, sums: Float64Array, gradient: Float64Array): void {
    const { layout } = this
    const data = this.#data
    const { i, sigma, censored, l21, l22, theta } = person
    data.base.forEach((column, j) => {
      gradient[layout.base + j] += sums[at.level] * column[i]
    })
    data.slope.forEach((column, j) => {
      gradient[layout.slope + j] += sums[at.slope] * column[i]
    })
    if (data.row !== undefined && data.row.length > 0) {
      for (const r of this.#rowsOf[i]) {
        if (data.censoring[r] !== 0) continue
        let left = data.y[r] - person.level - sums[at.b0] - (person.slope + sums[at.b1]) * data.time[r]
        data.row.forEach((column, j) => {
          left -= theta[layout.row + j] * column[r]
        })
        data.row.forEach((column, j) => {
          gradient[layout.row + j] += (left * column[r]) / (sigma * sigma)
        })
      }
      for (const c of censored)
        data.row.forEach((column, j) => {
          gradient[layout.row + j] += c.score * column[c.row]
        })
    }
    gradient[layout.sigma] += sums[at.sigma]
    gradient[layout.random] += sums[at.u11] - 1 - (sums[at.u12] * l21) / l22
    if (data.randomSlope) {
      gradient[layout.random + 1] += sums[at.u12] / l22
      gradient[layout.random + 2] += sums[at.u22] - 1
    }
    const { survival } = data
    if (survival === undefined) return
    const event = survival.event[i]
    const pieces = this.#byPiece.length
    for (let k = 0; k < pieces; k++) gradient[layout.hazard + k] -= sums[at.pieces + k]
    let last = 0
    while (last < survival.cuts.length && survival.cuts[last] < survival.time[i]) last++
    gradient[layout.hazard + last] += event
    survival.columns.forEach((column, j) => {
      gradient[layout.effects + j] += (event - sums[at.risk]) * column[i]
    })
    if (survival.linked) gradient[layout.alpha] += sums[at.alpha]
  }
}

/** Where the sums of a person's nodes stand. */
const at = { level: 0, slope: 1, sigma: 2, u11: 3, u12: 4, u22: 5, b0: 6, b1: 7, risk: 8, alpha: 9, pieces: 10 }

interface Node {
  x: [number, number]
  logWeight: number
}

/** Gauss-Hermite nodes in one or two dimensions, with log(weight e^(x^2)). */
function gridOf(points: number, two: boolean): Node[] {
  const rule = gaussHermite(points)
  const one = Array.from(rule.nodes, (x, k) => ({ x, logWeight: log(rule.weights[k]) + x * x }))
  return two
    ? one.flatMap((a) => one.map((b): Node => ({ x: [a.x, b.x], logWeight: a.logWeight + b.logWeight })))
    : one.map((a): Node => ({ x: [a.x, 0], logWeight: a.logWeight }))
}
