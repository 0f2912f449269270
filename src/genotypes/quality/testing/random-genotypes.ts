/** A small linear congruential generator: test data need only be varied and repeatable. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

/** Genotypes of n people at allele frequency p with a share of missing calls. */
export function randomGenotypes(random: () => number, n: number, p: number, missing: number): Int8Array {
  return Int8Array.from({ length: n }, () =>
    random() < missing ? -1 : (random() < p ? 1 : 0) + (random() < p ? 1 : 0),
  )
}
