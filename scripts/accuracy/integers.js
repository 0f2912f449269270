const binomials = []

/** C(n, k), remembered. */
export function choose(n, k) {
  if (k < 0 || k > n) return 0n
  const known = (binomials[n] ??= [1n])
  for (let i = known.length; i <= k; i++) known.push((known[i - 1] * BigInt(n - i + 1)) / BigInt(i))
  return known[k]
}
