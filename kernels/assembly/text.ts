// Rows of a text table from parts that are known already: key lines, and row ends ("tails") that many variants share.
import { numberText, wholeText } from './decimal'
import { exp } from './elementary'
import { slotOf } from './slots'

// A slot of a tail: its counts as a key, then where it lies and its length (u32 each).

/**
 * Looks up the tails of `variants` counts (4 i32 each, as variantCounts writes them; at most 2^21 - 2 people) in a table of
 * mask + 1 slots that is never full. Writes where each lies and its length (u32) to tailAt and tailLength. Counts met for the
 * first time take a slot with length 0 and are listed at `misses`: the variant, and the slot (u32). Returns their number.
 */
export function findTails(counts: usize, variants: i32, table: usize, mask: u32, tailAt: usize, tailLength: usize, misses: usize): i32 {
  let missed = 0
  for (let v = 0; v < variants; v++) {
    const key = ((<u64>load<u32>(counts, 4) << 42) | (<u64>load<u32>(counts, 8) << 21) | <u64>load<u32>(counts, 12)) + 1
    const slot = slotOf(table, mask, key)
    if (load<u64>(slot) === 0) {
      store<u64>(slot, key)
      store<u64>(slot, 0, 8)
      store<u32>(misses, v)
      store<u32>(misses, <u32>slot, 4)
      misses += 8
      missed++
    }
    const place = (<usize>v) << 2
    store<u32>(tailAt + place, load<u32>(slot, 8))
    store<u32>(tailLength + place, load<u32>(slot, 12))
    counts += 16
  }
  return missed
}

/**
 * As findTails, of variants whose cases and controls were counted (4 i32 each): the key is all of heterozygotes, alt homozygotes
 * and missing calls, of cases in caseBits each and of controls in controlBits, 63 bits together at most.
 */
export function findGroupTails(cases: usize, controls: usize, variants: i32, caseBits: i32, controlBits: i32, table: usize, mask: u32, tailAt: usize, tailLength: usize, misses: usize): i32 {
  let missed = 0
  const caseShift = <u64>caseBits
  const controlShift = <u64>controlBits
  for (let v = 0; v < variants; v++) {
    let key = <u64>load<u32>(cases, 4)
    key = (key << caseShift) | <u64>load<u32>(cases, 8)
    key = (key << caseShift) | <u64>load<u32>(cases, 12)
    key = (key << controlShift) | <u64>load<u32>(controls, 4)
    key = (key << controlShift) | <u64>load<u32>(controls, 8)
    key = (key << controlShift) | <u64>load<u32>(controls, 12)
    const slot = slotOf(table, mask, key + 1)
    if (load<u64>(slot) === 0) {
      store<u64>(slot, key + 1)
      store<u64>(slot, 0, 8)
      store<u32>(misses, v)
      store<u32>(misses, <u32>slot, 4)
      misses += 8
      missed++
    }
    const place = (<usize>v) << 2
    store<u32>(tailAt + place, load<u32>(slot, 8))
    store<u32>(tailLength + place, load<u32>(slot, 12))
    cases += 16
    controls += 16
  }
  return missed
}

/** Gives the slots of `misses` (as findTails lists them) their tails: the next line of `text` each, its line feed included. */
export function keepTails(misses: usize, missed: i32, text: usize): void {
  let start = text
  for (let i = 0; i < missed; i++) {
    let end = start
    while (load<u8>(end) !== lineFeed) end++
    end++
    const slot = <usize>load<u32>(misses, 4)
    store<u32>(slot, <u32>start, 8)
    store<u32>(slot, <u32>(end - start), 12)
    start = end
    misses += 8
  }
}

const tab: u8 = 9
const lineFeed: u8 = 10
const perLog10: f64 = 1.0 / 2.302585092994046

// @ts-ignore: decorator
@inline
function wholeCell(value: u32, out: usize): usize {
  store<u8>(out, tab)
  return out + 1 + <usize>wholeText(value, out + 1)
}

// @ts-ignore: decorator
@inline
function numberCell(x: f64, powers: usize, out: usize): usize {
  store<u8>(out, tab)
  return out + 1 + <usize>numberText(x, powers, out + 1)
}

// @ts-ignore: decorator
@inline
function emptyCell(out: usize): usize {
  store<u8>(out, tab)
  return out + 1
}

/**
 * Makes the tails that findTails missed: counts, two empty cells, frequency of alt, missing rate, and p, -log10 p and mid-p
 * of Hardy-Weinberg, empty where they have no meaning; of these eleven cells those whose bit of `cells` is set. tests: log p
 * and log mid-p of each (f64 both). Writes the tails one after another to `out`, where each lies and its length to its slot,
 * and returns the bytes written; a tail has at most 287.
 */
export function makeTails(counts: usize, misses: usize, missed: i32, tests: usize, powers: usize, cells: i32, out: usize): i32 {
  let o = out
  for (let i = 0; i < missed; i++) {
    const c = counts + ((<usize>load<u32>(misses)) << 4)
    const slot = <usize>load<u32>(misses, 4)
    const start = o
    const ref = load<u32>(c), het = load<u32>(c, 4), alt = load<u32>(c, 8), missing = load<u32>(c, 12)
    const called = ref + het + alt
    const people = called + missing
    if (cells & 1) o = wholeCell(ref, o)
    if (cells & 2) o = wholeCell(het, o)
    if (cells & 4) o = wholeCell(alt, o)
    if (cells & 8) o = wholeCell(missing, o)
    if (cells & 16) o = emptyCell(o)
    if (cells & 32) o = emptyCell(o)
    if (cells & 64) o = called === 0 ? emptyCell(o) : numberCell(<f64>(het + 2 * alt) / <f64>(2 * called), powers, o)
    if (cells & 128) o = people === 0 ? emptyCell(o) : numberCell(<f64>missing / <f64>people, powers, o)
    const logP = load<f64>(tests)
    if (cells & 256) o = called === 0 ? emptyCell(o) : numberCell(exp(logP), powers, o)
    // 0 - x has no -0.
    if (cells & 512) o = called === 0 ? emptyCell(o) : numberCell(0.0 - logP * perLog10, powers, o)
    if (cells & 1024) o = called === 0 ? emptyCell(o) : numberCell(exp(load<f64>(tests, 8)), powers, o)
    store<u8>(o, lineFeed)
    o++
    store<u32>(slot, <u32>start, 8)
    store<u32>(slot, <u32>(o - start), 12)
    misses += 8
    tests += 16
  }
  return <i32>(o - out)
}

/**
 * Writes `count` rows one after another: the next line of `lines` without its line feed, then tailLength[v] bytes of the tail
 * at tailAt[v] (addresses; u32 both). Returns the bytes written, or -1 when there are not `count` lines in `linesBytes` bytes.
 * `out` needs 16 bytes more; `lines` and tails may be read 15 bytes beyond their ends.
 */
export function appendTails(lines: usize, linesBytes: i32, count: i32, tailAt: usize, tailLength: usize, out: usize): i32 {
  const feed = i8x16.splat(10)
  const end = lines + <usize>linesBytes
  let o = out
  for (let v = 0; v < count; v++) {
    while (true) {
      if (lines >= end) return -1
      const bytes = v128.load(lines)
      v128.store(o, bytes)
      const found = i8x16.bitmask(i8x16.eq(bytes, feed))
      if (found !== 0) {
        const length = <usize>ctz<i32>(found)
        lines += length + 1
        o += length
        break
      }
      lines += 16
      o += 16
    }
    const place = (<usize>v) << 2
    const tail = load<u32>(tailAt + place)
    const length = load<u32>(tailLength + place)
    for (let k: u32 = 0; k < length; k += 16) v128.store(o + <usize>k, v128.load(<usize>(tail + k)))
    o += <usize>length
  }
  return lines === end ? <i32>(o - out) : -1
}
