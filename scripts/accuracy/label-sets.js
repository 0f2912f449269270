import { decimal, logarithmic, logOf } from './exact-numbers.js'
import { row, section } from './page.js'
import { genotypes, table } from './read.js'

const sum = (values) => values.reduce((a, b) => a + b, 0)

/** Tables of (c, T) under label sets: uniform, within strata, conditional on fitted risks. */
export function labelSets({ labelNull, labelScheme }, RandomStream, exp) {
  return section(
    'Label sets: p of (cases called, their copies)',
    'The measure of exact tests. The listing goes through every label set of 12 people in rationals: one stratum, three strata, matched sets, with equal odds and with odds that differ, with missing calls. SKAT lists the configurations of carriers; with covariates it gives everybody who carries nothing one odds, which is the difference seen there. The last rows are in standard errors of a million permutations.',
    [
      ...listed(labelNull, labelScheme, RandomStream),
      ...skat(labelNull, labelScheme),
      ...permuted(labelNull, labelScheme, exp),
    ],
  )
}

/** Risks are eighths and sixteenths, so that a double holds them and their odds are small integers' quotients. */
function listed(labelNull, labelScheme, RandomStream) {
  const random = new RandomStream(4, 'accuracy/labels')
  const errors = {}
  const note = (name, value) => {
    ;(errors[name] ??= []).push(value)
  }
  const n = 12
  const kinds = [
    ['uniform', () => 0, [4], false],
    ['within three strata', (i) => i % 3, [2, 1, 1], false],
    ['within matched sets', (i) => Math.floor(i / 3), [1, 1, 1, 1], false],
    ['fitted risks', () => 0, [4], true],
    ['fitted risks within strata', (i) => i % 3, [2, 1, 1], true],
    ['fitted risks within matched sets', (i) => Math.floor(i / 3), [1, 1, 1, 1], true],
  ]
  for (const [name, stratumOf, cases, weighted] of kinds)
    for (let round = 0; round < 6; round++) {
      const strata = Array.from({ length: n }, (_, i) => stratumOf(i))
      const sixteenths = Array.from({ length: n }, () => (weighted ? 1 + random.integer(15) : 8))
      const column = Array.from({ length: n }, () => (round > 2 && random.uniform() < 0.2 ? -1 : random.integer(3)))
      const risks = sixteenths.map((k) => k / 16)
      const law = labelNull(column, labelScheme(strata, Int32Array.from(cases), weighted ? risks : undefined))
      // Every set, weighted with the product of k over its cases and of 16 - k over the others.
      const weights = new Map()
      for (let set = 0; set < 2 ** n; set++) {
        const inside = Array.from({ length: n }, (_, i) => (set >> i) & 1)
        if (cases.some((m, s) => sum(inside.filter((_, i) => strata[i] === s)) !== m)) continue
        let weight = 1n
        let called = 0
        let copies = 0
        for (let i = 0; i < n; i++) {
          weight *= BigInt(inside[i] === 1 ? sixteenths[i] : 16 - sixteenths[i])
          if (inside[i] === 0 || column[i] < 0) continue
          called++
          copies += column[i]
        }
        const own = weights.get(called) ?? new Map()
        own.set(copies, (own.get(copies) ?? 0n) + weight)
        weights.set(called, own)
      }
      for (const [called, own] of weights) {
        let [total, first] = [0n, 0n]
        for (const [t, w] of own) {
          total += w
          first += BigInt(t) * w
        }
        const distance = (t) => {
          const d = BigInt(t) * total - first
          return d < 0n ? -d : d
        }
        for (const t of own.keys()) {
          let [further, tied] = [0n, 0n]
          for (const [u, w] of own) {
            if (distance(u) > distance(t)) further += w
            else if (distance(u) === distance(t)) tied += w
          }
          const at = (called - law.from) * law.stride + t
          note(`labelNull, ${name}: p`, logarithmic(law.logP[at], logOf([further + tied, total])))
          note(`labelNull, ${name}: mid-p`, logarithmic(law.logMidp[at], logOf([2n * further + tied, 2n * total])))
        }
      }
    }
  return Object.entries(errors).map(([name, list]) => row(name, 'listing of every label set, this page', list, 1e-12))
}

/** SKAT's efficient resampling, where it lists every configuration of the carriers. */
function skat(labelNull, labelScheme) {
  const calls = genotypes('02_firth/n265.vcf.gz')
  const people = table('03_exact_covariates/null_model')
  const cases = people.map((p) => Number(p.y))
  const risks = people.map((p) => Number(p.null_prob))
  const total = Int32Array.of(sum(cases))
  const strata = new Int32Array(cases.length)
  // Minor-allele copies, missing calls set to the likeliest genotype, as SKAT's `bestguess` does.
  const imputed = (id) => {
    const column = calls.get(id)
    const called = column.filter((g) => g >= 0)
    const copies = sum([...called])
    const guess = Math.round(copies / called.length)
    return column.map((g) => (copies > called.length ? 2 - (g < 0 ? guess : g) : g < 0 ? guess : g))
  }
  const rows = []
  for (const [adjusted, name, bar] of [
    ['FALSE', 'labelNull, uniform', 1e-9],
    ['TRUE', 'labelNull, fitted risks', 1e-2],
  ]) {
    const scheme = labelScheme(strata, total, adjusted === 'TRUE' ? risks : undefined)
    const found = table('03_exact_covariates/single')
      .filter((r) => r.covariates === adjusted && Number(r.er_nresampling) === 2 ** Number(r.er_carriers))
      .map((r) => {
        const column = imputed(r.id)
        const law = labelNull(column, scheme)
        return { r, law, t: sum([...column].map((g, i) => g * cases[i])) }
      })
    // SKAT adds up probabilities that may end a little above 1.
    const p = (cell) => logOf(decimal(Number(cell) > 1 ? '1' : cell))
    rows.push(
      row(
        `${name}: p`,
        'SKAT 2.2.5',
        found.map(({ r, law, t }) => logarithmic(law.logP[t], p(r.er_p_standard))),
        bar,
      ),
    )
    rows.push(
      row(
        `${name}: mid-p`,
        'SKAT 2.2.5',
        found.map(({ r, law, t }) => logarithmic(law.logMidp[t], p(r.er_p))),
        bar,
      ),
    )
  }
  return rows
}

/** A million permutations. */
function permuted(labelNull, labelScheme, exp) {
  const calls = genotypes('02_firth/n125.vcf.gz')
  const people = table('02_firth/n125.pheno')
  const cases = people.map((p) => Number(p.case) - 1)
  const names = [...new Set(people.map((p) => p.stratum))].sort()
  const rows = []
  for (const [name, of] of [
    ['plain', people.map(() => 0)],
    ['stratified', people.map((p) => names.indexOf(p.stratum))],
  ]) {
    const counts = new Int32Array(Math.max(...of) + 1)
    of.forEach((s, i) => {
      counts[s] += cases[i]
    })
    const scheme = labelScheme(of, counts)
    const found = table(`04_permutation/${name}`)
      .filter((r) => r.informative === '1' && r.n_missing === '0')
      .map((r) => {
        const column = calls.get(r.id)
        const law = labelNull(column, scheme)
        return { r, logP: law.logP[sum([...column].map((g, i) => g * cases[i]))] }
      })
    const exact = found.filter(({ r }) => r.exact_p !== 'NA')
    if (exact.length > 0)
      rows.push(
        row(
          `labelNull, ${name}: p`,
          'enumeration, Python 3.11',
          exact.map(({ r, logP }) => logarithmic(logP, logOf(decimal(r.exact_p)))),
          1e-10,
        ),
      )
    rows.push(
      row(
        `labelNull, ${name}: p, in standard errors`,
        'a million permutations, numpy',
        found.map(({ r, logP }) => Math.abs(exp(logP) - Number(r.p_plus1)) / (Number(r.mc_se) + 0.4 / Number(r.B))),
        5.5,
      ),
    )
  }
  return rows
}
