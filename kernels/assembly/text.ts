// Rows of a text table from parts that are known already: key lines, and row ends ("tails") that many variants share.

const slotBytes: usize = 16 // key plus one (0 where empty), then where the tail lies and its length (u32 each)

// The slot of a key: where it is, or the empty one where it goes.
// @ts-ignore: decorator
@inline
function slotOf(table: usize, mask: u32, key: u64): usize {
  let h = key * 0x9e3779b97f4a7c15
  h ^= h >> 32
  let slot = <u32>h & mask
  while (true) {
    const at = table + <usize>slot * slotBytes
    const held = load<u64>(at)
    if (held === key || held === 0) return at
    slot = (slot + 1) & mask
  }
}

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
