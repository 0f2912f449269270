import { exp } from '../numerics/special.ts'
import type { LeadTest } from '../results/association.ts'

/** Tells one test: its log p, what it is, and an odds ratio with limits where it has one. */
export type AddTest = (test: string, logP: number, note: string, or?: { or: number; low: number; high: number }) => void

/** The odds ratio of a fit, its limits 0 or infinite where there is none on a side. */
export const ratios = (fit: { beta: number; low: number | null; high: number | null }) => ({
  or: exp(fit.beta),
  low: fit.low === null ? 0 : exp(fit.low),
  high: fit.high === null ? Number.POSITIVE_INFINITY : exp(fit.high),
})

/** One test as results hold it: limits that are none become null. */
export function leadTest(...[test, logP, note, or]: Parameters<AddTest>): LeadTest {
  const bound = (x: number | undefined) => (x === undefined || !Number.isFinite(x) ? null : x)
  return {
    test,
    p: exp(logP),
    negLog10P: logP === 0 ? 0 : -logP / Math.LN10,
    or: bound(or?.or),
    low: bound(or?.low),
    high: bound(or?.high),
    note,
  }
}
