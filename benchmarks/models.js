// Single fits beside R, each timed inside its own process, one thread:
//   npm run build && npm run bench models [ROUNDS]        3
// Firth's regression of 22 v 103 people on a variant and six covariates, from the share of cases and odds ratios of 1: estimates and Wald tests, as brglm2 makes
// them, and with the penalised likelihood-ratio test, which is a second fit, as for a row of a scan; and the mixed model of 5,000 patients with 8 visits, random
// intercept and slope, REML (lme4). Compared first: coefficients of Firth to 1e-6, log-likelihood and slope of the mixed model.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine } from './measure.js'

const packages = spawnSync('Rscript', ['-e', 'library(brglm2); library(lme4)'], { encoding: 'utf8' })
if (packages.status !== 0) {
  console.log('R with brglm2 and lme4 not installed: apt-get install r-cran-brglm2 r-cran-lme4')
  process.exit(1)
}
const load = (path) => import(new URL(`../dist/${path}`, import.meta.url).href)
const { installKernels, kernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(new URL('../dist/kernels/kernels.wasm', import.meta.url))))
const [{ fitMixedModel }, { FirthWorkspace, testLastColumn }, { chiSquareLogTail, RandomStream }] = await Promise.all(
  ['statistics/index.js', 'statistics/firth/index.js', 'numerics/index.js'].map(load),
)

const rounds = Number(process.argv[2] ?? 3)
const random = new RandomStream(1, 'benchmarks/models')
const people = 125
const tested = Float64Array.from({ length: people }, (_, i) =>
  i < 22 ? +(random.uniform() < 0.5) : +(random.uniform() < 0.1),
)
const cases = Uint8Array.from({ length: people }, (_, i) => (i < 22 ? 1 : 0))
const columns = Array.from({ length: 6 }, () => Float64Array.from({ length: people }, () => random.normal()))

const patients = 5000
const visits = 8
const n = patients * visits
const subject = new Int32Array(n)
const time = new Float64Array(n)
const y = new Float64Array(n)
for (let s = 0, i = 0; s < patients; s++) {
  const b0 = 5 * random.normal()
  const b1 = 0.4 * random.normal() - 0.02 * b0
  for (let v = 0; v < visits; v++, i++) {
    subject[i] = s
    time[i] = 1.5 * v + random.uniform()
    y[i] = 38 + b0 + (b1 - 0.9) * time[i] + 1.6 * random.normal()
  }
}
const called = new Uint8Array(people).fill(1)
const share = Math.log(22.5 / 103.5)
/** `work` on the model of the table, made anew. */
function onModel(work) {
  return kernels().scope(() => {
    const model = new FirthWorkspace({ cases, columns })
    model.setTested(tested, called)
    return work(model)
  })
}
/** Estimate, standard error and Wald's p. */
const wald = () =>
  onModel((model) => {
    model.coefficients()[0] = share
    const { standardError } = model.climb(false, true, 5, 40)
    const beta = model.coefficients()[model.parameters - 1]
    return { beta, standardError, logP: chiSquareLogTail((beta / standardError) ** 2, 1) }
  })
/** The fit of a row of a scan: estimate, standard error, penalised likelihood-ratio test. */
const ratioTest = () =>
  onModel((model) => {
    const start = kernels().allocate(8 * model.parameters)
    kernels().f64(start, model.parameters).fill(0)[0] = share
    return testLastColumn(model, start)
  })
const ones = new Float64Array(n).fill(1)

const folder = mkdtempSync(join(tmpdir(), 'upturn-bench-models-'))
try {
  writeFileSync(
    join(folder, 'firth.csv'),
    `y,g,${columns.map((_, j) => `x${j}`).join(',')}\n${Array.from(cases, (c, i) => [c, tested[i], ...columns.map((x) => x[i])].join(',')).join('\n')}\n`,
  )
  writeFileSync(
    join(folder, 'visits.csv'),
    `id,t,y\n${Array.from(y, (value, i) => `${subject[i]},${time[i]},${value}`).join('\n')}\n`,
  )
  writeFileSync(
    join(folder, 'fits.R'),
    `suppressMessages({library(brglm2); library(lme4)})
f <- read.csv('firth.csv'); v <- read.csv('visits.csv')
fit <- glm(y ~ ., binomial, f, method = 'brglmFit', type = 'AS_mean', epsilon = 1e-10)
t1 <- system.time(for (i in 1:50) glm(y ~ ., binomial, f, method = 'brglmFit', type = 'AS_mean', epsilon = 1e-10))[['elapsed']] / 50
t2 <- system.time(m <- lmer(y ~ t + (t | id), v))[['elapsed']]
cat(sprintf('%.17g\\n', c(t1, t2, coef(fit)[['g']], logLik(m), fixef(m)[['t']])))
`,
  )
  const own = { wald: Number.POSITIVE_INFINITY, ratio: Number.POSITIVE_INFINITY, mixed: Number.POSITIVE_INFINITY }
  const peer = { firth: Number.POSITIVE_INFINITY, mixed: Number.POSITIVE_INFINITY }
  const best = (into, name, seconds) => {
    into[name] = Math.min(into[name], seconds)
  }
  const fits = {}
  let model
  let said
  for (let round = 0; round < rounds; round++) {
    const times = 2000
    const timeOf = (name, fitOnce) => {
      const began = performance.now()
      for (let i = 0; i < times; i++) fits[name] = fitOnce()
      best(own, name, (performance.now() - began) / 1000 / times)
    }
    timeOf('wald', wald)
    timeOf('ratio', ratioTest)
    const before = performance.now()
    model = fitMixedModel({ subjects: patients, subject, time, response: y, fixed: [ones, time] })
    best(own, 'mixed', (performance.now() - before) / 1000)
    const r = spawnSync('Rscript', ['fits.R'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, OPENBLAS_NUM_THREADS: '1' },
    })
    if (r.status !== 0) throw new Error(r.stderr)
    said = r.stdout.trim().split('\n').map(Number)
    best(peer, 'firth', said[0])
    best(peer, 'mixed', said[1])
  }
  const near = (a, b, tolerance, what) => {
    if (!(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)))) throw new Error(`${what}: ${a} where R has ${b}`)
  }
  near(fits.wald.beta, said[2], 1e-6, 'log odds ratio of Firth')
  near(fits.ratio.beta, said[2], 1e-6, 'log odds ratio of Firth with its test')
  near(model.logLikelihood, said[3], 1e-7, 'REML log-likelihood')
  near(model.fixed[1], said[4], 1e-5, 'slope')
  console.log(`${machine()}; the same estimates; fastest of ${rounds} rounds`)
  for (const [name, what] of [
    ['wald', 'estimates and Wald tests'],
    ['ratio', 'with the likelihood-ratio test'],
  ])
    console.log(
      `Firth, 7 columns, ${people} people, ${what}: upturn ${(1e3 * own[name]).toFixed(3)} ms, brglm2 ${(1e3 * peer.firth).toFixed(2)} ms, ratio ${(peer.firth / own[name]).toFixed(0)}`,
    )
  console.log(
    `mixed model, ${patients} patients x ${visits}: upturn ${own.mixed.toFixed(3)} s, lme4 ${peer.mixed.toFixed(2)} s, ratio ${(peer.mixed / own.mixed).toFixed(1)}`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
