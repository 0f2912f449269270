// One stage of the engine on one cohort, in this process and one thread: node benchmarks/cost-stages.js STAGE PREFIX OUT.
// Prints CPU seconds of each part, the wall clock and the peak of memory, as JSON.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'

const dist = new URL('../dist/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)
const [{ installKernels }, { RandomStream }, { runInline }, { nodeHost }, genotypes, association] = await Promise.all([
  load('numerics/kernels.js'),
  load('numerics/index.js'),
  load('compute/task.js'),
  load('host/node/index.js'),
  load('genotypes/index.js'),
  load('association/index.js'),
])
installKernels(new WebAssembly.Module(readFileSync(new URL('kernels/kernels.wasm', dist))))

const host = nodeHost()
const { signal } = new AbortController()
/** CPU seconds inside each task, and bytes of its results as a cluster's pilots write them. */
const inTasks = {}
const resultBytes = {}
/** CPU seconds of counting those bytes and of keeping them, which are no part of the stage. */
let counting = 0
/** Scans for minima that were run: their results are files, from which a second pass over the same chunks reads them back, as in a run. */
const seen = new Set()
const cpuSince = (before) => {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}
const inline = runInline(host, signal)
const workshop = {
  host,
  signal,
  progress() {},
  async *run(task, setup, chunks, options) {
    const files = task.name === 'association/minima'
    let fileOf
    if (files) {
      const began = process.cpuUsage()
      const identity = createHash('sha256').update(serialize([setup, chunks]))
      const prefix = `${out}.chunks/${identity.digest('hex')}`
      counting += cpuSince(began)
      fileOf = (chunk) => `${prefix}-${chunk}`
      if (seen.has(prefix)) {
        for (let chunk = 0; chunk < chunks.length; chunk++) yield deserialize(readFileSync(fileOf(chunk)))
        return
      }
      seen.add(prefix)
      mkdirSync(`${out}.chunks`, { recursive: true })
    }
    const results = inline(task, setup, chunks, options)[Symbol.asyncIterator]()
    for (let chunk = 0; ; chunk++) {
      const before = process.cpuUsage()
      const next = await results.next()
      inTasks[task.name] = (inTasks[task.name] ?? 0) + cpuSince(before)
      if (next.done) return
      const counted = process.cpuUsage()
      const bytes = serialize(next.value)
      resultBytes[task.name] = (resultBytes[task.name] ?? 0) + bytes.length
      if (files) writeFileSync(fileOf(chunk), bytes)
      counting += cpuSince(counted)
      yield next.value
    }
  },
}

const [stage, prefix, out] = process.argv.slice(2)
const store = `${prefix}.store`
const build = 'GRCh38'
const importAs = (format, file) => async () => {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await genotypes.importGenotypes({ files: [{ path: file, format }], build }, out, workshop)
}
const opened = async () => {
  const reader = await genotypes.openStore(host, store)
  await reader.close()
  return reader.header
}
/** Everyone, and every variant. */
const everything = (header) => ({
  folder: store,
  chosen: new Uint8Array(Math.ceil(header.variants / 8)).fill(255),
  people: Int32Array.from(header.samples.keys()),
})

const stages = {
  'import from VCF': importAs('vcf', `${prefix}.vcf.gz`),
  'import from BED': importAs('bed', `${prefix}.bed`),
  async 'quality counts'() {
    const [{ scanCallRates, scanHeterozygosity }, { filterVariants }] = await Promise.all([
      load('genotypes/quality/people.js'),
      load('genotypes/quality/variants.js'),
    ])
    const header = await opened()
    const everyone = [...header.samples.keys()]
    const women = everyone.filter((i) => i % 2 === 1)
    const men = everyone.filter((i) => i % 2 === 0)
    const { runs } = await scanCallRates(store, header, workshop)
    await scanHeterozygosity({ folder: store, header, runs, people: everyone, women, variantCallRate: 0.95 }, workshop)
    const filters = { folder: store, runs, people: everyone, men, women, callRate: 0.95, maf: 0.01 }
    await filterVariants(await genotypes.openStore(host, store), filters, workshop)
  },
  async 'kinship (KING)'() {
    const { kinshipPairs } = await load('genotypes/kinship/king.js')
    await kinshipPairs(everything(await opened()), 0.0884, workshop)
  },
  async 'covariance (PCA)'() {
    const { genotypeCovariance } = await load('genotypes/ancestry/covariance.js')
    const header = await opened()
    const training = genotypes.peopleMask(header, header.samples.keys())
    await genotypeCovariance({ ...everything(header), training }, workshop)
  },
  /** Of a made-up covariance: `prefix` is the number of people. */
  async 'eigenvectors (PCA)'() {
    const { principalComponents } = await load('genotypes/ancestry/principal-components.js')
    const n = Number(prefix)
    const random = new RandomStream(1, 'benchmarks/cost-model')
    const traits = Array.from({ length: 20 }, () => Float64Array.from({ length: n }, () => random.normal()))
    const matrix = new Float64Array(n * n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? 1 : 0
        for (const [k, trait] of traits.entries()) sum += (trait[i] * trait[j]) / (k + 1) / n
        matrix[i * n + j] = sum
        matrix[j * n + i] = sum
      }
    const before = process.cpuUsage()
    const places = Array.from({ length: n }, (_, i) => i)
    principalComponents(matrix, n, places, 10)
    return cpuSince(before)
  },
  async association() {
    const header = await opened()
    const random = new RandomStream(1, 'benchmarks/cost-model')
    const { design, labels } = association.designStudy({
      header,
      // 22 cases of 125 people, and as many of every size above.
      people: header.samples.map((sample, i) => ({
        sample,
        case: i % Math.floor(header.samples.length / 22) === 3,
        sex: null,
      })),
      covariates: ['age', 'pc1', 'pc2', 'pc3'].map((name) => ({
        name,
        values: header.samples.map(() => random.normal()),
      })),
      seed: 1,
      primary: { test: 'family', alpha: 0.05, rule: 'as written' },
      permutations: { sets: 1000, extend: false },
      sexChromosomes: false,
    })
    await association.associate(design, labels, { store, keep: null }, workshop, () => {})
  },
}

if (!existsSync(store) && !/^(import|eigen)/.test(stage)) throw new Error(`${store} is missing`)
const began = performance.now()
const cpu = process.cpuUsage()
const own = await stages[stage]().finally(() => rmSync(`${out}.chunks`, { recursive: true, force: true }))
const total = own ?? cpuSince(cpu) - counting
const tasks = Object.values(inTasks).reduce((a, b) => a + b, 0)
console.log(
  JSON.stringify({
    total,
    tasks,
    inTasks,
    resultBytes,
    wall: (performance.now() - began) / 1000,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }),
)
