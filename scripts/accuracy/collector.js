import { absolute, decimal } from './exact-numbers.js'
import { row } from './page.js'
import { table } from './read.js'

/** |found - expected| over the larger of 1 and |expected|. */
export const scaled = (found, text) => absolute(found, decimal(text)) / Math.max(1, Math.abs(Number(text)))

/** Collects errors by name in the order in which names appear. */
export function collector(oracle) {
  const found = new Map()
  return {
    note(name, bar, error) {
      const list = found.get(name) ?? { bar, errors: [] }
      list.errors.push(error)
      found.set(name, list)
    },
    rows: () => [...found].map(([name, { bar, errors }]) => row(name, oracle, errors, bar)),
  }
}

/** Rows of a table with a column `set`, by set. */
export function bySet(path) {
  const sets = new Map()
  for (const r of table(path)) sets.set(r.set, [...(sets.get(r.set) ?? []), r])
  return sets
}
