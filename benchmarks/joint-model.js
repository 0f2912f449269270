// What the joint model finds of a planted link between level and hazard, beside a Cox model on the first measured value.
//   node benchmarks/joint-model.js [COHORTS] [PEOPLE]      default 60 cohorts of 120 people; a table for docs/statistics/joint-model.md
// Level: normal on the log scale, sd 0.5 between people; slope -0.1 a year, sd 0.15; measuring error 0.3; visits every half year to death or the
// end (1 to 4 years). Hazard 0.3 exp(alpha x level) a year. Values below the limit are censored.
import { installNodeKernels } from '../dist/host/node/kernels.js'
import { RandomStream } from '../dist/numerics/index.js'
import { fitJointModel } from '../dist/statistics/joint-model/index.js'
import { coxRegression } from '../dist/statistics/survival/index.js'

installNodeKernels()
const [cohorts = 60, people = 120] = process.argv.slice(2).map(Number)

function cohort(alpha, limit, seed) {
  const random = new RandomStream(seed, 'joint benchmark', 0)
  const [subject, time, y, censoring, end, event] = [[], [], [], [], [], []]
  for (let i = 0; i < people; i++) {
    const b0 = 0.5 * random.normal()
    const slope = -0.1 + 0.15 * random.normal()
    const wanted = random.exponential()
    let [t, hazard] = [0, 0]
    for (; t < 4 && hazard < wanted; t += 0.002) hazard += 0.3 * Math.exp(alpha * (b0 + slope * t)) * 0.002
    const stop = 1 + 3 * random.uniform()
    end.push(Math.max(0.002, Math.min(t, stop)))
    event.push(hazard >= wanted && t <= stop ? 1 : 0)
    for (let v = 0; v < 9 && (v === 0 || 0.5 * v < end[i]); v++) {
      const value = b0 + slope * 0.5 * v + 0.3 * random.normal()
      subject.push(i)
      time.push(0.5 * v)
      y.push(Math.max(value, limit))
      censoring.push(value < limit ? -1 : 0)
    }
  }
  const ones = Array.from({ length: people }, () => 1)
  const survival = { time: end, event, columns: [], cuts: [0.7, 1.4], linked: true }
  return { subjects: people, subject, time, y, censoring, base: [ones], slope: [ones], randomSlope: true, survival }
}

console.log(
  `| alpha | below the limit | cohorts fitted | deaths | joint: mean | sd | mean standard error | truth in 95% | Cox on the first value: mean |`,
)
console.log('|---|---|---|---|---|---|---|---|---|')
for (const [alpha, limit] of [
  [0, -10],
  [-0.7, -10],
  [-0.7, -0.9],
]) {
  let [n, sum, square, error, held, naive, deaths, below, rows] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let c = 0; c < cohorts; c++) {
    const data = cohort(alpha, limit, 100 + c)
    let fit = fitJointModel(data)
    if (fit.status !== 'ok') fit = fitJointModel({ ...data, randomSlope: false })
    deaths += data.survival.event.reduce((a, b) => a + b, 0)
    below += data.censoring.filter((side) => side !== 0).length
    rows += data.y.length
    const first = data.subject.flatMap((_, r) => (data.time[r] === 0 ? [data.y[r]] : []))
    naive += coxRegression({ time: data.survival.time, status: data.survival.event, columns: [first] }).coefficients[0]
    if (fit.status !== 'ok') continue
    n++
    const { estimate, se } = fit.alpha
    sum += estimate
    square += estimate * estimate
    error += se
    held += Math.abs(estimate - alpha) < 1.959964 * se ? 1 : 0
  }
  const mean = sum / n
  const sd = Math.sqrt((square - n * mean * mean) / (n - 1))
  const cells = [alpha, `${Math.round((100 * below) / rows)}%`, `${n} of ${cohorts}`, Math.round(deaths / cohorts)]
  cells.push(mean.toFixed(3), sd.toFixed(3), (error / n).toFixed(3), `${held} of ${n}`, (naive / cohorts).toFixed(3))
  console.log(`| ${cells.join(' | ')} |`)
}
