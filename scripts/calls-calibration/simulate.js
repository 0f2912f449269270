// One scenario, named by the argument: its result as JSON on standard output.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cohorts, fitted, people, scenarios, seed } from './scenarios.js'

const root = new URL('../../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const { runInline } = await load('compute/task.js')
const calls = 'clinical/calls/posterior'
const { calibrate, fitSimulated } = await load(`${calls}/calibration.js`)
const { itemPosteriorOf, posteriorOf } = await load(`${calls}/posterior.js`)
const { largestRise } = await load(`${calls}/task.js`)
const { simulatedCourses, simulatePerson } = await load(`${calls}/simulate.js`)
const { defaultPriors, publishedModel } = await load(`${calls}/model.js`)

/** Months. */
const followUpEdges = [0, 12, 18, 24, 30, 48]

const { signal } = new AbortController()
const workshop = { run: runInline({}, signal), signal, progress: () => {} }

/** One scenario: the cohort's model as fitted to its simulator, and what calls of new people are worth. */
async function simulate(name, { departures, items = false, size = 1 }) {
  const options = { departures, items }
  const models = []
  for (let k = 1; k <= cohorts; k++) models.push(await fitSimulated(seed + k, fitted, options, workshop))
  const counts = Object.fromEntries(Object.entries(people).map(([course, n]) => [course, Math.round(n * size)]))
  const result = { models: models.map(({ model }) => model), ...calibrate(seed, counts, models, options) }
  if (name === 'itemwise') return { ...result, comparison: compare(models[0]) }
  return name === 'base' || name === 'drop-out' ? { ...result, followUp: followUp(departures) } : result
}

/** Of those with the event and of the others, the shares seen for so many months. */
function followUp(departures) {
  const rows = followUpEdges.slice(1).map((to, i) => ({ from: followUpEdges[i], to, events: 0, others: 0 }))
  for (const course of simulatedCourses) {
    const n = course === 'reversal' ? 5000 : Math.round(20_000 * defaultPriors[course])
    for (let i = 0; i < n; i++) {
      const { trajectory, event } = simulatePerson(seed + 9, i, course, publishedModel, departures)
      const months = trajectory.days.at(-1) / 30.4375
      rows.find(({ to }) => months < to)[event ? 'events' : 'others']++
    }
  }
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0)
  const [events, others] = [total('events'), total('others')]
  return rows.map((row) => ({ ...row, events: row.events / events, others: row.others / others }))
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
      const person = simulatePerson(seed + 8, i, course, publishedModel, { items: true })
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

const [name] = process.argv.slice(2)
const result = await simulate(name, scenarios[name])
const { user, system } = process.cpuUsage()
process.stdout.write(JSON.stringify({ ...result, seconds: Math.round((user + system) / 1e6) }))
