import { absolute, ulps } from './exact-numbers.js'
import { choose } from './integers.js'
import { row } from './page.js'

const integers = 'enumeration in integers, this page'

/** Power of exact tests: every table of few people in integers, its p and its probability. Absolute errors. */
export function powerRows(statistics) {
  const { tablePower, rejectionRule, matchedPower, caseGenotypes, controlGenotypes, casesNeeded } = statistics
  const options = { seed: 1, replicates: 1000, enumerationLimit: 1e6 }
  const shares = []
  const power = {}
  // Allele frequency f / 16, odds ratio, people, level 1 / q.
  const models = [
    [2, 4n, 6, 9, 20n, 'additive'],
    [5, 3n, 5, 10, 20n, 'additive'],
    [8, 6n, 7, 8, 100n, 'additive'],
    [3, 8n, 6, 12, 1000n, 'additive'],
    [5, 9n, 8, 8, 20n, 'dominant'],
    [10, 9n, 6, 10, 20n, 'recessive'],
    [3, 1n, 6, 9, 10n, 'additive'],
  ]
  for (const [f, or, cases, controls, q, inheritance] of models) {
    const model = { frequency: f / 16, or: Number(or), inheritance }
    const { tilted, base, sums } = weightsOf(f, or, inheritance)
    shares.push(...caseGenotypes(model).map((p, g) => ulps(p, [tilted[g], sums[0]])))
    shares.push(...controlGenotypes(model).map((p, g) => ulps(p, [base[g], sums[1]])))
    for (const test of ['trend_exact_p', 'trend_midp', 'fisher_p', 'allelic_p', 'dominant_p', 'recessive_p']) {
      const found = tablePower(model, cases, controls, rejectionRule(test, 1 / Number(q)), options)
      if (found.method !== 'enumeration') throw new Error(`power: ${found.method}, where everything is enumerated`)
      ;(power[`tablePower, ${test}`] ??= []).push(
        absolute(found.power, exactPower(f, or, inheritance, cases, controls, test, q)),
      )
    }
  }
  return [
    row('caseGenotypes, controlGenotypes: error in ulps', integers, shares, 4),
    ...Object.entries(power).map(([name, errors]) => row(name, integers, errors, 1e-8)),
    row(
      'tablePower, firth_p',
      'enumeration by firthRegression, this page',
      firthPower(statistics, models.slice(0, 2), options),
      1e-8,
    ),
    row('casesNeeded: enough, and one case fewer is not', integers, sizes(casesNeeded, rejectionRule), 0),
    row('matchedPower: in standard errors', 'enumeration of sets in integers, this page', matched(matchedPower), 4.5),
  ]
}

/** Weights of 0, 1 and 2 copies among cases and controls, and their sums. */
function weightsOf(f, or, inheritance) {
  const base = [BigInt((16 - f) ** 2), BigInt(2 * f * (16 - f)), BigInt(f * f)]
  const tilt = { additive: [1n, or, or * or], dominant: [1n, or, or], recessive: [1n, 1n, or] }[inheritance]
  const tilted = base.map((w, g) => w * tilt[g])
  return { base, tilted, sums: [tilted, base].map((weights) => weights.reduce((a, b) => a + b, 0n)) }
}

/** Power at level 1 / q as a fraction. */
function exactPower(f, or, inheritance, cases, controls, test, q) {
  const { tilted, base, sums } = weightsOf(f, or, inheritance)
  const p = pValues(cases, controls)[test]
  const ofControls = groups(controls, base)
  let rejected = 0n
  for (const a of groups(cases, tilted))
    for (const b of ofControls) {
      const [numerator, denominator] = p(a.n, b.n)
      if (numerator * q <= denominator) rejected += a.weight * b.weight
    }
  return [rejected, sums[0] ** BigInt(cases) * sums[1] ** BigInt(controls)]
}

/** The same with every table's p by the fit of single people, which other rows hold to R. */
function firthPower({ tablePower, rejectionRule, firthRegression }, models, options) {
  return models.map(([f, or, cases, controls, q, inheritance]) => {
    const { tilted, base, sums } = weightsOf(f, or, inheritance)
    const people = (n) => n.flatMap((count, g) => Array(count).fill(g))
    const status = [...Array(cases).fill(1), ...Array(controls).fill(0)]
    const ofControls = groups(controls, base)
    let rejected = 0n
    for (const a of groups(cases, tilted))
      for (const b of ofControls) {
        const tested = [...people(a.n), ...people(b.n)]
        if (tested.every((g) => g === tested[0])) continue
        const { chiSquare } = firthRegression({ cases: status, columns: [], tested }, { profile: false })
        if (chiSquare >= critical[q]) rejected += a.weight * b.weight
      }
    const all = sums[0] ** BigInt(cases) * sums[1] ** BigInt(controls)
    const model = { frequency: f / 16, or: Number(or), inheritance }
    const found = tablePower(model, cases, controls, rejectionRule('firth_p', 1 / Number(q)), options)
    return absolute(found.power, [rejected, all])
  })
}

/** Where a chi-square with one degree of freedom has p = 1 / q. */
const critical = { 20: 3.841458820694124 }

/** 0 where the answer has the power and one case fewer has not, else 1. */
function sizes(casesNeeded, rejectionRule) {
  return [
    ['trend_exact_p', 4, 8n, 20n],
    ['fisher_p', 6, 9n, 10n],
    ['dominant_p', 3, 16n, 20n],
  ].map(([test, f, or, q]) => {
    const { cases } = casesNeeded(
      {
        model: { frequency: f / 16, or: Number(or) },
        rule: rejectionRule(test, 1 / Number(q)),
        alpha: 1 / Number(q),
        ratio: 1,
        power: 0.75,
        maxCases: 40,
      },
      { seed: 1, replicates: 1000, enumerationLimit: 1e6 },
    )
    const enough = (n) => {
      const [a, b] = exactPower(f, or, 'additive', n, n, test, q)
      return 4n * a >= 3n * b
    }
    return enough(cases) && !enough(cases - 1) ? 0 : 1
  })
}

/** Three matched sets of one case and three controls: every set's table in turn. */
function matched(matchedPower) {
  const { base, tilted, sums } = weightsOf(4, 16n, 'additive')
  const tables = []
  for (const b of groups(3, base))
    for (let g = 0; g < 3; g++) {
      const n = b.n.map((x, copies) => x + (copies === g ? 1 : 0))
      tables.push({ n, g, weight: b.weight * tilted[g] })
    }
  const all = (sums[0] * sums[1] ** 3n) ** 3n
  const replicates = 4000
  return [
    ['trend_exact_p', 5n],
    ['trend_midp', 10n],
    ['fisher_p', 5n],
  ].map(([test, q]) => {
    let rejected = 0n
    for (const [i, a] of tables.entries())
      for (let j = i; j < tables.length; j++)
        for (let k = j; k < tables.length; k++) {
          const sets = [a, tables[j], tables[k]]
          const [numerator, denominator] = withinSets(sets, test)
          const orders = i === j && j === k ? 1n : i === j || j === k ? 3n : 6n
          if (numerator * q <= denominator) rejected += orders * sets.reduce((w, s) => w * s.weight, 1n)
        }
    const truth = Number((rejected * 2n ** 60n) / all) / 2 ** 60
    const { power } = matchedPower(
      { frequency: 0.25, or: 16 },
      [{ cases: 1, controls: 3, sets: 3 }],
      test,
      1 / Number(q),
      { seed: 1, replicates },
    )
    return Math.abs(power - truth) / Math.sqrt((truth * (1 - truth)) / replicates)
  })
}

/** p of sets with one case each among four people, over 64 (128 for mid-p). */
function withinSets(sets, test) {
  const outcomes = []
  const seen = sets.map((s) => s.g)
  for (let x = 0; x < 3; x++)
    for (let y = 0; y < 3; y++)
      for (let z = 0; z < 3; z++) {
        const w = sets[0].n[x] * sets[1].n[y] * sets[2].n[z]
        if (w > 0) outcomes.push({ g: [x, y, z], w })
      }
  const sum = (list) => list.reduce((s, { w }) => s + BigInt(w), 0n)
  if (test === 'fisher_p') {
    const counts = ({ g }) => g.filter((x) => x === 1).length + 4 * g.filter((x) => x === 2).length
    const law = new Array(20).fill(0n)
    for (const o of outcomes) law[counts(o)] += BigInt(o.w)
    const own = law[counts({ g: seen })]
    return [law.reduce((s, w) => (w <= own ? s + w : s), 0n), 64n]
  }
  const copies = (g) => g.reduce((s, x) => s + x, 0)
  const expected = sets.reduce((s, { n }) => s + n[1] + 2 * n[2], 0)
  const distance = (g) => Math.abs(4 * copies(g) - expected)
  const beyond = sum(outcomes.filter((o) => distance(o.g) > distance(seen)))
  const tied = sum(outcomes.filter((o) => distance(o.g) === distance(seen)))
  return test === 'trend_midp' ? [2n * beyond + tied, 128n] : [beyond + tied, 64n]
}

/** Genotype counts of n people with their weights. */
function groups(n, [w0, w1, w2]) {
  const list = []
  for (let x2 = 0; x2 <= n; x2++)
    for (let x1 = 0; x1 <= n - x2; x1++) {
      const ways = choose(n, x2) * choose(n - x2, x1)
      list.push({
        n: [n - x1 - x2, x1, x2],
        weight: ways * w0 ** BigInt(n - x1 - x2) * w1 ** BigInt(x1) * w2 ** BigInt(x2),
      })
    }
  return list
}

/** p of every test as a fraction of integers. */
function pValues(cases, controls) {
  const people = cases + controls
  const known = new Map()
  /** Outcomes of the margins: cases' counts and weight. */
  const outcomes = (n) => {
    const key = n.join(' ')
    if (!known.has(key)) {
      const list = []
      for (let x2 = 0; x2 <= Math.min(n[2], cases); x2++)
        for (let x1 = Math.max(0, cases - x2 - n[0]); x1 <= Math.min(n[1], cases - x2); x1++)
          list.push({ t: x1 + 2 * x2, w: choose(n[0], cases - x1 - x2) * choose(n[1], x1) * choose(n[2], x2) })
      known.set(key, list)
    }
    return known.get(key)
  }
  const margins = (a, b) => a.map((x, g) => x + b[g])
  const all = choose(people, cases)
  const sum = (list) => list.reduce((s, { w }) => s + w, 0n)
  const trend = (a, b, half) => {
    const n = margins(a, b)
    const distance = (t) => Math.abs(people * t - cases * (n[1] + 2 * n[2]))
    const seen = distance(a[1] + 2 * a[2])
    const list = outcomes(n)
    const beyond = sum(list.filter(({ t }) => distance(t) > seen))
    const tied = sum(list.filter(({ t }) => distance(t) === seen))
    return half ? [2n * beyond + tied, 2n * all] : [beyond + tied, all]
  }
  const fisher = (a, b) => {
    const n = margins(a, b)
    const own = choose(n[0], a[0]) * choose(n[1], a[1]) * choose(n[2], a[2])
    return [sum(outcomes(n).filter(({ w }) => w <= own)), all]
  }
  const twoByTwo = (view, units) => (a, b) => {
    const [have, m, of] = [view(a) + view(b), units * cases, units * people]
    const weight = (x) => choose(have, x) * choose(of - have, m - x)
    const own = weight(view(a))
    let rare = 0n
    for (let x = 0; x <= m; x++) if (weight(x) <= own) rare += weight(x)
    return [rare, choose(of, m)]
  }
  return {
    trend_exact_p: (a, b) => trend(a, b, false),
    trend_midp: (a, b) => trend(a, b, true),
    fisher_p: fisher,
    allelic_p: twoByTwo((n) => n[1] + 2 * n[2], 2),
    dominant_p: twoByTwo((n) => n[1] + n[2], 1),
    recessive_p: twoByTwo((n) => n[2], 1),
  }
}
