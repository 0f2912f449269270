// What readers of several formats share: kinds of alleles, and codes to bit planes.

/** 1: A, C, G, T or N in either case; 2: another IUPAC code; 0: anything else. */
function baseKind(byte: u32): i32 {
  const c = byte & 0xdf
  if (byte < 65) return 0
  if (c == 65 || c == 67 || c == 71 || c == 84 || c == 78) return 1
  // B D H K M R S V W Y
  if (c == 66 || c == 68 || c == 72 || c == 75 || c == 77 || c == 82 || c == 83 || c == 86 || c == 87 || c == 89) return 2
  return 0
}

/** Worst kind of the bases in [p, end): 0 refuse, 2 ambiguous, 1 good. */
export function sequenceKind(p: usize, end: usize): i32 {
  if (p == end) return 0
  let kind: i32 = 1
  while (p < end) {
    const k = baseKind(load<u8>(p))
    if (k == 0) return 0
    if (k == 2) kind = 2
    p++
  }
  return kind
}

/** What an ALT allele is: 1 sequence, 2 ambiguous, 3 star, 4 symbolic or breakend, 5 the missing value, 0 refused. */
export function alleleKind(p: usize, end: usize): i32 {
  const n = end - p
  if (n == 0) return 0
  const first: u32 = load<u8>(p)
  const last: u32 = load<u8>(end - 1)
  if (n == 1 && first == 42) return 3
  if (n == 1 && first == 46) return 5
  if (first == 60) {
    // <...>, perhaps with a sequence behind or a bracket inside: no comma or angle may be nested
    if (n < 3) return 0
    let q = p + 1
    while (q < end) {
      const c: u32 = load<u8>(q)
      if (c == 60 || c == 32) return 0
      if (c == 62) break
      q++
    }
    if (q == end || q == p + 1) return 0
    if (q == end - 1) return 4
    return sequenceKind(q + 1, end) != 0 ? 4 : 0
  }
  // breakends: t[p[ t]p] [p[t ]p]t, and single ones .t t.
  let q = p
  let brackets: i32 = 0
  let bracket: u32 = 0
  let left: usize = 0
  let right: usize = 0
  while (q < end) {
    const c: u32 = load<u8>(q)
    if (c == 91 || c == 93) {
      if (brackets == 0) {
        bracket = c
        left = q
      } else if (c != bracket) return 0
      brackets++
      right = q
    }
    q++
  }
  if (brackets == 2) {
    if (right - left < 4) return 0
    if (left == p && right < end - 1) return 4
    if (right == end - 1 && left > p) return 4
    return 0
  }
  if (brackets != 0) return 0
  if (first == 46) return sequenceKind(p + 1, end) != 0 ? 4 : 0
  if (last == 46) return sequenceKind(p, end - 1) != 0 ? 4 : 0
  return sequenceKind(p, end)
}

/** One byte a person (0 to 3) to the two planes of a record; `people` is padded to 16 with zeros. */
// @ts-ignore: decorator
@inline
export function packCodes(codes: usize, words: i32, low: usize, high: usize): void {
  const steps = words << 2
  for (let k: i32 = 0; k < steps; k++) {
    const v = v128.load(codes + (<usize>k << 4))
    store<u16>(low + (<usize>k << 1), <u16>i8x16.bitmask(i8x16.shl(v, 7)))
    store<u16>(high + (<usize>k << 1), <u16>i8x16.bitmask(i8x16.shl(v, 6)))
  }
}

/**
 * Whether the reads of a call of alleles a and b speak against it, by reads of both and of all alleles, -1 where they are not known; `low`
 * and `high` are millionths. Of the reads of both alleles of a heterozygous call the second's share must lie within them; beside
 * a homozygous call for the reference other alleles may have at most `low` of all reads, and an alternate allele must have at
 * least `high`. Calls without reads pass.
 */
export function readsSpeakAgainst(a: i32, b: i32, readsA: i64, readsB: i64, total: i64, low: i32, high: i32): bool {
  if (readsA < 0 || readsB < 0) return false
  if (a != b) {
    const both = readsA + readsB
    return both > 0 && (readsB * 1000000 < <i64>low * both || readsB * 1000000 > <i64>high * both)
  }
  if (total == 0) return false
  return a == 0 ? (total - readsA) * 1000000 > <i64>low * total : readsA * 1000000 < <i64>high * total
}
