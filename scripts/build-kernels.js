// Compiles kernels/assembly to two artefacts from one source and writes the TypeScript types of their exports.
// A failed compilation leaves the artefacts of the last good one in place and exits 1.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = `${root}kernels/assembly/`
const out = `${root}kernels/build/`
const files = readdirSync(source)
  .filter((f) => f.endsWith('.ts'))
  .sort()
const texts = files.map((f) => readFileSync(source + f, 'utf8'))
const digest = createHash('sha256')
  .update(files.map((f, i) => `${f}\0${texts[i]}`).join('\0'))
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .digest('hex')
const stamp = `${out}source.sha256`
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && !process.argv.includes('--force')) process.exit(0)
mkdirSync(out, { recursive: true })

const asc = `${root}node_modules/assemblyscript/bin/asc.js`
const common = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,bulk-memory', '--importMemory']
const artefacts = {
  'kernels.wasm': [...common, '--initialMemory', '1'],
  'kernels.threads.wasm': [
    ...common,
    '--enable',
    'threads',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ],
}
for (const [name, flags] of Object.entries(artefacts)) {
  const temporary = `${name}.${process.pid}.tmp.wasm`
  const run = spawnSync(
    process.execPath,
    [asc, 'kernels/assembly/index.ts', '-o', `kernels/build/${temporary}`, ...flags],
    { cwd: root, encoding: 'utf8' },
  )
  if (run.status !== 0) {
    process.stderr.write(`${run.stdout}${run.stderr}\nkernels: ${name} did not compile\n`)
    process.exit(1)
  }
  renameSync(out + temporary, out + name)
}

/** `export function f(a: usize, b: u64): f64` becomes `f(a: number, b: bigint): number`. */
const textOf = (name) => texts[files.indexOf(`${name}.ts`)]
const reExported = (name) => [
  textOf(name),
  ...[...textOf(name).matchAll(/^export .* from '\.\/([\w-]+)'/gm)].flatMap(([, from]) => reExported(from)),
]
const declarations = reExported('index').flatMap((text) =>
  [...text.matchAll(/^export function (\w+)\s*\(([^)]*)\)\s*:\s*(\w+)/gm)].map(([, name, parameters, result]) => {
    const typed = parameters
      .split(',')
      .map((p) => p.trim())
      .filter(Boolean)
      .map((p) => p.split(':').map((s) => s.trim()))
      .map(([p, type]) => `${p}: ${/^[iu]64$/.test(type) ? 'bigint' : 'number'}`)
    const returned =
      result === 'void' ? 'void' : /^[iu]64$/.test(result) ? 'bigint' : result === 'bool' ? 'number' : 'number'
    return `  ${name}(${typed.join(', ')}): ${returned}`
  }),
)
writeFileSync(
  `${root}src/numerics/kernel-exports.ts`,
  `// Written by scripts/build-kernels.js from kernels/assembly.\nexport interface KernelExports {\n${declarations.join('\n')}\n}\n`,
)
writeFileSync(stamp, digest)
