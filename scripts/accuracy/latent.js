import { collector } from './collector.js'
import { absolute, decimal } from './exact-numbers.js'
import { section } from './page.js'
import { cells, table, text } from './read.js'

/** Models with what nobody sees summed out: measurements joined to survival, ratings of items. */
export function latent(statistics, log) {
  const to = collector('own likelihood by quadrature, R 4.2.2')
  joint(statistics, log, to)
  graded(statistics, to)
  return section(
    'Joint and graded-response models',
    'Estimates of the joint model in their standard errors, the rest absolute. Both sides sum out the random effects or the trait by quadrature and stop at a tolerance of their own, which is what these errors show.',
    to.rows(),
  )
}

function joint({ fitJointModel, jointLogLikelihood }, log, to) {
  const of = (path) => {
    const all = table(path)
    return (name) => all.map((r) => Number(r[name]))
  }
  const people = of('09_joint_model/inputs_people')
  const rows = of('09_joint_model/inputs_rows')
  const expected = JSON.parse(text('09_joint_model/expected.json'))
  const ones = people('age').map(() => 1)
  const data = {
    subjects: ones.length,
    subject: rows('id').map((id) => id - 1),
    time: rows('time'),
    y: rows('y'),
    censoring: rows('cens'),
    base: [ones, people('age')],
    slope: [ones, people('sex')],
    row: [rows('plate')],
    randomSlope: true,
    survival: {
      time: people('time'),
      event: people('event'),
      columns: [people('sex')],
      cuts: [1, 2],
      linked: true,
    },
  }
  const truth = [1, 0.1, -0.1, 0.15, 0.2, log(0.3), log(0.5), -0.06, log(0.3)]
  const hazard = [log(0.15), log(0.25), log(0.3), 0.3, 0.7]
  const near = (found, value) => absolute(found, decimal(String(value)))
  to.note(
    'jointLogLikelihood',
    1e-4,
    near(jointLogLikelihood(data, Float64Array.from([...truth, ...hazard])), expected.at_start),
  )
  for (const [name, one] of [
    ['joint', data],
    ['measurements', { ...data, survival: undefined }],
  ]) {
    const fit = fitJointModel(one)
    const { par, se, loglik } = expected[name]
    to.note('fitJointModel: log-likelihood', 1e-3, near(fit.logLikelihood, loglik))
    const check = (found, at) => {
      to.note('fitJointModel: estimates', 0.01, near(found.estimate, par[at]) / se[at])
      to.note('fitJointModel: standard errors, relative', 0.01, near(found.se, se[at]) / se[at])
    }
    ;[...fit.base, ...fit.slope, ...fit.row].forEach((found, j) => {
      check(found, j)
    })
    ;[...fit.hazard, ...fit.effects, ...(fit.alpha === null ? [] : [fit.alpha])].forEach((found, j) => {
      check(found, 9 + j)
    })
  }
}

function graded({ fitGradedResponse }, to) {
  const inputs = cells('13_graded_response/inputs.tsv').slice(1)
  const fit = fitGradedResponse(
    {
      items: 6,
      categories: 5,
      starts: inputs.map((_, i) => i).concat(inputs.length),
      values: Int8Array.from(inputs.flat().map(Number)),
    },
    { pseudo: 0, tolerance: 1e-5, mostIterations: 2000 },
  )
  to.note(
    'fitGradedResponse: log-likelihood',
    1e-3,
    absolute(fit.logLikelihood, decimal(cells('13_graded_response/expected_loglik.tsv')[0][1])),
  )
  cells('13_graded_response/expected.tsv')
    .slice(1)
    .forEach(([, a, ...b], j) => {
      to.note('fitGradedResponse: discrimination', 0.01, absolute(fit.model.discrimination[j], decimal(a)))
      b.forEach((value, c) => {
        to.note('fitGradedResponse: thresholds', 0.01, absolute(fit.model.thresholds[4 * j + c], decimal(value)))
      })
    })
}
