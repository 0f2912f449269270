import { describe, expect, it } from 'vitest'
import { CanonicalDigest, digestOf } from './canonical.ts'

describe('canonical digest', () => {
  it('does not depend on the order of keys, negative zero or absent members', () => {
    expect(digestOf({ a: 1, b: [0, 'x'] })).toBe(digestOf({ b: [-0, 'x'], a: 1, c: undefined }))
  })
  it('tells values apart that look alike', () => {
    const values = [null, 0, '0', false, [], {}, [0], ['0'], { a: 0 }, Number.NaN, 'NaN', ['a', 'b'], ['ab'], 1e-320]
    expect(new Set(values.map((value) => digestOf(value))).size).toBe(values.length)
  })
  it('sees the last bit of a number', () => {
    expect(digestOf(0.1 + 0.2)).not.toBe(digestOf(0.3))
  })
  it('leaves named members out at every depth', () => {
    const without = new Set(['seconds'])
    expect(digestOf({ a: { seconds: 3, b: 1 } }, without)).toBe(digestOf({ a: { b: 1 }, seconds: 9 }, without))
  })
  it('is the same however large the pieces are', () => {
    const long = 'é'.repeat(100_000)
    const once = new CanonicalDigest().text(long).bytes(new Uint8Array(70_000)).number(1).hex()
    const again = new CanonicalDigest().text(long).bytes(new Uint8Array(70_000)).number(1).hex()
    expect(once).toBe(again)
    expect(once).not.toBe(new CanonicalDigest().text(long).bytes(new Uint8Array(70_001)).number(1).hex())
  })
})
