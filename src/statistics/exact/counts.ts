import { UpturnError } from '../../errors/index.ts'

const largest = 10_000_000

/** Refuses what is not a count, and totals above ten million, for which the exact kernels are not made. */
export function requireCounts(...counts: number[]): void {
  let total = 0
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 0)
      throw new UpturnError('BadArgument', `counts are whole numbers from 0, not ${count}`)
    total += count
  }
  if (total > largest) throw new UpturnError('BadArgument', `exact tests take at most ${largest} people, not ${total}`)
}
