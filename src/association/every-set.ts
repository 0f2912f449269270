import { kernels } from '../numerics/kernels.ts'
import { casesOf } from '../statistics/labels/index.ts'
import type { MinimaResult, MinimaSetup } from './minima-task.ts'
import { GenotypeCounter, population, type ScanBlock, visitVariants } from './scan.ts'
import { FamilyTable, TrendTables } from './tables.ts'

/**
 * The scan of a chunk that leaves nothing out: every label set counted one after another, every table whole. What the fast
 * scan is held against; `skipped` is 0.
 */
export function scanEverySet(
  setup: MinimaSetup,
  blocks: readonly ScanBlock[],
  trend = new TrendTables(population(setup.scan.included)),
): MinimaResult {
  const k = kernels()
  return k.scope(() => {
    const { words, included } = setup.scan
    const families = setup.families.map(({ scheme, bits, planes }) => {
      const sets = planes.length / (8 * words)
      return {
        table: new FamilyTable(scheme, bits, words, trend),
        cases: casesOf(scheme),
        minima: new Float64Array(sets),
        planes: k.put(planes),
        out: k.allocate(8 * sets),
        best: { index: -1, logP: 0 },
      }
    })
    const digest = k.allocate(16)
    const everyone = k.put(included)
    const counter = new GenotypeCounter(words, setup.observed === null ? [included] : [included, setup.observed])
    const tested: number[] = []
    const digests: number[] = []
    const least: number[] = []
    visitVariants(setup.scan, blocks, ({ index, inheritance, record }) => {
      if ((inheritance === 1 || inheritance === 2) && !setup.scan.sexKnown) return
      const [[n0, n1, n2, missing], cases] = counter.count(record)
      if (Math.max(n0, n1, n2) === n0 + n1 + n2) return
      tested.push(index)
      k.call.labelsDigest(record, words, everyone, digest)
      digests.push(...k.u32(digest, 2))
      families.forEach((family, f) => {
        const { table, minima } = family
        table.wantFeasible(n0 + n1 + n2, missing)
        table.make(record, n0, n1, n2, 0)
        k.call.labelsStatistics(record, words, family.planes, minima.length, family.cases, family.out)
        const out = k.i32(family.out, 2 * minima.length)
        for (let r = 0; r < minima.length; r++) minima[r] = Math.min(minima[r], table.logP(out[2 * r], out[2 * r + 1]))
        if (cases === undefined) return
        const called = cases[0] + cases[1] + cases[2]
        if (f === 0) least.push(table.leastOf(called))
        const logP = table.logP(called, cases[1] + 2 * cases[2])
        if (family.best.index < 0 || logP < family.best.logP) family.best = { index, logP }
      })
    })
    return {
      minima: families.map(({ minima }) => minima),
      skipped: families.map(() => 0),
      tested: Int32Array.from(tested),
      digests: Uint32Array.from(digests),
      least: Float64Array.from(least),
      best: families.map(({ best }) => best),
    }
  })
}
