// Type-checks each of the project's TypeScript configurations.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const configurations = ['tsconfig.pure.json', 'tsconfig.json', 'kernels/tsconfig.json']
let wrong = 0
for (const configuration of configurations) {
  const run = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', configuration],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  // AssemblyScript's decorators (@inline) stand on functions and constants, where TypeScript has none (TS1206).
  const lines = run.stdout.split('\n').filter((line) => line !== '' && !line.includes('error TS1206'))
  if (run.error !== undefined || run.stderr !== '') lines.push(String(run.error ?? run.stderr))
  for (const line of lines) console.log(line)
  wrong += lines.length
}
process.exit(wrong === 0 ? 0 : 1)
