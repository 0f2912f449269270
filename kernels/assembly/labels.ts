// Label sets as bit planes, and the null distribution of (c, T) under them: c cases called at a variant, T their copies.
// A record is two planes of `words` 64-bit words, low then high; (1, 1) is missing. Nothing here allocates.

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

/** The p of those of a genotype class, in the order of their bits; returns how many. */
@inline
function listClass(record: usize, plane: usize, members: usize, kind: i32, p: usize, out: usize): i32 {
  let at = out
  for (let i: usize = 0; i < plane; i += 8) {
    const low = load<u64>(record + i)
    const high = load<u64>(record + plane + i)
    let who = load<u64>(members + i)
    who &= kind == 0 ? ~(low | high) : kind == 1 ? low & ~high : kind == 2 ? high & ~low : low & high
    for (; who != 0; who &= who - 1) {
      store<f64>(at, load<f64>(p + ((i << 6) | (<usize>ctz(who) << 3))))
      at += 8
    }
  }
  return <i32>((at - out) >> 3)
}

/**
 * e[k] = P(k of n independent people are cases), k = 0 .. min(n, size), zeros up to `size`. Coefficients k and k + half lie in
 * the two lanes of a vector, so that a step reads and writes nothing but whole vectors; two people a step.
 */
function polynomial(list: usize, n: i32, size: i32, e: usize, work: usize): void {
  const length = min(n, size) + 1
  const half = (length + 1) >> 1
  const top = work + (<usize>(half - 1) << 4)
  memory.fill(work, 0, <usize>half << 4)
  store<f64>(work, 1)
  const zero = f64x2.splat(0)
  let i = 0
  for (; i + 1 < n; i += 2, list += 16) {
    const p1 = v128.load64_splat(list)
    const p2 = v128.load64_splat(list, 8)
    const q1 = f64x2.sub(f64x2.splat(1), p1)
    const q2 = f64x2.sub(f64x2.splat(1), p2)
    let old = v128.load(top)
    // What comes into lane 1 at the bottom is lane 0 of the top.
    const wrap = v128.shuffle<f64>(zero, old, 0, 2)
    let once: v128
    let wrapOnce: v128
    if (half > 1) {
      const below = v128.load(top - 16)
      once = f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, below))
      old = below
      wrapOnce = v128.shuffle<f64>(zero, once, 0, 2)
      let at = top
      for (; at > work + 32; at -= 32) {
        const lower = v128.load(at - 32)
        const next = f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, lower))
        v128.store(at, f64x2.add(f64x2.mul(q2, once), f64x2.mul(p2, next)))
        old = v128.load(at - 48)
        once = f64x2.add(f64x2.mul(q1, lower), f64x2.mul(p1, old))
        v128.store(at - 16, f64x2.add(f64x2.mul(q2, next), f64x2.mul(p2, once)))
      }
      if (at > work + 16) {
        const lower = v128.load(at - 32)
        const next = f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, lower))
        v128.store(at, f64x2.add(f64x2.mul(q2, once), f64x2.mul(p2, next)))
        old = lower
        once = next
      }
      const first = f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, wrap))
      v128.store(work + 16, f64x2.add(f64x2.mul(q2, once), f64x2.mul(p2, first)))
      once = first
    } else {
      once = f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, wrap))
      wrapOnce = v128.shuffle<f64>(zero, once, 0, 2)
    }
    v128.store(work, f64x2.add(f64x2.mul(q2, once), f64x2.mul(p2, wrapOnce)))
  }
  if (i < n) {
    const p1 = v128.load64_splat(list)
    const q1 = f64x2.sub(f64x2.splat(1), p1)
    let old = v128.load(top)
    const wrap = v128.shuffle<f64>(zero, old, 0, 2)
    for (let at = top; at > work; at -= 16) {
      const lower = v128.load(at - 16)
      v128.store(at, f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, lower)))
      old = lower
    }
    v128.store(work, f64x2.add(f64x2.mul(q1, old), f64x2.mul(p1, wrap)))
  }
  for (let k = 0; k < length; k++)
    store<f64>(e + (<usize>k << 3), load<f64>(work + (k < half ? <usize>k << 4 : (<usize>(k - half) << 4) + 8)))
  for (let k = length; k <= size; k++) store<f64>(e + (<usize>k << 3), 0)
}

/**
 * What one stratum's people of each genotype class can hold of `size` cases, in `laws`: P(size - k of those without a copy are cases),
 * then P(k) of heterozygotes, of those with two copies and of those not called, k = 0 .. size, each `line` bytes; the
 * numbers of people in the classes (f64) behind the fourth. `work`: size + 3 doubles, `list`: 64 words doubles.
 */
export function classLaws(record: usize, words: i32, members: usize, p: usize, size: i32, line: usize, laws: usize, work: usize, list: usize): void {
  const plane = <usize>words << 3
  const counts = laws + 4 * line
  const n0 = listClass(record, plane, members, 0, p, list)
  const upwards = laws + line
  polynomial(list, n0, size, upwards, work)
  // From the top down, so that a row of the product reads it upwards.
  for (let k = 0; k <= size; k++) store<f64>(laws + (<usize>(size - k) << 3), load<f64>(upwards + (<usize>k << 3)))
  store<f64>(counts, <f64>n0)
  for (let kind = 1; kind < 4; kind++) {
    const n = listClass(record, plane, members, kind, p, list)
    polynomial(list, n, size, laws + <usize>kind * line, work)
    store<f64>(counts + (<usize>kind << 3), <f64>n)
  }
}

/**
 * Rows c = size - nm .. size of one stratum's (c, T) from its `classLaws`, those with a byte of 0 in `wanted` (where there is one) left
 * unspecified. `target`: rows of `stride` doubles.
 */
export function classRows(laws: usize, line: usize, size: i32, wanted: usize, target: usize, stride: i32): void {
  const e1 = laws + line
  const e2 = e1 + line
  const em = e2 + line
  const n0 = <i32>load<f64>(em + line)
  const n1 = <i32>load<f64>(em + line, 8)
  const n2 = <i32>load<f64>(em + line, 16)
  const nm = <i32>load<f64>(em + line, 24)
  for (let c = max(0, size - nm); c <= size; c++) {
    if (wanted != 0 && load<u8>(wanted + <usize>c) == 0) continue
    const weight = load<f64>(em + (<usize>(size - c) << 3))
    const row = target + (<usize>(c * stride) << 3)
    memory.fill(row, 0, <usize>stride << 3)
    const most2 = min(n2, c)
    for (let l = max(0, c - n0 - n1); l <= most2; l++) {
      const w2 = weight * load<f64>(e2 + (<usize>l << 3))
      const most1 = min(n1, c - l)
      let j = max(0, c - l - n0)
      let at = row + (<usize>(j + 2 * l) << 3)
      let ref = laws + (<usize>(size - c + l + j) << 3)
      let het = e1 + (<usize>j << 3)
      const w = f64x2.splat(w2)
      for (; j < most1; j += 2, at += 16, ref += 16, het += 16)
        v128.store(at, f64x2.add(v128.load(at), f64x2.mul(f64x2.mul(w, v128.load(het)), v128.load(ref))))
      if (j == most1) store<f64>(at, load<f64>(at) + w2 * load<f64>(het) * load<f64>(ref))
    }
  }
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
