import { test } from 'vitest'
import { exp, log, logChoose } from '../../numerics/special.ts'
import { freemanHalton } from './freeman-halton.ts'
import { agree } from './testing/enumeration.ts'
import { exactTrendNull } from './trend-null.ts'

/*
 * Tables too large for integers: every cell's probability from log C(n, k), none left out. This holds to about 1e-11
 * (log C has values of thousands), which shows that what the kernels leave out is nothing.
 */
for (const [n, a] of [
  [
    [1200, 700, 100],
    [350, 200, 50],
  ],
  [
    [1200, 700, 100],
    [420, 150, 30],
  ],
  [
    [900, 900, 900],
    [300, 310, 290],
  ],
  [
    [3000, 400, 12],
    [700, 140, 9],
  ],
])
  test(`margins ${n.join()}, cases ${a.join()}`, () => {
    const [n0, n1, n2] = n
    const c = a[0] + a[1] + a[2]
    const people = n0 + n1 + n2
    const sum = n1 + 2 * n2
    const total = logChoose(people, c)
    const columns = n.map((m) => Float64Array.from({ length: m + 1 }, (_, k) => logChoose(m, k)))
    const cell = (x1: number, x2: number) => columns[0][c - x1 - x2] + columns[1][x1] + columns[2][x2] - total
    const observed = cell(a[1], a[2])
    const byStatistic = new Float64Array(sum + 1)
    let less = 0
    let tied = 0
    for (let x2 = 0; x2 <= Math.min(n2, c); x2++)
      for (let x1 = Math.max(0, c - x2 - n0); x1 <= Math.min(n1, c - x2); x1++) {
        const logP = cell(x1, x2)
        if (logP < -740) continue
        const p = exp(logP)
        byStatistic[x1 + 2 * x2] += p
        if (Math.abs(logP - observed) < 1e-9) tied += p
        else if (logP < observed) less += p
      }
    const found = freemanHalton({
      caseRef: a[0],
      caseHet: a[1],
      caseAlt: a[2],
      controlRef: n0 - a[0],
      controlHet: n1 - a[1],
      controlAlt: n2 - a[2],
    })
    agree(found.logP, log(less + tied), 1e-10)
    agree(found.logMidp, log(less + tied / 2), 1e-10)

    const trend = exactTrendNull(n0, n1, n2, c)
    const centre = Math.round((c * sum) / people)
    for (const t of [centre - 90, centre - 40, centre - 3, centre, centre + 1, centre + 25, centre + 80]) {
      const distance = Math.abs(people * t - c * sum)
      let p = 0
      for (let u = 0; u <= sum; u++) if (Math.abs(people * u - c * sum) >= distance) p += byStatistic[u]
      if (p > 1e-280) agree(trend.logP[t], log(p), 1e-10, `${t}`)
    }
  })
