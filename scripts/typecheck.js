// Type-checks each of the project's TypeScript configurations.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const configurations = ['tsconfig.pure.json', 'tsconfig.json', 'kernels/tsconfig.json']
const results = configurations.map((configuration) => {
  const run = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', configuration], {
    cwd: root,
    stdio: 'inherit',
  })
  return run.status === 0
})
process.exit(results.every(Boolean) ? 0 : 1)
