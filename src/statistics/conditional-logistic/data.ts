import { UpturnError } from '../../errors/index.ts'

export interface MatchedData {
  /** 1 case, 0 control, one a person. */
  cases: ArrayLike<number>
  /** The set of each person: any numbers or names. */
  sets: ArrayLike<number | string>
  /** One finite number a person each; there is no intercept. */
  columns: readonly ArrayLike<number>[]
}

/** A set with cases and controls: rows of its people, cases first, less the set's mean. */
export interface MatchedSet {
  cases: number
  rows: Float64Array[]
}

const mostParameters = 20

/** Sets that hold cases and controls, in the order in which they first appear. Refuses columns of another length and what is no number. */
export function matchedSets({ cases, sets, columns }: MatchedData): MatchedSet[] {
  const n = cases.length
  const k = columns.length
  if (k > mostParameters)
    throw new UpturnError(
      'BadArgument',
      `conditional logistic regression takes up to ${mostParameters} columns, not ${k}`,
    )
  for (const given of [sets, ...columns])
    if (given.length !== n) throw new UpturnError('BadArgument', 'sets and columns need one value for every person')
  const members = new Map<number | string, number[]>()
  for (let i = 0; i < n; i++) {
    for (const column of columns)
      if (!Number.isFinite(column[i]))
        throw new UpturnError('BadArgument', `person ${i} has the value ${column[i]}, which is no number to fit`)
    const list = members.get(sets[i])
    if (list === undefined) members.set(sets[i], [i])
    else list.push(i)
  }
  const out: MatchedSet[] = []
  for (const people of members.values()) {
    const inOrder = [...people.filter((i) => cases[i] === 1), ...people.filter((i) => cases[i] !== 1)]
    const m = people.filter((i) => cases[i] === 1).length
    if (m === 0 || m === people.length) continue
    // Less the mean; exactly 0 where all are alike, so that rounding is never taken for variation.
    const mean = columns.map((column) =>
      people.every((i) => column[i] === column[people[0]])
        ? column[people[0]]
        : people.reduce((sum, i) => sum + column[i], 0) / people.length,
    )
    out.push({ cases: m, rows: inOrder.map((i) => Float64Array.from(columns, (column, j) => column[i] - mean[j])) })
  }
  return out
}

/** Every case less every control of its set: no direction lets them all be at least 0, or the likelihood has no maximum. */
export function caseLessControl(sets: readonly MatchedSet[]): Float64Array[] {
  const out: Float64Array[] = []
  for (const { cases, rows } of sets)
    for (let i = 0; i < cases; i++)
      for (let c = cases; c < rows.length; c++) out.push(rows[i].map((v, j) => v - rows[c][j]))
  return out
}

/** The sets without the columns (numbers from 0) that do not vary within any set, which cancel; `kept` are the others. */
export function withoutConstant(sets: readonly MatchedSet[], k: number): { sets: MatchedSet[]; kept: number[] } {
  const kept = Array.from({ length: k }, (_, j) => j).filter((j) =>
    sets.some(({ rows }) => rows.some((row) => row[j] !== 0)),
  )
  return {
    sets: sets.map(({ cases, rows }) => ({ cases, rows: rows.map((row) => Float64Array.from(kept, (j) => row[j])) })),
    kept,
  }
}
