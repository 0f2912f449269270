import { daysOfDate, type Period } from './cells.ts'

/** The days that a year, a month of it, or a day of that can mean; null when there is no such day of 1900 to 2100. */
export function periodOf(year: number, month: number | null = null, day: number | null = null): Period | null {
  const two = (n: number) => String(n).padStart(2, '0')
  const date = (m: number, d: number) => daysOfDate(`${year}-${two(m)}-${two(d)}`)
  if (month !== null && day !== null) {
    const only = date(month, day)
    return only === null ? null : { earliest: only, latest: only }
  }
  const earliest = date(month ?? 1, 1)
  const latest =
    [31, 30, 29, 28].map((last) => date(month ?? 12, last)).find((end): end is number => end !== null) ?? null
  return earliest === null || latest === null ? null : { earliest, latest }
}
