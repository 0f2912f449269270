// A PGEN record to calls and dosages, the plain way: what the kernel is held against.

/** What was wrong: the number of the refusal, as the kernel gives it. */
export class Refused {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

/** Bytes taken from the front. */
export class Cursor {
  readonly bytes: Uint8Array
  at = 0
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  need(count: number): Uint8Array {
    if (this.at + count > this.bytes.length) throw new Refused(1)
    this.at += count
    return this.bytes.subarray(this.at - count, this.at)
  }
  varint(): number {
    let value = 0
    for (let k = 0; k < 5; k++) {
      const [byte] = this.need(1)
      if (k === 4 && byte > 7) throw new Refused(9)
      value += (byte & 127) * 128 ** k
      if (byte < 128) return value
    }
    throw new Refused(9)
  }
}

const bits = (bytes: Uint8Array, k: number, width: number) => {
  let value = 0
  for (let b = 0; b < width; b++) {
    const bit = k * width + b
    value |= ((bytes[bit >> 3] >> (bit & 7)) & 1) << b
  }
  return value
}

function list(cursor: Cursor, samples: number, withValues: boolean): [number, number][] {
  const length = cursor.varint()
  if (length > samples) throw new Refused(6)
  if (length === 0) return []
  const groups = Math.ceil(length / 64)
  const width = samples < 256 ? 1 : samples < 65536 ? 2 : samples < 16777216 ? 3 : 4
  const starts = cursor.need(groups * width)
  const sizes = cursor.need(groups - 1)
  const values = cursor.need(withValues ? Math.ceil(length / 4) : 0)
  const entries: [number, number][] = []
  let last = -1
  for (let g = 0; g < groups; g++) {
    let id = 0
    for (let k = width - 1; k >= 0; k--) id = id * 256 + starts[g * width + k]
    if (id <= last || id >= samples) throw new Refused(7)
    const from = cursor.at
    for (let k = 64 * g; k < Math.min(length, 64 * g + 64); k++) {
      if (k > 64 * g) {
        const delta = cursor.varint()
        if (delta === 0 || id + delta >= samples) throw new Refused(7)
        id += delta
      }
      entries.push([id, withValues ? bits(values, k, 2) : 0])
    }
    last = id
    if (g < groups - 1 && cursor.at - from !== sizes[g] + 63) throw new Refused(8)
  }
  return entries
}

/** Categories of the main track. */
export function plainMain(cursor: Cursor, type: number, samples: number, base: readonly number[] | null): number[] {
  const track = type & 7
  let categories: number[]
  let common: number[] = []
  if (track === 0) {
    const raw = cursor.need(Math.ceil(samples / 4))
    return Array.from({ length: samples }, (_, s) => bits(raw, s, 2))
  }
  if (track === 5) throw new Refused(3)
  if (track === 1) {
    const [head, ...map] = cursor.need(1 + Math.ceil(samples / 8))
    if (![1, 2, 3, 5, 6, 9].includes(head)) throw new Refused(5)
    const low = head >> 2
    common = [low, low + (head & 3)]
    categories = Array.from({ length: samples }, (_, s) => low + bits(Uint8Array.from(map), s, 1) * (head & 3))
  } else if (track < 4) {
    if (base === null) throw new Refused(4)
    categories = [...base]
  } else categories = new Array<number>(samples).fill(track & 3)
  for (const [id, value] of list(cursor, samples, true)) {
    if (common.includes(value)) throw new Refused(20)
    categories[id] = value
  }
  if (track === 3) return categories.map((category) => [2, 1, 0, 3][category])
  return categories
}

export interface PlainRecord {
  /** Of each alternate allele, copies of each sample; 3 missing. */
  calls: number[][]
  /** In 16384ths, 65535 missing; null where all are whole numbers. */
  dosages: number[] | null
  categories: number[]
}

/** Decodes one record to its end. */
export function plainRecord(
  bytes: Uint8Array,
  type: number,
  alts: number,
  samples: number,
  base: readonly number[] | null,
): PlainRecord {
  const cursor = new Cursor(bytes)
  const categories = plainMain(cursor, type, samples, base)
  const pairs = categories.map((category) => (category === 3 ? null : category === 2 ? [1, 1] : [0, category]))
  if (type & 8) {
    if (alts < 2) throw new Refused(10)
    const [formats] = cursor.need(1)
    for (const category of [1, 2]) {
      const format = category === 1 ? formats & 15 : formats >> 4
      if (format === 15) continue
      if (format > 1) throw new Refused(11)
      const people = categories.flatMap((c, s) => (c === category ? [s] : []))
      let patched: number[]
      if (format === 1) {
        patched = list(cursor, samples, false).map(([id]) => id)
        if (patched.some((id) => categories[id] !== category)) throw new Refused(12)
      } else {
        const map = cursor.need(Math.ceil(people.length / 8))
        patched = people.filter((_, k) => bits(map, k, 1) === 1)
      }
      if (category === 1) {
        const width = alts === 2 ? 0 : alts === 3 ? 1 : alts <= 5 ? 2 : alts <= 17 ? 4 : alts <= 257 ? 8 : 16
        const values = cursor.need(Math.ceil((patched.length * width) / 8))
        for (const [k, id] of patched.entries()) {
          const alt = 2 + bits(values, k, width)
          if (alt > alts) throw new Refused(13)
          pairs[id] = [0, alt]
        }
      } else {
        const width = alts === 2 ? 1 : alts <= 4 ? 2 : alts <= 16 ? 4 : alts <= 256 ? 8 : 16
        const values = cursor.need(Math.ceil((patched.length * width * (alts === 2 ? 1 : 2)) / 8))
        for (const [k, id] of patched.entries()) {
          const a = 1 + bits(values, alts === 2 ? k : 2 * k, width)
          const b = alts === 2 ? 2 : 1 + bits(values, 2 * k + 1, width)
          if (b > alts || a > b || b === 1) throw new Refused(13)
          pairs[id] = [a, b]
        }
      }
    }
  }
  if (type & 16) {
    const hets = pairs.filter((pair) => pair !== null && pair[0] !== pair[1]).length
    if (hets === 0) throw new Refused(21)
    const map = cursor.need(Math.ceil((hets + 1) / 8))
    if (map[0] & 1) {
      let phased = 0
      for (let k = 1; k <= hets; k++) phased += bits(map, k, 1)
      cursor.need(Math.ceil(phased / 8))
    }
  }
  const calls = Array.from({ length: alts }, (_, alt) =>
    pairs.map((pair) => (pair === null ? 3 : pair.filter((allele) => allele === alt + 1).length)),
  )
  let dosages: number[] | null = null
  const form = (type >> 5) & 3
  if (form === 0 && type & 128) throw new Refused(16)
  if (form > 0) {
    if (alts > 1) throw new Refused(15)
    const values = categories.map((category) => (category === 3 ? 65535 : category * 16384))
    let ids = categories.map((_, s) => s)
    if (form === 1) ids = list(cursor, samples, false).map(([id]) => id)
    if (form === 3) {
      const map = cursor.need(Math.ceil(samples / 8))
      ids = ids.filter((s) => bits(map, s, 1) === 1)
    }
    const raw = cursor.need(2 * ids.length)
    for (const [k, id] of ids.entries()) {
      const value = bits(raw, k, 16)
      const category = categories[id]
      if (value > 32768) {
        if (form !== 2 || value !== 65535) throw new Refused(14)
        if (category !== 3) throw new Refused(17)
        continue
      }
      if (category !== 3 && Math.abs(value - category * 16384) > 8192) throw new Refused(18)
      values[id] = value
      const nearest = Math.round(value / 16384)
      calls[0][id] = Math.abs(value - nearest * 16384) <= 1638 ? nearest : 3
    }
    if (type & 128) {
      let phased = ids.length
      if (form !== 2) {
        const map = cursor.need(Math.ceil(ids.length / 8))
        phased = ids.filter((_, k) => bits(map, k, 1) === 1).length
      }
      const phases = cursor.need(2 * phased)
      for (let k = 0; k < phased; k++) {
        const value = (bits(phases, k, 16) << 16) >> 16
        if (Math.abs(value) > 16384 && !(form === 2 && value === -32768)) throw new Refused(19)
      }
    }
    if (values.some((value) => value !== 65535 && value % 16384 !== 0)) dosages = values
  }
  if (cursor.at !== bytes.length) throw new Refused(2)
  return { calls, dosages, categories }
}
