import { createHash, type Hash } from 'node:crypto'

/**
 * A digest over values, not bytes of files: the same on every machine. Numbers are the bits of their double, with one
 * NaN and no negative zero; keys of objects are sorted by code unit; absent members do not count.
 */
export class CanonicalDigest {
  readonly #hash: Hash = createHash('sha256')
  #buffer = Buffer.allocUnsafe(1 << 16)
  #length = 0

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    this.#hash.update(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes)
  }

  #tag(tag: string, bytes: number): void {
    this.#room(1 + bytes)
    this.#buffer[this.#length++] = tag.charCodeAt(0)
  }

  number(value: number): this {
    this.#tag('d', 8)
    this.#buffer.writeDoubleLE(Number.isNaN(value) ? Number.NaN : value === 0 ? 0 : value, this.#length)
    this.#length += 8
    return this
  }

  text(value: string): this {
    const bytes = Buffer.byteLength(value)
    this.#tag('s', 4 + bytes)
    this.#buffer.writeUInt32LE(bytes, this.#length)
    this.#buffer.write(value, this.#length + 4, 'utf8')
    this.#length += 4 + bytes
    return this
  }

  bytes(value: Uint8Array): this {
    this.#tag('b', 4)
    this.#buffer.writeUInt32LE(value.length, this.#length)
    this.#length += 4
    this.#hash.update(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    this.#hash.update(value)
    return this
  }

  #count(tag: string, count: number): void {
    this.#tag(tag, 4)
    this.#buffer.writeUInt32LE(count, this.#length)
    this.#length += 4
  }

  /** Any plain value; members named in `without` are left out at every depth. */
  value(value: unknown, without: ReadonlySet<string> = new Set()): this {
    if (value === null || value === undefined) this.#tag('n', 0)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'string') this.text(value)
    else if (typeof value === 'boolean') this.#tag(value ? 't' : 'f', 0)
    else if (Array.isArray(value)) {
      this.#count('a', value.length)
      for (const item of value) this.value(item, without)
    } else {
      const members = Object.entries(value).filter(([key, member]) => member !== undefined && !without.has(key))
      members.sort(([a], [b]) => (a < b ? -1 : 1))
      this.#count('o', members.length)
      for (const [key, member] of members) this.text(key).value(member, without)
    }
    return this
  }

  hex(): string {
    this.#hash.update(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    return this.#hash.digest('hex')
  }
}

/** Digest of one plain value. */
export function digestOf(value: unknown, without?: ReadonlySet<string>): string {
  return new CanonicalDigest().value(value, without).hex()
}
