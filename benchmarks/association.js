// The scan and its calibration on made-up genotypes, one thread, CPU time by pass:
//   npm run build && node benchmarks/association.js [VARIANTS [PEOPLE [LABEL SETS [rare]]]]
// Half of the variants have 1% of calls missing; frequencies follow 1/x from 1%. One case in twelve, four covariates.
// `rare`: no call missing and k copies of alt in the cohort as often as k ** -1.7, as whole genomes have them: half are seen once, and most
// columns are the same as one before.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'

const dist = new URL('../dist/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)
const [{ installKernels }, { RandomStream, exp, log }] = await Promise.all([
  load('numerics/kernels.js'),
  load('numerics/index.js'),
])
installKernels(new WebAssembly.Module(readFileSync(new URL('kernels/kernels.wasm', dist))))
const [{ associate, calibrate, designStudy }, { runInline }, { storeHeader }, { nodeHost }] = await Promise.all([
  load('association/index.js'),
  load('compute/task.js'),
  load('genotypes/store/write.js'),
  load('host/node/index.js'),
])

const variants = Number(process.argv[2] ?? 16_384)
const people = Number(process.argv[3] ?? 265)
const sets = Number(process.argv[4] ?? 1000)
const rare = process.argv[5] === 'rare'
/** Copies of alt in the cohort: the whole part of a Pareto variable. */
const rareCopies = () => Math.min(people, Math.floor((1 - random.uniform()) ** (-1 / 0.7)))
const host = nodeHost()
const folder = mkdtempSync(join(tmpdir(), 'upturn-bench-association-'))
const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(6, '0')}`)
const random = new RandomStream(1, 'benchmarks/association')
const words = Math.ceil(people / 64)
const genotypes = new Uint8Array(16 * words * variants)
const blocks = []
const keys = []
let keysOffset = 0
for (let first = 0; first < variants; first += 1024) {
  const count = Math.min(1024, variants - first)
  let lines = ''
  for (let v = first; v < first + count; v++) {
    lines += `1\t${v + 1}\tA\tG\t\n`
    if (rare) {
      for (let left = rareCopies(); left > 0; ) {
        const i = random.integer(people)
        const [low, high] = [16 * words * v + (i >> 3), 16 * words * v + 8 * words + (i >> 3)]
        const bit = 1 << (i & 7)
        if (genotypes[high] & bit) continue
        if (genotypes[low] & bit) genotypes[high] |= bit
        genotypes[low] ^= bit
        left--
      }
      continue
    }
    const q = 0.01 * exp(random.uniform() * log(50))
    const missing = random.uniform() < 0.5 ? 0 : 0.01
    for (let i = 0; i < people; i++) {
      const copies = random.uniform() < missing ? 3 : (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0)
      if (copies & 1) genotypes[16 * words * v + (i >> 3)] |= 1 << (i & 7)
      if (copies & 2) genotypes[16 * words * v + 8 * words + (i >> 3)] |= 1 << (i & 7)
    }
  }
  const text = Buffer.from(lines)
  const data = genotypes.subarray(16 * words * first, 16 * words * (first + count))
  const digest = createHash('sha256').update(data).update(text).digest('hex')
  const genotypesOffset = 16 * words * first
  blocks.push({
    first,
    variants: count,
    genotypesOffset,
    genotypesBytes: data.length,
    keysOffset,
    keysBytes: text.length,
    digest,
  })
  keysOffset += text.length
  keys.push(text)
}
const header = storeHeader(host, 'GRCh38', samples, blocks)
writeFileSync(join(folder, 'store.json'), JSON.stringify(header))
writeFileSync(join(folder, 'genotypes.bin'), genotypes)
writeFileSync(join(folder, 'variants.bin'), Buffer.concat(keys))

const covariates = ['age', 'pc1', 'pc2', 'pc3'].map((name) => ({ name, values: samples.map(() => random.normal()) }))
const { design, labels } = designStudy({
  header,
  people: samples.map((sample, i) => ({ sample, case: i % 12 === 5, sex: null })),
  covariates,
  seed: 1,
  primary: { test: 'family', alpha: 0.05, rule: 'as written' },
  permutations: { sets, extend: false },
  sexChromosomes: false,
})
const { signal } = new AbortController()
const inline = runInline(host, signal)
const rows = []
async function* run(task, setup, chunks, options) {
  const before = process.cpuUsage()
  yield* inline(task, setup, chunks, options)
  const { user, system } = process.cpuUsage(before)
  rows.push({
    pass: options?.label ?? task.name,
    'CPU s': (user + system) / 1e6,
    'us a variant': (user + system) / variants,
  })
}
const workshop = { host, run, signal, progress() {} }
try {
  const options = { store: folder, keep: null }
  await calibrate(design, options, workshop)
  await associate(design, labels, options, workshop, () => {})
  console.log(`${variants} variants, ${people} people, ${sets} label sets of each kind; ${cpus()[0].model}`)
  console.table(rows)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
