import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CountMemo } from './count-memo.ts'
import { FitMemo } from './fit-memo.ts'

test('a column has its own numbers, whatever shares its digest', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }), { maxLength: 80 }), (columns) => {
      const memo = new FitMemo(5, 2)
      const column = new Int32Array(5)
      const last = new Map<number, string>()
      for (const values of columns) {
        column.set(values)
        // Few digests, so that most columns share theirs with others.
        const digest = values[0] + 4 * (values[1] & 1)
        const found = memo.find(digest, column)
        expect(found !== undefined).toBe(last.get(digest) === values.join())
        if (found === undefined) memo.keep(digest, column, Float64Array.of(Number(values.join('')), values[4]))
        else expect([...found]).toEqual([Number(values.join('')), values[4]])
        last.set(digest, values.join())
      }
    }),
  )
})

test('a column of any length finds room', () => {
  for (const length of [1, 4, 40_000, 5_000_000]) {
    const memo = new FitMemo(length, 6)
    const column = new Int32Array(length).fill(3)
    memo.keep(-5, column, new Float64Array(6).fill(7))
    expect([...(memo.find(-5, column) ?? [])]).toEqual([7, 7, 7, 7, 7, 7])
    column[length - 1] = 4
    expect(memo.find(-5, column)).toBeUndefined()
  }
})

test('counts have their own number', () => {
  let made = 0
  const memo = new CountMemo(3, (a, b, c) => {
    made++
    return a + 1000 * b + 1_000_000 * c
  })
  for (let round = 0; round < 3; round++)
    for (let a = 0; a < 40; a++)
      for (let b = 0; b < 40; b++)
        for (let c = 0; c < 30; c++) expect(memo.get(a, b, c)).toBe(a + 1000 * b + 1_000_000 * c)
  // 48,000 keys and 16,384 slots: some are kept, most are made again.
  expect(made).toBeGreaterThan(48_000)
  made = 0
  for (let round = 0; round < 10; round++) memo.get(1, 2, 3)
  expect(made).toBeLessThanOrEqual(1)
})
