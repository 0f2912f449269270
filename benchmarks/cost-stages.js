// One stage of the engine on one cohort, in this process and one thread: node benchmarks/cost-stages.js STAGE PREFIX OUT.
// Prints CPU seconds of each part, the wall clock and the peak of memory, as JSON.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'

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
/** CPU seconds inside each task. */
const inTasks = {}
const inline = runInline(host, signal)
const workshop = {
  host,
  signal,
  progress() {},
  async *run(task, setup, chunks, options) {
    const results = inline(task, setup, chunks, options)[Symbol.asyncIterator]()
    for (;;) {
      const before = process.cpuUsage()
      const next = await results.next()
      const { user, system } = process.cpuUsage(before)
      inTasks[task.name] = (inTasks[task.name] ?? 0) + (user + system) / 1e6
      if (next.done) return
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
  return {}
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
    return {}
  },
  async 'kinship (KING)'() {
    const { kinshipPairs } = await load('genotypes/kinship/king.js')
    await kinshipPairs(everything(await opened()), 0.0884, workshop)
    return {}
  },
  async 'covariance (PCA)'() {
    const [{ genotypeCovariance }, { principalComponents }] = await Promise.all([
      load('genotypes/ancestry/covariance.js'),
      load('genotypes/ancestry/principal-components.js'),
    ])
    const header = await opened()
    const training = genotypes.peopleMask(header, header.samples.keys())
    const { matrix } = await genotypeCovariance({ ...everything(header), training }, workshop)
    const n = header.samples.length
    const before = process.cpuUsage()
    // Larger matrices take hours: what the eigenvectors cost is measured on the smaller ones.
    if (n > 2000) return {}
    principalComponents(matrix, n, [...header.samples.keys()], 10)
    const { user, system } = process.cpuUsage(before)
    return { 'eigenvectors (PCA)': (user + system) / 1e6 }
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
    return {}
  },
}

if (!existsSync(store) && !stage.startsWith('import')) throw new Error(`${store} is missing`)
const began = performance.now()
const cpu = process.cpuUsage()
const parts = await stages[stage]()
const { user, system } = process.cpuUsage(cpu)
const total = (user + system) / 1e6
const tasks = Object.values(inTasks).reduce((a, b) => a + b, 0)
const megabytes = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ total, tasks, inTasks, parts, wall: (performance.now() - began) / 1000, megabytes }))
