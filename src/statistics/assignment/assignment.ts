import { UpturnError } from '../../errors/index.ts'
import { ColumnHeap } from './column-heap.ts'

export interface Assignment {
  /** For each row the columns given to it, ascending; at most `ratio`. */
  columns: number[][]
  /** Sum of the costs of all pairs, added row by row in that order. */
  total: number
}

/**
 * Optimal 1:k assignment. Every row receives up to `ratio` columns and every column goes to at most one row, so that
 *
 * 1. as many rows as possible have one column, then as many as possible two, and so on up to `ratio`;
 * 2. among those assignments the sum of costs is the smallest.
 *
 * `cost` is rows x columns, row-major; a pair that is not allowed is Infinity or NaN. Ties are decided by the order of rows and
 * columns, so give both in an order of their own (by id). Refuses -Infinity and shapes that do not agree.
 *
 * A minimum-cost flow by successive shortest paths with potentials (Edmonds & Karp, J ACM 19:248, 1972; Jonker & Volgenant, Computing 38:325,
 * 1987), one unit a row and place. Costs are pairs compared in order: a place that stays empty costs `ratio - place` units of the first component,
 * which is convex in the number of empty places, so that shortest paths stay optimal and rule 1 holds exactly: the places that can be filled
 * together form a transversal matroid, in which the greedy order is best. The search walks over rows only. A free column has potential 0, so a row's best one is the
 * top of a heap of its own, and only columns in use are looked at: O((rows ratio)^2 rows + rows columns).
 */
export function assign(cost: Float64Array, rows: number, columns: number, ratio: number): Assignment {
  if (cost.length !== rows * columns || !Number.isInteger(ratio) || ratio < 1)
    throw new UpturnError(
      'BadArgument',
      `an assignment needs ${rows} x ${columns} costs and a whole ratio of at least 1`,
    )
  if (cost.includes(-Infinity)) throw new UpturnError('BadArgument', 'a cost of an assignment is -Infinity')
  const search = new Search(cost, rows, columns, ratio)
  // A row that could not fill a place cannot fill a later one.
  for (let place = 0; place < ratio; place++)
    for (let row = 0; row < rows; row++) if (search.filled[row] === place) search.augment(row)
  const assigned: number[][] = Array.from({ length: rows }, () => [])
  for (let j = 0; j < columns; j++) if (search.owner[j] >= 0) assigned[search.owner[j]].push(j)
  let total = 0
  for (let row = 0; row < rows; row++) for (const j of assigned[row]) total += cost[row * columns + j]
  return { columns: assigned, total }
}

/** The flow so far and its potentials; every pair of numbers is (units, cost). */
class Search {
  /** Row that has a column, -1 for a free one. A column that is in use stays in use. */
  readonly owner: Int32Array
  readonly filled: Int32Array
  readonly #cost: Float64Array
  readonly #rows: number
  readonly #columns: number
  readonly #ratio: number
  readonly #used: number[] = []
  readonly #free: ColumnHeap[]
  readonly #rowUnits: Float64Array
  readonly #rowCost: Float64Array
  readonly #columnUnits: Float64Array
  readonly #columnCost: Float64Array
  /** Distances of the search in progress. */
  readonly #units: Float64Array
  readonly #costs: Float64Array
  readonly #settled: Uint8Array
  /** The row from which a row was reached, and the column that it would lose to it. */
  readonly #from: Int32Array
  readonly #lost: Int32Array

  constructor(cost: Float64Array, rows: number, columns: number, ratio: number) {
    this.#cost = cost
    this.#rows = rows
    this.#columns = columns
    this.#ratio = ratio
    this.owner = new Int32Array(columns).fill(-1)
    this.filled = new Int32Array(rows)
    this.#free = Array.from(
      { length: rows },
      (_, row) => new ColumnHeap(cost.subarray(row * columns, (row + 1) * columns)),
    )
    this.#rowUnits = new Float64Array(rows)
    this.#rowCost = new Float64Array(rows)
    this.#columnUnits = new Float64Array(columns)
    this.#columnCost = new Float64Array(columns)
    this.#units = new Float64Array(rows)
    this.#costs = new Float64Array(rows)
    this.#settled = new Uint8Array(rows)
    this.#from = new Int32Array(rows)
    this.#lost = new Int32Array(rows)
  }

  /** Gives the row one column more along the shortest path, or leaves that place, or another's, empty. */
  augment(start: number): void {
    // Its columns are worth more to others than this place is: it stays empty, and nothing else can change.
    if (isLess(this.#ratio - this.filled[start], 0, this.#rowUnits[start], this.#rowCost[start])) return
    const units = this.#units.fill(Infinity)
    const costs = this.#costs.fill(0)
    const settled = this.#settled.fill(0)
    units[start] = 0
    this.#from[start] = -1
    let endUnits = Infinity
    let endCost = 0
    let end = -1
    let endColumn = -1
    for (;;) {
      const row = this.#nearest()
      if (row < 0 || !isLess(units[row], costs[row], endUnits, endCost)) break
      settled[row] = 1
      const u = units[row] - this.#rowUnits[row]
      const c = costs[row] - this.#rowCost[row]
      const others = row === start ? this.filled[row] : this.filled[row] - 1
      const free = this.#free[row].best(this.owner)
      if (free >= 0) {
        const reach = c + this.#cost[row * this.#columns + free]
        if (isLess(u, reach, endUnits, endCost)) {
          endUnits = u
          endCost = reach
          end = row
          endColumn = free
        }
      }
      if (isLess(u + this.#ratio - others, c, endUnits, endCost)) {
        endUnits = u + this.#ratio - others
        endCost = c
        end = row
        endColumn = -1
      }
      this.#relax(row, u, c)
    }
    for (let row = 0; row < this.#rows; row++)
      if (settled[row] === 1) {
        this.#rowUnits[row] += endUnits - units[row]
        this.#rowCost[row] += endCost - costs[row]
      }
    for (const j of this.#used) {
      const row = this.owner[j]
      if (settled[row] === 0) continue
      this.#columnUnits[j] -= endUnits - units[row]
      this.#columnCost[j] -= endCost - costs[row]
    }
    this.filled[start]++
    if (endColumn < 0) this.filled[end]--
    else this.#used.push(endColumn)
    for (let row = end, column = endColumn; row >= 0; ) {
      if (column >= 0) this.owner[column] = row
      column = row === start ? -1 : this.#lost[row]
      row = this.#from[row]
    }
  }

  /** Rows that hold a column which this row could take. */
  #relax(row: number, u: number, c: number): void {
    const at = row * this.#columns
    for (const j of this.#used) {
      const other = this.owner[j]
      if (this.#settled[other] === 1) continue
      const pair = this.#cost[at + j]
      if (!(pair < Infinity)) continue
      const reachUnits = u - this.#columnUnits[j]
      const reach = c + pair - this.#columnCost[j]
      if (!isLess(reachUnits, reach, this.#units[other], this.#costs[other])) continue
      this.#units[other] = reachUnits
      this.#costs[other] = reach
      this.#from[other] = row
      this.#lost[other] = j
    }
  }

  #nearest(): number {
    let best = -1
    for (let row = 0; row < this.#rows; row++) {
      if (this.#settled[row] === 1 || this.#units[row] === Infinity) continue
      if (best < 0 || isLess(this.#units[row], this.#costs[row], this.#units[best], this.#costs[best])) best = row
    }
    return best
  }
}

const isLess = (u: number, c: number, units: number, cost: number): boolean => u < units || (u === units && c < cost)
