import { UpturnError } from '../../errors/index.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { freemanHalton } from './freeman-halton.ts'

/** Tables of more people are tested one by one. */
const mostPeople = 510

// Binomial coefficients in kernel memory, by kernels: made when first needed, kept for good.
const tables = new WeakMap<Kernels, number>()

/**
 * Makes the binomial coefficients that `fisherLogs` needs for tables of up to `mostPeople` people. Call it outside any kernel
 * scope, before the first test.
 */
export function prepareFisherLogs(): void {
  const k = kernels()
  if (tables.has(k)) return
  const at = k.allocate(k.call.binomialsBytes(mostPeople))
  k.call.binomials(mostPeople, at)
  tables.set(k, at)
}

/**
 * Log p of Fisher's 2 x 3 test (`freemanHalton`) of many tables of six counts: cases, then controls, with no copy, one and
 * two. Up to 510 people every outcome is weighed by binomial coefficients, larger tables and near ties go through `freemanHalton`
 * itself: log p within 1e-12. `prepareFisherLogs` comes first.
 */
export function fisherLogs(counts: Int32Array): Float64Array {
  const k = kernels()
  const table = tables.get(k)
  if (table === undefined) throw new UpturnError('Internal', 'prepareFisherLogs() comes before fisherLogs')
  const n = counts.length / 6
  const logs = new Float64Array(n).fill(Number.NaN)
  let most = 0
  for (let i = 0; i < 6 * n; i += 6) {
    let people = 0
    for (let g = 0; g < 6; g++) people += counts[i + g]
    most = Math.max(most, people)
  }
  if (most <= mostPeople)
    k.scope(() => {
      const out = k.allocate(8 * n)
      k.call.fisherLogs(k.put(counts), n, table, out)
      logs.set(k.f64(out, n))
    })
  for (let i = 0; i < n; i++) {
    if (!Number.isNaN(logs[i])) continue
    const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts.subarray(6 * i, 6 * i + 6)
    logs[i] = freemanHalton({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).logP
  }
  return logs
}
