// Label sets as bit planes, and the null distribution of (c, T) under them: c cases called at a variant, T their copies.
// A record is two planes of `words` 64-bit words, low then high; (1, 1) is missing. Nothing here allocates.

import { classLaws, classRows } from './class-laws'
import { log } from './elementary'

/**
 * A record reduced to the people in `included`, with calls that their sex forbids made missing. mode 0: autosome; 1: X,
 * males' heterozygotes; 2: Y, those and all who are not male; 3: mitochondria, heterozygotes; 4: X as 1, and a male's
 * two copies become one.
 */
export function labelsPrepare(record: usize, words: i32, included: usize, males: usize, mode: i32, out: usize): void {
  const plane = <usize>words << 3
  for (let i: usize = 0; i < plane; i += 8) {
    const people = load<u64>(included + i)
    let low = load<u64>(record + i) & people
    let high = load<u64>(record + plane + i) & people
    if (mode != 0) {
      const male = load<u64>(males + i) & people
      let missing = low & ~high
      if (mode != 3) missing &= male
      if (mode == 2) missing |= people & ~male
      low |= missing
      high |= missing
      if (mode == 4) {
        const hemizygous = high & ~low & male
        low |= hemizygous
        high &= ~hemizygous
      }
    }
    store<u64>(out + i, low)
    store<u64>(out + plane + i, high)
  }
}

/** For each of `masks` planes: heterozygotes, alt homozygotes and missing calls among the people in it. */
export function labelsCount(record: usize, words: i32, masks: usize, count: i32, out: usize): void {
  const plane = <usize>words << 3
  for (let m = 0; m < count; m++) {
    const mask = masks + <usize>m * plane
    let het = 0
    let alt = 0
    let missing = 0
    for (let i: usize = 0; i < plane; i += 8) {
      const people = load<u64>(mask + i)
      const low = load<u64>(record + i) & people
      const high = load<u64>(record + plane + i) & people
      het += <i32>popcnt(low & ~high)
      alt += <i32>popcnt(high & ~low)
      missing += <i32>popcnt(low & high)
    }
    const to = out + <usize>m * 12
    store<i32>(to, het)
    store<i32>(to + 4, alt)
    store<i32>(to + 8, missing)
  }
}

@inline
function mix(h: u64, x: u64): u64 {
  h ^= x
  h *= 0xff51afd7ed558ccd
  h ^= h >> 32
  h *= 0xc4ceb9fe1a85ec53
  return h ^ (h >> 29)
}

/**
 * 64-bit digest of a prepared column; a column and its mirror image (ref and alt exchanged) have the same. The word behind it
 * says which of the two this is.
 */
export function labelsDigest(record: usize, words: i32, included: usize, out: usize): void {
  const plane = <usize>words << 3
  let mirrored = false
  for (let i: usize = 0; i < plane; i += 8) {
    const low = load<u64>(record + i)
    const high = load<u64>(record + plane + i)
    const alt = high & ~low
    const ref = load<u64>(included + i) & ~low & ~high
    if ((alt | ref) != 0) {
      const first = (alt | ref) & (0 - (alt | ref))
      mirrored = (first & alt) != 0
      break
    }
  }
  let h: u64 = 0x9e3779b97f4a7c15
  for (let i: usize = 0; i < plane; i += 8) {
    const low = load<u64>(record + i)
    const high = load<u64>(record + plane + i)
    const alt = mirrored ? load<u64>(included + i) & ~low & ~high : high & ~low
    h = mix(h, low)
    h = mix(h, alt)
    h = mix(h, low & high)
  }
  store<u64>(out, h)
  store<u64>(out, mirrored ? 1 : 0, 8)
}

/** 1 when two prepared columns are the same, or one is the mirror image of the other: what `labelsDigest` says in short. */
export function labelsSame(a: usize, b: usize, words: i32, included: usize): i32 {
  const plane = <usize>words << 3
  let same: u64 = 0
  let mirrored: u64 = 0
  for (let i: usize = 0; i < plane; i += 8) {
    const lowA = load<u64>(a + i)
    const lowB = load<u64>(b + i)
    const highA = load<u64>(a + plane + i)
    const highB = load<u64>(b + plane + i)
    const unlike = (lowA ^ lowB) | ((lowA & highA) ^ (lowB & highB))
    const alt = highA & ~lowA
    same |= unlike | (alt ^ (highB & ~lowB))
    mirrored |= unlike | (alt ^ (load<u64>(included + i) & ~lowB & ~highB))
    if (same != 0 && mirrored != 0) return 0
  }
  return 1
}

/**
 * Distribution of (c, T) under label sets that hold m_s cases in stratum s, person i with odds p_i / (1 - p_i), those of a
 * stratum drawn by conditional Bernoulli sampling. The number of cases in each genotype class is a Poisson-binomial
 * variable; the product over classes, given m_s in all, is the conditional law, whatever the scale of the odds
 * (Chen, Dempster and Liu 1994); strata are convolved.
 *
 * `members`: a plane of each stratum's people; `p` by bit; `cases`: m_s. `wanted`: a byte for each c, rows of 0 are left
 * unspecified; without it every row is made. `out`: rows c = from .. to of `stride` = 2 m + 1 doubles, unnormalised, `to` = m.
 * `scratch` holds 4 (m + 1) + 4 + 2 (m + 1) (2 m + 1) + (m + 3) + 64 words doubles. Returns `from`, the fewest cases called that
 * occur.
 */
export function labelsDistribution(record: usize, words: i32, members: usize, p: usize, cases: usize, strata: i32, m: i32, wanted: usize, out: usize, scratch: usize): i32 {
  const plane = <usize>words << 3
  const line = <usize>(m + 1) << 3
  const stride = 2 * m + 1
  const square = <usize>((m + 1) * stride) << 3
  const work = scratch
  const laws = work + (<usize>(m + 3) << 3)
  const counts = laws + 4 * line
  const part = counts + 32
  const sum = part + square
  const list = sum + square
  let least = 0
  let done = 0
  for (let s = 0; s < strata; s++) {
    const size = load<i32>(cases + (<usize>s << 2))
    const last = s == strata - 1
    classLaws(record, words, members + <usize>s * plane, p, size, line, laws, work, list)
    const few = max(0, size - <i32>load<f64>(counts, 24))
    classRows(laws, line, size, strata == 1 ? wanted : 0, strata == 1 ? out : part, stride)
    if (strata == 1) return few
    const copies = <i32>load<f64>(counts, 8) + 2 * <i32>load<f64>(counts, 16)
    if (s == 0) {
      for (let c = few; c <= size; c++)
        memory.copy(out + (<usize>(c * stride) << 3), part + (<usize>(c * stride) << 3), <usize>stride << 3)
      least = few
      done = size
      continue
    }
    const first = <usize>((least + few) * stride) << 3
    const bytes = <usize>((done + size - least - few + 1) * stride) << 3
    memory.fill(sum + first, 0, bytes)
    for (let a = least; a <= done; a++) {
      for (let b = few; b <= size; b++) {
        if (last && wanted != 0 && load<u8>(wanted + <usize>(a + b)) == 0) continue
        const ra = out + (<usize>(a * stride) << 3)
        const rb = part + (<usize>(b * stride) << 3)
        const rs = sum + (<usize>((a + b) * stride) << 3)
        // No more copies than the stratum has.
        const most = <usize>min(2 * b, copies) << 3
        for (let t: usize = 0, end = <usize>(2 * a) << 3; t <= end; t += 8) {
          const x = load<f64>(ra + t)
          if (x == 0) continue
          const x2 = f64x2.splat(x)
          let u: usize = 0
          for (; u < most; u += 16)
            v128.store(rs + t + u, f64x2.add(v128.load(rs + t + u), f64x2.mul(x2, v128.load(rb + u))))
          if (u == most) store<f64>(rs + t + u, load<f64>(rs + t + u) + x * load<f64>(rb + u))
        }
      }
    }
    memory.copy(out + first, sum + first, bytes)
    least += few
    done += size
  }
  return least
}

/**
 * A row of the distribution, T = 0 .. 2 c, turned into log p and (where `midp` is not 0) log mid-p: two-sided by |T - E|
 * with E the row's own expectation, outcomes within 1e-9 of a standard deviation tied. What cannot occur gets NaN; a
 * probability below 1e-300 of the row counts as 1e-300. Returns the smallest attainable log p, 0 for an empty row.
 * Where log p is above `limit` it may be left at 0 (and mid-p unspecified); 0 asks for all.
 * `row` and `logp` may be the same.
 */
export function labelsPvalues(row: usize, c: i32, limit: f64, logp: usize, midp: usize): f64 {
  let total: f64 = 0
  let mean: f64 = 0
  let low = -1
  let high = -1
  for (let t = 0; t <= 2 * c; t++) {
    const x = load<f64>(row + (<usize>t << 3))
    if (x > 0) {
      if (low < 0) low = t
      high = t
      total += x
      mean += <f64>t * x
    }
  }
  for (let t = 0; t <= 2 * c; t++) {
    if (t >= low && t <= high && low >= 0) continue
    store<f64>(logp + (<usize>t << 3), NaN)
    if (midp != 0) store<f64>(midp + (<usize>t << 3), NaN)
  }
  if (low < 0) return 0
  mean /= total
  let variance: f64 = 0
  for (let t = low; t <= high; t++) {
    const d = <f64>t - mean
    variance += d * d * load<f64>(row + (<usize>t << 3))
  }
  const slack = 1e-9 * sqrt<f64>(variance / total)
  // The logarithm may fall short of rising by its last digits.
  const enough = limit + 1e-9 * Math.abs(limit)
  let tail: f64 = 0
  let least: f64 = 0
  let a = low
  let b = high
  while (a <= b) {
    const da = Math.abs(mean - <f64>a)
    const db = Math.abs(<f64>b - mean)
    const both = a < b && Math.abs(da - db) <= slack
    const takeA = both || da > db || a == b
    const takeB = (both || !takeA) && a < b
    const xa = takeA ? load<f64>(row + (<usize>a << 3)) : 0
    const xb = takeB ? load<f64>(row + (<usize>b << 3)) : 0
    const before = tail
    tail += xa + xb
    const share = tail / total
    const lp = share >= 1.0 - 1e-15 ? 0 : log(max(share, 1e-300))
    const lm = midp != 0 ? log(max((before + tail) / (2.0 * total), 1e-300)) : 0
    if (least == 0 && tail > 0) least = lp
    if (takeA) {
      store<f64>(logp + (<usize>a << 3), xa > 0 ? lp : NaN)
      if (midp != 0) store<f64>(midp + (<usize>a << 3), xa > 0 ? lm : NaN)
      a++
    }
    if (takeB) {
      store<f64>(logp + (<usize>b << 3), xb > 0 ? lp : NaN)
      if (midp != 0) store<f64>(midp + (<usize>b << 3), xb > 0 ? lm : NaN)
      b--
    }
    if (lp > enough) {
      if (a <= b) memory.fill(logp + (<usize>a << 3), 0, <usize>(b - a + 1) << 3)
      break
    }
  }
  return least
}

/**
 * The outcome t of a row of the distribution alone, as `labelsPvalues` has it: out = log p, log mid-p (both NaN where t cannot
 * occur), smallest attainable log p. Where `bins` is not 0, the probability of every outcome is added to the bin of its
 * p, `perLog` bins per unit of the logarithm, the last of `count` taking what lies beyond.
 */
export function labelsOutcome(row: usize, c: i32, t: i32, bins: usize, count: i32, perLog: f64, out: usize): void {
  store<f64>(out, NaN)
  store<f64>(out, NaN, 8)
  store<f64>(out, 0, 16)
  let total: f64 = 0
  let mean: f64 = 0
  let low = -1
  let high = -1
  for (let i = 0; i <= 2 * c; i++) {
    const x = load<f64>(row + (<usize>i << 3))
    if (x > 0) {
      if (low < 0) low = i
      high = i
      total += x
      mean += <f64>i * x
    }
  }
  if (low < 0) return
  mean /= total
  let variance: f64 = 0
  for (let i = low; i <= high; i++) {
    const d = <f64>i - mean
    variance += d * d * load<f64>(row + (<usize>i << 3))
  }
  const slack = 1e-9 * sqrt<f64>(variance / total)
  let tail: f64 = 0
  let least: f64 = 0
  let a = low
  let b = high
  while (a <= b) {
    const da = Math.abs(mean - <f64>a)
    const db = Math.abs(<f64>b - mean)
    const both = a < b && Math.abs(da - db) <= slack
    const takeA = both || da > db || a == b
    const takeB = (both || !takeA) && a < b
    const xa = takeA ? load<f64>(row + (<usize>a << 3)) : 0
    const xb = takeB ? load<f64>(row + (<usize>b << 3)) : 0
    const before = tail
    tail += xa + xb
    const here = (takeA && a == t && xa > 0) || (takeB && b == t && xb > 0)
    if (here || least == 0 || bins != 0) {
      const share = tail / total
      const lp = share >= 1.0 - 1e-15 ? 0 : log(max(share, 1e-300))
      if (least == 0 && tail > 0) least = lp
      if (here) {
        store<f64>(out, lp)
        store<f64>(out, log(max((before + tail) / (2.0 * total), 1e-300)), 8)
      }
      if (bins != 0) {
        const bin = min<f64>(<f64>(count - 1), floor<f64>(-lp * perLog + 1e-9))
        const at = bins + (<usize>(<i32>bin) << 3)
        store<f64>(at, load<f64>(at) + (xa + xb) / total)
      }
    }
    if (takeA) a++
    if (takeB) b--
    if (bins == 0 && least != 0 && (a > t || b < t)) break
  }
  store<f64>(out, least, 16)
}

/** (c, T) of every label set: out[2 r] = cases called, out[2 r + 1] = their copies of alt. */
export function labelsStatistics(record: usize, words: i32, masks: usize, sets: i32, cases: i32, out: usize): void {
  const plane = <usize>words << 3
  for (let r = 0; r < sets; r++) {
    const mask = masks + <usize>r * plane
    let copies = 0
    let missing = 0
    for (let i: usize = 0; i < plane; i += 8) {
      const people = load<u64>(mask + i)
      const low = load<u64>(record + i)
      const high = load<u64>(record + plane + i)
      copies += <i32>popcnt(low & ~high & people) + 2 * <i32>popcnt(high & ~low & people)
      missing += <i32>popcnt(low & high & people)
    }
    store<i32>(out + (<usize>r << 3), cases - missing)
    store<i32>(out + (<usize>r << 3) + 4, copies)
  }
}
