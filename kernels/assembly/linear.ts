// Dense linear algebra on row-major f64. Sums run in one fixed order, so results have the same bits everywhere.

const epsilon: f64 = 2.220446049250313e-16
/**
 * Sweeps after which a number beside the diagonal counts as 0 when it is below rounding of the whole matrix: of one that lacks rank, diagonals are
 * rounding errors themselves, and nothing need ever be small beside them.
 */
const patience: i32 = 30

/** Largest sum of neighbouring numbers of a tridiagonal matrix, e[i] between i and i + 1. */
function largestRow(d: usize, e: usize, n: i32): f64 {
  let largest = 0.0
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3
    largest = max(largest, abs(load<f64>(d + at)) + abs(load<f64>(e + at)))
  }
  return largest
}
const rotationsHeld: i32 = 4096

function dot(x: usize, y: usize, n: i32): f64 {
  let sum = f64x2.splat(0.0)
  let other = f64x2.splat(0.0)
  let i = 0
  for (; i + 4 <= n; i += 4) {
    sum = f64x2.add(sum, f64x2.mul(v128.load(x), v128.load(y)))
    other = f64x2.add(other, f64x2.mul(v128.load(x, 16), v128.load(y, 16)))
    x += 32
    y += 32
  }
  sum = f64x2.add(sum, other)
  let result = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
  for (; i < n; i++) {
    result += load<f64>(x) * load<f64>(y)
    x += 8
    y += 8
  }
  return result
}

// y += a x
function addMultiple(y: usize, x: usize, a: f64, n: i32): void {
  const factor = f64x2.splat(a)
  let i = 0
  for (; i + 2 <= n; i += 2) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(factor, v128.load(x))))
    x += 16
    y += 16
  }
  if (i < n) store<f64>(y, load<f64>(y) + a * load<f64>(x))
}

/** out (n x m) = a (n x k) b (k x m); out may not overlap the others. */
export function matrixMultiply(a: usize, b: usize, out: usize, n: i32, k: i32, m: i32): void {
  const width = (<usize>m) << 3
  memory.fill(out, 0, <usize>n * width)
  // a tile of b (64 rows x 128 columns) stays in cache while every row of a passes
  for (let l0 = 0; l0 < k; l0 += 64) {
    const l1 = min(k, l0 + 64)
    for (let j0 = 0; j0 < m; j0 += 128) {
      const columns = min(m, j0 + 128) - j0
      for (let i = 0; i < n; i++) {
        const row = out + <usize>i * width + ((<usize>j0) << 3)
        const left = a + ((<usize>i * <usize>k) << 3)
        let l = l0
        for (; l + 4 <= l1; l += 4) {
          const at = left + ((<usize>l) << 3)
          const a0 = f64x2.splat(load<f64>(at))
          const a1 = f64x2.splat(load<f64>(at, 8))
          const a2 = f64x2.splat(load<f64>(at, 16))
          const a3 = f64x2.splat(load<f64>(at, 24))
          let b0 = b + <usize>l * width + ((<usize>j0) << 3)
          let b1 = b0 + width
          let b2 = b1 + width
          let b3 = b2 + width
          let y = row
          let j = 0
          for (; j + 2 <= columns; j += 2) {
            let sum = f64x2.add(v128.load(y), f64x2.mul(a0, v128.load(b0)))
            sum = f64x2.add(sum, f64x2.mul(a1, v128.load(b1)))
            sum = f64x2.add(sum, f64x2.mul(a2, v128.load(b2)))
            v128.store(y, f64x2.add(sum, f64x2.mul(a3, v128.load(b3))))
            b0 += 16
            b1 += 16
            b2 += 16
            b3 += 16
            y += 16
          }
          if (j < columns) {
            let sum = load<f64>(y) + load<f64>(at) * load<f64>(b0)
            sum += load<f64>(at, 8) * load<f64>(b1)
            sum += load<f64>(at, 16) * load<f64>(b2)
            store<f64>(y, sum + load<f64>(at, 24) * load<f64>(b3))
          }
        }
        for (; l < l1; l++)
          addMultiple(row, b + <usize>l * width + ((<usize>j0) << 3), load<f64>(left + ((<usize>l) << 3)), columns)
      }
    }
  }
}

function hypotenuse(x: f64, y: f64): f64 {
  const a = max(abs(x), abs(y))
  if (a === 0.0) return 0.0
  const b = min(abs(x), abs(y)) / a
  return a * sqrt(1.0 + b * b)
}

// Applies the held rotations, in order, to rows i and i + 1 of v: blocks of 32 columns stay in cache.
function rotateRows(v: usize, n: i32, held: usize, count: i32): void {
  const width = (<usize>n) << 3
  for (let j0 = 0; j0 < n; j0 += 32) {
    const columns = min(32, n - j0)
    for (let r = 0; r < count; r++) {
      const at = held + <usize>r * 24
      let x = v + <usize>load<f64>(at) * width + ((<usize>j0) << 3)
      let y = x + width
      const c = load<f64>(at, 8)
      const s = load<f64>(at, 16)
      const cosine = f64x2.splat(c)
      const sine = f64x2.splat(s)
      let j = 0
      for (; j + 2 <= columns; j += 2) {
        const f = v128.load(y)
        const z = v128.load(x)
        v128.store(y, f64x2.add(f64x2.mul(sine, z), f64x2.mul(cosine, f)))
        v128.store(x, f64x2.sub(f64x2.mul(cosine, z), f64x2.mul(sine, f)))
        x += 16
        y += 16
      }
      if (j < columns) {
        const f = load<f64>(y)
        const z = load<f64>(x)
        store<f64>(y, s * z + c * f)
        store<f64>(x, c * z - s * f)
      }
    }
  }
}

/**
 * Eigenvalues (unordered) of the symmetric a (n x n, destroyed) and its eigenvectors as the rows of v: Householder
 * reduction to tridiagonal form, then QL with implicit shifts. Scratch: 3 n + 3 * 4096 f64. Returns 0, or 1 when an
 * eigenvalue did not settle in 60 sweeps (only with values that are not finite).
 */
export function symmetricEigen(a: usize, n: i32, values: usize, v: usize, scratch: usize): i32 {
  const width = (<usize>n) << 3
  const e = scratch
  const p = e + width
  const betas = p + width
  const held = betas + width

  for (let k = 0; k < n - 2; k++) {
    const size = n - k - 1
    const x = a + <usize>k * width + ((<usize>(k + 1)) << 3)
    store<f64>(values + ((<usize>k) << 3), load<f64>(x - 8))
    let scale = 0.0
    for (let i = 0; i < size; i++) scale = max(scale, abs(load<f64>(x + ((<usize>i) << 3))))
    if (scale === 0.0) {
      store<f64>(e + ((<usize>k) << 3), 0.0)
      store<f64>(betas + ((<usize>k) << 3), 0.0)
      continue
    }
    for (let i = 0; i < size; i++) store<f64>(x + ((<usize>i) << 3), load<f64>(x + ((<usize>i) << 3)) / scale)
    const square = dot(x, x, size)
    const first = load<f64>(x)
    const alpha = -copysign(sqrt(square), first)
    store<f64>(x, first - alpha)
    const beta = 1.0 / (square - alpha * first)
    store<f64>(e + ((<usize>k) << 3), alpha * scale)
    store<f64>(betas + ((<usize>k) << 3), beta)
    const block = x + width
    for (let i = 0; i < size; i++) store<f64>(p + ((<usize>i) << 3), beta * dot(block + <usize>i * width, x, size))
    addMultiple(p, x, -0.5 * beta * dot(p, x, size), size)
    for (let i = 0; i < size; i++) {
      const at = (<usize>i) << 3
      const vi = f64x2.splat(load<f64>(x + at))
      const wi = f64x2.splat(load<f64>(p + at))
      let row = block + <usize>i * width
      let xs = x
      let ps = p
      let j = 0
      for (; j + 2 <= size; j += 2) {
        v128.store(
          row,
          f64x2.sub(v128.load(row), f64x2.add(f64x2.mul(vi, v128.load(ps)), f64x2.mul(wi, v128.load(xs)))),
        )
        row += 16
        xs += 16
        ps += 16
      }
      if (j < size)
        store<f64>(row, load<f64>(row) - (load<f64>(x + at) * load<f64>(ps) + load<f64>(p + at) * load<f64>(xs)))
    }
  }
  for (let k = max(0, n - 2); k < n; k++) {
    const diagonal = a + <usize>k * width + ((<usize>k) << 3)
    store<f64>(values + ((<usize>k) << 3), load<f64>(diagonal))
    store<f64>(e + ((<usize>k) << 3), k + 1 < n ? load<f64>(diagonal + 8) : 0.0)
  }

  // v becomes the transpose of the product of the reflections
  memory.fill(v, 0, <usize>n * width)
  for (let k = 0; k < n; k++) store<f64>(v + <usize>k * width + ((<usize>k) << 3), 1.0)
  for (let k = n - 3; k >= 0; k--) {
    const beta = load<f64>(betas + ((<usize>k) << 3))
    if (beta === 0.0) continue
    const size = n - k - 1
    const x = a + <usize>k * width + ((<usize>(k + 1)) << 3)
    for (let i = k + 1; i < n; i++) {
      const row = v + <usize>i * width + ((<usize>(k + 1)) << 3)
      addMultiple(row, x, -beta * dot(row, x, size), size)
    }
  }

  const largest = largestRow(values, e, n)
  let count = 0
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l
      for (; m < n - 1; m++) {
        const next = abs(load<f64>(values + ((<usize>m) << 3))) + abs(load<f64>(values + ((<usize>m) << 3), 8))
        if (abs(load<f64>(e + ((<usize>m) << 3))) <= epsilon * max(next, sweep < patience ? 0.0 : largest)) break
      }
      if (m === l) break
      if (sweep === 60) return 1
      const dl = load<f64>(values + ((<usize>l) << 3))
      const el = load<f64>(e + ((<usize>l) << 3))
      let g = (load<f64>(values + ((<usize>l) << 3), 8) - dl) / (2.0 * el)
      g = load<f64>(values + ((<usize>m) << 3)) - dl + el / (g + copysign(hypotenuse(g, 1.0), g))
      let s = 1.0
      let c = 1.0
      let shift = 0.0
      let split = false
      for (let i = m - 1; i >= l; i--) {
        const at = (<usize>i) << 3
        const f = s * load<f64>(e + at)
        const b = c * load<f64>(e + at)
        const r = hypotenuse(f, g)
        store<f64>(e + at, r, 8)
        if (r === 0.0) {
          store<f64>(values + at, load<f64>(values + at, 8) - shift, 8)
          store<f64>(e + ((<usize>m) << 3), 0.0)
          split = true
          break
        }
        s = f / r
        c = g / r
        g = load<f64>(values + at, 8) - shift
        const t = (load<f64>(values + at) - g) * s + 2.0 * c * b
        shift = s * t
        store<f64>(values + at, g + shift, 8)
        g = c * t - b
        const place = held + <usize>count * 24
        store<f64>(place, <f64>i)
        store<f64>(place, c, 8)
        store<f64>(place, s, 16)
        if (++count === rotationsHeld) {
          rotateRows(v, n, held, count)
          count = 0
        }
      }
      if (split) continue
      store<f64>(values + ((<usize>l) << 3), load<f64>(values + ((<usize>l) << 3)) - shift)
      store<f64>(e + ((<usize>l) << 3), g)
      store<f64>(e + ((<usize>m) << 3), 0.0)
    }
  }
  rotateRows(v, n, held, count)
  return 0
}

/**
 * Reduces the symmetric a (n x n, lower triangle read) to tridiagonal form: diagonal d and e, e[i] between i - 1 and i. The
 * reflection of row i > 1 is kept in a's row i, I - u u' / h[i] on the first i places (h[i] = 0: none). One pass over the
 * triangle a row: the update of one reflection and the product with the next are taken together. scratch: 3 n f64.
 */
export function tridiagonalize(a: usize, n: i32, d: usize, e: usize, h: usize, scratch: usize): void {
  const width = (<usize>n) << 3
  const p = scratch
  const q = p + width
  let held: usize = 0 // row of the reflection that is still to be applied to the rows above
  store<f64>(e, 0.0)
  store<f64>(h, 0.0)
  for (let i = n - 1; i > 0; i--) {
    const u = a + <usize>i * width
    if (held !== 0) subtractProducts(u, i + 1, held, q, i)
    store<f64>(d + ((<usize>i) << 3), load<f64>(u + ((<usize>i) << 3)))
    const last = u + ((<usize>(i - 1)) << 3)
    let scale = 0.0
    for (let j = 0; j < i; j++) scale = max(scale, abs(load<f64>(u + ((<usize>j) << 3))))
    if (i === 1 || scale === 0.0) {
      // Nothing to reflect, but what is held must still reach the rows above.
      store<f64>(e + ((<usize>i) << 3), i === 1 ? load<f64>(u) : 0.0)
      store<f64>(h + ((<usize>i) << 3), 0.0)
      if (held !== 0) for (let r = 0; r < i; r++) subtractProducts(a + <usize>r * width, r + 1, held, q, r)
      held = 0
      continue
    }
    for (let j = 0; j < i; j++) {
      const at = u + ((<usize>j) << 3)
      store<f64>(at, load<f64>(at) / scale)
    }
    const square = dot(u, u, i)
    const first = load<f64>(last)
    const alpha = -copysign(sqrt(square), first)
    const half = square - alpha * first
    store<f64>(e + ((<usize>i) << 3), scale * alpha)
    store<f64>(h + ((<usize>i) << 3), half)
    store<f64>(last, first - alpha)
    memory.fill(p, 0, width)
    for (let r = 0; r < i; r++) {
      const row = a + <usize>r * width
      if (held !== 0) subtractProducts(row, r + 1, held, q, r)
      // p = a u by the lower triangle: what lies left of the diagonal counts for both its row and its column
      const ur = load<f64>(u + ((<usize>r) << 3))
      let sum = f64x2.splat(0.0)
      const factor = f64x2.splat(ur)
      let x = row
      let y = u
      let z = p
      let j = 0
      for (; j + 2 <= r; j += 2) {
        const value = v128.load(x)
        sum = f64x2.add(sum, f64x2.mul(value, v128.load(y)))
        v128.store(z, f64x2.add(v128.load(z), f64x2.mul(factor, value)))
        x += 16
        y += 16
        z += 16
      }
      let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
      if (j < r) {
        total += load<f64>(x) * load<f64>(y)
        store<f64>(z, load<f64>(z) + ur * load<f64>(x))
      }
      const own = p + ((<usize>r) << 3)
      store<f64>(own, load<f64>(own) + total + load<f64>(row + ((<usize>r) << 3)) * ur)
    }
    // q = p / h - (u p / 2 h^2) u
    for (let j = 0; j < i; j++) {
      const at = p + ((<usize>j) << 3)
      store<f64>(at, load<f64>(at) / half)
    }
    const factor = dot(u, p, i) / (2.0 * half)
    memory.copy(q, p, (<usize>i) << 3)
    addMultiple(q, u, -factor, i)
    held = u
  }
  store<f64>(d, load<f64>(a))
}

// row[0..count) -= u[r] q + q[r] u
function subtractProducts(row: usize, count: i32, u: usize, q: usize, r: i32): void {
  const at = (<usize>r) << 3
  const ur = f64x2.splat(load<f64>(u + at))
  const qr = f64x2.splat(load<f64>(q + at))
  let j = 0
  for (; j + 2 <= count; j += 2) {
    v128.store(row, f64x2.sub(v128.load(row), f64x2.add(f64x2.mul(ur, v128.load(q)), f64x2.mul(qr, v128.load(u)))))
    row += 16
    q += 16
    u += 16
  }
  if (j < count)
    store<f64>(
      row,
      load<f64>(row) - (f64x2.extract_lane(ur, 0) * load<f64>(q) + f64x2.extract_lane(qr, 0) * load<f64>(u)),
    )
}

/**
 * Eigenvalues (unordered, in d) of the tridiagonal matrix of diagonal d and e (e[i] between i - 1 and i; both destroyed), by
 * QL with implicit shifts. Returns 0, or 1 when one did not settle in 60 sweeps.
 */
export function tridiagonalEigenvalues(d: usize, e: usize, n: i32): i32 {
  for (let i = 1; i < n; i++) store<f64>(e + ((<usize>(i - 1)) << 3), load<f64>(e + ((<usize>i) << 3)))
  if (n > 0) store<f64>(e + ((<usize>(n - 1)) << 3), 0.0)
  const largest = largestRow(d, e, n)
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l
      for (; m < n - 1; m++) {
        const at = (<usize>m) << 3
        if (abs(load<f64>(e + at)) <= epsilon * max(abs(load<f64>(d + at)) + abs(load<f64>(d + at, 8)), sweep < patience ? 0.0 : largest)) break
      }
      if (m === l) break
      if (sweep === 60) return 1
      const dl = load<f64>(d + ((<usize>l) << 3))
      const el = load<f64>(e + ((<usize>l) << 3))
      let g = (load<f64>(d + ((<usize>l) << 3), 8) - dl) / (2.0 * el)
      g = load<f64>(d + ((<usize>m) << 3)) - dl + el / (g + copysign(hypotenuse(g, 1.0), g))
      let s = 1.0
      let c = 1.0
      let shift = 0.0
      let split = false
      for (let i = m - 1; i >= l; i--) {
        const at = (<usize>i) << 3
        const f = s * load<f64>(e + at)
        const b = c * load<f64>(e + at)
        const r = hypotenuse(f, g)
        store<f64>(e + at, r, 8)
        if (r === 0.0) {
          store<f64>(d + at, load<f64>(d + at, 8) - shift, 8)
          store<f64>(e + ((<usize>m) << 3), 0.0)
          split = true
          break
        }
        s = f / r
        c = g / r
        g = load<f64>(d + at, 8) - shift
        const t = (load<f64>(d + at) - g) * s + 2.0 * c * b
        shift = s * t
        store<f64>(d + at, g + shift, 8)
        g = c * t - b
      }
      if (split) continue
      store<f64>(d + ((<usize>l) << 3), load<f64>(d + ((<usize>l) << 3)) - shift)
      store<f64>(e + ((<usize>l) << 3), g)
      store<f64>(e + ((<usize>m) << 3), 0.0)
    }
  }
  return 0
}

/**
 * A unit vector x (n) with (t - value) x close to 0 for the tridiagonal t of diagonal d and e (e[i] between i - 1 and i), made
 * orthogonal to the `count` unit vectors before it (rows of n f64 that end at x): inverse iteration, elimination with row
 * exchanges. `tiny` stands for a pivot of 0. Returns the largest entry of (t - value) x. scratch: 5 n f64.
 */
export function tridiagonalVector(d: usize, e: usize, n: i32, value: f64, count: i32, tiny: f64, x: usize, scratch: usize): f64 {
  const width = (<usize>n) << 3
  const u0 = scratch // the diagonal of the upper factor, and the two beside it
  const u1 = u0 + width
  const u2 = u1 + width
  const factors = u2 + width
  const exchanged = factors + width
  let diagonal = load<f64>(d) - value
  let beside = n > 1 ? load<f64>(e, 8) : 0.0
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3
    if (i === n - 1) {
      store<f64>(u0 + at, abs(diagonal) < tiny ? tiny : diagonal)
      store<f64>(u1 + at, 0.0)
      store<f64>(u2 + at, 0.0)
      break
    }
    const below = load<f64>(e + at, 8)
    const nextDiagonal = load<f64>(d + at, 8) - value
    const nextBeside = i + 2 < n ? load<f64>(e + at, 16) : 0.0
    if (abs(diagonal) >= abs(below)) {
      const pivot = abs(diagonal) < tiny ? tiny : diagonal
      const factor = below / pivot
      store<f64>(u0 + at, pivot)
      store<f64>(u1 + at, beside)
      store<f64>(u2 + at, 0.0)
      store<f64>(factors + at, factor)
      store<f64>(exchanged + at, 0.0)
      diagonal = nextDiagonal - factor * beside
      beside = nextBeside
    } else {
      const factor = diagonal / below
      store<f64>(u0 + at, below)
      store<f64>(u1 + at, nextDiagonal)
      store<f64>(u2 + at, nextBeside)
      store<f64>(factors + at, factor)
      store<f64>(exchanged + at, 1.0)
      diagonal = beside - factor * nextDiagonal
      beside = -factor * nextBeside
    }
  }
  // A start that no eigenvector is likely to be orthogonal to, the same everywhere, and another for each of close vectors.
  let state: u32 = 1 + count
  for (let i = 0; i < n; i++) {
    state = state * 1664525 + 1013904223
    store<f64>(x + ((<usize>i) << 3), 0.5 + <f64>state / 4294967296.0)
  }
  for (let round = 0; round < 4; round++) {
    // Forward, through the exchanges, from the second round on: the first start is taken as already eliminated.
    if (round > 0)
      for (let i = 0; i + 1 < n; i++) {
        const at = x + ((<usize>i) << 3)
        let low = load<f64>(at, 8)
        let high = load<f64>(at)
        if (load<f64>(exchanged + ((<usize>i) << 3)) !== 0.0) {
          const held = low
          low = high
          high = held
        }
        store<f64>(at, high)
        store<f64>(at, low - load<f64>(factors + ((<usize>i) << 3)) * high, 8)
      }
    let largest = 0.0
    for (let i = n - 1; i >= 0; i--) {
      const at = (<usize>i) << 3
      let sum = load<f64>(x + at)
      if (i + 1 < n) sum -= load<f64>(u1 + at) * load<f64>(x + at, 8)
      if (i + 2 < n) sum -= load<f64>(u2 + at) * load<f64>(x + at, 16)
      const solved = sum / load<f64>(u0 + at)
      store<f64>(x + at, solved)
      largest = max(largest, abs(solved))
      if (largest > 1e100) {
        // What is solved so far is made smaller, and what is to come with it.
        for (let j = 0; j < n; j++) {
          const place = x + ((<usize>j) << 3)
          store<f64>(place, load<f64>(place) * 1e-100)
        }
        largest *= 1e-100
      }
    }
    scaleToUnit(x, n, largest)
    for (let pass = 0; pass < 2; pass++)
      for (let other = 1; other <= count; other++) {
        const before = x - <usize>other * width
        addMultiple(x, before, -dot(before, x, n), n)
      }
    let left = 0.0
    for (let i = 0; i < n; i++) left = max(left, abs(load<f64>(x + ((<usize>i) << 3))))
    scaleToUnit(x, n, left)
  }
  let worst = 0.0
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 3
    let sum = (load<f64>(d + at) - value) * load<f64>(x + at)
    if (i > 0) sum += load<f64>(e + at) * load<f64>(x + at - 8)
    if (i + 1 < n) sum += load<f64>(e + at, 8) * load<f64>(x + at, 8)
    // NaN counts as large.
    worst = abs(sum) <= worst ? worst : abs(sum)
  }
  return worst
}

function scaleToUnit(x: usize, n: i32, largest: f64): void {
  if (largest === 0.0) return
  for (let i = 0; i < n; i++) {
    const at = x + ((<usize>i) << 3)
    store<f64>(at, load<f64>(at) / largest)
  }
  const length = sqrt(dot(x, x, n))
  for (let i = 0; i < n; i++) {
    const at = x + ((<usize>i) << 3)
    store<f64>(at, load<f64>(at) / length)
  }
}

/** Turns `count` eigenvectors of the tridiagonal matrix (rows of n f64) into those of the matrix that tridiagonalize was given. */
export function applyReflections(a: usize, n: i32, h: usize, vectors: usize, count: i32): void {
  const width = (<usize>n) << 3
  for (let k = 0; k < count; k++) {
    const x = vectors + <usize>k * width
    for (let i = 2; i < n; i++) {
      const half = load<f64>(h + ((<usize>i) << 3))
      if (half === 0.0) continue
      const u = a + <usize>i * width
      addMultiple(x, u, -dot(u, x, i) / half, i)
    }
  }
}
