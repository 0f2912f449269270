// Builds dist/: kernels, then TypeScript, then the files that the package carries beside its code.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = (...args) => {
  const run = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  return run.status === 0
}
let good = node('scripts/build-kernels.js')
good = node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json') && good
mkdirSync(`${root}dist/kernels`, { recursive: true })
for (const name of ['kernels.wasm', 'kernels.threads.wasm'])
  copyFileSync(`${root}kernels/build/${name}`, `${root}dist/kernels/${name}`)
// Further assets: every scripts/assets/*.js is one step, run in order of name.
const steps = `${root}scripts/assets/`
if (existsSync(steps)) for (const step of readdirSync(steps).sort()) good = node(`${steps}${step}`) && good
process.exit(good ? 0 : 1)
