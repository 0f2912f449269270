import { UpturnError } from '../errors/index.ts'
import { kernels } from './kernels.ts'

/** Four words of a Philox counter, or two of a key, low word first. */
type Words = readonly number[]

/**
 * Fills `out` (a multiple of four words) with Philox4x32-10 of the counters (block, block + 1, ...; index) under a key
 * of two words (Salmon et al. 2011).
 */
export function philox(out: Uint32Array, block: number, index: number, key: Words): void {
  if (out.length % 4 !== 0) throw new UpturnError('BadArgument', 'Philox writes whole blocks of four words')
  const k = kernels()
  k.scope(() => {
    const pointer = k.allocate(out.byteLength)
    k.call.philoxBlocks(
      pointer,
      out.length / 4,
      block % 4294967296,
      Math.floor(block / 4294967296),
      index % 4294967296,
      Math.floor(index / 4294967296),
      key[0],
      key[1],
    )
    out.set(k.u32(pointer, out.length))
  })
}

/** FNV-1a, 64 bit, over the UTF-16 code units of a text, low byte first. */
function hashText(text: string): bigint {
  let hash = 0xcbf29ce484222325n
  const step = (byte: number) => {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  }
  for (let i = 0; i < text.length; i++) {
    step(text.charCodeAt(i) & 255)
    step(text.charCodeAt(i) >> 8)
  }
  return hash
}

const remembered = new Map<string, Words>()

/**
 * The Philox key of a purpose under a seed: the first two words of Philox of counter (hash of the purpose, seed) under
 * key 0. Streams of one purpose differ in the counter's index, streams of two purposes in the key.
 */
export function philoxKey(seed: number, purpose: string): Words {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new UpturnError('BadArgument', `a seed is a whole number from 0 to 2^53 - 1, not ${seed}`)
  const name = `${seed}:${purpose}`
  const known = remembered.get(name)
  if (known !== undefined) return known
  const k = kernels()
  const hash = hashText(purpose)
  const key = k.scope(() => {
    const pointer = k.allocate(16)
    const low = Number(hash & 0xffffffffn)
    const high = Number(hash >> 32n)
    k.call.philoxBlocks(pointer, 1, low, high, seed % 4294967296, Math.floor(seed / 4294967296), 0, 0)
    return Array.from(k.u32(pointer, 2))
  })
  if (remembered.size > 1000) remembered.clear()
  remembered.set(name, key)
  return key
}
