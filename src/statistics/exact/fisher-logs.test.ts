import { expect, test } from 'vitest'
import { RandomStream } from '../../numerics/random.ts'
import { fisherLogs, prepareFisherLogs } from './fisher-logs.ts'
import { freemanHalton } from './freeman-halton.ts'

const plain = ([caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt]: ArrayLike<number> & Iterable<number>) =>
  freemanHalton({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).logP

const apart = (a: number, b: number) => Math.abs(a - b) / Math.max(1, Math.abs(b))

test('many tables at once are those tested one by one', () => {
  prepareFisherLogs()
  const random = new RandomStream(3, 'fisher-logs')
  const below = (n: number) => Math.floor(n * random.uniform())
  let ties = 0
  for (const largest of [1, 2, 4, 9, 25, 60, 85]) {
    const counts = new Int32Array(6 * 400)
    for (let i = 0; i < 400; i++) {
      const own = counts.subarray(6 * i, 6 * i + 6)
      for (let g = 0; g < 6; g++) own[g] = below(largest + 1)
      // Two columns of one total: mirror images of a table are tied.
      if (i % 3 === 0) {
        own[4] = Math.max(0, own[2] + own[5] - own[1])
        ties++
      }
    }
    fisherLogs(counts).forEach((logP, i) => {
      const own = counts.subarray(6 * i, 6 * i + 6)
      expect(apart(logP, plain(own)), own.join(' ')).toBeLessThan(1e-13)
    })
  }
  expect(ties).toBeGreaterThan(900)
})

test('nobody, one person, one group, one genotype, and tables beyond the binomials', () => {
  prepareFisherLogs()
  for (const table of [
    [0, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0],
    [5, 3, 2, 0, 0, 0],
    [0, 0, 0, 5, 3, 2],
    [0, 9, 0, 0, 30, 0],
    [255, 0, 0, 0, 0, 255],
    [255, 0, 0, 0, 1, 255],
    [10, 9, 3, 9950, 80, 2],
    [0, 0, 400, 400, 0, 0],
  ])
    expect(apart(fisherLogs(Int32Array.from(table))[0], plain(table)), table.join(' ')).toBeLessThan(1e-13)
  expect(fisherLogs(new Int32Array(0))).toHaveLength(0)
  expect(fisherLogs(Int32Array.of(5, 3, 2, 0, 0, 0))[0]).toBe(0)
})
