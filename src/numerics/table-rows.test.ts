import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exp } from './special.ts'
import { type TextColumn, tableRows } from './table-rows.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const text = (columns: readonly TextColumn[], rows: number, infinite = true, missing = '') =>
  decoder.decode(tableRows(columns, rows, { missing, infinite }))

const numbers = (...values: number[]): TextColumn => ({ kind: 'numbers', values: Float64Array.from(values) })

test('cells of every kind', () => {
  const columns: TextColumn[] = [
    { kind: 'lines', lines: encoder.encode('X\t5\té–Ж\n4\t71\t\n') },
    { kind: 'wholes', values: Int32Array.of(0, 2_147_483_647, -1, 12), width: 2 },
    numbers(0.1, Number.NaN),
    { kind: 'exponentials', values: Float64Array.of(0, Number.NaN) },
    { kind: 'logs', values: Float64Array.of(0, -Math.LN10 * 300) },
    { kind: 'negativeLogs', values: Float64Array.of(Number.NaN, -1) },
    { kind: 'texts', codes: Int32Array.of(1, -1), texts: ['no', 'yes–'] },
  ]
  const p = exp(-Math.LN10 * 300)
  const perLog10 = 1 / Math.LN10
  expect(text(columns, 2)).toBe(
    `X\t5\té–Ж\t0\t2147483647\t0.1\t1\t1\t0\t\tyes–\n4\t71\t\t\t12\t\t\t${p}\t${Math.LN10 * 300 * perLog10}\t${perLog10}\t\n`,
  )
  expect(text(columns, 2, true, '#NA').split('\n')[1]).toBe(
    `4\t71\t\t#NA\t12\t#NA\t#NA\t${p}\t${Math.LN10 * 300 * perLog10}\t${perLog10}\t#NA`,
  )
  expect(text(columns, 0)).toBe('')
})

test('what is infinite is written or missing', () => {
  const column = numbers(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0)
  expect(text([column], 3)).toBe('Infinity\n-Infinity\n0\n')
  expect(text([column], 3, false, '#NA')).toBe('#NA\n#NA\n0\n')
  expect(text([{ kind: 'logs', values: Float64Array.of(Number.NEGATIVE_INFINITY) }], 1)).toBe('0\tInfinity\n')
})

test('any number as String writes it, in a buffer that is used again', () => {
  const property = fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 200 }), (values) => {
    const spare = new ArrayBuffer(values.length * 52)
    const made = tableRows(
      [numbers(...values), numbers(...values)],
      values.length,
      { missing: '', infinite: true },
      spare,
    )
    expect(made.buffer === spare).toBe(true)
    expect(decoder.decode(made)).toBe(values.map((x) => `${String(x)}\t${String(x)}\n`).join(''))
  })
  fc.assert(property, { numRuns: 200 })
})

test('numbers that come again, in columns of several kinds, as those that come once', () => {
  const property = fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 40 }), fc.nat(), (some, step) => {
    const rows = 700
    // -708 to 0: the exponential is a number of full precision.
    const values = Float64Array.from({ length: rows }, (_, i) => some[(i * step) % some.length] % 708)
    const kinds = ['numbers', 'exponentials', 'logs', 'negativeLogs'] as const
    const columns = kinds.map((kind): TextColumn => ({ kind, values }))
    const alone = Array.from(values, (_, i) =>
      text(
        kinds.map((kind): TextColumn => ({ kind, values: values.subarray(i, i + 1) })),
        1,
        true,
        'missing, a text longer than any number is',
      ),
    )
    expect(text(columns, rows, true, 'missing, a text longer than any number is')).toBe(alone.join(''))
  })
  fc.assert(property, { numRuns: 25 })
})
