import { relative } from './exact-numbers.js'
import { row, section } from './page.js'
import { genotypes, table } from './read.js'

const sum = (values) => values.reduce((a, b) => a + b, 0)
const total = (values) => values.reduce((a, b) => a + b, 0n)
const square = (x) => x * x

/** Burden, SKAT, SKAT-O and ACAT by relabelling. */
export function geneTests(statistics, RandomStream, special) {
  return section(
    'Tests of genes and regions',
    'Relative errors. The listing goes through every label set of 11 people in integers: one stratum, two strata, matched sets, with equal odds and with odds that differ, by weights of Beta(1, 25) and by none; SKAT-O and its own p by every one of its eight correlations; ACAT is put in order by doubles, its p is in integers. The last rows: efficient resampling of 19 windows of 6 variants (265 people, three covariates), p above 0.002, beside 30,000 label sets (300,000 where 20 or fewer are as extreme), whose standard error is 6% at 0.01. SKAT gives everybody who carries nothing one odds, and SKAT-O there approximates p at each correlation.',
    [...listed(statistics, RandomStream, special), ...skat(statistics)],
  )
}

/** Correlations in hundredths. */
const rhos = [0n, 1n, 4n, 9n, 16n, 25n, 50n, 100n]

/** p, mid-p and smallest attainable p of an order of all sets, as rationals. */
function ranked(values, weights, observed, tied) {
  const all = total(weights)
  const beyond = (at, also) =>
    total(weights.filter((_, i) => (tied(values[i], values[at]) ? also : values[i] > values[at])))
  const [more, least] = [beyond(observed, false), values.map((_, i) => beyond(i, true))]
  return {
    p: [least[observed], all],
    midp: [more + least[observed], 2n * all],
    minAttainableP: [least.reduce((a, b) => (b < a ? b : a)), all],
    every: least,
  }
}

function listed(
  { geneTests, inclusionProbabilities, LabelDraws, labelNull, labelScheme, meanOverlap },
  RandomStream,
  { exp, sin, cos },
) {
  const random = new RandomStream(6, 'accuracy/gene tests')
  const n = 11
  const errors = {}
  const kinds = [
    [() => 0, [4], false],
    [(i) => (i < 5 ? 0 : 1), [2, 2], false],
    [(i) => Math.min(2, Math.floor(i / 4)), [1, 1, 1], false],
    [() => 0, [4], true],
    [(i) => (i < 5 ? 0 : 1), [1, 3], true],
  ]
  for (const [stratumOf, cases, weighted] of kinds)
    for (let round = 0; round < 12; round++) {
      const strata = Array.from({ length: n }, (_, i) => stratumOf(i))
      const sixteenths = strata.map(() => (weighted ? 1 + random.integer(15) : 8))
      const carries = () => (random.uniform() < 0.13 ? 1 : 0)
      const variants = Array.from({ length: 3 }, () => strata.map(() => carries() + carries())).filter((g) => {
        const copies = sum(g)
        return copies > 0 && copies <= n
      })
      if (variants.length === 0) continue
      const sets = []
      const weights = []
      for (let bits = 0; bits < 2 ** n; bits++) {
        const label = strata.map((_, i) => (bits >> i) & 1)
        if (cases.some((m, s) => sum(label.filter((_, i) => strata[i] === s)) !== m)) continue
        sets.push(label)
        weights.push(label.reduce((w, l, i) => w * BigInt(l === 1 ? sixteenths[i] : 16 - sixteenths[i]), 1n))
      }
      const all = total(weights)
      const scheme = labelScheme(strata, Int32Array.from(cases), weighted ? sixteenths.map((k) => k / 16) : undefined)
      const observed = random.integer(sets.length)
      const kind = round % 2 === 0 ? 'flat' : 'beta'
      const found = geneTests(
        variants,
        sets[observed],
        new LabelDraws(scheme, 1, 'accuracy'),
        { risks: null, columns: [] },
        { maxMaf: 0.5, weights: kind, sets: 1000 },
      )
      if (found.method !== 'enumeration') throw new Error(`gene tests: ${found.method}, where everything is listed`)
      // Integers in proportion to the weights: 25 (1 - f)^24, f = copies / 2n.
      const own = variants.map((g) => (kind === 'flat' ? 1n : BigInt(2 * n - sum(g)) ** 24n))
      const copies = sets.map((label) => variants.map((g) => sum(g.map((x, i) => x * label[i]))))
      const expected = variants.map((_, j) => total(copies.map((t, r) => BigInt(t[j]) * weights[r])))
      const scores = copies.map((t) => t.map((x, j) => own[j] * (BigInt(x) * all - expected[j])))
      const burden = scores.map((s) => square(total(s)))
      const skat = scores.map((s) => total(s.map(square)))
      const same = (a, b) => a === b
      const rank = (values) => ranked(values, weights, observed, same)
      const byRho = rhos.map((rho) => rank(skat.map((q, r) => (100n - rho) * q + rho * burden[r])).every)
      const smallest = sets.map((_, r) => -byRho.map((p) => p[r]).reduce((a, b) => (b < a ? b : a)))
      const laws = variants.map((g) => labelNull(g, scheme))
      const m = sum(cases)
      const share = variants.map((g, j) => {
        const f = sum(g) / (2 * n)
        const w = kind === 'flat' ? 1 : Number(own[j]) / Number(BigInt(2 * n) ** 24n)
        return w * w * f * (1 - f)
      })
      const acat = copies.map((t) =>
        sum(
          t.map((x, j) => {
            const angle = Math.PI * (0.5 - exp(laws[j].logMidp[(m - laws[j].from) * laws[j].stride + x]))
            return ((share[j] / sum(share)) * sin(angle)) / cos(angle)
          }),
        ),
      )
      const size = 1e-9 * Math.max(...acat.map(Math.abs))
      for (const [name, mine, book] of [
        ['burden', found.burden, rank(burden)],
        ['SKAT', found.skat, rank(skat)],
        ['SKAT-O', found.skatO, rank(smallest)],
        ['ACAT', found.acat, ranked(acat, weights, observed, (a, b) => Math.abs(a - b) <= size)],
      ])
        for (const [field, words] of [
          ['p', 'p'],
          ['midp', 'mid-p'],
          ['minAttainableP', 'smallest attainable p'],
        ])
          (errors[`geneTests, ${name}: ${words}`] ??= []).push(relative(mine[field], book[field]))
      const repeated = total(
        sets.map((label, r) => weights[r] * BigInt(sum(label.map((l, i) => l * sets[observed][i])))),
      )
      ;(errors.meanOverlap ??= []).push(relative(meanOverlap(scheme, sets[observed]), [repeated, all * BigInt(m)]))
      const inclusion = inclusionProbabilities(scheme)
      for (const [i, p] of inclusion.entries())
        (errors.inclusionProbabilities ??= []).push(
          relative(p, [total(weights.filter((_, r) => sets[r][i] === 1)), all]),
        )
    }
  return Object.entries(errors).map(([name, list]) => row(name, 'listing of every label set, this page', list, 1e-12))
}

/** SKAT's efficient resampling, whose own p is by resampling too. */
function skat({ geneTests, LabelDraws, labelScheme }) {
  const calls = genotypes('02_firth/n265.vcf.gz')
  const people = table('03_exact_covariates/null_model')
  const cases = people.map((p) => Number(p.y))
  const risks = people.map((p) => Number(p.null_prob))
  const columns = ['sex', 'age', 'pc1'].map((name) => people.map((p) => Number(p[name])))
  const scheme = labelScheme(new Int32Array(cases.length), Int32Array.of(sum(cases)), risks)
  const draws = new LabelDraws(scheme, 1, 'accuracy/gene tests')
  const errors = { burden: [], SKAT: [], 'SKAT-O': [] }
  const all = table('03_exact_covariates/sets').filter((r) => r.method_bin === 'ER')
  for (const set of new Set(all.map((r) => r.set))) {
    const rows = all.filter((r) => r.set === set)
    const found = geneTests(
      rows[0].variants.split(',').map((id) => calls.get(id)),
      cases,
      draws,
      { risks, columns },
      { maxMaf: 0.5, weights: 'beta', sets: 30_000 },
    )
    for (const [name, method, { p }] of [
      ['burden', 'Burden', found.burden],
      ['SKAT', 'SKAT', found.skat],
      ['SKAT-O', 'SKATO', found.skatO],
    ]) {
      const row = rows.find((r) => r.method === method)
      const peer = Number(row.p_standard === 'NA' ? row.p : row.p_standard)
      if (peer > 2e-3) errors[name].push(Math.abs(p - peer) / peer)
    }
  }
  return Object.entries(errors).map(([name, list]) =>
    row(`geneTests, ${name}: p by label sets`, 'SKATBinary, SKAT 2.2.5', list, name === 'SKAT-O' ? 0.3 : 0.1),
  )
}
