// Dense linear algebra on row-major f64. Sums run in one fixed order, so results have the same bits everywhere.

const epsilon: f64 = 2.220446049250313e-16
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

  let count = 0
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l
      for (; m < n - 1; m++) {
        const next = abs(load<f64>(values + ((<usize>m) << 3))) + abs(load<f64>(values + ((<usize>m) << 3), 8))
        if (abs(load<f64>(e + ((<usize>m) << 3))) <= epsilon * next) break
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
