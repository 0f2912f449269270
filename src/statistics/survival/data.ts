import { UpturnError } from '../../errors/index.ts'

export interface SurvivalData {
  /** End of observation, one a person, in any unit; finite. */
  time: ArrayLike<number>
  /** 0 censored, 1 the event, 2 an event that makes it impossible (death without reversal). */
  status: ArrayLike<number>
  /** One finite number a person each. */
  columns: readonly ArrayLike<number>[]
  /** Observed from here on (left truncation), before `time`; from the beginning when absent. */
  entry?: ArrayLike<number>
  /** Risk sets stay within strata. */
  strata?: ArrayLike<number | string>
}

/** How events at the same time are treated: Breslow 1974 or Efron 1977, which is nearer to the exact answer. */
export type Ties = 'breslow' | 'efron'

const mostParameters = 20
const mostWork = 50_000_000

/** Refuses times, status, entries and columns that are not what they should be. */
export function requireSurvivalData({ time, status, columns, entry, strata }: SurvivalData): void {
  const n = time.length
  if (columns.length > mostParameters)
    throw new UpturnError('BadArgument', `survival models take up to ${mostParameters} columns, not ${columns.length}`)
  for (const given of [status, entry, strata, ...columns])
    if (given !== undefined && given.length !== n)
      throw new UpturnError('BadArgument', 'status, entry, strata and columns need one value for every person')
  let events = 0
  for (let i = 0; i < n; i++) {
    if (![0, 1, 2].includes(status[i]))
      throw new UpturnError('BadArgument', `person ${i} has the status ${status[i]}: it is 0, 1 or 2`)
    if (!Number.isFinite(time[i]) || (entry !== undefined && !Number.isFinite(entry[i])))
      throw new UpturnError('BadArgument', `person ${i} has a time that is no number`)
    if (entry !== undefined && !(entry[i] < time[i]))
      throw new UpturnError('BadArgument', `person ${i} enters at ${entry[i]}, not before the end at ${time[i]}`)
    for (const column of columns)
      if (!Number.isFinite(column[i]))
        throw new UpturnError('BadArgument', `person ${i} has the value ${column[i]}, which is no number to fit`)
    if (status[i] === 1) events++
  }
  if (events * n > mostWork)
    throw new UpturnError('BadArgument', `survival models take at most ${mostWork} events times people`)
}
