import { exp } from '../numerics/special.ts'

/** Tells one test: its log p, what it is, and an odds ratio with limits where it has one. */
export type AddTest = (test: string, logP: number, note: string, or?: { or: number; low: number; high: number }) => void

/** The odds ratio of a fit, its limits 0 or infinite where there is none on a side. */
export const ratios = (fit: { beta: number; low: number | null; high: number | null }) => ({
  or: exp(fit.beta),
  low: fit.low === null ? 0 : exp(fit.low),
  high: fit.high === null ? Number.POSITIVE_INFINITY : exp(fit.high),
})
