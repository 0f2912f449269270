import { UpturnError } from '../../errors/index.ts'
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
  // False position of the Illinois kind: the log tail falls smoothly.
  let fLow = studentLogTail(low, df) - wanted
  let fHigh = studentLogTail(high, df) - wanted
  let kept = 0
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    let middle = (low * fHigh - high * fLow) / (fHigh - fLow)
    if (!(middle > low && middle < high)) middle = (low + high) / 2
    if (middle === low || middle === high) break
    const f = studentLogTail(middle, df) - wanted
    if (f === 0) return middle
    if (f > 0) {
      low = middle
      fLow = f
      if (kept === 1) fHigh /= 2
      kept = 1
    } else {
      high = middle
      fHigh = f
      if (kept === -1) fLow /= 2
      kept = -1
    }
  }
  return (low + high) / 2
}

function requireLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new UpturnError('BadArgument', `a level lies between 0 and 1, not ${level}`)
}
