// Exact null tables of the trend statistic by margins, made once as long as they are kept, and a bound that often needs none.

import { trendNull } from './exact'

/**
 * Where the tables are. An entry: n0, n1, n2, c (i32); least log p (f64); number of outcomes (i32), 4 bytes free; log p of
 * T = 0, 1 ... min(2 c, n1 + 2 n2), NaN where T cannot occur.
 */
@unmanaged
export class TrendTables {
  /** Pointers to entries, 0 where free: a power of two of them. */
  slots: usize
  slotCount: i32
  held: i32
  start: usize
  end: usize
  top: usize
  /** 2 people + 1 doubles. */
  scratch: usize
  /** log k!, k = 0 .. people. */
  logFactorials: usize
}

const logs: usize = 32

@inline
export function leastOf(entry: usize): f64 {
  return load<f64>(entry, 16)
}

/** Outcomes T = 0 .. outcomes - 1. */
@inline
export function outcomesOf(entry: usize): i32 {
  return load<i32>(entry, 24)
}

@inline
export function logsOf(entry: usize): usize {
  return entry + logs
}

/** The entry of margins; valid until the next call. c is at most n0 + n1 + n2. When room runs out all are forgotten: what is kept changes no result. */
export function trendTable(tables: TrendTables, n0: i32, n1: i32, n2: i32, c: i32): usize {
  let h: u64 = ((<u64>n0 << 32) | <u64>n1) * 0xff51afd7ed558ccd
  h = (h ^ (h >> 32) ^ ((<u64>n2 << 32) | <u64>c)) * 0xc4ceb9fe1a85ec53
  let slot = <i32>(h >> 32) & (tables.slotCount - 1)
  for (let entry: usize; (entry = <usize>load<u32>(tables.slots + (<usize>slot << 2))) != 0; slot = (slot + 1) & (tables.slotCount - 1))
    if (load<i32>(entry) == n0 && load<i32>(entry, 4) == n1 && load<i32>(entry, 8) == n2 && load<i32>(entry, 12) == c) return entry
  const length = n1 + 2 * n2 + 1
  if (tables.top + logs + (<usize>length << 3) > tables.end || 2 * tables.held >= tables.slotCount) {
    memory.fill(tables.slots, 0, <usize>tables.slotCount << 2)
    tables.held = 0
    tables.top = tables.start
    slot = <i32>(h >> 32) & (tables.slotCount - 1)
  }
  const entry = tables.top
  store<i32>(entry, n0)
  store<i32>(entry, n1, 4)
  store<i32>(entry, n2, 8)
  store<i32>(entry, c, 12)
  store<f64>(entry, trendNull(n0, n1, n2, c, entry + logs, tables.scratch, false), 16)
  const kept = min(length, 2 * c + 1)
  store<i32>(entry, kept, 24)
  tables.top = entry + logs + (<usize>kept << 3)
  tables.held++
  store<u32>(tables.slots + (<usize>slot << 2), <u32>entry)
  return entry
}

@inline
function logFactorial(tables: TrendTables, k: i32): f64 {
  return load<f64>(tables.logFactorials + (<usize>k << 3))
}

/**
 * True when the log p of T is surely above `enough`: a few of the tables with c cases and T copies or (`outwards` 1 or -1) a few more are
 * as probable as that. The first is the likeliest with T, or near it.
 */
function isCommon(tables: TrendTables, n0: i32, n1: i32, n2: i32, c: i32, t: i32, outwards: i32, enough: f64): bool {
  const low = max(max(0, t - c), (t - n1 + 1) >> 1)
  const high = min(min(t >> 1, n2), n0 - c + t)
  if (low > high) return false
  let a2 = max(low, min(high, <i32>((<i64>n2 * <i64>t) / <i64>max(1, n1 + 2 * n2))))
  const f0 = <f64>n0
  const f1 = <f64>n1
  const f2 = <f64>n2
  for (let step = -1; step <= 1; step += 2)
    for (; step < 0 ? a2 > low : a2 < high; a2 += step) {
      // The cell with one case more among those with two copies, and that with one fewer.
      const x2 = <f64>(step < 0 ? a2 - 1 : a2)
      const x1 = <f64>t - 2.0 * x2
      const x0 = <f64>c - x1 - x2
      const up = (f2 - x2) * x1 * (x1 - 1.0) * (f0 - x0)
      const down = (x2 + 1.0) * (f1 - x1 + 1.0) * (f1 - x1 + 2.0) * (x0 + 1.0)
      if (step < 0 ? up >= down : up <= down) break
    }
  const a1 = t - 2 * a2
  const a0 = c - a1 - a2
  const n = n0 + n1 + n2
  const cell =
    logFactorial(tables, n0) - logFactorial(tables, a0) - logFactorial(tables, n0 - a0) +
    (logFactorial(tables, n1) - logFactorial(tables, a1) - logFactorial(tables, n1 - a1)) +
    (logFactorial(tables, n2) - logFactorial(tables, a2) - logFactorial(tables, n2 - a2)) -
    (logFactorial(tables, n) - logFactorial(tables, c) - logFactorial(tables, n - c))
  if (cell > enough) return true
  // With the cells beside it, and those one or two copies further out.
  const x0 = <f64>a0
  const x1 = <f64>a1
  const x2 = <f64>a2
  let more =
    ((f2 - x2) * x1 * (x1 - 1.0) * (f0 - x0)) / ((x2 + 1.0) * (f1 - x1 + 1.0) * (f1 - x1 + 2.0) * (x0 + 1.0)) +
    (x2 * (f1 - x1) * (f1 - x1 - 1.0) * x0) / ((f2 - x2 + 1.0) * (x1 + 1.0) * (x1 + 2.0) * (f0 - x0 + 1.0))
  if (outwards > 0) {
    const once = ((f1 - x1) * x0) / ((x1 + 1.0) * (f0 - x0 + 1.0))
    more += once * (1.0 + ((f1 - x1 - 1.0) * (x0 - 1.0)) / ((x1 + 2.0) * (f0 - x0 + 2.0)))
  } else {
    const once = (x1 * (f0 - x0)) / ((f1 - x1 + 1.0) * (x0 + 1.0))
    more += once * (1.0 + ((x1 - 1.0) * (f0 - x0 - 1.0)) / ((f1 - x1 + 2.0) * (x0 + 2.0)))
  }
  // log(1 + x) >= 2 x / (2 + x)
  return cell + (2.0 * more) / (2.0 + more) > enough
}

/**
 * True when no T from `least` to `most` that c cases can have has a log p below `limit` for sure: p falls with the distance from the expectation, so
 * that the ends tell. A millionth more than the rounding of sums of log factorials is allowed for.
 */
export function noneBelow(tables: TrendTables, n0: i32, n1: i32, n2: i32, c: i32, least: i32, most: i32, limit: f64): bool {
  const low0 = min(c, n0)
  const low1 = min(c - low0, n1)
  const high2 = min(c, n2)
  const enough = limit + 1e-6
  return (
    isCommon(tables, n0, n1, n2, c, max(least, low1 + 2 * (c - low0 - low1)), -1, enough) &&
    isCommon(tables, n0, n1, n2, c, min(most, 2 * high2 + min(c - high2, n1)), 1, enough)
  )
}
