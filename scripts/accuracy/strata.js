import { bySet, collector, scaled } from './collector.js'
import { decimal, logarithmic, logOf, relative } from './exact-numbers.js'
import { choose } from './integers.js'
import { section } from './page.js'
import { table } from './read.js'

const integers = 'enumeration in integers, this page'
const one = (t) => ({
  caseWith: Number(t.ai),
  caseWithout: Number(t.bi),
  controlWith: Number(t.ci),
  controlWithout: Number(t.di),
})

/** Tables over strata and within matched sets. */
export function strata(statistics, RandomStream, { log }) {
  return section(
    'Tables over strata and within matched sets',
    'p by the measure of exact tests; other numbers by their error over the larger of 1 and the number, exact odds ratios and limits relative. 42 sets of 2x2 tables made elsewhere; their odds ratios and limits were found here as roots of polynomials in integers. 2x3 tables over one to four strata, and matched sets of one or more cases, are drawn and enumerated here.',
    [...peers(statistics, log), ...enumerated(statistics), ...threeColumns(statistics, RandomStream)],
  )
}

function peers({ stratifiedExact, mantelHaenszel, peto, woolf, metaAnalysis }, log) {
  const inputs = bySet('07_strata/inputs_strata')
  const exact = collector('convolution, R 4.2.2')
  const metafor = collector('metafor 3.8-1')
  const own = collector('mantelhaen.test, R 4.2.2')
  for (const r of table('07_strata/expected_strata')) {
    const tables = inputs.get(r.set).map(one)
    const logs = (to, name, bar, value, column) => {
      if (r[column] !== 'NA' && Number(r[column]) > 0 && Number.isFinite(value))
        to.note(name, bar, logarithmic(value, logOf(decimal(Number(r[column]) > 1 ? '1' : r[column]))))
    }
    const values = (to, name, bar, value, column) => {
      if (r[column] !== 'NA' && Number.isFinite(Number(r[column]))) to.note(name, bar, scaled(value, r[column]))
    }
    logs(exact, 'stratifiedExact: p', 1e-12, stratifiedExact(tables).logP, 'own_exact_p')
    const mh = mantelHaenszel(tables)
    if (mh.status === 'ok') {
      values(metafor, 'mantelHaenszel: log OR', 1e-9, log(mh.oddsRatio), 'mh_logor')
      values(metafor, 'mantelHaenszel: standard error of log OR', 1e-9, mh.standardError, 'mh_se')
      logs(metafor, 'mantelHaenszel: p', 1e-9, mh.logP, 'mh_p')
      values(metafor, 'mantelHaenszel: Breslow-Day chi-square', 1e-9, mh.breslowDay, 'breslow_day_chi2')
      values(metafor, 'mantelHaenszel: Tarone chi-square', 1e-9, mh.tarone, 'tarone_chi2')
      logs(metafor, 'mantelHaenszel: p of Tarone', 1e-9, mh.taroneLogP, 'tarone_p')
    }
    values(metafor, 'mantelHaenszel: chi-square', 1e-9, mh.chiSquare, 'cmh_chi2_nocorr')
    logs(metafor, 'mantelHaenszel: p of chi-square', 1e-9, mh.chiSquareLogP, 'cmh_p_nocorr')
    // The peer squares a corrected distance also where it is negative.
    if (mh.correctedChiSquare > 0)
      values(metafor, 'mantelHaenszel: corrected chi-square', 1e-9, mh.correctedChiSquare, 'cmh_chi2_corr')
    const oneStep = peto(tables)
    if (oneStep.effect != null) {
      values(metafor, 'peto: log OR', 1e-8, oneStep.effect.estimate, 'peto_logor')
      values(metafor, 'peto: standard error', 1e-8, oneStep.effect.standardError, 'peto_se')
      logs(metafor, 'peto: p', 1e-8, oneStep.effect.logP, 'peto_p')
      if (oneStep.heterogeneity !== null) values(metafor, 'peto: Q', 1e-8, oneStep.heterogeneity.chiSquare, 'peto_Q')
    }
    for (const half of ['only0', 'all']) {
      const pooled = metaAnalysis(tables.map((t) => woolf(t, half)).filter((e) => e !== null)).fixed
      values(metafor, 'woolf, pooled: log OR', 1e-8, pooled.estimate, `iv_half_${half}_logor`)
      values(metafor, 'woolf, pooled: standard error', 1e-8, pooled.standardError, `iv_half_${half}_se`)
    }
    if (Number(r.own_exact_p) < 1 && r.exact_p !== 'NA')
      logs(own, 'stratifiedExact: p', 1e-6, stratifiedExact(tables).logP, 'exact_p')
  }
  return [...exact.rows(), ...own.rows(), ...metafor.rows()]
}

/** Weights of every sum over independent strata, each given as [value, weight] pairs with values from 0. */
function convolved(all) {
  return all.reduce(
    (law, outcomes) => {
      const next = new Array(law.length + Math.max(...outcomes.map(([v]) => v))).fill(0n)
      for (const [v, w] of outcomes) for (const [at, weight] of law.entries()) next[at + v] += weight * w
      return next
    },
    [1n],
  )
}
const total = (list) => list.reduce((a, b) => a + b, 0n)

/** p, mid-p and the smallest attainable p, as fractions, where `further(i)` is above, at or below 0 for an outcome beyond, tied or nearer. */
function shares(weights, further, farthest) {
  const all = total(weights)
  const beyond = total(weights.filter((_, i) => further(i) > 0))
  const tied = total(weights.filter((_, i) => further(i) === 0))
  return { p: [beyond + tied, all], midp: [2n * beyond + tied, 2n * all], least: [farthest, all] }
}

function noteShares(to, name, found, expected) {
  to.note(`${name}: p`, 1e-12, logarithmic(found.logP, logOf(expected.p)))
  to.note(`${name}: mid-p`, 1e-12, logarithmic(found.logMidp, logOf(expected.midp)))
  to.note(
    `${name}: smallest attainable p`,
    1e-12,
    logarithmic(found.logMinAttainableP ?? found.logLeast, logOf(expected.least)),
  )
}

/** mid-p, attainable p, odds ratios and limits of the 2x2 tables. */
function enumerated({ stratifiedExact }) {
  const to = collector(integers)
  for (const strata of bySet('07_strata/inputs_strata').values()) {
    const tables = strata.map(one)
    let observed = 0
    const laws = tables.map(({ caseWith, caseWithout, controlWith, controlWithout }) => {
      const [cases, have, lack] = [caseWith + caseWithout, caseWith + controlWith, caseWithout + controlWithout]
      const lowest = Math.max(0, cases - lack)
      observed += caseWith - lowest
      return Array.from({ length: Math.min(cases, have) - lowest + 1 }, (_, x) => [
        x,
        choose(have, lowest + x) * choose(lack, cases - lowest - x),
      ])
    })
    const weights = convolved(laws)
    const found = stratifiedExact(tables)
    const smallest = weights.reduce((a, b) => (b < a ? b : a))
    const sign = (a, b) => (a < b ? 1 : a === b ? 0 : -1)
    noteShares(
      to,
      'stratifiedExact',
      found,
      shares(weights, (i) => sign(weights[i], weights[observed]), total(weights.filter((w) => w === smallest))),
    )
    const last = weights.length - 1
    if (observed > 0 && observed < last) {
      const ratio = root((terms) => total(terms.map((t, x) => BigInt(x - observed) * t)) > 0n, weights)
      to.note('stratifiedExact: odds ratio', 1e-10, relative(found.oddsRatio, ratio))
    }
    // P(X >= x | low) = P(X <= x | high) = 1/40, the first rising and the second falling with the odds ratio.
    if (observed > 0) {
      const low = root((terms) => 40n * total(terms.slice(observed)) > total(terms), weights)
      to.note('stratifiedExact: exact limits', 1e-10, relative(found.low, low))
    }
    if (observed < last) {
      const high = root((terms) => 40n * total(terms.slice(0, observed + 1)) < total(terms), weights)
      to.note('stratifiedExact: exact limits', 1e-10, relative(found.high, high))
    }
  }
  return to.rows()
}

/** The odds ratio from which on `above` holds of the terms w_x r^x, to 60 bits, as a fraction. */
function root(above, weights) {
  const last = weights.length - 1
  const termsAt = (a, b) => {
    let power = b ** BigInt(last)
    return weights.map((w) => {
      const term = w * power
      power = (power * a) / b
      return term
    })
  }
  let exponent = -60
  while (!above(exponent < 0 ? termsAt(1n, 1n << BigInt(-exponent)) : termsAt(1n << BigInt(exponent), 1n))) exponent++
  // Between 2^(exponent - 1) and 2^exponent
  const unit = 60
  const [from, b] = exponent - 1 < 0 ? [1n, 1n << BigInt(1 - exponent)] : [1n << BigInt(exponent - 1), 1n]
  let low = from << BigInt(unit)
  let high = low * 2n
  const denominator = b << BigInt(unit)
  while (high - low > from) {
    const middle = (low + high) >> 1n
    if (above(termsAt(middle, denominator))) high = middle
    else low = middle
  }
  return [high, denominator]
}

/** Trend and Fisher's test of 2x3 tables over strata and within matched sets. */
function threeColumns({ stratifiedTrend, trendWithinSets, fisherWithinSets, setCounts }, RandomStream) {
  const to = collector(integers)
  const random = new RandomStream(11, 'accuracy/strata')
  for (let round = 0; round < 120; round++) {
    const matched = round % 2 === 1
    const tables = Array.from({ length: matched ? 2 + random.integer(6) : 1 + random.integer(4) }, () => {
      const size = matched ? 3 : 7
      const n = [1 + random.integer(size), random.integer(size), random.integer(size)]
      const people = n[0] + n[1] + n[2]
      const cases = matched ? 1 + random.integer(Math.min(3, people)) : random.integer(people + 1)
      // The cases are drawn without replacement.
      const left = [...n]
      const a = [0, 0, 0]
      for (let i = 0; i < cases; i++) {
        let at = random.integer(left[0] + left[1] + left[2])
        let g = 0
        while (at >= left[g]) at -= left[g++]
        left[g]--
        a[g]++
      }
      return { n, a, people, cases }
    })
    const outcomes = tables.map(({ n, cases }) => {
      const list = []
      for (let x2 = 0; x2 <= Math.min(n[2], cases); x2++)
        for (let x1 = Math.max(0, cases - x2 - n[0]); x1 <= Math.min(n[1], cases - x2); x1++)
          list.push([x1, x2, choose(n[0], cases - x1 - x2) * choose(n[1], x1) * choose(n[2], x2)])
      return list
    })
    const law = convolved(outcomes.map((list) => list.map(([x1, x2, w]) => [x1 + 2 * x2, w])))
    const common = tables.reduce((product, t) => product * BigInt(t.people), 1n)
    const expected = total(
      tables.map((t) => (common / BigInt(t.people)) * BigInt(t.cases) * BigInt(t.n[1] + 2 * t.n[2])),
    )
    const distance = (t) => {
      const d = common * BigInt(t) - expected
      return d < 0n ? -d : d
    }
    const observed = tables.reduce((sum, { a }) => sum + a[1] + 2 * a[2], 0)
    const possible = [...law.keys()].filter((t) => law[t] > 0n)
    const most = possible.reduce((far, t) => (distance(t) > far ? distance(t) : far), 0n)
    const trend = shares(
      possible.map((t) => law[t]),
      (i) => Number(distance(possible[i]) > distance(observed)) - Number(distance(possible[i]) < distance(observed)),
      total(possible.filter((t) => distance(t) === most).map((t) => law[t])),
    )
    if (!matched) {
      const asTables = tables.map(({ n, a }) => ({
        caseRef: a[0],
        caseHet: a[1],
        caseAlt: a[2],
        controlRef: n[0] - a[0],
        controlHet: n[1] - a[1],
        controlAlt: n[2] - a[2],
      }))
      noteShares(to, 'stratifiedTrend', stratifiedTrend(asTables), trend)
      continue
    }
    const flat = new Int32Array(setCounts * tables.length)
    tables.forEach(({ n, a }, s) => {
      flat.set([...n, ...a], setCounts * s)
    })
    noteShares(to, 'trendWithinSets', trendWithinSets(flat, tables.length), trend)
    const width = 64
    const joint = convolved(outcomes.map((list) => list.map(([x1, x2, w]) => [x1 + width * x2, w])))
    const seen = tables.reduce((sum, { a }) => sum + a[1] + width * a[2], 0)
    const rare = total(joint.filter((w) => w <= joint[seen]))
    to.note(
      'fisherWithinSets: p',
      1e-12,
      logarithmic(fisherWithinSets(flat, tables.length), logOf([rare, total(joint)])),
    )
  }
  return to.rows()
}
