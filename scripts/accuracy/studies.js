import { absolute, decimal, logarithmic, logOf } from './exact-numbers.js'
import { row, section } from './page.js'
import { table } from './read.js'

/** |found - expected| over the larger of 1 and |expected|. */
const scaled = (found, text) => absolute(found, decimal(text)) / Math.max(1, Math.abs(Number(text)))

/** Collects errors by name in the order in which names appear. */
function collector(oracle) {
  const found = new Map()
  return {
    note(name, bar, error) {
      const list = found.get(name) ?? { bar, errors: [] }
      list.errors.push(error)
      found.set(name, list)
    },
    rows: () => [...found].map(([name, { bar, errors }]) => row(name, oracle, errors, bar)),
  }
}

function bySet(path) {
  const sets = new Map()
  for (const r of table(path)) sets.set(r.set, [...(sets.get(r.set) ?? []), r])
  return sets
}

/** 2x2 tables over strata. */
export function strata({ stratifiedExact, mantelHaenszel, peto }) {
  const inputs = bySet('07_strata/inputs_strata')
  const exact = collector('convolution, R 4.2.2')
  const metafor = collector('metafor 3.8-1')
  const own = collector('mantelhaen.test, R 4.2.2')
  for (const r of table('07_strata/expected_strata')) {
    const tables = inputs.get(r.set).map((s) => ({
      caseWith: Number(s.ai),
      caseWithout: Number(s.bi),
      controlWith: Number(s.ci),
      controlWithout: Number(s.di),
    }))
    const logs = (to, name, bar, value, column) => {
      if (r[column] !== 'NA')
        to.note(name, bar, logarithmic(value, logOf(decimal(Number(r[column]) > 1 ? '1' : r[column]))))
    }
    const values = (to, name, bar, value, column) => {
      if (r[column] !== 'NA' && Number.isFinite(Number(r[column]))) to.note(name, bar, scaled(value, r[column]))
    }
    logs(exact, 'stratifiedExact: p', 1e-12, stratifiedExact(tables).logP, 'own_exact_p')
    const mh = mantelHaenszel(tables)
    if (mh.oddsRatio > 0 && mh.oddsRatio < Infinity) {
      values(metafor, 'mantelHaenszel: standard error of log OR', 1e-9, mh.standardError, 'mh_se')
      logs(metafor, 'mantelHaenszel: p', 1e-9, mh.logP, 'mh_p')
    }
    values(metafor, 'mantelHaenszel: chi-square', 1e-9, mh.chiSquare, 'cmh_chi2_nocorr')
    logs(metafor, 'mantelHaenszel: p of chi-square', 1e-9, mh.chiSquareLogP, 'cmh_p_nocorr')
    const one = peto(tables)
    if (one.effect != null) {
      values(metafor, 'peto: log OR', 1e-8, one.effect.estimate, 'peto_logor')
      values(metafor, 'peto: standard error', 1e-8, one.effect.standardError, 'peto_se')
    }
    if (Number(r.own_exact_p) < 1 && r.exact_p !== 'NA')
      logs(own, 'stratifiedExact: p', 1e-6, stratifiedExact(tables).logP, 'exact_p')
  }
  return section(
    'Tables over strata',
    'p by the measure of exact tests; other numbers by their error over the larger of 1 and the number. 42 sets of 2x2 tables.',
    [...exact.rows(), ...own.rows(), ...metafor.rows()],
  )
}

/** Meta-analysis of effects. */
export function meta({ metaAnalysis }) {
  const inputs = bySet('07_meta/inputs_effects')
  const metafor = collector('metafor 3.8-1')
  for (const r of table('07_meta/expected_effects')) {
    const found = metaAnalysis(inputs.get(r.set).map((s) => ({ estimate: Number(s.yi), standardError: Number(s.sei) })))
    const value = (name, bar, x, column) => {
      if (r[column] !== 'NA' && x !== null && x !== undefined) metafor.note(name, bar, scaled(x, r[column]))
    }
    const effect = (name, bar, e) => {
      value(`${name}: estimate`, bar, e.estimate, 'beta')
      value(`${name}: standard error`, bar, e.standardError, 'se')
      value(`${name}: limits`, bar, e.low, 'ci_lo')
      value(`${name}: limits`, bar, e.high, 'ci_hi')
      if (r.p !== 'NA' && Number(r.p) > 0) metafor.note(`${name}: p`, bar, logarithmic(e.logP, logOf(decimal(r.p))))
    }
    if (r.method === 'FE') {
      value('metaAnalysis: Q', 1e-8, found.heterogeneity.q, 'Q')
      effect('metaAnalysis, fixed', 1e-8, found.fixed)
      continue
    }
    // REML is iterated to a tolerance in the peer, which what depends on it shares.
    const bar = r.method === 'REML' ? 1e-6 : 1e-8
    const random = found.random[r.method]
    value(`metaAnalysis, ${r.method}: tau2`, bar, random.tau2, 'tau2')
    const of = r.test === 'z' ? random.normal : random.hartungKnapp
    if (of !== null) effect(`metaAnalysis, ${r.method}, ${r.test === 'z' ? 'normal' : 'Hartung-Knapp'}`, bar, of)
  }
  return section(
    'Meta-analysis',
    '22 sets of effects by every method. Errors over the larger of 1 and the number, p by the measure of exact tests.',
    metafor.rows(),
  )
}
