/** A run of visits, `from` to before `to`, with the prior probabilities that just these are an excursion or a spell. */
export interface Window {
  from: number
  to: number
  excursion: number
  spell: number
}

/** Months that a gain which does not last is held, and the longest spell of visits that share one error. */
const shortestExcursion = 0.5
const longestExcursion = 11
const longestSpell = 6.5
/** Excursions begin from so many months before the first visit on. */
const monthsBefore = 6

/** Runs of visits that one excursion can hold; those of two or three within half a year also make a spell, all alike. */
export function windowsOf(months: Float64Array): Window[] {
  const n = months.length
  const windows: Window[] = []
  let spells = 0
  for (let from = 0; from < n; from++)
    for (let to = from + 1; to <= n && months[to - 1] - months[from] <= longestExcursion; to++) {
      const spell = to - from >= 2 && to - from <= 3 && months[to - 1] - months[from] <= longestSpell ? 1 : 0
      spells += spell
      windows.push({ from, to, excursion: excursionProbability(months, from, to), spell })
    }
  for (const window of windows) if (window.spell > 0) window.spell = 1 / spells
  return windows
}

/**
 * Probability that an excursion which begins at a uniform time from half a year before the first visit to the last, and
 * lasts a uniform time from half a month to eleven, holds just these visits.
 */
function excursionProbability(months: Float64Array, from: number, to: number): number {
  const n = months.length
  const earliest = from === 0 ? -monthsBefore : months[from - 1]
  const latest = months[from]
  const until = to === n ? Number.POSITIVE_INFINITY : months[to]
  const lasts = (duration: number) =>
    Math.max(0, Math.min(1, (duration - shortestExcursion) / (longestExcursion - shortestExcursion)))
  let sum = 0
  const points = 4
  for (let i = 0; i < points; i++) {
    const begin = earliest + ((i + 0.5) / points) * (latest - earliest)
    sum += lasts(until - begin) - lasts(months[to - 1] - begin)
  }
  return ((sum / points) * (latest - earliest)) / (months[n - 1] + monthsBefore)
}
