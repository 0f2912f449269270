import { UpturnError } from '../../errors/index.ts'
import { sin } from '../../numerics/special.ts'
import { clopperPearsonInterval } from '../proportions/index.ts'

export interface SignAgreement {
  /** Variants on which both studies have an effect. */
  variants: number
  /** Share of them on which the effects point the same way. */
  agreement: number
  /** Correlation of the studies' estimates that gives such agreement, with 95% limits. */
  correlation: number
  low: number
  high: number
}

/**
 * Correlation of two studies' estimates, from how often their effects point the same way over variants that mostly do nothing: for normal
 * estimates P(same sign) = 1/2 + asin(r) / pi (Sheppard 1899). Studies of different people have r = 0 there; people in both give the
 * correlation of Lin and Sullivan 2009 (American Journal of Human Genetics 85:862). Signs, unlike products, are not moved by a few true
 * effects. Limits are Clopper-Pearson's and take variants as independent: give variants that are not in LD. Null for fewer than 50 variants.
 */
export function signAgreement(a: ArrayLike<number>, b: ArrayLike<number>): SignAgreement | null {
  if (a.length !== b.length) throw new UpturnError('BadArgument', 'both studies need one effect for every variant')
  let variants = 0
  let same = 0
  for (let i = 0; i < a.length; i++) {
    const product = a[i] * b[i]
    if (!Number.isFinite(product) || product === 0) continue
    variants++
    if (product > 0) same++
  }
  if (variants < fewestVariants) return null
  const correlation = (share: number) => sin(Math.PI * (share - 0.5))
  const { low, high } = clopperPearsonInterval(same, variants)
  return {
    variants,
    agreement: same / variants,
    correlation: correlation(same / variants),
    low: correlation(low),
    high: correlation(high),
  }
}

const fewestVariants = 50

/** Cases with 0, 1 and 2 copies. */
export type CaseCounts = readonly [number, number, number]

export interface SameCases {
  /** Variants carried by a case of either study. */
  variants: number
  identical: number
}

/** On how many variants that a case carries two studies have the very same genotype counts among cases. */
export function sameCaseCounts(a: readonly CaseCounts[], b: readonly CaseCounts[]): SameCases {
  if (a.length !== b.length) throw new UpturnError('BadArgument', 'both studies need the counts of every variant')
  let variants = 0
  let identical = 0
  a.forEach((x, i) => {
    const y = b[i]
    if (x[1] + x[2] === 0 && y[1] + y[2] === 0) return
    variants++
    if (x[0] === y[0] && x[1] === y[1] && x[2] === y[2]) identical++
  })
  return { variants, identical }
}

/**
 * Do the counts say that the cases are the same people? Different groups of 20 or more cases agree on a third of common variants, seldom on
 * half: nine in ten of at least ten variants are taken as the same people.
 */
export function areSameCases({ variants, identical }: SameCases): boolean {
  return variants >= 10 && identical >= 0.9 * variants
}
