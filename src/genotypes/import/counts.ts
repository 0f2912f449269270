/** Losses by reason; the names are what people read. */
export type Counts = Record<string, number>

/** Adds to a tally; zero leaves no entry. */
export function count(counts: Counts, reason: string, by: number): void {
  if (by > 0) counts[reason] = (counts[reason] ?? 0) + by
}

/** The tally in order of reason, so that two equal ones are written alike. */
export function sortedCounts(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
