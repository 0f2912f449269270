import { expect } from 'vitest'

const rows = new Map<number, bigint[]>()

/** C(n, k) in integers. */
export function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n
  let row = rows.get(n)
  if (row === undefined) {
    row = [1n]
    rows.set(n, row)
  }
  for (let i = row.length; i <= k; i++) row.push((row[i - 1] * BigInt(n - i + 1)) / BigInt(i))
  return row[k]
}

/** log(a / b) of positive integers, correct to the last digit or two whatever their size. */
export function logRatio(a: bigint, b: bigint): number {
  if (a === b) return 0
  // near 1 the difference carries the digits
  const difference = a - b
  const magnitude = difference < 0n ? -difference : difference
  if (magnitude * 4n < b) return Math.log1p(Number((difference * (1n << 200n)) / b) * 2 ** -200)
  const shift = b.toString(2).length - a.toString(2).length
  const scaled = shift >= 0 ? (a << BigInt(shift + 200)) / b : (a << 200n) / (b << BigInt(-shift))
  return Math.log(Number(scaled) * 2 ** -200) - shift * Math.LN2
}

/** The project's measure for logarithms of probabilities: |x - y| <= tolerance * max(1, |y|). */
export function agree(found: number, expected: number, tolerance: number, what = ''): void {
  if (found === expected) return
  expect(Math.abs(found - expected) / Math.max(1, Math.abs(expected)), `${what}: ${found} v ${expected}`).toBeLessThan(
    tolerance,
  )
}
