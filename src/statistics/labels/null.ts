import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { distributionScratchBytes, schemeMembers } from './members.ts'
import type { LabelScheme } from './scheme.ts'

/** Null distribution of (c, T) of one variant under a scheme. */
export interface LabelNull {
  /** Fewest cases called that can occur; rows are c = from .. cases of the scheme. */
  from: number
  /** 2 cases + 1: T = 0 .. 2 cases. */
  stride: number
  /** log p of T given c; NaN where T cannot occur. */
  logP: Float64Array
  logMidp: Float64Array
  /** P(T | c). */
  probability: Float64Array
  /** Smallest attainable log p of each row. */
  logMinAttainable: Float64Array
}

const mostCases = 2000

/** Total cases of a scheme; refuses more than the tables of (c, T) are made for. */
export function casesOf(scheme: LabelScheme): number {
  let total = 0
  for (const m of scheme.cases) total += m
  if (total > mostCases)
    throw new UpturnError('BadArgument', `label sets are made for at most ${mostCases} cases, not ${total}`)
  return total
}

/**
 * P(T | c), log p and log mid-p of a variant's statistic under a label scheme: c cases called, T their copies of alt.
 * Two-sided by |T - E(T | c)|, ties within 1e-9 of a standard deviation. `genotypes`: 0, 1, 2 or -1 (missing) by person.
 * With equal odds in one stratum it is the exact trend test; with fitted risks it is conditional on them.
 */
export function labelNull(genotypes: ArrayLike<number>, scheme: LabelScheme): LabelNull {
  const n = scheme.order.length
  if (genotypes.length !== n) throw new UpturnError('BadArgument', 'every person needs one genotype')
  const m = casesOf(scheme)
  const words = Math.ceil(n / 64)
  const record = new Uint8Array(16 * words)
  for (let i = 0; i < n; i++) {
    const g = genotypes[i]
    const bit = 1 << (i & 7)
    if (g === 1 || g === -1) record[i >> 3] |= bit
    if (g === 2 || g === -1) record[8 * words + (i >> 3)] |= bit
  }
  const k = kernels()
  return k.scope(() => {
    const stride = 2 * m + 1
    const cells = (m + 1) * stride
    const { members, p } = schemeMembers(
      scheme,
      Array.from({ length: n }, (_, i) => i),
      words,
    )
    const pointers = {
      record: k.put(record),
      members: k.put(members),
      p: k.put(p),
      cases: k.put(scheme.cases),
      out: k.allocate(8 * cells),
      scratch: k.allocate(distributionScratchBytes(m, words)),
      midp: k.allocate(8 * stride),
    }
    const from = k.call.labelsDistribution(
      pointers.record,
      words,
      pointers.members,
      pointers.p,
      pointers.cases,
      scheme.cases.length,
      m,
      0,
      pointers.out,
      pointers.scratch,
    )
    const rows = m + 1 - from
    const probability = k.f64(pointers.out + 8 * from * stride, rows * stride).slice()
    const logMidp = new Float64Array(rows * stride).fill(Number.NaN)
    const logMinAttainable = new Float64Array(rows)
    for (let r = 0; r < rows; r++) {
      const row = pointers.out + 8 * (from + r) * stride
      logMinAttainable[r] = k.call.labelsPvalues(row, from + r, 0, row, pointers.midp)
      const width = 2 * (from + r) + 1
      logMidp.set(k.f64(pointers.midp, width), r * stride)
      k.f64(row + 8 * width, stride - width).fill(Number.NaN)
      let total = 0
      for (let t = 0; t < stride; t++) total += probability[r * stride + t]
      if (total > 0) for (let t = 0; t < stride; t++) probability[r * stride + t] /= total
    }
    const logP = k.f64(pointers.out + 8 * from * stride, rows * stride).slice()
    return { from, stride, logP, logMidp, probability, logMinAttainable }
  })
}
