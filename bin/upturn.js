#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)
if (!existsSync(main)) {
  process.stderr.write('upturn: this checkout has not been built; run `npm ci` in it (or `npm run build`)\n')
  process.exit(70)
}
// A command that needs workers has one start while its own code is read.
const { startAhead } = await import('../dist/cli/start-ahead.js')
await startAhead(process.argv[2])
const { run } = await import(main.href)
process.exitCode = await run(process.argv.slice(2))
