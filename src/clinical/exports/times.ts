/** How days of one person are written: as ages, or as dates that are made up. */
export interface DayWriter {
  kind: 'age' | 'made-up'
  /** An ISO 8601 duration, or a timestamp of which only differences mean something. */
  text(day: number): string
}

/** Ages from here on are written as made-up dates: so old a person is easily known. */
const oldest = 90

/**
 * Writes the days of one person so that their differences are exact and no date of birth or visit is told. Where the age is known it is
 * the age at the earliest day, in whole years and months, with the days since then behind it (P58Y10M400D); else day 0 is 1900-01-01.
 */
export function dayWriter(ageAtZero: number | null, days: readonly number[]): DayWriter {
  const earliest = Math.min(0, ...days)
  const latest = Math.max(0, ...days)
  const least = ageAtZero === null ? -1 : ageAtZero + earliest / 365.25
  if (ageAtZero === null || least < 0 || ageAtZero + latest / 365.25 >= oldest) return { kind: 'made-up', text: madeUp }
  const years = Math.floor(least)
  const months = Math.floor((least - years) * 12)
  return { kind: 'age', text: (day) => `P${years}Y${months}M${day - earliest}D` }
}

const madeUp = (day: number): string => `${new Date(Date.UTC(1900, 0, 1 + day)).toISOString().slice(0, 10)}T00:00:00Z`
