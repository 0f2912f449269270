// npm run calibrate:calls -- [SCENARIO...]: simulates people with a known truth, calls them, and writes docs/calls-calibration.json,
// docs/calls-calibration.md and its figures. Named scenarios are simulated anew (all when none is named), the others kept from the JSON; `page`
// simulates nothing. Needs a build.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { page } from './calls-calibration/page.js'
import { scenarios } from './calls-calibration/scenarios.js'
import { simulate } from './calls-calibration/simulate.js'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const record = `${docs}calls-calibration.json`
const named = process.argv.slice(2)
const unknown = named.filter((name) => name !== 'page' && !(name in scenarios))
if (unknown.length > 0) {
  console.error(`npm run calibrate:calls -- [${['page', ...Object.keys(scenarios)].join(' | ')}] ...`)
  process.exit(2)
}
const known = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {}
for (const name of named.length === 0 ? Object.keys(scenarios) : named.filter((one) => one !== 'page')) {
  const began = process.cpuUsage()
  known[name] = await simulate(name, scenarios[name])
  const { user, system } = process.cpuUsage(began)
  console.error(`${name}: ${((user + system) / 1e6).toFixed(0)} s of processor time`)
  // Another process may have written other scenarios meanwhile.
  const latest = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {}
  const ordered = Object.fromEntries(
    Object.keys(scenarios).flatMap((key) => {
      const one = key === name ? known[key] : (latest[key] ?? known[key])
      return one === undefined ? [] : [[key, one]]
    }),
  )
  writeFileSync(record, `${JSON.stringify(ordered, null, 1)}\n`)
}
const all = JSON.parse(readFileSync(record, 'utf8'))
if (Object.keys(scenarios).every((name) => name in all)) await page(all, docs)
else
  console.error(
    `${Object.keys(scenarios)
      .filter((name) => !(name in all))
      .join(', ')} still to do; the page is not written`,
  )
