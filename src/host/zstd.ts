import { UpturnError } from '../errors/index.ts'
import { type Kernels, kernels } from '../numerics/kernels.ts'

const frameMagic = 0xfd2fb528
/** Longest text of one block, whatever the window. */
const blockBytes = 128 << 10
/** What of the text a stream must remember at most: as zstd itself has it by default. */
const windowLimit = 128 << 20
/** Readable bytes that the kernel wants behind what it reads and writes. */
const slack = 32

/** Default counts of an FSE code (RFC 8878, 3.1.1.3.2.2), and value and extra bits of each code (3.1.1.3.2.1.1). */
const constants = (() => {
  const times = (count: number, value: number) => new Array<number>(count).fill(value)
  const lengthCounts = [4, 3, ...times(11, 2), 1, 1, 1, ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)]
  const offsetCounts = [...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)]
  const matchCounts = [1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)]
  const lengthBits = [...times(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
  const matchBits = [...times(32, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
  const values = (bits: readonly number[], first: number) => {
    let next = first
    return bits.map((width) => {
      const value = next
      next += 2 ** width
      return value
    })
  }
  return Int32Array.from([
    ...lengthCounts,
    ...offsetCounts,
    ...matchCounts,
    ...values(lengthBits, 0),
    ...lengthBits,
    ...values(matchBits, 3),
    ...matchBits,
  ])
})()

interface FrameHeader {
  /** Bytes of the header, magic number and all. */
  readonly bytes: number
  readonly window: number
  readonly checksum: boolean
  readonly dictionary: boolean
}

/** The header of a frame (RFC 8878, 3.1.1.1), of which at least 18 bytes are given or all there are; null for none. */
function frameHeader(bytes: Uint8Array): FrameHeader | null {
  const number = (at: number, width: number) => {
    let value = 0
    for (let k = width - 1; k >= 0; k--) value = value * 256 + bytes[at + k]
    return value
  }
  const descriptor = bytes[4]
  if (bytes.length < 6 || number(0, 4) !== frameMagic || (descriptor & 8) !== 0) return null
  const single = (descriptor & 32) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3]
  const sizeAt = 5 + Number(!single) + dictionary
  const sizeBytes = descriptor >> 6 === 0 ? Number(single) : 1 << (descriptor >> 6)
  if (bytes.length < sizeAt + sizeBytes) return null
  const window = single
    ? number(sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
    : 2 ** (10 + (bytes[5] >> 3)) * (1 + (bytes[5] & 7) / 8)
  return {
    bytes: sizeAt + sizeBytes,
    window,
    checksum: (descriptor & 4) !== 0,
    dictionary: dictionary > 0 && number(sizeAt - dictionary, dictionary) !== 0,
  }
}

interface BlockHeader {
  readonly last: boolean
  /** 0 stored, 1 one byte repeated, 2 compressed; 3 is none. */
  readonly kind: number
  readonly size: number
  /** Bytes behind the header. */
  readonly bytes: number
}

function blockHeader(a: number, b: number, c: number): BlockHeader {
  const kind = (a >> 1) & 3
  const size = (a >> 3) + b * 32 + c * 8192
  return { last: (a & 1) === 1, kind, size, bytes: kind === 1 ? 1 : size }
}

/** Decodes the blocks of frames in the memory of kernels. */
class BlockDecoder {
  readonly #k: Kernels
  readonly #workspace: number
  readonly #hash: number

  constructor(k: Kernels) {
    this.#k = k
    this.#workspace = k.allocate(k.call.zstdBytes())
    this.#hash = k.allocate(k.call.xxh64Bytes())
    k.call.zstdBegin(this.#workspace, k.put(constants))
  }

  beginFrame(): void {
    this.#k.call.zstdFrame(this.#workspace)
    this.#k.call.xxh64Begin(this.#hash)
  }

  /**
   * Writes the text of a block of the frame to `at`, where there is room for the longest; it may refer to what stands
   * from `begin` on. The number of bytes, or -1 where the block is none.
   */
  block({ kind, size, bytes }: BlockHeader, source: number, begin: number, at: number): number {
    if (kind === 3 || size > blockBytes) return -1
    const k = this.#k
    let length = size
    if (kind === 2) length = k.call.zstdBlock(this.#workspace, source, bytes, begin, at, at + blockBytes)
    else if (kind === 1) k.u8(at, size).fill(k.u8(source, 1)[0])
    else k.u8(at, size).set(k.u8(source, size))
    if (length > 0) k.call.xxh64Add(this.#hash, at, length)
    return length
  }

  /** The checksum of the frame's text so far. */
  checksum(): number {
    return this.#k.call.xxh64Low(this.#hash) >>> 0
  }
}

/**
 * Inflates one Zstandard frame (RFC 8878) whose text has `size` bytes; refuses any other size, what is cut or damaged, by
 * its checksum too where it has one, and anything behind it. No more memory is taken than the text needs, whatever the
 * frame declares.
 */
export function inflateZstdFrame(bytes: Uint8Array, size: number): Uint8Array {
  const none = () =>
    new UpturnError('FileDamaged', `there is no one whole Zstandard frame of the ${size} bytes declared`)
  const header = frameHeader(bytes)
  if (header === null || header.dictionary) throw none()
  const k = kernels()
  return k.scope(() => {
    const decoder = new BlockDecoder(k)
    const source = k.put(bytes)
    k.allocate(slack)
    const text = k.allocate(size + blockBytes + slack)
    decoder.beginFrame()
    let done = 0
    let at = header.bytes
    for (let last = false; !last; ) {
      if (at + 3 > bytes.length) throw none()
      const block = blockHeader(bytes[at], bytes[at + 1], bytes[at + 2])
      at += 3
      if (at + block.bytes > bytes.length) throw none()
      const length = decoder.block(block, source + at, text, text + done)
      if (length < 0)
        throw new UpturnError('FileDamaged', 'Zstandard bytes cannot be inflated; copy or make the file again')
      done += length
      if (done > size)
        throw new UpturnError('FileDamaged', `Zstandard bytes inflate to more than the ${size} bytes declared`)
      at += block.bytes
      last = block.last
    }
    if (bytes.length !== at + (header.checksum ? 4 : 0)) throw none()
    if (done !== size)
      throw new UpturnError('FileDamaged', `Zstandard bytes inflate to ${done} bytes where ${size} are declared`)
    if (header.checksum && new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true) !== decoder.checksum())
      throw new UpturnError('FileDamaged', 'Zstandard bytes do not have the checksum declared; copy the file again')
    return k.u8(text, size).slice()
  })
}

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
        { details: { byte: this.at } },
      )
    return bytes
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}

/**
 * Inflates Zstandard frames one after another, block by block: at most 128 KiB come out at a time, and no more than 128
 * MiB of text are remembered, a few of them twice. Checksums are checked where frames have them. Refuses dictionaries,
 * larger windows, and data that are cut or damaged, with the byte.
 */
export async function* inflateZstdPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const front = new Front(pieces)
  const damaged = (what: string) =>
    new UpturnError('FileDamaged', `Zstandard data are damaged before byte ${front.at}: ${what}; copy the file again`, {
      details: { byte: front.at },
    })
  // A memory of its own: the text that later blocks refer to stays there.
  const k = kernels().another()
  const decoder = new BlockDecoder(k)
  const source = k.allocate(blockBytes + slack)
  const text = k.allocate(2 * blockBytes + slack)
  let room = 2 * blockBytes
  try {
    while ((await front.peek(1)).length > 0) {
      const head = await front.peek(18)
      if ((head[0] & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) {
        const [a, b, c, d] = (await front.take(8)).subarray(4)
        for (let left = a + b * 256 + c * 65536 + d * 2 ** 24; left > 0; )
          left -= (await front.take(Math.min(left, blockBytes))).length
        continue
      }
      const header = frameHeader(head)
      if (header === null) {
        if (head.length < 18) await front.take(18)
        throw damaged('there is no frame')
      }
      if (header.dictionary)
        throw new UpturnError('FormatInvalid', 'Zstandard data need a dictionary; compress them without one')
      if (header.window > windowLimit)
        throw new UpturnError(
          'FormatInvalid',
          `Zstandard data need ${Math.ceil(header.window / 2 ** 20)} MiB of memory to be inflated, more than 128; compress them without --long`,
        )
      await front.take(header.bytes)
      decoder.beginFrame()
      let used = 0
      for (let last = false; !last; ) {
        const [a, b, c] = await front.take(3)
        const block = blockHeader(a, b, c)
        if (block.kind === 3 || block.size > blockBytes) throw damaged('a block has no kind or is too long')
        k.u8(source, block.bytes).set(await front.take(block.bytes))
        if (used + blockBytes > room) {
          if (room < 2 * header.window) {
            // Nothing else lies behind the text, so that it grows where it is.
            k.allocate(room)
            room *= 2
          } else {
            k.u8(text, used).copyWithin(0, used - header.window, used)
            used = header.window
          }
        }
        const length = decoder.block(block, source, text, text + used)
        if (length < 0) throw damaged('a block cannot be inflated')
        if (length > 0) yield k.u8(text + used, length).slice()
        used += length
        last = block.last
      }
      if (header.checksum) {
        const [a, b, c, d] = await front.take(4)
        if (decoder.checksum() !== a + b * 256 + c * 65536 + d * 2 ** 24)
          throw damaged('the text does not have the checksum that is declared')
      }
    }
  } finally {
    await front.close()
  }
}
