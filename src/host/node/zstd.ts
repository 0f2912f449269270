import { Decompress } from 'fzstd'
import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'

const frameMagic = 0xfd2fb528
/** Longest block, and what a decoder must remember of the text at most: zstd up to level 21 without --long. */
const blockLimit = 128 << 10
const windowLimit = 32 << 20
/** Bytes of window that may be moved, and for each byte that comes out: real frames stay far below, made-up ones do not. */
const movedFree = 2 ** 32
const movedPerByte = 256

const damaged = (what: string, byte: number, cause?: unknown) =>
  new UpturnError('FileDamaged', `Zstandard data are damaged before byte ${byte}: ${what}; copy the file again`, {
    details: { byte },
    cause,
  })

/** Bytes of a stream that are taken from its front. */
class Front {
  readonly #pieces: AsyncIterator<Uint8Array>
  #bytes: Uint8Array = new Uint8Array(0)
  /** Offset in the stream of the next byte. */
  at = 0

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** The next n bytes, without taking them; fewer only at the end. */
  async peek(n: number): Promise<Uint8Array> {
    while (this.#bytes.length < n) {
      const { value, done } = await this.#pieces.next()
      if (done) break
      const both = new Uint8Array(this.#bytes.length + value.length)
      both.set(this.#bytes)
      both.set(value, this.#bytes.length)
      this.#bytes = both
    }
    return this.#bytes.subarray(0, n)
  }

  /** The next n bytes; FileTruncated when there are fewer. */
  async take(n: number): Promise<Uint8Array> {
    const bytes = await this.peek(n)
    this.#bytes = this.#bytes.subarray(bytes.length)
    this.at += bytes.length
    if (bytes.length < n)
      throw new UpturnError(
        'FileTruncated',
        `Zstandard data end at byte ${this.at} within a frame; copy the file again`,
        {
          details: { byte: this.at },
        },
      )
    return bytes
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}

/** What follows the magic number of a frame (RFC 8878, 3.1.1.1), without the flag of the checksum. */
async function frameHeader(front: Front): Promise<{ bytes: Uint8Array; window: number; checksum: boolean }> {
  const [descriptor] = await front.peek(1)
  if (descriptor === undefined) await front.take(1)
  if ((descriptor & 8) !== 0) throw damaged('a reserved bit of a frame is set', front.at)
  if ((descriptor & 3) !== 0)
    throw new UpturnError('FormatInvalid', 'Zstandard data need a dictionary; compress them without one')
  const single = (descriptor & 32) !== 0
  const sizeBytes = descriptor >> 6 === 0 ? Number(single) : 1 << (descriptor >> 6)
  const bytes = Uint8Array.from(await front.take(1 + Number(!single) + sizeBytes))
  let window = 0
  if (single) {
    for (let k = sizeBytes - 1; k >= 0; k--) window = window * 256 + bytes[1 + k]
    if (sizeBytes === 2) window += 256
  } else window = 2 ** (10 + (bytes[1] >> 3)) * (1 + (bytes[1] & 7) / 8)
  if (window > windowLimit)
    throw new UpturnError(
      'FormatInvalid',
      `Zstandard data need ${Math.ceil(window / 2 ** 20)} MiB of memory to be inflated, more than 32; compress them with zstd -19 at most, without --long`,
    )
  bytes[0] &= ~4
  return { bytes, window, checksum: (descriptor & 4) !== 0 }
}

/** XXH64 of what goes by. */
class Checksum {
  #state = kernels().scope(() => {
    const k = kernels()
    const state = k.allocate(k.call.xxh64Bytes())
    k.call.xxh64Begin(state)
    return k.u8(state, k.call.xxh64Bytes()).slice()
  })

  add(bytes: Uint8Array): void {
    const k = kernels()
    k.scope(() => {
      const state = k.put(this.#state)
      k.call.xxh64Add(state, k.put(bytes), bytes.length)
      this.#state = k.u8(state, this.#state.length).slice()
    })
  }

  low(): number {
    const k = kernels()
    return k.scope(() => k.call.xxh64Low(k.put(this.#state))) >>> 0
  }
}

/**
 * Inflates Zstandard frames (RFC 8878) one after another, block by block: at most 128 KiB come out at a time, and no
 * more than 32 MiB are remembered. Checksums are checked where frames have them. Refuses dictionaries, larger windows,
 * and data that are cut or damaged, with the byte.
 */
export async function* inflateZstdPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const front = new Front(pieces)
  let given = 0
  let moved = 0
  const move = (bytes: number) => {
    moved += bytes
    if (moved > movedFree + movedPerByte * given) throw damaged('its frames are made of nothing', front.at)
  }
  try {
    while ((await front.peek(1)).length > 0) {
      const magic = new DataView(Uint8Array.from(await front.take(4)).buffer).getUint32(0, true)
      if (magic >>> 4 === 0x184d2a5) {
        const [a, b, c, d] = await front.take(4)
        for (let left = a + b * 256 + c * 65536 + d * 2 ** 24; left > 0; )
          left -= (await front.take(Math.min(left, blockLimit))).length
        continue
      }
      if (magic !== frameMagic) throw damaged('there is no frame', front.at)
      const header = await frameHeader(front)
      move(header.window)
      const checksum = header.checksum ? new Checksum() : undefined
      let out: Uint8Array[] = []
      const stream = new Decompress((piece) => {
        if (piece.length > 0) out.push(piece)
      })
      const inflate = (bytes: Uint8Array, final: boolean) => {
        try {
          stream.push(bytes, final)
        } catch (cause) {
          throw damaged('a block cannot be inflated', front.at, cause)
        }
      }
      inflate(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...header.bytes), false)
      for (let last = false; !last; ) {
        const [a, b, c] = await front.take(3)
        last = (a & 1) === 1
        const kind = (a >> 1) & 3
        const size = (a >> 3) + b * 32 + c * 8192
        if (kind === 3 || size > blockLimit) throw damaged('a block has no kind or is too long', front.at)
        move(header.window)
        const block = new Uint8Array(3 + (kind === 1 ? 1 : size))
        block.set([a, b, c])
        block.set(await front.take(block.length - 3), 3)
        inflate(block, last)
        for (const piece of out) {
          if (piece.length > blockLimit) throw damaged('a block is too long', front.at)
          checksum?.add(piece)
          given += piece.length
          yield piece
        }
        out = []
      }
      if (checksum !== undefined) {
        const [a, b, c, d] = await front.take(4)
        if (checksum.low() !== a + b * 256 + c * 65536 + d * 2 ** 24)
          throw damaged('the text does not have the checksum that is declared', front.at)
      }
    }
  } finally {
    await front.close()
  }
}
