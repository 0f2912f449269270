// How often a true null is rejected at the 5% level where plates shift the values, by how plates enter.
//   node benchmarks/plates.js        a table for docs/biomarkers.md
// Log values: sd 0.4 between people, 0.3 between plates, a fifth below the limit, one further covariate; people fall on plates by chance.
import { fitLevels } from '../dist/clinical/biomarkers/level-model.js'
import { installNodeKernels } from '../dist/host/node/kernels.js'
import { RandomStream } from '../dist/numerics/index.js'

installNodeKernels()
const studies = 300

console.log('| people | in the group | plates | plates enter as | fitted | rejected | 1 in 95% limits |')
console.log('|---|---|---|---|---|---|---|')
for (const [people, cases, plates] of [
  [60, 15, 6],
  [60, 15, 12],
  [125, 22, 8],
])
  for (const how of ['none', 'fixed', 'random']) {
    let [fitted, rejected, held] = [0, 0, 0]
    for (let study = 0; study < studies; study++) {
      const random = new RandomStream(study, `plates ${people} ${plates}`, 0)
      const levels = Array.from({ length: plates }, () => 0.3 * random.normal())
      const rows = Array.from({ length: people }, (_, i) => {
        const plate = Math.floor(plates * random.uniform())
        const value = 100 * Math.exp(levels[plate] + 0.4 * random.normal())
        const columns = [i < cases ? 1 : 0, random.normal()]
        return { value: Math.max(value, 70), censoring: value < 70 ? -1 : 0, columns, plate: `p${plate}` }
      })
      const model = fitLevels(rows, 2, how)
      const ratio = typeof model === 'string' ? null : model.ratio(0)
      if (ratio === null) continue
      fitted++
      if (ratio.p < 0.05) rejected++
      if (ratio.low <= 1 && ratio.high >= 1) held++
    }
    const share = (n) => (n / fitted).toFixed(3)
    console.log(
      `| ${people} | ${cases} | ${plates} | ${how} | ${fitted} of ${studies} | ${share(rejected)} | ${share(held)} |`,
    )
  }
