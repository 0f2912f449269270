/** True, false or not known. */
export type Known = boolean | null

/** Three-valued or: true if any is true, else null if any is unknown, else false. */
export function any(...tests: Known[]): Known {
  if (tests.includes(true)) return true
  return tests.includes(null) ? null : false
}

/** Three-valued and: false if any is false, else null if any is unknown, else true. */
export function all(...tests: Known[]): Known {
  if (tests.includes(false)) return false
  return tests.includes(null) ? null : true
}
