/**
 * Numbers of a set's table, in this order: people with 0, 1 and 2 copies, and of these the cases. Only people who are called count:
 * whoever is not has dropped out of the set.
 */
export const setCounts = 6

/**
 * Calls `visit` for every set that says something: some case and some control called, not all with the same number of copies. Equal sets
 * that follow each other come once, with how many they are.
 */
export function eachSet(
  tables: ArrayLike<number>,
  sets: number,
  visit: (at: number, cases: number, times: number) => void,
): void {
  for (let s = 0; s < sets; ) {
    const at = setCounts * s
    let times = 1
    const same = (other: number) => {
      for (let i = 0; i < setCounts; i++) if (tables[other + i] !== tables[at + i]) return false
      return true
    }
    while (s + times < sets && same(at + setCounts * times)) times++
    s += times
    const n = tables[at] + tables[at + 1] + tables[at + 2]
    const m = tables[at + 3] + tables[at + 4] + tables[at + 5]
    if (m === 0 || m === n || Math.max(tables[at], tables[at + 1], tables[at + 2]) === n) continue
    visit(at, m, times)
  }
}
