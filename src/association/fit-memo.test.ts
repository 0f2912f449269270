import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FitMemo } from './fit-memo.ts'

test('gives every column its own value, whatever collides and is forgotten, and makes it once while it is kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), { maxLength: 60 }),
      fc.constantFrom(0, 1000, 1 << 20),
      (columns, bytes) => {
        const memo = new FitMemo<string>(bytes)
        const column = new Uint8Array(3)
        let made = 0
        for (const values of columns) {
          column.set(values)
          // Few digests, so that most columns share theirs with others.
          const found = memo.get(values[0], values[1] & 1, column, () => {
            made++
            return values.join()
          })
          expect(found).toBe(values.join())
        }
        const distinct = new Set(columns.map((values) => values.join())).size
        expect(made).toBeGreaterThanOrEqual(distinct)
        if (bytes === 1 << 20) expect(made).toBe(distinct)
      },
    ),
  )
})

test('keeps what is asked for again and again, in bounded memory', () => {
  const memo = new FitMemo<number>(50_000)
  let made = 0
  const often = Uint8Array.of(9, 9, 9, 9)
  for (let i = 0; i < 20_000; i++) {
    memo.get(i * 4, 0, Uint8Array.of(i & 255, i >> 8, 0, 0), () => i)
    if (i % 10 === 0) memo.get(7, 7, often, () => made++)
  }
  expect(made).toBe(1)
})
