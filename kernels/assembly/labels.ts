// Label sets as bit planes, and the null distribution of (c, T) under them: c cases called at a variant, T their copies.
// A record is two planes of `words` 64-bit words, low then high; (1, 1) is missing. Nothing here allocates.

import { log } from './elementary'

/**
 * A record reduced to the people in `included`, with calls that their sex forbids made missing. mode 0: autosome; 1: X,
 * males' heterozygotes; 2: Y, those and all who are not male; 3: mitochondria, heterozygotes.
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

/**
 * Distribution of (c, T) under label sets that hold m_s cases in stratum s, person i with odds p_i / (1 - p_i), those of a
 * stratum drawn by conditional Bernoulli sampling. The number of cases in each genotype class is a Poisson-binomial
 * variable; the product over classes, given m_s in all, is the conditional law, whatever the scale of the odds
 * (Chen, Dempster and Liu 1994); strata are convolved.
 *
 * `people`: bit of each person, stratum after stratum; `p` in the same order; `starts`: strata + 1 offsets; `cases`: m_s.
 * `out`: rows c = from .. to of `stride` = 2 m + 1 doubles, unnormalised, `to` = m. `scratch` holds
 * 4 (m + 1) + 2 (m + 1) (2 m + 1) doubles. Returns `from`, the fewest cases called that occur.
 */
export function labelsDistribution(record: usize, words: i32, people: usize, p: usize, starts: usize, cases: usize, strata: i32, m: i32, out: usize, scratch: usize): i32 {
  const plane = <usize>words << 3
  const line = <usize>(m + 1) << 3
  const e0 = scratch
  const e1 = e0 + line
  const e2 = e1 + line
  const em = e2 + line
  const stride = 2 * m + 1
  const square = <usize>((m + 1) * stride) << 3
  const part = em + line
  const sum = part + square
  let least = 0
  let done = 0
  for (let s = 0; s < strata; s++) {
    const size = load<i32>(cases + (<usize>s << 2))
    const begin = load<i32>(starts + (<usize>s << 2))
    const end = load<i32>(starts + (<usize>(s + 1) << 2))
    memory.fill(e0, 0, 4 * line)
    store<f64>(e0, 1)
    store<f64>(e1, 1)
    store<f64>(e2, 1)
    store<f64>(em, 1)
    let n0 = 0
    let n1 = 0
    let n2 = 0
    let nm = 0
    for (let i = begin; i < end; i++) {
      const bit = load<i32>(people + (<usize>i << 2))
      const byte = <usize>(bit >> 3)
      const low = (<i32>load<u8>(record + byte) >> (bit & 7)) & 1
      const high = (<i32>load<u8>(record + plane + byte) >> (bit & 7)) & 1
      const pi = load<f64>(p + (<usize>i << 3))
      const qi = 1.0 - pi
      let e: usize
      let n: i32
      if (low == 0) {
        if (high == 0) {
          e = e0
          n = ++n0
        } else {
          e = e2
          n = ++n2
        }
      } else if (high == 0) {
        e = e1
        n = ++n1
      } else {
        e = em
        n = ++nm
      }
      // e[k] = q e[k] + p e[k - 1], from the top down, two at a time.
      let k = min(n, size)
      const p2 = f64x2.splat(pi)
      const q2 = f64x2.splat(qi)
      let at = e + (<usize>k << 3)
      for (; k >= 2; k -= 2, at -= 16)
        v128.store(at - 8, f64x2.add(f64x2.mul(q2, v128.load(at - 8)), f64x2.mul(p2, v128.load(at - 16))))
      if (k == 1) store<f64>(e + 8, qi * load<f64>(e + 8) + pi * load<f64>(e))
      store<f64>(e, qi * load<f64>(e))
    }
    const few = max(0, size - nm)
    const target = strata == 1 ? out : part
    memory.fill(target + ((<usize>(few * stride)) << 3), 0, <usize>((size - few + 1) * stride) << 3)
    for (let c = few; c <= size; c++) {
      const weight = load<f64>(em + (<usize>(size - c) << 3))
      const row = target + (<usize>(c * stride) << 3)
      const most2 = min(n2, c)
      for (let l = max(0, c - n0 - n1); l <= most2; l++) {
        const w2 = weight * load<f64>(e2 + (<usize>l << 3))
        const most1 = min(n1, c - l)
        for (let j = max(0, c - l - n0); j <= most1; j++) {
          const at = row + (<usize>(j + 2 * l) << 3)
          store<f64>(
            at,
            load<f64>(at) + w2 * load<f64>(e1 + (<usize>j << 3)) * load<f64>(e0 + (<usize>(c - l - j) << 3)),
          )
        }
      }
    }
    if (strata == 1) return few
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
        const ra = out + (<usize>(a * stride) << 3)
        const rb = part + (<usize>(b * stride) << 3)
        const rs = sum + (<usize>((a + b) * stride) << 3)
        // No more copies than the stratum has.
        const most = <usize>min(2 * b, n1 + 2 * n2) << 3
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
 * `row` and `logp` may be the same.
 */
export function labelsPvalues(row: usize, c: i32, logp: usize, midp: usize): f64 {
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
  }
  return least
}

/**
 * Running minima of log p over variants, one a label set. `table`: rows c = from .. to of `stride` doubles of log p;
 * `least` the smallest entry over all rows. A set is left out when `least` cannot beat its minimum, unless `skip` is 0.
 * `scratch`: 3 planes. Returns how many sets were left out.
 */
export function labelsMinima(record: usize, words: i32, masks: usize, sets: i32, cases: i32, table: usize, stride: i32, from: i32, least: f64, skip: i32, minima: usize, scratch: usize): i32 {
  const plane = <usize>words << 3
  let anyMissing: u64 = 0
  for (let i: usize = 0; i < plane; i += 8) {
    const low = load<u64>(record + i)
    const high = load<u64>(record + plane + i)
    store<u64>(scratch + 2 * i, low & ~high)
    store<u64>(scratch + 2 * i + 8, high & ~low)
    store<u64>(scratch + 2 * plane + i, low & high)
    anyMissing |= low & high
  }
  const calls = anyMissing == 0
  let skipped = 0
  for (let r = 0; r < sets; r++) {
    const to = minima + (<usize>r << 3)
    const best = load<f64>(to)
    if (skip != 0 && least >= best) {
      skipped++
      continue
    }
    const mask = masks + <usize>r * plane
    let t: u64 = 0
    let u: u64 = 0
    let missing: u64 = 0
    for (let i: usize = 0; i < plane; i += 8) {
      const people = load<u64>(mask + i)
      t += popcnt(load<u64>(scratch + 2 * i) & people)
      u += popcnt(load<u64>(scratch + 2 * i + 8) & people)
    }
    if (!calls)
      for (let i: usize = 0; i < plane; i += 8) missing += popcnt(load<u64>(scratch + 2 * plane + i) & load<u64>(mask + i))
    const row = table + (<usize>((cases - <i32>missing - from) * stride) << 3)
    const p = load<f64>(row + (<usize>(t + 2 * u) << 3))
    if (p < best) store<f64>(to, p)
  }
  return skipped
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
