// What the stages of the engine cost, by variants and people: time of one core and peak memory, a child process each.
//   npm run build && node benchmarks/cost-model.js [--variants 1e4,1e5] [--people 125] [--stages import,kinship] [--cap S]
// Measurements are kept in docs/cost-model.json, one a stage and size, the newest; docs/cost-model.md and its figure are
// written anew from all of them. `--page` measures nothing. A size is left out when the one before says that it would
// take more than `--cap` CPU seconds (300), and a cohort of more than 1e10 genotypes (2.5 GB of BED) is not made, nor one of more
// than 1.3e9 as VCF.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeCohort } from './cohort.js'
import { writePage } from './cost-page.js'
import { machine } from './measure.js'

const { values: given } = parseArgs({
  options: {
    variants: { type: 'string', default: '1e4,1e5,1e6,1e7' },
    people: { type: 'string', default: '125,1000,10000' },
    stages: { type: 'string', default: '' },
    cap: { type: 'string', default: '300' },
    folder: { type: 'string', default: join(tmpdir(), 'upturn-cost-model') },
    page: { type: 'boolean', default: false },
  },
})
const numbers = (text) => text.split(',').map(Number)
const cap = Number(given.cap)
const mostGenotypes = 1e10
const mostAsText = 1.3e9
/** A stage whose first run is shorter is measured three times, and the fastest counts. */
const shortRun = 3

const child = fileURLToPath(new URL('./cost-stages.js', import.meta.url))
const program = fileURLToPath(new URL('../bin/upturn.js', import.meta.url))
const kept = fileURLToPath(new URL('../docs/cost-model.json', import.meta.url))
const stages = [
  'import from BED',
  'import from VCF',
  'quality counts',
  'kinship (KING)',
  'covariance (PCA)',
  'association',
].filter((name) => given.stages === '' || given.stages.split(',').some((word) => name.includes(word)))
const eigen = 'eigenvectors (PCA)'
const eigenPeople = [250, 500, 1000, 2000, 4000]
const pairwise = new Set(['kinship (KING)', 'covariance (PCA)'])

const record = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : { measurements: [] }
const commit = () => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}
function keep(entry) {
  const same = (m) => m.stage === entry.stage && m.variants === entry.variants && m.people === entry.people
  record.measurements = [...record.measurements.filter((m) => !same(m)), entry]
  record.measurements.sort(
    (a, b) => (a.stage < b.stage ? -1 : a.stage > b.stage ? 1 : 0) || a.people - b.people || a.variants - b.variants,
  )
  writeFileSync(kept, `${JSON.stringify(record, null, 1)}\n`)
}

/** CPU seconds that a size will take, by the nearest smaller one, of as many people if there is, measured in this run or at this commit. */
function expected(stage, { variants, people }) {
  const work = (m) => (stage === eigen ? m.people ** 3 : m.variants * m.people ** (pairwise.has(stage) ? 2 : 1))
  const size = work({ variants, people })
  const smaller = done.filter((m) => m.stage === stage && work(m) < size).toSorted((a, b) => work(b) - work(a))
  const before = smaller.find((m) => m.people === people) ?? smaller[0]
  return before === undefined ? 0 : (before.total * size) / work(before)
}

function runStage(stage, prefix) {
  const runs = []
  do {
    const end = spawnSync(process.execPath, ['--max-old-space-size=6000', child, stage, prefix, `${prefix}.out`], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    rmSync(`${prefix}.out`, { recursive: true, force: true })
    if (end.status !== 0) return { failed: end.stderr.trim().split('\n').slice(-4).join(' ').slice(0, 300) }
    runs.push(JSON.parse(end.stdout))
  } while (runs[0].total < shortRun && runs.length < 3)
  return runs.sort((a, b) => a.total - b.total)[0]
}

const present = commit()
const done = record.measurements.filter(
  (m) => m.commit === present && m.machine === machine() && m.leftOut === undefined,
)
const aboutOf = (size) => ({
  ...size,
  machine: machine(),
  commit: present,
  measured: new Date().toISOString().slice(0, 10),
})
const labelOf = (stage, { people, variants }) =>
  `${String(people).padStart(6)} people ${String(variants).padStart(9)} variants  ${stage}`

/** Whether a stage is left out on one size, because it would take too long; says so and keeps it. */
function leavesOut(stage, size) {
  const seconds = expected(stage, size)
  const tooLarge = stage === 'import from VCF' && size.people * size.variants > mostAsText
  if (seconds <= cap && !tooLarge) return false
  const reason =
    seconds > cap ? `about ${Math.round(seconds)} s by the size before` : 'its text would be larger than 5 GB'
  console.log(`${labelOf(stage, size)}: left out, ${reason}`)
  keep({ stage, ...aboutOf(size), leftOut: reason })
  return true
}

/** Measures a stage on one size. */
function measureStage(stage, size, argument) {
  const about = aboutOf(size)
  const label = labelOf(stage, size)
  if (stage === 'import from VCF')
    execFileSync(process.execPath, [program, 'convert', `${argument}.bed`, '--out', `${argument}.vcf.gz`, '--quiet'])
  const run = runStage(stage, argument)
  for (const ending of ['vcf.gz', 'vcf.gz.tbi']) rmSync(`${argument}.${ending}`, { force: true })
  if (run.failed !== undefined) {
    console.log(`${label}: failed: ${run.failed}`)
    keep({ stage, ...about, leftOut: `failed: ${run.failed}` })
    return
  }
  done.push({ stage, ...size, total: run.total })
  console.log(`${label}: ${run.total.toFixed(2)} s, ${run.megabytes.toFixed(0)} MB`)
  keep({ stage, ...about, ...run })
}

if (!given.page) {
  mkdirSync(given.folder, { recursive: true })
  try {
    for (const people of numbers(given.people))
      for (const variants of numbers(given.variants)) {
        if (people * variants > mostGenotypes) continue
        const wanted = stages.filter((stage) => !leavesOut(stage, { people, variants }))
        if (wanted.length === 0) continue
        const prefix = join(given.folder, `${people}-${variants}`)
        writeCohort(prefix, { people, variants })
        execFileSync(process.execPath, [program, 'import', `${prefix}.bed`, '--out', `${prefix}.store`, '--quiet'])
        for (const stage of wanted) measureStage(stage, { people, variants }, prefix)
        for (const ending of ['bed', 'bim', 'fam', 'store'])
          rmSync(`${prefix}.${ending}`, { recursive: true, force: true })
      }
    if (eigen.includes(given.stages) && given.people.split(',').includes('1000'))
      for (const people of eigenPeople)
        if (!leavesOut(eigen, { people, variants: 0 })) measureStage(eigen, { people, variants: 0 }, String(people))
  } finally {
    rmSync(given.folder, { recursive: true, force: true })
  }
}
await writePage(record)
