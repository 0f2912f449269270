import { UpturnError } from '../../errors/index.ts'
import { type Kernels, kernels } from '../../numerics/kernels.ts'
import { hardyWeinbergText } from './autosome-tails.ts'
import type { VariantFacts } from './variant-facts.ts'

/** Bytes that no tail is longer than: eleven cells of a tab and at most 25 characters, and the line feed. */
const longestTail = 11 * 26 + 1
/** Bytes of tails held; when they are full all are forgotten. */
const heldBytes = 10 << 20
/** Counts held; a slot is 16 bytes. */
const slots = 1 << 17
const mostHeld = 0.7 * slots
/** Rows a call, so that their tails surely fit. */
export const mostRows = Math.floor(heldBytes / longestTail / 2)
/** More people than this make no key of findTails. */
export const mostKeyed = (1 << 21) - 2

/** The cells of a row (`factNames`), each behind a tab, and the line feed. */
export function tailText({ counts, hemizygous, altFrequency, missingRate, hardyWeinberg }: VariantFacts): string {
  const one = hemizygous === null ? '\t\t' : `\t${hemizygous[0]}\t${hemizygous[1]}`
  return `\t${counts[0]}\t${counts[1]}\t${counts[2]}\t${counts[3]}${one}\t${altFrequency ?? ''}\t${missingRate ?? ''}\t${hardyWeinberg === null ? '\t\t' : hardyWeinbergText(hardyWeinberg)}\n`
}

interface Arena {
  /** Slots of findTails, and the bytes of the tails. */
  readonly table: number
  readonly bytes: number
}

// One a worker, taken for good.
const arenas = new WeakMap<Kernels, Arena>()

function arenaOf(k: Kernels): Arena {
  let arena = arenas.get(k)
  if (arena === undefined) {
    arena = { table: k.allocate(16 * slots), bytes: k.allocate(heldBytes + 16) }
    arenas.set(k, arena)
  }
  return arena
}

/**
 * Facts of variants as the ends of text rows. Variants of an autosome with the same counts have the same end, which is
 * made once: in a cohort of hundreds a million variants have some ten thousand. Make it outside any kernel scope; one at a
 * time in a worker.
 */
export class FactRows {
  readonly #arena = arenaOf(kernels())
  #used = 0
  #held = 0

  constructor() {
    this.#forget()
  }

  #forget(): void {
    this.#used = 0
    this.#held = 0
    kernels()
      .u8(this.#arena.table, 16 * slots)
      .fill(0)
  }

  /**
   * Text rows of at most `mostRows` variants: each line of `lines` (keys, as they lie in a store), then its tail. `counts`
   * points to 4 i32 a variant in kernel memory; where `shared` is true variants of the same counts have the same tail.
   */
  text(lines: Uint8Array, variants: number, counts: number, shared: boolean, tails: Tails): Uint8Array<ArrayBuffer> {
    const k = kernels()
    return k.scope(() => {
      const tailAt = k.allocate(4 * variants)
      const tailLength = k.allocate(4 * variants)
      if (shared) this.#find(variants, counts, tailAt, tailLength, tails)
      else {
        this.#forget()
        const { at, length } = this.#add(variants, (i) => tails.add(i), tails)
        k.u32(tailAt, variants).set(at)
        k.u32(tailLength, variants).set(length)
      }
      let bytes = lines.length
      for (const length of k.u32(tailLength, variants)) bytes += length
      const linesAt = k.allocate(lines.length + 16)
      const out = k.allocate(bytes + 16)
      k.u8(linesAt, lines.length).set(lines)
      const written = k.call.appendTails(linesAt, lines.length, variants, tailAt, tailLength, out)
      if (written < 0) throw new UpturnError('Internal', `${variants} variants do not have ${variants} key lines`)
      return k.u8(out, written).slice()
    })
  }

  #find(variants: number, counts: number, tailAt: number, tailLength: number, tails: Tails): void {
    const k = kernels()
    const missesAt = k.allocate(8 * variants)
    if (this.#held + variants > mostHeld) this.#forget()
    const look = () => k.call.findTails(counts, variants, this.#arena.table, slots - 1, tailAt, tailLength, missesAt)
    let missed = look()
    if (this.#used + missed * longestTail > heldBytes) {
      this.#forget()
      missed = look()
    }
    if (missed === 0) return
    this.#held += missed
    const misses = k.u32(missesAt, 2 * missed).slice()
    const { at, length } = this.#add(missed, (i) => tails.add(misses[2 * i]), tails)
    const table = k.u32(this.#arena.table, 4 * slots)
    for (let i = 0; i < missed; i++) {
      const slot = (misses[2 * i + 1] - this.#arena.table) / 4
      table[slot + 2] = at[i]
      table[slot + 3] = length[i]
    }
    look()
  }

  /** Puts tails behind those that there are. */
  #add(count: number, add: (i: number) => number, tails: Tails): { at: Uint32Array; length: Uint32Array } {
    const at = new Uint32Array(count)
    const length = new Uint32Array(count)
    const first = this.#arena.bytes + this.#used
    let used = 0
    for (let i = 0; i < count; i++) {
      at[i] = first + used
      length[i] = add(i)
      used += length[i]
    }
    // A view taken now: a test may have made the memory larger.
    kernels().u8(first, used).set(tails.take())
    this.#used += used
    return { at, length }
  }
}

/** Makes tails of the variants of a group. */
export interface Tails {
  /** Adds the tail of variant v and returns its length. */
  add(v: number): number
  /** The bytes added since they were last taken. */
  take(): Uint8Array
}

/** Tails from strings of ASCII. */
export function textTails(tailOf: (v: number) => string): Tails {
  const encoder = new TextEncoder()
  let text = ''
  return {
    add(v) {
      const tail = tailOf(v)
      text += tail
      return tail.length
    },
    take() {
      const bytes = encoder.encode(text)
      text = ''
      return bytes
    },
  }
}
