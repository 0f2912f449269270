/** Gauss-Legendre with five points on (0, 1). */
export const gaussNodes = [0.046910077030668, 0.23076534494715845, 0.5, 0.7692346550528415, 0.953089922969332]
export const gaussShares = [
  0.11846344252809454, 0.23931433524968324, 0.28444444444444444, 0.23931433524968324, 0.11846344252809454,
]

/** Widest panel over which a normal density with selection is integrated. */
export const panel = 0.125

/** Integrals of two functions at once over (0, reach), by panels of at most `panel`. */
export function integrate(reach: number, f: (x: number) => [number, number]): [number, number] {
  const count = Math.ceil(reach / panel)
  const width = reach / count
  let first = 0
  let second = 0
  for (let p = 0; p < count; p++)
    for (let i = 0; i < gaussNodes.length; i++) {
      const [a, b] = f((p + gaussNodes[i]) * width)
      first += gaussShares[i] * width * a
      second += gaussShares[i] * width * b
    }
  return [first, second]
}
