/** Open addressing: slots of 16 bytes, each a key above 0 (0 where empty) and eight bytes of the owner's. */
export const slotBytes: usize = 16

/** The slot of a key in a table of mask + 1 slots that is never full: where it is, or the empty one where it goes. */
// @ts-ignore: decorator
@inline
export function slotOf(table: usize, mask: u32, key: u64): usize {
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
