import type { RandomStream } from '../../src/numerics/index.ts'

const edges = [0, 1, 9, 10, 13, 32, 34, 44, 46, 47, 48, 58, 124, 127, 128, 254, 255]
const words = [
  '.',
  './.',
  '0/1',
  '1|1',
  '2/2',
  '-1',
  '0',
  '2147483647',
  '2147483648',
  '4294967296',
  '1e309',
  'nan',
  '\t',
  '\n',
  '\r\n',
  '\t\t',
  '<DEL>',
  '*',
  'A,C',
  'GT',
  'GT:DP',
  'chrX',
  '##',
  '#CHROM',
  '\u0000',
  'é',
  '"',
  '99999999999999999999',
  'AAAAAAAAAAAAAAAA',
].map((word) => new TextEncoder().encode(word))
const numbers = [0, 1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]

function splice(bytes: Uint8Array, at: number, most: number, inserted: Uint8Array): Uint8Array {
  const removed = Math.min(most, bytes.length - at)
  const out = new Uint8Array(bytes.length - removed + inserted.length)
  out.set(bytes.subarray(0, at))
  out.set(inserted, at)
  out.set(bytes.subarray(at + removed), at + inserted.length)
  return out
}

/** One change of a file; `donor` is another file, from which a piece may come. */
function change(bytes: Uint8Array, donor: Uint8Array, random: RandomStream): Uint8Array {
  const pick = (n: number) => random.integer(Math.max(1, n))
  // Half of the changes fall among the first bytes, where the declared sizes are.
  const at = random.uniform() < 0.5 ? pick(Math.min(bytes.length, 256)) : pick(bytes.length)
  const piece = (of: Uint8Array) => {
    const start = pick(of.length)
    return of.slice(start, start + 1 + pick(64))
  }
  const copy = bytes.slice()
  switch (pick(12)) {
    case 0:
    case 1:
      copy[at] ^= 1 << pick(8)
      return copy
    case 2:
    case 3:
      copy[at] = edges[pick(edges.length)]
      return copy
    case 4:
      copy[at] = pick(256)
      return copy
    case 5:
    case 6: {
      const value = numbers[pick(numbers.length)]
      for (let k = 0, size = [1, 2, 4][pick(3)]; k < size; k++) copy[at + k] = Math.floor(value / 256 ** k) & 255
      return copy.subarray(0, bytes.length)
    }
    case 7:
      return bytes.slice(0, at)
    case 8:
      return splice(bytes, at, 1 + pick(64), new Uint8Array(0))
    case 9:
      return splice(bytes, at, 0, piece(bytes))
    case 10:
      return splice(bytes, at, pick(2) * pick(8), words[pick(words.length)])
    default:
      return splice(bytes, at, pick(32), piece(donor))
  }
}

/** One to four changes; never the bytes that were given. */
export function mutate(bytes: Uint8Array, donor: Uint8Array, random: RandomStream): Uint8Array {
  let out = bytes
  for (let left = 1 + random.integer(4); left > 0; left--) out = change(out, donor, random)
  return out
}
