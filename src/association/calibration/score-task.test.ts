import { expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { LabelSets, labelScheme } from '../../statistics/labels/index.ts'
import { efficientScores, efficientScoresWithin } from '../efficient-score.ts'
import { countBins, levels } from './levels.ts'
import { calibrateScore } from './score-task.ts'

const random = new RandomStream(8, 'test/score calibration')
const n = 12
const replicates = 40

/** Every label set of the strata with its probability. */
function listing(strata: number[], cases: number[], odds: number[]): { set: number[]; probability: number }[] {
  const found = []
  for (let bits = 0; bits < 2 ** n; bits++) {
    const set = strata.map((_, i) => i).filter((i) => (bits >> i) & 1)
    if (cases.some((m, s) => set.filter((i) => strata[i] === s).length !== m)) continue
    found.push({ set, probability: set.reduce((p, i) => p * odds[i], 1) })
  }
  const total = found.reduce((sum, { probability }) => sum + probability, 0)
  return found.map(({ set, probability }) => ({ set, probability: probability / total }))
}

it.each([
  ['on fitted risks', () => 0, [4], null],
  [
    'within matched sets',
    (i: number) => Math.floor(i / 3),
    [1, 1, 1, 1],
    Int32Array.from({ length: n }, (_, i) => Math.floor(i / 3)),
  ],
] as const)('rejects where the listing of all label sets does: %s', (_, stratumOf, cases, sets) => {
  const strata = Array.from({ length: n }, (_, i) => stratumOf(i))
  const risks = Float64Array.from({ length: n }, () => 0.1 + 0.6 * random.uniform())
  const scheme = labelScheme(strata, Int32Array.from(cases), risks)
  const columns = [Float64Array.from({ length: n }, () => random.normal())]
  const copies = Array.from({ length: 25 }, (_, v) =>
    Float64Array.from({ length: n }, () => (v % 5 === 1 && random.uniform() < 0.1 ? Number.NaN : random.integer(3))),
  )
  const draws = new LabelSets(scheme)
  const bits = Int32Array.from({ length: n }, (_, i) => i)
  const { rejections } = calibrateScore({
    ...{ words: 1, bits, columns, risks, scheme, sets, seed: 5, dosages: copies, records: new Uint8Array(0) },
    recordBins: Int32Array.from(copies, (_, v) => v % countBins.length),
    planes: draws.planes(5, 'null', 0, replicates, bits, 1),
  })
  const law = listing(
    strata,
    [...cases],
    Array.from(risks, (r) => r / (1 - r)),
  )
  const [lowest, highest] = [new Int32Array(rejections.length), new Int32Array(rejections.length)]
  copies.forEach((of, v) => {
    const called = of.map((g) => (Number.isNaN(g) ? -1 : g))
    const scores =
      sets === null ? efficientScores(called, columns, risks) : efficientScoresWithin(called, columns, risks, sets)
    const sumOf = (set: Iterable<number>) => [...set].reduce((sum, i) => sum + scores[i], 0)
    const mean = law.reduce((sum, { set, probability }) => sum + probability * sumOf(set), 0)
    for (let r = 0; r < replicates; r++) {
      const seen = Math.abs(sumOf(draws.draw(5, 'null', r)) - mean)
      const p = law.reduce(
        (sum, { set, probability }) => (Math.abs(sumOf(set) - mean) >= seen - 1e-9 ? sum + probability : sum),
        0,
      )
      levels.forEach(({ alpha }, level) => {
        const cell = ((v % countBins.length) * levels.length + level) * replicates + r
        // Five standard errors of p among 9,999 sets.
        const noise = 5 * Math.sqrt((p * (1 - p)) / 9999)
        if (p + noise <= alpha) lowest[cell]++
        if (p - noise <= alpha) highest[cell]++
      })
    }
  })
  rejections.forEach((count, cell) => {
    expect(count).toBeGreaterThanOrEqual(lowest[cell])
    expect(count).toBeLessThanOrEqual(highest[cell])
  })
  expect(rejections.reduce((a, b) => a + b, 0)).toBeGreaterThan(10)
})
