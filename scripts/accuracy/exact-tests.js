import { decimal, logarithmic, logOf, relative } from './exact-numbers.js'
import { choose } from './integers.js'
import { nullTables } from './null-tables.js'
import { row, section } from './page.js'
import { table } from './read.js'
import { unconditional } from './unconditional.js'

const rational = 'rational enumeration, Python 3.11'
const integers = 'enumeration in integers, this page'

/** Exact tests against both enumerations: of 299 tables made elsewhere and of random tables made here. */
export function exactTests(x, RandomStream) {
  return section(
    'Exact tests',
    "The measure for a p-value is the difference of natural logarithms over the larger of 1 and the logarithm. The 299 tables and the 211 genotype counts were enumerated in rationals in Python; the others are enumerated here, in integers of any size, and compared with a logarithm of 250 bits. Among them are tables whose p lies far below the smallest double. Odds ratios and limits: relative error. `fisherExact` is `fisherTest` with `conditionalOddsRatio`. Barnard's and Boschloo's p are the largest value of a polynomial, looked for in integers on a grid of the share of people having and up every hill of it.",
    [
      ...oracleRows(x),
      ...enumerationRows(x, RandomStream),
      ...nullTables(x, RandomStream),
      ...unconditional(x, RandomStream),
    ],
  )
}

function oracleRows(x) {
  const rows = []
  const inputs = new Map(table('01_tables/inputs').map((r) => [r.id, r]))
  const expected = table('01_tables/expected_exact')
  const genotypes = (id) => {
    const r = inputs.get(id)
    const [caseRef, caseHet, caseAlt] = [r.case_rr, r.case_ra, r.case_aa].map(Number)
    const [controlRef, controlHet, controlAlt] = [r.ctrl_rr, r.ctrl_ra, r.ctrl_aa].map(Number)
    return { caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }
  }
  const logs = (name, found, column) =>
    rows.push(
      row(
        name,
        rational,
        found.map(([value, r]) => logarithmic(value, logOf(decimal(r[column])))),
        1e-12,
      ),
    )
  const exact = (name, test, p, midp, least) => {
    const found = expected.map((r) => [test(genotypes(r.id)), r])
    const pick = (key) => found.map(([f, r]) => [f[key], r])
    logs(`${name}: p`, pick('logP'), p)
    logs(`${name}: mid-p`, pick('logMidp'), midp)
    logs(`${name}: smallest attainable p`, pick('logMinAttainableP'), least)
  }
  exact('exactTrend', x.exactTrend, 'trend_exact_two', 'trend_exact_two_midp', 'trend_min_attainable_two')
  exact('freemanHalton', x.freemanHalton, 'ffh_p', 'ffh_midp', 'ffh_min_attainable_p')
  for (const [model, view] of [
    ['allelic', x.allelicTable],
    ['dominant', x.dominantTable],
    ['recessive', x.recessiveTable],
  ]) {
    exact(
      `fisherTest, ${model}`,
      (t) => x.fisherTest(view(t)),
      `${model}_p`,
      `${model}_midp`,
      `${model}_min_attainable_p`,
    )
    const ratios = expected.map((r) => [x.conditionalOddsRatio(view(genotypes(r.id))), r])
    const finite = (pick, column) =>
      ratios
        .filter(([, r]) => !/^(NA|Inf|0|0\.0)$/.test(r[`${model}_${column}`]))
        .map(([found, r]) => relative(pick(found), decimal(r[`${model}_${column}`])))
    rows.push(
      row(
        `conditionalOddsRatio, ${model}`,
        rational,
        finite((o) => o.oddsRatio, 'cmle_or'),
        1e-10,
      ),
    )
    const limits = [...finite((o) => o.low, 'cmle_lo95'), ...finite((o) => o.high, 'cmle_hi95')]
    rows.push(row(`its exact limits, ${model}`, rational, limits, 1e-10))
  }
  const hwe = table('10_hwe/hwe').map((r) => [x.hardyWeinberg(Number(r.rr), Number(r.ra), Number(r.aa)), r])
  const pick = (key) => hwe.map(([f, r]) => [f[key], r])
  logs('hardyWeinberg: p', pick('logP'), 'p_exact')
  logs('hardyWeinberg: mid-p', pick('logMidp'), 'p_mid')
  return rows
}

function enumerationRows(x, RandomStream) {
  const errors = {}
  const note = (name, found, share) => {
    ;(errors[name] ??= []).push(logarithmic(found, logOf(share)))
  }
  /** By weight: no likelier than the observed outcome. */
  const byWeight = (name, found, weights, observed) => {
    let [total, less, tied, least] = [0n, 0n, 0n, weights[0]]
    for (const w of weights) {
      total += w
      if (w < observed) less += w
      else if (w === observed) tied += w
      if (w < least) least = w
    }
    note(`${name}: p`, found.logP, [less + tied, total])
    note(`${name}: mid-p`, found.logMidp, [2n * less + tied, 2n * total])
    if (found.logMinAttainableP === undefined) return
    const ends = BigInt(weights.filter((w) => w === least).length)
    note(`${name}: smallest attainable p`, found.logMinAttainableP, [least * ends, total])
  }
  /** By distance from the expectation. */
  const byDistance = (name, found, outcomes, observed) => {
    let [total, further, tied, most, ends] = [0n, 0n, 0n, -1, 0n]
    for (const [distance, w] of outcomes) {
      total += w
      if (distance > observed) further += w
      else if (distance === observed) tied += w
      if (distance > most) [most, ends] = [distance, 0n]
      if (distance === most) ends += w
    }
    note(`${name}: p`, found.logP, [further + tied, total])
    note(`${name}: mid-p`, found.logMidp, [2n * further + tied, 2n * total])
    note(`${name}: smallest attainable p`, found.logMinAttainableP, [ends, total])
  }
  const random = new RandomStream(4, 'accuracy/tables')
  const draw = (size) => {
    const n = [random.integer(size), random.integer(size), random.integer(size)]
    // Symmetric margins make ties.
    if (random.uniform() < 0.3) n[1] = n[0]
    if (random.uniform() < 0.2) n[2] = n[1]
    const a = n.map((m) => (random.uniform() < 0.3 ? (random.uniform() < 0.5 ? 0 : m) : random.integer(m + 1)))
    return { n, a }
  }
  const threeColumns = ({ n, a }) => {
    const [n0, n1, n2] = n
    const c = a[0] + a[1] + a[2]
    const [people, copies] = [n0 + n1 + n2, n1 + 2 * n2]
    const distance = (t) => Math.abs(people * t - c * copies)
    const weights = []
    const outcomes = []
    for (let x2 = 0; x2 <= Math.min(n2, c); x2++)
      for (let x1 = Math.max(0, c - x2 - n0); x1 <= Math.min(n1, c - x2); x1++) {
        const w = choose(n0, c - x1 - x2) * choose(n1, x1) * choose(n2, x2)
        weights.push(w)
        outcomes.push([distance(x1 + 2 * x2), w])
      }
    const [caseRef, caseHet, caseAlt] = a
    const t = { caseRef, caseHet, caseAlt, controlRef: n0 - a[0], controlHet: n1 - a[1], controlAlt: n2 - a[2] }
    byWeight('freemanHalton', x.freemanHalton(t), weights, choose(n0, a[0]) * choose(n1, a[1]) * choose(n2, a[2]))
    byDistance('exactTrend', x.exactTrend(t), outcomes, distance(a[1] + 2 * a[2]))
  }
  for (let i = 0; i < 1000; i++) threeColumns(draw(i % 20 === 0 ? 60 : 12))
  // Nothing but the most extreme table: p far below the smallest double.
  for (const m of [80, 200, 400, 600]) {
    threeColumns({ n: [m, 40, m], a: [0, 20, m] })
    threeColumns({ n: [3 * m, 10, m], a: [0, 0, m] })
  }
  for (let i = 0; i < 1000; i++) {
    const { n, a } = draw(i % 50 === 0 ? 2000 : 40)
    const c = a[0] + a[1]
    const weights = []
    for (let k = Math.max(0, c - n[0]); k <= Math.min(n[1], c); k++) weights.push(choose(n[0], c - k) * choose(n[1], k))
    const t = { caseWith: a[1], caseWithout: a[0], controlWith: n[1] - a[1], controlWithout: n[0] - a[0] }
    byWeight('fisherTest', x.fisherTest(t), weights, choose(n[0], a[0]) * choose(n[1], a[1]))
  }
  const multinomial = (het, first, second) =>
    (choose(het + first + second, het) * choose(first + second, first)) << BigInt(het)
  for (let i = 0; i < 1000; i++) {
    const size = i % 50 === 0 ? 250 : 25
    const [first, het, second] = [random.integer(size), random.integer(size), random.integer(size)]
    const weights = []
    for (let h = het % 2; h <= Math.min(2 * first, 2 * second) + het; h += 2)
      weights.push(multinomial(h, first + (het - h) / 2, second + (het - h) / 2))
    byWeight('hardyWeinberg', x.hardyWeinberg(first, het, second), weights, multinomial(het, first, second))
  }
  return Object.entries(errors).map(([name, list]) => row(name, integers, list, 1e-12))
}
