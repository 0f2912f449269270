// Depth (DP) of calls by person, from the records whose position is a multiple of 16: two numbers a person in the order of
// the planes, the sum and how many calls gave it. Sums are of whole numbers, so their order changes nothing.

export function noDepths(people: number): Float64Array {
  return new Float64Array(2 * people)
}

/** Adds b to a, entry by entry. */
export function addInto(a: Float64Array, b: Float64Array): void {
  for (let k = 0; k < a.length; k++) a[k] += b[k]
}

/** Mean depth by sample id, of those who have any. */
export function meanDepths(samples: readonly string[], depths: Float64Array): Record<string, number> {
  return Object.fromEntries(
    samples.flatMap((id, s) => (depths[2 * s + 1] > 0 ? [[id, depths[2 * s] / depths[2 * s + 1]]] : [])),
  )
}
