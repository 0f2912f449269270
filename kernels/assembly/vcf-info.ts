// The INFO column: keys, and their values against what is declared or reserved.

import {
  checkValues,
  FIXED,
  FLAG,
  findKey,
  mixHash,
  nextOf,
  NOT_NEGATIVE,
  specOf,
  VALUES_FIT,
} from './vcf-values'

const BAD_KEY: i32 = 36
const KEY_TWICE: i32 = 37
const FLAG_WITH_VALUE: i32 = 38
const NO_VALUE: i32 = 39
/** Behind it by what checkValues finds: 41 to 47. */
const BAD_VALUE: i32 = 40
const TOO_MANY: i32 = 48

/** Slots of the table of keys that the header does not declare; half of them may be in use. */
export const UNKNOWN_SLOTS: u32 = 2048

/** Letters, digits, underscores and points, not beginning with a digit or a point, or 1000G. */
function isRegularKey(p: usize, end: usize): bool {
  if (end - p == 5 && load<u32>(p) == 0x30303031 && load<u8>(p + 4) == 71) return true
  let q = p
  while (q < end) {
    const c: u32 = load<u8>(q)
    const letter = (c | 32) - 97 <= 25 || c == 95
    if (!letter && (q == p || !(c - 48 <= 9 || c == 46))) return false
    q++
  }
  return true
}

/**
 * Whether the undeclared key [p, end) was met before in the record that `stamp` stands for: 1 if so, 2 when there are too
 * many to tell. Slots of `unknown`: stamp, hash, place (u32 each) and length.
 */
function metBefore(unknown: usize, stamp: u32, hash: u32, p: usize, end: usize, met: u32): i32 {
  if (met >= UNKNOWN_SLOTS >> 1) return 2
  let slot = hash & (UNKNOWN_SLOTS - 1)
  const length = <u32>(end - p)
  while (true) {
    const at = unknown + (<usize>slot << 4)
    if (load<u32>(at) != stamp) {
      store<u32>(at, stamp)
      store<u32>(at, hash, 4)
      store<u32>(at, <u32>p, 8)
      store<u32>(at, length, 12)
      return 0
    }
    if (load<u32>(at, 4) == hash && load<u32>(at, 12) == length) {
      const name = <usize>load<u32>(at, 8)
      let k: u32 = 0
      while (k < length && load<u8>(name + k) == load<u8>(p + k)) k++
      if (k == length) return 1
    }
    slot = (slot + 1) & (UNKNOWN_SLOTS - 1)
  }
}

/**
 * Checks the INFO column [p, end), neither empty nor missing. `stamps` holds one u32 a slot of the table of keys, `stamp` one
 * number a record. Returns the refusal, 0 for none; its place goes to `at`.
 */
export function checkInfo(p: usize, end: usize, table: usize, stamps: usize, unknown: usize, stamp: u32, alts: i32, noAlt: i32, strict: bool, at: usize): i32 {
  let met: u32 = 0
  while (true) {
    const key = p
    let hash: u32 = 2166136261
    let c: u32 = load<u8>(p)
    while (p < end && c != 61 && c != 59) {
      // printable, and none of space, comma and quotes
      if (c <= 32 || c == 44 || c == 34) {
        store<usize>(at, p)
        return BAD_KEY
      }
      hash = mixHash(hash, c)
      p++
      c = load<u8>(p)
    }
    store<usize>(at, key)
    if (p == key) {
      // Before 4.3 a semicolon behind the last key is common.
      if (p == end && !strict) return 0
      return BAD_KEY
    }
    const slot = findKey(table, hash, key, p)
    let spec: u32 = 0
    if (slot >= 0) {
      spec = specOf(table, slot)
      const mark = stamps + (<usize>slot << 2)
      if (strict && load<u32>(mark) == stamp) return KEY_TWICE
      store<u32>(mark, stamp)
    } else if (strict) {
      if (!isRegularKey(key, p)) return BAD_KEY
      const before = metBefore(unknown, stamp, hash, key, p, met)
      if (before != 0) return before == 1 ? KEY_TWICE : TOO_MANY
      met++
    }
    const type = spec & 7
    if (p < end && load<u8>(p) == 61) {
      p++
      const value = p
      p = nextOf(p, 59)
      if (type == FLAG) {
        // 0 and 1 are common.
        if (p - value != 1 || <u32>load<u8>(value) - 48 > 1) {
          store<usize>(at, value)
          return FLAG_WITH_VALUE
        }
      } else if (p == value) {
        // An empty text is a text.
        if (type != 0 && type != 5) {
          store<usize>(at, value)
          return NO_VALUE
        }
      } else if ((spec & ~NOT_NEGATIVE) != 0) {
        const wrong = checkValues(value, p, spec, alts, noAlt, 2, strict, at)
        if (wrong != VALUES_FIT) return BAD_VALUE + wrong
      }
    } else if (type != 0 && type != FLAG && (spec >> 4 & 15) != 0 && !((spec >> 4 & 15) == FIXED && spec >> 8 == 0)) return NO_VALUE
    if (p >= end) return 0
    p++
  }
}
