/** Fewer than `most` bytes of many natures: tables, runs, copies from near and far, noise. The same for a seed. */
export function randomBytes(seed: number, most: number): Uint8Array {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const pick = (n: number) => Math.floor(random() * n)
  const size = pick(most)
  const parts: Uint8Array[] = []
  let length = 0
  while (length < size) {
    const n = 1 + pick(Math.min(size - length, [20, 500, 20_000, 300_000][pick(4)]))
    let part: Uint8Array = new Uint8Array(n)
    const alphabet = 1 + pick([2, 5, 30, 256][pick(4)])
    const kind = pick(6)
    if (kind === 0) part.fill(pick(256))
    else if (kind === 1) part = Uint8Array.from(part, () => pick(alphabet))
    else if (kind === 2) part = Uint8Array.from(part, (_, k) => (k % alphabet) + pick(2))
    else if (kind === 3) part = Uint8Array.from(part, () => Math.floor(alphabet * random() ** 4))
    else if (kind === 4 && parts.length > 0) {
      const from = parts[pick(parts.length)]
      part = Uint8Array.from(part, (_, k) => (random() < 0.002 ? pick(256) : from[k % from.length]))
    } else {
      const line = () =>
        `${1 + pick(22)}\t${pick(1e8)}\trs${pick(1e9)}\t${'ACGT'[pick(4)]}\t${'ACGT'[pick(4)]}\tAC=${pick(5000)};AF=${random().toFixed(5)}\n`
      part = new TextEncoder().encode(Array.from({ length: Math.ceil(n / 40) }, line).join('')).subarray(0, n)
    }
    parts.push(part)
    length += part.length
  }
  return Uint8Array.from(Buffer.concat(parts))
}
