import type { Assignment } from '../assignment.ts'

/**
 * The same assignment the plain way: one slot a row and place, every column looked at in every step (Kuhn 1955; Jonker & Volgenant, Computing 38:325, 1987).
 */
export function assignBySlots(cost: Float64Array, rows: number, columns: number, ratio: number): Assignment {
  const slots = rows * ratio
  const width = columns + slots
  // Column 0 is the root of the search; owner[j] is the slot (1-based) that holds column j.
  const owner = new Int32Array(width + 1)
  const slotUnits = new Float64Array(slots + 1)
  const slotCost = new Float64Array(slots + 1)
  const columnUnits = new Float64Array(width + 1)
  const columnCost = new Float64Array(width + 1)
  const units = new Float64Array(width + 1)
  const costs = new Float64Array(width + 1)
  const previous = new Int32Array(width + 1)
  const done = new Uint8Array(width + 1)

  for (let place = 0; place < ratio; place++) {
    for (let row = 0; row < rows; row++) augment(place * rows + row + 1)
  }

  /** Gives the slot a column along the cheapest alternating path. */
  function augment(slot: number): void {
    owner[0] = slot
    units.fill(Infinity)
    costs.fill(0)
    done.fill(0)
    let at = 0
    do {
      done[at] = 1
      const s = owner[at]
      const offset = ((s - 1) % rows) * columns
      let next = -1
      for (let j = 1; j <= columns; j++) {
        if (done[j] === 1) continue
        const c = cost[offset + j - 1]
        if (c < Infinity) relax(j, s, at, 0, c)
        if (isNearer(j, next)) next = j
      }
      for (let j = columns + 1; j <= width; j++) {
        if (done[j] === 1) continue
        if (j === columns + s) relax(j, s, at, ratio - Math.floor((s - 1) / rows), 0)
        if (isNearer(j, next)) next = j
      }
      const deltaUnits = units[next]
      const deltaCost = costs[next]
      for (let j = 0; j <= width; j++) {
        if (done[j] === 1) {
          slotUnits[owner[j]] += deltaUnits
          slotCost[owner[j]] += deltaCost
          columnUnits[j] -= deltaUnits
          columnCost[j] -= deltaCost
        } else if (units[j] < Infinity) {
          units[j] -= deltaUnits
          costs[j] -= deltaCost
        }
      }
      at = next
    } while (owner[at] !== 0)
    while (at !== 0) {
      const before = previous[at]
      owner[at] = owner[before]
      at = before
    }
  }

  function relax(j: number, slot: number, from: number, addUnits: number, addCost: number): void {
    const u = addUnits - slotUnits[slot] - columnUnits[j]
    const c = addCost - slotCost[slot] - columnCost[j]
    if (u < units[j] || (u === units[j] && c < costs[j])) {
      units[j] = u
      costs[j] = c
      previous[j] = from
    }
  }

  function isNearer(j: number, best: number): boolean {
    if (units[j] === Infinity) return false
    return best < 0 || units[j] < units[best] || (units[j] === units[best] && costs[j] < costs[best])
  }

  const assigned: number[][] = Array.from({ length: rows }, () => [])
  for (let j = 1; j <= columns; j++) if (owner[j] !== 0) assigned[(owner[j] - 1) % rows].push(j - 1)
  let total = 0
  for (let row = 0; row < rows; row++) for (const j of assigned[row]) total += cost[row * columns + j]
  return { columns: assigned, total }
}
