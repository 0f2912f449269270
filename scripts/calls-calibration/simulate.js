import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fitted, people, seed } from './scenarios.js'

const root = new URL('../../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const { runInline } = await load('compute/task.js')
const calls = 'clinical/calls/posterior'
const { calibrate, fitSimulated } = await load(`${calls}/calibration.js`)
const { itemPosteriorOf, posteriorOf } = await load(`${calls}/posterior.js`)
const { largestRise } = await load(`${calls}/task.js`)
const { simulatePerson } = await load(`${calls}/simulate.js`)
const { publishedModel } = await load(`${calls}/model.js`)

const { signal } = new AbortController()
const workshop = { run: runInline({}, signal), signal, progress: () => {} }

/** One scenario: the cohort's model as fitted to its simulator, and what calls of new people are worth. */
export async function simulate(name, { departures, items = false, size = 0.5 }) {
  const options = { departures, items }
  const model = await fitSimulated(seed + 1, fitted, options, workshop)
  const counts = Object.fromEntries(Object.entries(people).map(([course, n]) => [course, Math.round(n * size)]))
  const result = { model: model.model, ...calibrate(seed, counts, model, options) }
  return name === 'itemwise' ? { ...result, comparison: compare(model) } : result
}

/** The same people called by totals and by items. */
function compare({ model, items }) {
  const byTotals = posteriorOf(model)
  const byItems = itemPosteriorOf(model, items, 'ALSFRS-R')
  const cells = { both: 0, totals: 0, items: 0, neither: 0 }
  const truth = { both: 0, totals: 0, items: 0, neither: 0 }
  const movedUp = { totals: empty(), items: empty(), both: empty() }
  let n = 0
  for (const [course, count] of Object.entries({ reversal: 1000, transientGain: 500, smallGain: 500, plateau: 500 }))
    for (let i = 0; i < count; i++) {
      const person = simulatePerson(seed + 2, i, course, publishedModel, { items: true })
      const { scores } = person.trajectory
      n++
      if (largestRise(scores) < 4) {
        cells.neither++
        if (person.event) truth.neither++
        continue
      }
      const a = byTotals(person.trajectory).posterior >= 0.5
      const b = byItems(person.trajectory, Int8Array.from(person.items.flat())).posterior >= 0.5
      const cell = a ? (b ? 'both' : 'totals') : b ? 'items' : 'neither'
      cells[cell]++
      if (person.event) truth[cell]++
      if (cell !== 'neither') add(movedUp[cell], person)
    }
  return { people: n, cells, truth, described: movedUp }
}

function empty() {
  return { people: 0, nadir: 0, rise: 0, itemsUp: 0, largest: 0, atEnd: 0 }
}

/** From the lowest visit to the highest after it: how many items rose, by how much at most, how many stood at an end. */
function add(sum, { trajectory: { scores }, items }) {
  let from = 0
  for (let k = 0; k < scores.length; k++) if (scores[k] < scores[from]) from = k
  let to = from
  for (let k = from; k < scores.length; k++) if (scores[k] > scores[to]) to = k
  sum.people++
  sum.nadir += scores[from]
  sum.rise += scores[to] - scores[from]
  let largest = 0
  for (let j = 0; j < 12; j++) {
    const change = items[to][j] - items[from][j]
    if (change > 0) sum.itemsUp++
    largest = Math.max(largest, change)
    if (change === 0 && (items[from][j] === 0 || items[from][j] === 4)) sum.atEnd++
  }
  sum.largest += largest
}
