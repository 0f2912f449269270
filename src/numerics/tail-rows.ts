import { UpturnError } from '../errors/index.ts'
import { type Kernels, kernels } from './kernels.ts'

/** Bytes of tails held; when they are full all are forgotten. */
const heldBytes = 10 << 20
/** Keys held; a slot is 16 bytes. */
const slots = 1 << 17
const mostHeld = 0.7 * slots

interface Arena {
  /** Slots of the kernels' lookups, and the bytes of the tails. */
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

/** Where the end of each row of a group lies, as addresses of u32. */
interface TailPlaces {
  readonly at: number
  readonly length: number
}

/** How tails are found by key, and made. Both are called inside a kernel scope. */
export interface TailMaker {
  /**
   * Looks all keys up in the table of mask + 1 slots, says where tails lie and how long they are, and lists those it did not
   * find at `misses` (kernels `findTails`, `findGroupTails`); returns how many they are.
   */
  find(table: number, mask: number, places: TailPlaces, misses: number): number
  /** Makes the tails that were missed, one after another, and puts them into their slots; returns the bytes written. */
  make(misses: number, missed: number, out: number): number
}

/**
 * Rows of text that end alike: key lines, as they lie in a store, each with a tail that depends on a few counts, is made once
 * and held. For one kind of tail; make it outside any kernel scope, one at a time in a worker.
 */
export class TailRows {
  readonly #arena = arenaOf(kernels())
  readonly #longest: number
  #used = 0
  #held = 0

  /** @param longest bytes that no tail is longer than */
  constructor(longest: number) {
    this.#longest = longest
    this.#forget()
  }

  /** Rows a call, so that their tails surely fit. */
  static most(longest: number): number {
    return Math.floor(heldBytes / longest / 2)
  }

  #forget(): void {
    this.#used = 0
    this.#held = 0
    kernels()
      .u8(this.#arena.table, 16 * slots)
      .fill(0)
  }

  /** A row a line, its tail the one of its key. At most `TailRows.most` rows; in `spare` where they fit. */
  byKey(lines: Uint8Array, rows: number, maker: TailMaker, spare?: ArrayBuffer): Uint8Array<ArrayBuffer> {
    return rowsOf(lines, rows, (places) => this.#find(rows, maker, places), spare)
  }

  /** A row a line, each with its own ASCII tail. */
  byRow(lines: Uint8Array, rows: number, tailOf: (row: number) => string): Uint8Array<ArrayBuffer> {
    return rowsOf(lines, rows, ({ at, length }) => {
      this.#forget()
      const k = kernels()
      const texts = Array.from({ length: rows }, (_, row) => tailOf(row))
      const lengths = k.u32(length, rows)
      const places = k.u32(at, rows)
      let used = this.#arena.bytes
      texts.forEach((text, row) => {
        places[row] = used
        lengths[row] = text.length
        used += text.length
      })
      k.u8(this.#arena.bytes, used - this.#arena.bytes).set(new TextEncoder().encode(texts.join('')))
    })
  }

  #find(rows: number, { find, make }: TailMaker, places: TailPlaces): void {
    const { table, bytes } = this.#arena
    const misses = kernels().allocate(8 * rows)
    if (this.#held + rows > mostHeld) this.#forget()
    const look = () => find(table, slots - 1, places, misses)
    let missed = look()
    if (this.#used + missed * this.#longest > heldBytes) {
      this.#forget()
      missed = look()
    }
    if (missed === 0) return
    this.#held += missed
    this.#used += make(misses, missed, bytes + this.#used)
    look()
  }
}

/** Lines with the tails that `find` puts in place, in `spare` where they fit. */
function rowsOf(
  lines: Uint8Array,
  rows: number,
  find: (tails: TailPlaces) => void,
  spare?: ArrayBuffer,
): Uint8Array<ArrayBuffer> {
  const k = kernels()
  return k.scope(() => {
    const tails = { at: k.allocate(4 * rows), length: k.allocate(4 * rows) }
    find(tails)
    let bytes = lines.length
    const lengths = k.u32(tails.length, rows)
    for (let row = 0; row < rows; row++) bytes += lengths[row]
    const linesAt = k.allocate(lines.length + 16)
    const out = k.allocate(bytes + 16)
    k.u8(linesAt, lines.length).set(lines)
    const written = k.call.appendTails(linesAt, lines.length, rows, tails.at, tails.length, out)
    if (written < 0) throw new UpturnError('Internal', `${rows} rows do not have ${rows} key lines`)
    const fits = spare !== undefined && spare.byteLength >= written
    // An eighth more, as the next may be a little longer.
    const text = new Uint8Array(fits ? spare : new ArrayBuffer(written + (written >> 3)), 0, written)
    text.set(k.u8(out, written))
    return text
  })
}
