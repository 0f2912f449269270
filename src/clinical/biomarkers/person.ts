import type { ProgressionGroup } from '../../results/clinical.ts'

/** Groups in the order in which tables and figures have them. */
export const groupOrder: readonly ProgressionGroup[] = ['reversal', 'plateau', 'slow', 'typical', 'rapid']
/** From the fastest loss to the regain: the order of the trend test. */
export const trendOrder: readonly ProgressionGroup[] = ['rapid', 'typical', 'slow', 'plateau', 'reversal']

export const daysInYear = 365.25

/** A person with one value of a biomarker and what it is adjusted for. */
export interface Person {
  patient: string
  group: ProgressionGroup
  day: number
  value: number
  censoring: -1 | 0 | 1
  plate: string | null
  age: number | null
  male: number | null
  bmi: number | null
  genotype: number | null
  /** Points lost a month up to the nadir. */
  lossRate: number | null
}

/** Values as ranks see them: everything below the highest lower limit is tied lowest, everything above the lowest upper limit tied highest. */
export function ranked(people: readonly Pick<Person, 'value' | 'censoring'>[]): number[] {
  let floor = 0
  let ceiling = Number.POSITIVE_INFINITY
  for (const { value, censoring } of people) {
    if (censoring === -1) floor = Math.max(floor, value)
    if (censoring === 1) ceiling = Math.min(ceiling, value)
  }
  return people.map(({ value, censoring }) => {
    if (censoring === -1 || value < floor) return 0
    return censoring === 1 || value > ceiling ? Number.MAX_VALUE : value
  })
}

export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
