// Whole lines of a PVAR file to rows of numbers. The text must end with a line feed. Layout of rows and state, roles of
// columns and refusals: see src/genotypes/pgen/pvar.ts.

import { alleleKind, sequenceKind } from './genotype'

const CHROM: i32 = 1
const POS: i32 = 2
const ID: i32 = 3
const REF: i32 = 4
const ALT: i32 = 5
const FILTER: i32 = 6

/** u32 words of one row. */
const ROW: usize = 12

const ALTS_LIMIT: i32 = 16000

// @ts-ignore: decorator
@inline
function fail(state: usize, code: i32, line: i32, at: usize): i32 {
  store<i32>(state, line)
  store<i32>(state, <i32>at, 4)
  return code
}

/**
 * Scans `lines` lines. `roles` (i32) says what each of `columns` columns is; `open`: whether a line may have more.
 * `kinds` takes a byte an alternate allele (its kind, see alleleKind), fewer than there are bytes of text. Returns the
 * refusal, 0 for none; state: line and byte of the text.
 */
export function scanPvar(text: usize, length: i32, lines: i32, roles: usize, columns: i32, open: i32, rows: usize, kinds: usize, state: usize): i32 {
  let p = text
  const end = text + <usize>length
  let kind = kinds
  for (let line: i32 = 0; line < lines; line++) {
    if (p >= end) return fail(state, 1, line, p - text)
    if (load<u8>(p) == 35) return fail(state, 5, line, p - text)
    const row = rows + <usize>line * (ROW << 2)
    store<u32>(row, 1, 40)
    let column: i32 = 0
    while (true) {
      // one field, or the end of the line
      let c: u32 = load<u8>(p)
      while (c == 32 || c == 9) c = load<u8>(++p)
      if (c == 13 && load<u8>(p + 1) == 10) c = load<u8>(++p)
      if (c == 10) break
      const start = p
      while (c > 32) c = load<u8>(++p)
      if (c != 32 && c != 9 && c != 10 && !(c == 13 && load<u8>(p + 1) == 10)) return fail(state, 8, line, p - text)
      if (column >= columns) {
        if (open == 0) return fail(state, 2, line, start - text)
        while (load<u8>(p) != 10) p++
        break
      }
      const role = load<i32>(roles + (<usize>column << 2))
      column++
      if (role == CHROM) {
        store<u32>(row, <u32>(start - text))
        store<u32>(row, <u32>(p - text), 4)
      } else if (role == POS) {
        let q = start
        const negative = load<u8>(q) == 45
        if (negative) q++
        const digits = p - q
        let value: u64 = 0
        while (q < p) {
          const d = <u32>load<u8>(q) - 48
          if (d > 9) return fail(state, 3, line, start - text)
          value = value * 10 + <u64>d
          if (value > 2147483647) return fail(state, 3, line, start - text)
          q++
        }
        if (digits == 0 || digits > 10) return fail(state, 3, line, start - text)
        store<u32>(row, negative ? 0 : <u32>value, 8)
      } else if (role == ID) {
        store<u32>(row, <u32>(start - text), 12)
        store<u32>(row, <u32>(p - text), 16)
      } else if (role == REF) {
        store<u32>(row, <u32>(start - text), 20)
        store<u32>(row, <u32>(p - text), 24)
        store<u32>(row, <u32>sequenceKind(start, p), 44)
      } else if (role == ALT) {
        store<u32>(row, <u32>(start - text), 28)
        store<u32>(row, <u32>(p - text), 32)
        let alts: i32 = 0
        let from = start
        while (true) {
          let stop = from
          while (stop < p && load<u8>(stop) != 44) stop++
          if (stop == from) return fail(state, 4, line, from - text)
          if (++alts > ALTS_LIMIT) return fail(state, 6, line, start - text)
          store<u8>(kind, <u8>alleleKind(from, stop))
          kind++
          if (stop >= p) break
          from = stop + 1
        }
        store<u32>(row, <u32>alts, 36)
      } else if (role == FILTER) {
        const passed = (p - start == 1 && load<u8>(start) == 46) || (p - start == 4 && load<u32>(start) == 0x53534150)
        store<u32>(row, passed ? 1 : 0, 40)
      }
    }
    if (column == 0) return fail(state, 7, line, p - text)
    if (column < columns) return fail(state, 1, line, p - text)
    p++
  }
  return p == end ? 0 : fail(state, 9, lines, p - text)
}
