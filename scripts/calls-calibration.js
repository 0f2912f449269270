// npm run calibrate:calls -- [SCENARIO...]: simulates people with a known truth, calls them, and writes docs/calls-calibration.json,
// docs/calls-calibration.md and its figures. Named scenarios are simulated anew (all when none is named), two at a time, the others kept from the
// JSON; `page` simulates nothing. Needs a build.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { page } from './calls-calibration/page.js'
import { scenarios } from './calls-calibration/scenarios.js'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const child = fileURLToPath(new URL('calls-calibration/simulate.js', import.meta.url))
const record = `${docs}calls-calibration.json`
const processes = 2
const named = process.argv.slice(2)
const unknown = named.filter((name) => name !== 'page' && !(name in scenarios))
if (unknown.length > 0) {
  console.error(`npm run calibrate:calls -- [${['page', ...Object.keys(scenarios)].join(' | ')}] ...`)
  process.exit(2)
}

/** One scenario in a process of its own. */
function simulated(name) {
  return new Promise((resolve, reject) => {
    const parts = []
    const run = spawn(process.execPath, [child, name], { stdio: ['ignore', 'pipe', 'inherit'] })
    run.stdout.on('data', (part) => parts.push(part))
    run.on('error', reject)
    run.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(Buffer.concat(parts).toString())) : reject(new Error(`${name}: exit ${code}`)),
    )
  })
}

const known = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {}
const waiting = named.length === 0 ? Object.keys(scenarios) : named.filter((one) => one !== 'page')
async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    known[name] = await simulated(name)
    console.error(`${name}: ${known[name].seconds} s of processor time`)
    const ordered = Object.keys(scenarios).flatMap((key) => (key in known ? [[key, known[key]]] : []))
    writeFileSync(record, `${JSON.stringify(Object.fromEntries(ordered), null, 1)}\n`)
  }
}
await Promise.all(Array.from({ length: processes }, work))
if (Object.keys(scenarios).every((name) => name in known)) await page(known, docs)
else
  console.error(
    `${Object.keys(scenarios)
      .filter((name) => !(name in known))
      .join(', ')} still to do; the page is not written`,
  )
