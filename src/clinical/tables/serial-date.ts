/** How the number of a spreadsheet cell is shown. */
export type NumberKind = 'number' | 'date' | 'time' | 'percent'

/** Formats that every spreadsheet knows by number (ECMA-376 part 1, 18.8.30): the East Asian dates among them. */
function builtIn(id: number): NumberKind {
  if (id === 9 || id === 10) return 'percent'
  if ((id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 54))
    return 'date'
  if (id === 57 || id === 58) return 'date'
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id === 55 || id === 56)
    return 'time'
  return 'number'
}

/** What a format shows: a built-in number, or a code of its own such as `dd/mm/yyyy`. */
export function numberKind(id: number, code: string | undefined): NumberKind {
  if (code === undefined) return builtIn(id)
  // Without quoted and escaped text, colours, conditions and locales; [h], [mm] and [ss] are elapsed time.
  const elapsed = /\[(?:h+|m+|s+)\]/i.test(code)
  const bare = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[[^\]]*\]/g, '')
    .split(';')[0]
    .replace(/general|standard/i, '')
    .toLowerCase()
  if (elapsed) return 'time'
  if (bare.includes('%')) return 'percent'
  const clock = /[hs]|am\/pm/.test(bare)
  if (/[dy]/.test(bare) || (bare.includes('m') && !clock)) return 'date'
  return clock ? 'time' : 'number'
}

/** Serial of 1900-03-01; the day before, 60, is 29 February 1900, which never was. */
const afterFalseDay = 61

/**
 * A serial number as text: `YYYY-MM-DD`, with ` HH:MM:SS` where it has a time of day. Null for what is no date: negative, the false 29 February 1900
 * (serial 60 of the 1900 system), or after the year 9999.
 */
export function dateOfSerial(serial: number, from1904: boolean): string | null {
  const seconds = Math.round(serial * 86_400)
  const day = Math.floor(seconds / 86_400)
  if (!(day >= 0) || day > 2_958_465 || (!from1904 && (day === 60 || day === 0))) return null
  // Days since 1970-01-01: 1904-01-01 is serial 0 of the one system, 1900-01-01 serial 1 of the other.
  const since1970 = from1904 ? day - 24_107 : day < afterFalseDay ? day - 25_568 : day - 25_569
  const date = new Date(since1970 * 86_400_000).toISOString().slice(0, 10)
  const rest = seconds - day * 86_400
  return rest === 0 ? date : `${date} ${clock(rest)}`
}

/** Hours, minutes and seconds of a part of a day, or of several days. */
export function timeOfSerial(serial: number): string {
  const seconds = Math.round(serial * 86_400)
  return seconds < 0 ? `-${clock(-seconds)}` : clock(seconds)
}

function clock(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
