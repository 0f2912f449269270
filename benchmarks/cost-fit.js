// A model of what a stage costs: a sum of terms with coefficients of at least zero, such as a + b x variants x f(people),
// fitted by least squares of the relative error, so that a small stage counts as much as a large one.

const number = (x) => String(Number(x.toPrecision(2)))
const product = (b, k, shared, alone) =>
  b > 0 ? `${number(b)} x ${shared} x (1 + people / ${number(b / k)})` : `${number(k)} x ${alone}`

/** Terms of each law, and how it is written with their coefficients. */
const laws = {
  /** Something a variant, and something a person of a variant. */
  linear: {
    terms: [() => 1, (m) => m.variants, (m) => m.variants * m.people],
    text: ([a, b, c]) =>
      `${number(a)} + ${c > 0 ? product(b, c, 'variants', 'variants x people') : `${number(b)} x variants`}`,
  },
  /** Something a pair of people, something a person of a variant, and something a pair of a variant. */
  pairs: {
    terms: [() => 1, (m) => m.people ** 2, (m) => m.variants * m.people, (m) => m.variants * m.people ** 2],
    text: ([a, p, b, c]) =>
      `${number(a)}${p > 0 ? ` + ${number(p)} x people²` : ''} + ${product(b, c, 'variants x people', 'variants x people²')}`,
  },
  /** Something a variant and something a person, apart. */
  apart: {
    terms: [() => 1, (m) => m.variants, (m) => m.people],
    text: ([a, b, c]) => `${number(a)} + ${number(b)} x variants + ${number(c)} x people`,
  },
  cubic: { terms: [() => 1, (m) => m.people ** 3], text: ([a, b]) => `${number(a)} + ${number(b)} x people³` },
  /** Memory: something a person, or a pair of people, and a little more with every tenfold of variants. */
  people: {
    terms: [() => 1, (m) => Math.log10(m.variants / 1e4), (m) => m.people],
    text: ([a, b, c]) => `${number(a)} + ${number(b)} x log10(variants / 10^4) + ${number(c)} x people`,
  },
  square: {
    terms: [() => 1, (m) => Math.log10(m.variants / 1e4), (m) => m.people ** 2],
    text: ([a, b, c]) => `${number(a)} + ${number(b)} x log10(variants / 10^4) + ${number(c)} x people²`,
  },
  /** Memory of what knows no variants. */
  matrix: { terms: [() => 1, (m) => m.people ** 2], text: ([a, b]) => `${number(a)} + ${number(b)} x people²` },
}

/** Solves a small system by elimination with pivots; undefined where it is singular. */
function solve(matrix, right) {
  const rows = matrix.map((row, i) => [...row, right[i]])
  const n = rows.length
  for (let c = 0; c < n; c++) {
    let pivot = c
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r][c]) > Math.abs(rows[pivot][c])) pivot = r
    if (Math.abs(rows[pivot][c]) < 1e-12) return undefined
    ;[rows[c], rows[pivot]] = [rows[pivot], rows[c]]
    for (let r = 0; r < n; r++) {
      if (r === c) continue
      const f = rows[r][c] / rows[c][c]
      for (let k = c; k <= n; k++) rows[r][k] -= f * rows[c][k]
    }
  }
  return rows.map((row, i) => row[n] / row[i])
}

/** Coefficients of at least zero: of all subsets of terms whose fit has none below, the one that fits best. */
function fitTerms(points, terms) {
  // Each column is scaled by its largest value, each row by what was measured.
  const scale = terms.map((term) => Math.max(...points.map(term)))
  const design = points.map((p) => terms.map((term, j) => term(p) / scale[j] / p.value))
  let best
  for (let subset = 1; subset < 1 << terms.length; subset++) {
    const chosen = terms.map((_, j) => j).filter((j) => (subset >> j) & 1)
    const normal = chosen.map((i) => chosen.map((j) => design.reduce((sum, row) => sum + row[i] * row[j], 0)))
    const found = solve(
      normal,
      chosen.map((i) => design.reduce((sum, row) => sum + row[i], 0)),
    )
    if (found === undefined || found.some((x) => x < 0)) continue
    const coefficients = terms.map((_, j) => (chosen.includes(j) ? found[chosen.indexOf(j)] / scale[j] : 0))
    const loss = points.reduce((sum, p) => sum + (predict(coefficients, terms, p) / p.value - 1) ** 2, 0)
    if (best === undefined || loss < best.loss) best = { coefficients, loss }
  }
  return best.coefficients
}

const predict = (coefficients, terms, point) => terms.reduce((sum, term, j) => sum + coefficients[j] * term(point), 0)

/** @param points {{variants: number, people: number, value: number}[]} */
export function fitCost(points, law) {
  const { terms, text } = laws[law]
  const coefficients = fitTerms(points, terms)
  const of = (point) => predict(coefficients, terms, point)
  const factors = points.map((p) => Math.max(of(p) / p.value, p.value / of(p))).sort((p, q) => p - q)
  return {
    law,
    coefficients,
    text: text(coefficients),
    /** Factors between measured and predicted: the middle one and the worst. */
    middle: factors[factors.length >> 1],
    worst: factors[factors.length - 1],
    points: points.length,
    predict: of,
  }
}
