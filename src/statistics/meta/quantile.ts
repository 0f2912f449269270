import { UpturnError } from '../../errors/index.ts'
import { decreasingRoot } from '../../numerics/root.ts'
import { log, normalQuantile, studentLogTail } from '../../numerics/special.ts'

/** z with P(|Z| <= z) = level. */
export function normalSpan(level: number): number {
  requireLevel(level)
  return -normalQuantile((1 - level) / 2)
}

/** Spans already found: one study after another asks for the same few. */
const spans = new Map<string, number>()

/** t with P(|T| <= t) = level, T Student's with df degrees of freedom; 1e-13 relative. */
export function studentSpan(level: number, df: number): number {
  requireLevel(level)
  const name = `${level} ${df}`
  const known = spans.get(name)
  if (known !== undefined) return known
  const found = findSpan(level, df)
  if (spans.size < 1000) spans.set(name, found)
  return found
}

function findSpan(level: number, df: number): number {
  const wanted = log((1 - level) / 2)
  let low = 0
  let high = 1
  while (studentLogTail(high, df) > wanted) {
    low = high
    high *= 2
  }
  return decreasingRoot((t) => studentLogTail(t, df) - wanted, low, high)
}

function requireLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new UpturnError('BadArgument', `a level lies between 0 and 1, not ${level}`)
}
