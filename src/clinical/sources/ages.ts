/** Days of an ISO 8601 duration, with the smallest unit that it names. A year is 365.25 days, a month a twelfth of it. */
export interface Age {
  days: number
  unit: 'year' | 'month' | 'week' | 'day'
}

/**
 * An age as ISO 8601 duration: P45Y, P45Y3M10D, P2300W, P21915D; of the last number decimals are allowed. A part of a day (T...) is not
 * used. Null when it is none, or above 130 years.
 */
export function parseAge(text: string): Age | null {
  const number = '(\\d+(?:[.,]\\d+)?)'
  const match = new RegExp(`^P(?:${number}Y)?(?:${number}M)?(?:${number}W)?(?:${number}D)?(T[\\d.,HMS]+)?$`).exec(text)
  if (match === null) return null
  const parts = match.slice(1, 5)
  const given = parts.filter((part) => part !== undefined)
  if (given.length === 0) return match[5] === undefined ? null : { days: 0, unit: 'day' }
  if (given.slice(0, -1).some((part) => /[.,]/.test(part))) return null
  const [years, months, weeks, days] = parts.map((part) => (part === undefined ? 0 : Number(part.replace(',', '.'))))
  const total = years * 365.25 + months * (365.25 / 12) + weeks * 7 + days
  if (total > 130 * 365.25) return null
  const unit =
    parts[3] !== undefined ? 'day' : parts[2] !== undefined ? 'week' : parts[1] !== undefined ? 'month' : 'year'
  return { days: total, unit: /[.,]/.test(given[given.length - 1]) || match[5] !== undefined ? 'day' : unit }
}

/** Days since 1970-01-01 in UTC of an RFC 3339 timestamp of the years 1800 to 2200; null when it is none. */
export function timestampDay(text: string): number | null {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:[Zz]|([+-])(\d{2}):(\d{2}))?)?$/.exec(
      text,
    )
  if (match === null) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0))
  if (year < 1800 || year > 2200 || hour > 23 || minute > 59 || second > 60) return null
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  const ahead = (match[7] === '-' ? -1 : 1) * (Number(match[8] ?? 0) * 60 + Number(match[9] ?? 0))
  return Math.floor((date.getTime() / 60_000 + hour * 60 + minute - ahead) / 1440)
}
