import { bySet, collector, scaled } from './collector.js'
import { absolute, decimal, relative } from './exact-numbers.js'
import { section } from './page.js'
import { table, text } from './read.js'

const numbers = (rows, name) => rows.map((r) => Number(r[name]))

/** Proportions, agreement, ranks, linear models, assignments, competing risks. */
export function description(statistics, RandomStream, { log }) {
  const sections = [proportions, agreement, ranks, linear, assignment, competing, quadrature].map((part) =>
    part(statistics, RandomStream, log),
  )
  return section(
    'Proportions, agreement, ranks, linear models, assignment, competing risks',
    'Errors over the larger of 1 and the number; limits of proportions relative; tails of quadratic forms by the measure of p-values; p by random relabelling in standard errors of 20,000 draws. Every assignment of 60 small ones is tried, costs in sixty-fourths: no sum is smaller and no more rows could be filled.',
    sections.flat(),
  )
}

function proportions({ clopperPearsonInterval, wilsonInterval, signAgreement }) {
  const to = collector('mpmath 1.3.0, 40 digits')
  const limit = (name, found, text) => {
    if (Number(text) === 0 || Number(text) === 1) to.note(name, 1e-12, absolute(found, decimal(text)))
    else to.note(name, 1e-12, relative(found, decimal(text)))
  }
  for (const r of table('15_distributions/proportions')) {
    for (const [name, interval, key] of [
      ['clopperPearsonInterval', clopperPearsonInterval, 'exact'],
      ['wilsonInterval', wilsonInterval, 'wilson'],
    ]) {
      const found = interval(Number(r.x), Number(r.n), Number(r.level))
      limit(name, found.low, r[`${key}_low`])
      limit(name, found.high, r[`${key}_high`])
    }
  }
  for (const r of table('15_distributions/signs')) {
    const [same, n] = [Number(r.same), Number(r.n)]
    const found = signAgreement(
      new Array(n).fill(1),
      Array.from({ length: n }, (_, i) => (i < same ? 2 : -1)),
    )
    to.note('signAgreement: correlation', 1e-14, scaled(found.correlation, r.correlation))
  }
  return to.rows()
}

/** Kappa and its error by the delta method, whose slopes are fractions. */
function agreement({ cohenKappa }, RandomStream) {
  const to = collector('fractions of integers, this page')
  const random = new RandomStream(12, 'accuracy/kappa')
  for (let round = 0; round < 60; round++) {
    const size = 2 + random.integer(3)
    const counts = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => random.integer(12) + (i === j ? 5 + random.integer(20) : 0)),
    )
    const found = cohenKappa(counts)
    const cells = counts.map((list) => list.map(BigInt))
    const n = cells.flat().reduce((a, b) => a + b, 0n)
    const row = cells.map((list) => list.reduce((a, b) => a + b, 0n))
    const column = cells.map((_, j) => cells.reduce((sum, list) => sum + list[j], 0n))
    const agreed = cells.reduce((sum, list, i) => sum + list[i], 0n)
    const chance = row.reduce((sum, r, i) => sum + r * column[i], 0n)
    // kappa = (n agreed - chance) / (n^2 - chance)
    to.note('cohenKappa', 1e-13, absolute(found.kappa, [n * agreed - chance, n * n - chance]))
    // The slope of kappa in the share of a cell is this over (n^2 - chance)^2 / n^2; se^2 is the slope's variance over people, over n.
    const rest = n * n - chance
    let [first, second] = [0n, 0n]
    for (const [i, list] of cells.entries())
      for (const [j, count] of list.entries()) {
        const slope = (i === j ? rest : 0n) - (n - agreed) * (column[i] + row[j])
        first += count * slope
        second += count * slope * slope
      }
    const square = [n * (n * second - first * first), rest ** 4n]
    to.note('cohenKappa: standard error squared', 1e-13, absolute(found.se * found.se, square))
  }
  return to.rows()
}

function ranks({ spearman, permutedTrend, hodgesLehmannShift }, RandomStream) {
  const mp = collector('mpmath 1.3.0, 40 digits')
  for (const r of table('15_distributions/spearman')) {
    const y = r.y.split(' ').map(Number)
    const found = spearman([...y.keys()], y, { draws: 10, seed: 1 })
    mp.note('spearman: rho', 1e-13, scaled(found.rho, r.rho))
    mp.note('spearman: limits', 1e-13, scaled(found.low, r.low))
    mp.note('spearman: limits', 1e-13, scaled(found.high, r.high))
  }
  const list = collector('every relabelling, this page')
  const y = [3, 1, 2, 5, 4, 6, 6]
  const draws = 20_000
  const found = spearman([...y.keys()], y, { draws, seed: 1 })
  let [all, extreme] = [0, 0]
  const product = (order) => order.reduce((sum, v, i) => sum + 2 * v * (i - 3), 0)
  const twice = y.map((v) => y.filter((o) => o < v).length * 2 + y.filter((o) => o === v).length + 1)
  const seen = Math.abs(product(twice))
  const visit = (left, done) => {
    if (left.length === 0) {
      all++
      if (Math.abs(product(done)) >= seen) extreme++
    }
    left.forEach((v, i) => {
      visit(left.toSpliced(i, 1), [...done, v])
    })
  }
  visit(twice, [])
  const errorOf = (p, truth) => Math.abs(p - truth) / Math.sqrt((truth * (1 - truth)) / draws)
  list.note('spearman: p, in standard errors', 4.5, errorOf(found.p, extreme / all))
  const exact = collector('exact distribution, R 4.2.2')
  const plain = collector('every pair in fractions, this page')
  const inputs = bySet('09_biomarkers/inputs_rank')
  for (const r of table('09_biomarkers/expected_rank').slice(0, 18)) {
    const own = inputs.get(r.set)
    const [values, groups] = [numbers(own, 'x'), numbers(own, 'group').map((g) => g - 1)]
    const trend = permutedTrend(values, groups, { draws, seed: 1 })
    const truth = Number(r.jt_exact_two_abs)
    if (truth < 1) exact.note('permutedTrend: p, in standard errors', 4.5, errorOf(trend.p, truth))
    // Twice J: pairs of people in rising groups, ties counted once.
    let twiceJ = 0
    values.forEach((v, i) => {
      values.forEach((w, j) => {
        if (groups[i] < groups[j]) twiceJ += v < w ? 2 : v === w ? 1 : 0
      })
    })
    plain.note('permutedTrend: statistic', 0, Math.abs(2 * trend.statistic - twiceJ))
  }
  const random = new RandomStream(13, 'accuracy/shift')
  for (let round = 0; round < 40; round++) {
    const draw = () => Array.from({ length: 1 + random.integer(8) }, () => random.integer(2000) / 256)
    const [a, b] = [draw(), draw()]
    const pairs = a.flatMap((p) => b.map((q) => BigInt(256 * p) - BigInt(256 * q))).sort((p, q) => (p < q ? -1 : 1))
    const half = pairs.length >> 1
    const middle = pairs.length % 2 === 1 ? 2n * pairs[half] : pairs[half - 1] + pairs[half]
    plain.note('hodgesLehmannShift', 1e-15, absolute(hodgesLehmannShift(a, b), [middle, 512n]))
  }
  return [...mp.rows(), ...list.rows(), ...exact.rows(), ...plain.rows()]
}

function linear({ linearModel, partialF }) {
  const to = collector('lm and sandwich, R 4.2.2')
  const people = table('09_biomarkers/inputs_ancova')
  const y = numbers(people, 'y')
  const columns = ['base', 'grp', 'age'].map((name) => numbers(people, name))
  const expected = JSON.parse(text('09_biomarkers/expected.json')).ancova
  const fit = linearModel(y, columns)
  const each = (name, bar, found, wanted) => {
    Object.values(wanted).forEach((w, j) => {
      to.note(name, bar, scaled(found[j], String(w)))
    })
  }
  each('linearModel: coefficients', 1e-12, fit.coefficients, expected.coef)
  each('linearModel: standard errors', 1e-12, fit.standardErrors, expected.se)
  each('linearModel: standard errors HC3', 1e-12, fit.robustErrors, expected.hc3_se)
  const relativeTo = (found, w) => relative(found, decimal(String(w)))
  Object.values(expected.p).forEach((p, j) => {
    to.note('linearModel: p, relative', 1e-10, relativeTo(fit.p[j], p))
  })
  to.note('linearModel: sigma, R squared', 1e-12, scaled(fit.sigma, String(expected.sigma)))
  to.note('linearModel: sigma, R squared', 1e-12, scaled(fit.rSquared, String(expected.r2)))
  for (const [j, name] of ['base', 'factor(grp)', 'age'].entries()) {
    const found = partialF(y, columns, [j])
    to.note('partialF: F, relative', 1e-10, relativeTo(found.f, expected.F[name]))
    to.note('partialF: p, relative', 1e-10, relativeTo(found.p, expected.F_p[name]))
  }
  return to.rows()
}

/** Every way to give columns to rows is tried, sums in sixty-fourths. */
function assignment({ assign }, RandomStream) {
  const to = collector('every assignment, this page')
  const random = new RandomStream(14, 'accuracy/assignment')
  for (let round = 0; round < 60; round++) {
    const ratio = 1 + random.integer(2)
    const rows = 1 + random.integer(ratio === 1 ? 4 : 2)
    const columns = 1 + random.integer(5)
    const cost = Float64Array.from({ length: rows * columns }, () =>
      random.uniform() < 0.2 ? Number.POSITIVE_INFINITY : random.integer(400) / 64,
    )
    let best = null
    const visit = (column, given, sum) => {
      if (column === columns) {
        // As many rows as possible with one column, then with two; then the least sum.
        const filled = [1, 2].map((k) => given.filter((n) => n >= k).length)
        const better =
          best === null ||
          filled[0] > best.filled[0] ||
          (filled[0] === best.filled[0] &&
            (filled[1] > best.filled[1] || (filled[1] === best.filled[1] && sum < best.sum)))
        if (better) best = { filled, sum }
        return
      }
      visit(column + 1, given, sum)
      for (let row = 0; row < rows; row++) {
        const c = cost[row * columns + column]
        if (given[row] < ratio && c < Infinity)
          visit(
            column + 1,
            given.map((n, i) => n + (i === row ? 1 : 0)),
            sum + c,
          )
      }
    }
    visit(0, new Array(rows).fill(0), 0)
    const found = assign(cost, rows, columns, ratio)
    to.note('assign: least sum', 0, Math.abs(found.total - best.sum))
    const filled = [1, 2].map((k) => found.columns.filter((list) => list.length >= k).length)
    to.note('assign: rows with one column and with two', 0, Math.abs(filled[0] - best.filled[0]))
    to.note('assign: rows with one column and with two', 0, Math.abs(filled[1] - best.filled[1]))
  }
  return to.rows()
}

function competing({ fineGray, cumulativeIncidence }) {
  const people = table('08_survival/inputs_cox')
  const time = numbers(people, 'time')
  const status = people.map((r) => (r.status === '1' && Number(r.id) % 3 === 0 ? 2 : Number(r.status)))
  const fit = fineGray({ time, status, columns: [numbers(people, 'g'), numbers(people, 'age')] })
  const wanted = new Map(table('08_survival/expected_fine_gray').map((r) => [r.name, r.value]))
  const peer = collector('finegray and coxph, survival 3.5-3')
  for (const [j, name] of ['g', 'age'].entries()) {
    peer.note('fineGray: coefficients', 1e-9, scaled(fit.coefficients[j], wanted.get(`b_${name}`)))
    peer.note('fineGray: standard errors', 1e-9, scaled(fit.standardErrors[j], wanted.get(`se_${name}`)))
    peer.note(
      'fineGray: robust standard errors',
      1e-9,
      scaled(fit.robustStandardErrors[j], wanted.get(`robust_${name}`)),
    )
  }
  const survfit = collector('survfit, survival 3.5-3')
  const curve = cumulativeIncidence({ time, status })
  table('08_survival/expected_incidence').forEach((r, j) => {
    survfit.note('cumulativeIncidence', 1e-13, absolute(curve.incidence[j], decimal(r.incidence)))
  })
  // The variance once more, as the sum over events of squared effects on the incidence (Marubini and Valsecchi 10.12), in fractions.
  const own = collector('fractions of integers, this page')
  const kept = [...time.keys()].filter((i) => i % 6 === 0)
  const few = cumulativeIncidence({ time: kept.map((i) => time[i]), status: kept.map((i) => status[i]) })
  const exact = incidenceOf(
    kept.map((i) => time[i]),
    kept.map((i) => status[i]),
  )
  exact.forEach(({ incidence, variance }, j) => {
    own.note('cumulativeIncidence, 30 people', 1e-14, absolute(few.incidence[j], incidence))
    own.note(
      'cumulativeIncidence, 30 people: variance',
      1e-14,
      absolute(few.standardError[j] * few.standardError[j], variance),
    )
  })
  return [...peer.rows(), ...survfit.rows(), ...own.rows()]
}

const plus = ([a, b], [c, d]) => [a * d + c * b, b * d]
const times = ([a, b], [c, d]) => [a * c, b * d]
const minus = ([a, b], [c, d]) => [a * d - c * b, b * d]

function incidenceOf(time, status) {
  const moments = [...new Set(time.filter((_, i) => status[i] !== 0))].sort((a, b) => a - b)
  const steps = []
  let free = [1n, 1n]
  let incidence = [0n, 1n]
  return moments.map((t) => {
    const n = BigInt(time.filter((u) => u >= t).length)
    const own = BigInt(time.filter((u, i) => u === t && status[i] === 1).length)
    const any = BigInt(time.filter((u, i) => u === t && status[i] !== 0).length)
    incidence = plus(incidence, times(free, [own, n]))
    steps.push({ n, own, any, free, incidence })
    free = times(free, [n - any, n])
    let variance = [0n, 1n]
    for (const s of steps) {
      const left = minus(incidence, s.incidence)
      if (s.n > s.any) variance = plus(variance, times(times(left, left), [s.any, s.n * (s.n - s.any)]))
      variance = plus(variance, times(times(s.free, s.free), [s.own * (s.n - s.own), s.n ** 3n]))
      variance = minus(variance, times(times([2n, 1n], times(left, s.free)), [s.own, s.n ** 2n]))
    }
    return { incidence, variance }
  })
}

function quadrature({ quadraticFormLogTail, quadraticFormQuantile, gaussHermite }) {
  const to = collector('mpmath 1.3.0, 40 digits')
  for (const r of table('15_distributions/quadratic_forms')) {
    const weights = r.weights.split(' ').flatMap((w) => [Number(w), Number(w)])
    to.note('quadraticFormLogTail', 1e-9, scaled(quadraticFormLogTail(Number(r.q), weights), r.logp))
    // Where p is all but 1 its logarithm says nothing of the quantile.
    if (Number(r.logp) < -0.01)
      to.note(
        'quadraticFormQuantile, relative',
        1e-8,
        relative(quadraticFormQuantile(Number(r.logp), weights), decimal(r.q)),
      )
  }
  const rules = new Map()
  for (const r of table('15_distributions/gauss_hermite')) rules.set(r.n, [...(rules.get(r.n) ?? []), r])
  for (const [n, points] of rules) {
    const { nodes, weights } = gaussHermite(Number(n))
    points.forEach((r, i) => {
      to.note('gaussHermite: nodes', 1e-13, scaled(nodes[i], r.node))
      to.note('gaussHermite: weights', 1e-13, scaled(weights[i], r.weight))
    })
  }
  return to.rows()
}
