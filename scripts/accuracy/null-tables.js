import { decimal, logarithmic, logOf } from './exact-numbers.js'
import { choose } from './integers.js'
import { row } from './page.js'
import { table } from './read.js'

const integers = 'enumeration in integers, this page'

/** Whole null distributions at once, and the asymptotic trend test. */
export function nullTables({ exactTrendNull, hardyWeinbergNull, cochranArmitage }, RandomStream) {
  const random = new RandomStream(10, 'accuracy/null tables')
  const errors = { trend: [], trendMidp: [], trendLeast: [], hwe: [], hweMidp: [] }
  for (let i = 0; i < 100; i++) {
    const size = i % 20 === 0 ? 60 : 12
    const n = [1 + random.integer(size), random.integer(size), random.integer(size)]
    const c = 1 + random.integer(n[0] + n[1] + n[2])
    const [people, copies] = [n[0] + n[1] + n[2], n[1] + 2 * n[2]]
    const weights = new Array(copies + 1).fill(0n)
    for (let x2 = 0; x2 <= Math.min(n[2], c); x2++)
      for (let x1 = Math.max(0, c - x2 - n[0]); x1 <= Math.min(n[1], c - x2); x1++)
        weights[x1 + 2 * x2] += choose(n[0], c - x1 - x2) * choose(n[1], x1) * choose(n[2], x2)
    const distance = (t) => Math.abs(people * t - c * copies)
    const found = exactTrendNull(n[0], n[1], n[2], c)
    const all = choose(people, c)
    let least = all
    for (const [t, w] of weights.entries()) {
      if (w === 0n) continue
      let [further, tied] = [0n, 0n]
      for (const [other, weight] of weights.entries())
        if (distance(other) > distance(t)) further += weight
        else if (distance(other) === distance(t)) tied += weight
      errors.trend.push(logarithmic(found.logP[t], logOf([further + tied, all])))
      errors.trendMidp.push(logarithmic(found.logMidp[t], logOf([2n * further + tied, 2n * all])))
      if (further + tied < least) least = further + tied
    }
    errors.trendLeast.push(logarithmic(found.logMinAttainable, logOf([least, all])))
  }
  for (let i = 0; i < 60; i++) {
    const people = 1 + random.integer(i % 10 === 0 ? 300 : 40)
    const rare = random.integer(people + 1)
    const found = hardyWeinbergNull(people, rare)
    const weights = []
    for (let het = rare % 2; het <= rare; het += 2) {
      const hom = (rare - het) / 2
      weights.push((choose(people, het) * choose(people - het, hom)) << BigInt(het))
    }
    const all = weights.reduce((a, b) => a + b, 0n)
    weights.forEach((w, at) => {
      let [less, tied] = [0n, 0n]
      for (const other of weights)
        if (other < w) less += other
        else if (other === w) tied += other
      errors.hwe.push(logarithmic(found.logP[at], logOf([less + tied, all])))
      errors.hweMidp.push(logarithmic(found.logMidp[at], logOf([2n * less + tied, 2n * all])))
    })
  }
  const inputs = new Map(table('01_tables/inputs').map((r) => [r.id, r]))
  const asymptotic = table('01_tables/expected_trend')
    .filter((r) => r.r_trend_p !== 'NA')
    .map(({ id, r_trend_p: expected }) => {
      const r = inputs.get(id)
      const [caseRef, caseHet, caseAlt] = [r.case_rr, r.case_ra, r.case_aa].map(Number)
      const [controlRef, controlHet, controlAlt] = [r.ctrl_rr, r.ctrl_ra, r.ctrl_aa].map(Number)
      const found = cochranArmitage({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt })
      return logarithmic(found.logP, logOf(decimal(expected)))
    })
  return [
    row('exactTrendNull: p of every outcome', integers, errors.trend, 1e-12),
    row('exactTrendNull: mid-p of every outcome', integers, errors.trendMidp, 1e-12),
    row('exactTrendNull: smallest attainable p', integers, errors.trendLeast, 1e-12),
    row('hardyWeinbergNull: p of every outcome', integers, errors.hwe, 1e-12),
    row('hardyWeinbergNull: mid-p of every outcome', integers, errors.hweMidp, 1e-12),
    row('cochranArmitage: p', 'prop.trend.test, R 4.2.2', asymptotic, 1e-10),
  ]
}
