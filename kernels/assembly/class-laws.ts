// Numbers of cases among the people of each genotype class of one stratum under fitted risks, and (c, T) from them.

/** The p of those of a genotype class, in the order of their bits; returns how many. */
@inline
export function listClass(record: usize, plane: usize, members: usize, kind: i32, p: usize, out: usize): i32 {
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
export function polynomial(list: usize, n: i32, size: i32, e: usize, work: usize): void {
  const length = min(n, size) + 1
  const half = (length + 1) >> 1
  const top = work + (<usize>(half - 1) << 4)
  const zero = f64x2.splat(0)
  for (let at = work; at <= top; at += 16) v128.store(at, zero)
  store<f64>(work, 1)
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
