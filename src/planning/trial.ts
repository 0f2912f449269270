import { UpturnError } from '../errors/index.ts'
import { differenceSize, meanPower } from '../statistics/power/index.ts'

export interface TrialQuestion {
  /** Share of carriers among those who can be asked, 0 to 1, exclusive. */
  carriers: number
  /** Difference between treated and untreated in carriers and in others, in units of the outcome. */
  effectCarriers: number
  effectOthers: number
  /** Standard deviation of the outcome between people of one arm and genotype. */
  sd: number
  alpha: number
  power: number
  /** Sizes above this many people an arm are not considered. */
  mostPerArm: number
}

export interface TrialDesign {
  design: 'carriers only' | 'carriers and others' | 'all comers'
  /** What its test asks. */
  asks: string
  /** Null: no size considered is enough. */
  perArm: number | null
  /** People treated or not, and people to be genotyped to find them. */
  enrolled: number | null
  genotyped: number | null
  /** Power of its own test at that size. */
  power: number | null
  /** The same size's power for the effect in carriers, where others are in the trial too. */
  carriersPower: number | null
}

/**
 * A trial of a treatment that may act through the genotype, two arms, an outcome with a normal error (a change or slope of ALSFRS-R),
 * randomised within genotype. Three designs: carriers alone; as many carriers as others, to ask whether the effects differ; people as they
 * come, to ask for the mean effect. Powers are of the t-tests themselves.
 */
export function planTrial(question: TrialQuestion): TrialDesign[] {
  const { carriers, effectCarriers, effectOthers, sd, alpha, power, mostPerArm } = question
  if (!(carriers > 0 && carriers < 1 && sd > 0 && sd < Infinity))
    throw new UpturnError(
      'BadArgument',
      `a share of carriers of ${carriers} with a standard deviation of ${sd} is no trial`,
    )
  if (!(Number.isFinite(effectCarriers) && Number.isFinite(effectOthers)))
    throw new UpturnError('BadArgument', 'the effects in carriers and in others must be numbers')
  if (!(alpha > 0 && alpha <= 0.5 && power > alpha && power < 1))
    throw new UpturnError('BadArgument', `no size has power ${power} at level ${alpha} on purpose`)
  const effects = { carriers, inCarriers: effectCarriers / sd, inOthers: effectOthers / sd }
  const search = { alpha, power, most: mostPerArm }
  const sized = (
    design: Parameters<typeof differenceSize>[0],
    people: (perArm: number) => { enrolled: number; genotyped: number; inCarriers: number | null },
  ): Omit<TrialDesign, 'design' | 'asks'> => {
    const perArm = differenceSize(design, effects, search)
    if (perArm === null) return { perArm, enrolled: null, genotyped: null, power: null, carriersPower: null }
    const { inCarriers, ...counts } = people(perArm)
    return {
      perArm,
      ...counts,
      power: meanPower(design, perArm, effects, alpha),
      carriersPower: inCarriers === null ? null : meanPower('carriers', inCarriers, effects, alpha),
    }
  }
  const toFind = (wanted: number): number => Math.ceil(wanted / carriers)
  return [
    {
      design: 'carriers only',
      asks: 'does it act in carriers?',
      ...sized('carriers', (n) => ({ enrolled: 2 * n, genotyped: toFind(2 * n), inCarriers: null })),
    },
    {
      design: 'carriers and others',
      asks: 'does it act differently in carriers and in others?',
      ...sized('interaction', (n) => ({
        enrolled: 4 * n,
        genotyped: Math.max(toFind(2 * n), Math.ceil((2 * n) / (1 - carriers))),
        inCarriers: n,
      })),
    },
    {
      design: 'all comers',
      asks: 'does it act on the average?',
      ...sized('all', (n) => ({ enrolled: 2 * n, genotyped: 2 * n, inCarriers: Math.round(n * carriers) })),
    },
  ]
}
