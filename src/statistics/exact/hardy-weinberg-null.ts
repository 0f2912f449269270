import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { requireCounts } from './counts.ts'
import { hardyWeinberg } from './hardy-weinberg.ts'

/** log p and log mid-p by number of heterozygotes h, at place floor(h / 2): h is odd where the allele count is. */
export interface HardyWeinbergNull {
  logP: Float64Array
  logMidp: Float64Array
}

/**
 * The exact Hardy-Weinberg test (`hardyWeinberg`) of every number of heterozygotes at once, for `people` of whom the rarer
 * allele has `rare` <= people copies. About 25 ns a number, where one number alone takes some microseconds.
 */
export function hardyWeinbergNull(people: number, rare: number): HardyWeinbergNull {
  requireCounts(people, rare)
  if (rare > people)
    throw new UpturnError('BadArgument', `the rarer of two alleles has no ${rare} of ${2 * people} copies`)
  const k = kernels()
  const count = Math.floor(rare / 2) + 1
  const found = k.scope(() => {
    const p = k.allocate(8 * count)
    const midp = k.allocate(8 * count)
    k.call.hardyWeinbergNull(people, rare, p, midp, k.allocate(16 * count + 16))
    return { logP: k.f64(p, count).slice(), logMidp: k.f64(midp, count).slice() }
  })
  // What rounding could not tell apart is settled in integers.
  for (let i = 0; i < count; i++) {
    if (!Number.isNaN(found.logP[i])) continue
    const het = (rare & 1) + 2 * i
    const hom = (rare - het) / 2
    const { logP, logMidp } = hardyWeinberg(hom, het, people - het - hom)
    found.logP[i] = logP
    found.logMidp[i] = logMidp
  }
  return found
}
