import { bySet, collector, scaled } from './collector.js'
import { decimal, logarithmic, logOf } from './exact-numbers.js'
import { section } from './page.js'
import { table } from './read.js'

/** Meta-analysis of effects. */
export function meta({ metaAnalysis, leaveOneOut }) {
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
      if (Number(r.Q_p) > 0)
        metafor.note('metaAnalysis: p of Q', 1e-8, logarithmic(found.heterogeneity.logP, logOf(decimal(r.Q_p))))
      value('metaAnalysis: I2 in percent, H2', 1e-8, 100 * found.heterogeneity.i2, 'I2')
      value('metaAnalysis: I2 in percent, H2', 1e-8, found.heterogeneity.h2, 'H2')
      value('metaAnalysis, fixed: log-likelihood', 1e-8, found.fixedLogLikelihood, 'loglik')
      effect('metaAnalysis, fixed', 1e-8, found.fixed)
      continue
    }
    // REML is iterated to a tolerance in the peer, which what depends on it shares.
    const bar = r.method === 'REML' ? 1e-6 : 1e-8
    const random = found.random[r.method]
    value(`metaAnalysis, ${r.method}: tau2`, bar, random.tau2, 'tau2')
    value(`metaAnalysis, ${r.method}: standard error of tau2`, bar, random.tau2Se, 'se_tau2')
    if (Number(r.k) > 1) {
      value(`metaAnalysis, ${r.method}: I2 in percent, H2`, bar, 100 * random.i2, 'I2')
      value(`metaAnalysis, ${r.method}: I2 in percent, H2`, bar, random.h2, 'H2')
    }
    value(`metaAnalysis, ${r.method}: log-likelihood`, 1e-8, random.logLikelihood, 'loglik')
    const prediction = r.test === 'z' ? random.predictionNormal : random.predictionHartungKnapp
    value(`metaAnalysis, ${r.method}: prediction limits`, bar, prediction?.low, 'pi_lo')
    value(`metaAnalysis, ${r.method}: prediction limits`, bar, prediction?.high, 'pi_hi')
    const of = r.test === 'z' ? random.normal : random.hartungKnapp
    if (of !== null) effect(`metaAnalysis, ${r.method}, ${r.test === 'z' ? 'normal' : 'Hartung-Knapp'}`, bar, of)
  }
  for (const r of table('07_meta/expected_profile')) {
    const studies = inputs.get(r.set).map((s) => ({ estimate: Number(s.yi), standardError: Number(s.sei) }))
    const found = metaAnalysis(studies)
    const value = (name, x, column) => {
      if (r[column] !== 'NA' && x !== undefined) metafor.note(name, 1e-8, scaled(x, r[column]))
    }
    value('metaAnalysis: Q-profile limits of tau2', found.tau2Interval?.low, 'tau2_lo')
    value('metaAnalysis: Q-profile limits of tau2', found.tau2Interval?.high, 'tau2_hi')
    value('metaAnalysis: Q-profile limits of I2 in percent', found.i2Interval && 100 * found.i2Interval.low, 'i2_lo')
    value('metaAnalysis: Q-profile limits of I2 in percent', found.i2Interval && 100 * found.i2Interval.high, 'i2_hi')
    const without = leaveOneOut(studies)
    const estimates = without.map(({ analysis }) => analysis.random.DL.normal.estimate)
    value('leaveOneOut: lowest and highest estimate', Math.min(...estimates), 'loo_min')
    value('leaveOneOut: lowest and highest estimate', Math.max(...estimates), 'loo_max')
    value('leaveOneOut: Q without the first', without[0].analysis.heterogeneity.q, 'loo_Q1')
  }
  return section(
    'Meta-analysis',
    '22 sets of effects by every method. Errors over the larger of 1 and the number, p by the measure of exact tests.',
    metafor.rows(),
  )
}
