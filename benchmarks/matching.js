// How long exact optimal matching takes, by cases, controls, ratio and distance; cases differ from controls, so that they contend.
//   node benchmarks/matching.js        a table for docs/matching.md
import { matchControls } from '../dist/clinical/index.js'
import { installNodeKernels } from '../dist/host/node/kernels.js'
import { RandomStream } from '../dist/numerics/index.js'

installNodeKernels()

function cohort(cases, controls) {
  const random = new RandomStream(1, 'matching benchmark', 0)
  return Array.from({ length: cases + controls }, (_, i) => {
    const isCase = i < cases
    const rates = [1, 2, 3].map(() => -random.uniform())
    return {
      patient: `p${String(i).padStart(6, '0')}`,
      role: isCase ? 'case' : 'control',
      variables: {
        age: 60 + 10 * random.normal() + (isCase ? 8 : 0),
        rate: -random.uniform() - (isCase ? 1.5 : 0),
        PC1: random.normal(),
        PC2: random.normal(),
      },
      exact: { sex: random.uniform() < 0.5 ? 'm' : 'f' },
      observedDays: Math.round(200 + 2000 * random.uniform()),
      confirmedDay: isCase ? Math.round(400 + 800 * random.uniform()) : null,
      nadirDay: isCase ? 300 : null,
      ...(isCase ? {} : { timed: { rate: { days: [100, 250, 400], values: rates } } }),
    }
  })
}

console.log('| cases | controls | ratio | distance | matched controls | processor time, best of 3 |')
console.log('|---|---|---|---|---|---|')
for (const [cases, controls, ratio, distance] of [
  [22, 10_000, 1, 'mahalanobis'],
  [22, 10_000, 4, 'mahalanobis'],
  [22, 10_000, 4, 'propensity'],
  [200, 12_000, 4, 'mahalanobis'],
  [200, 12_000, 4, 'propensity'],
  [200, 1500, 7, 'mahalanobis'],
]) {
  const people = cohort(cases, controls)
  let best = Number.POSITIVE_INFINITY
  let matched = 0
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage()
    const { summary } = matchControls(people, { ratio, exact: ['sex'], calipers: { age: 15 }, distance })
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1e6)
    matched = summary.controlsMatched
  }
  console.log(`| ${cases} | ${controls} | ${ratio} | ${distance} | ${matched} | ${best.toFixed(2)} s |`)
}
