// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

/** Writes `blocks` blocks of four u32: block i is Philox of counter (block + i, index) under key; low words first. */
export function philoxBlocks(
  out: usize,
  blocks: i32,
  blockLow: u32,
  blockHigh: u32,
  indexLow: u32,
  indexHigh: u32,
  keyLow: u32,
  keyHigh: u32,
): void {
  let block = ((<u64>blockHigh) << 32) | blockLow
  for (let b = 0; b < blocks; b++, block++) {
    let c0 = <u32>block
    let c1 = <u32>(block >> 32)
    let c2 = indexLow
    let c3 = indexHigh
    let k0 = keyLow
    let k1 = keyHigh
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>c0 * 0xd2511f53
      const p1 = <u64>c2 * 0xcd9e8d57
      c0 = <u32>(p1 >> 32) ^ c1 ^ k0
      c1 = <u32>p1
      c2 = <u32>(p0 >> 32) ^ c3 ^ k1
      c3 = <u32>p0
      k0 += 0x9e3779b9
      k1 += 0xbb67ae85
    }
    store<u32>(out, c0)
    store<u32>(out, c1, 4)
    store<u32>(out, c2, 8)
    store<u32>(out, c3, 12)
    out += 16
  }
}
