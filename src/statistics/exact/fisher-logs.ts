import { UpturnError } from '../../errors/index.ts'
import { HeldView } from '../../numerics/held-view.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { freemanHalton } from './freeman-halton.ts'

/** Tables of more people are tested one by one. */
const mostPeople = 510

interface Prepared {
  /** Pointer to binomial coefficients. */
  binomials: number
  /** Pointer to the counts of one table and room for its log p. */
  one: number
  counts: HeldView<Int32Array>
  log: HeldView<Float64Array>
}

// In kernel memory, by kernels: made when first needed, kept for good.
const prepared = new WeakMap<Kernels, Prepared>()

/**
 * Makes the binomial coefficients that `fisherLogs` needs for tables of up to `mostPeople` people. Call it outside any kernel
 * scope, before the first test.
 */
export function prepareFisherLogs(): void {
  const k = kernels()
  if (prepared.has(k)) return
  const binomials = k.allocate(k.call.binomialsBytes(mostPeople))
  k.call.binomials(mostPeople, binomials)
  const one = k.allocate(32)
  const counts = new HeldView(() => k.i32(one, 6))
  const log = new HeldView(() => k.f64(one + 24, 1))
  prepared.set(k, { binomials, one, counts, log })
}

function preparedFor(k: Kernels): Prepared {
  const found = prepared.get(k)
  if (found === undefined) throw new UpturnError('Internal', 'prepareFisherLogs() comes before fisherLogs')
  return found
}

/** Log p of one table, as `fisherLogs` has it. */
export function fisherLog(
  caseRef: number,
  caseHet: number,
  caseAlt: number,
  controlRef: number,
  controlHet: number,
  controlAlt: number,
): number {
  const k = kernels()
  const { binomials, one, counts, log } = preparedFor(k)
  if (caseRef + caseHet + caseAlt + controlRef + controlHet + controlAlt <= mostPeople) {
    const six = counts.now
    six[0] = caseRef
    six[1] = caseHet
    six[2] = caseAlt
    six[3] = controlRef
    six[4] = controlHet
    six[5] = controlAlt
    k.call.fisherLogs(one, 1, binomials, one + 24)
    const found = log.now[0]
    if (!Number.isNaN(found)) return found
  }
  return freemanHalton({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).logP
}

/**
 * Log p of Fisher's 2 x 3 test (`freemanHalton`) of many tables of six counts: cases, then controls, with no copy, one and
 * two. Up to 510 people every outcome is weighed by binomial coefficients, larger tables and near ties go through `freemanHalton`
 * itself: log p within 1e-12. `prepareFisherLogs` comes first.
 */
export function fisherLogs(counts: Int32Array): Float64Array {
  const k = kernels()
  const { binomials } = preparedFor(k)
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
      k.call.fisherLogs(k.put(counts), n, binomials, out)
      logs.set(k.f64(out, n))
    })
  for (let i = 0; i < n; i++) {
    if (!Number.isNaN(logs[i])) continue
    const [caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt] = counts.subarray(6 * i, 6 * i + 6)
    logs[i] = freemanHalton({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).logP
  }
  return logs
}
