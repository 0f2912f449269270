import { expect, it } from 'vitest'
import { isUpturnError } from '../errors/index.ts'
import * as s from './index.ts'

const zeros = (n: number): number[] => new Array<number>(n).fill(0)
const none: number[] = []
const ones = (n: number): number[] => new Array<number>(n).fill(1)
const nan = (n: number): number[] => new Array<number>(n).fill(Number.NaN)
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** 12 people, 4 of them cases; `g` with carriers in both groups. */
const cases = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
const g = [0, 1, 2, 0, 0, 0, 1, 0, 0, 1, 0, 0]
const age = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
const one = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
const missing = nan(12)
const sets = [0, 1, 2, 3, 0, 0, 1, 1, 2, 2, 3, 3]

/** Labels, tested column and covariates that say little or nothing. */
const designs: Record<string, { cases: number[]; tested: number[]; columns: number[][] }> = {
  nobody: { cases: none, tested: none, columns: [] },
  'nobody, with a covariate': { cases: none, tested: none, columns: [none] },
  'one person': { cases: [1], tested: [1], columns: [] },
  'two people': { cases: [1, 0], tested: [1, 0], columns: [] },
  'no cases': { cases: zeros(12), tested: g, columns: [age] },
  'cases only': { cases: ones(12), tested: g, columns: [age] },
  monomorphic: { cases, tested: zeros(12), columns: [age] },
  'all missing': { cases, tested: missing, columns: [age] },
  'missing in all cases': { cases, tested: g.map((x, i) => (i < 4 ? Number.NaN : x)), columns: [age] },
  'one called': { cases, tested: missing.map((x, i) => (i === 2 ? 1 : x)), columns: [age] },
  'one carrier': { cases, tested: one, columns: [age] },
  'one carrier, no covariates': { cases, tested: one, columns: [] },
  'perfectly separated': { cases, tested: cases, columns: [] },
  'separated by a covariate': { cases, tested: g, columns: [cases] },
  'a constant covariate': { cases, tested: g, columns: [ones(12)] },
  'collinear with a covariate': { cases, tested: g, columns: [g] },
  'two identical covariates': { cases, tested: g, columns: [age, age] },
  'more columns than people': {
    cases: [1, 0, 1],
    tested: [0, 1, 2],
    columns: [
      [1, 2, 4],
      [3, 1, 1],
      [0, 5, 1],
      [1, 1, 0],
    ],
  },
  'a covariate that is no number': { cases, tested: g, columns: [age.map((x, i) => (i === 3 ? Number.NaN : x))] },
  'an infinite covariate': { cases, tested: g, columns: [age.map((x, i) => (i === 3 ? Number.POSITIVE_INFINITY : x))] },
  'huge covariates': { cases, tested: g, columns: [age.map((x) => 1e200 * x)] },
  'tiny covariates': { cases, tested: g, columns: [age.map((x) => 1e-200 * x)] },
  'columns of unequal length': { cases, tested: g, columns: [[1, 2]] },
}

const tables2 = [
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 3, 4],
  [3, 4, 0, 0],
  [0, 5, 0, 7],
  [5, 0, 7, 0],
  [5, 0, 0, 7],
  [0, 5, 7, 0],
  [1, 0, 0, 1],
  [300, 0, 0, 300],
].map(([caseWith, caseWithout, controlWith, controlWithout]) => ({
  caseWith,
  caseWithout,
  controlWith,
  controlWithout,
}))
const tables3 = [
  [0, 0, 0, 0, 0, 0],
  [1, 0, 0, 0, 0, 0],
  [0, 0, 1, 0, 0, 0],
  [0, 0, 0, 5, 1, 0],
  [5, 1, 0, 0, 0, 0],
  [4, 0, 0, 9, 0, 0],
  [0, 4, 0, 0, 9, 0],
  [0, 0, 4, 0, 0, 9],
  [0, 1, 0, 5, 0, 0],
  [0, 0, 5, 9, 0, 0],
  [3, 0, 2, 4, 0, 1],
  [0, 0, 200, 200, 0, 0],
].map(([caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt]) => ({
  ...{ caseRef, caseHet, caseAlt },
  ...{ controlRef, controlHet, controlAlt },
}))

const random = { draws: 20, seed: 1 }
const calls: [string, () => unknown][] = []
const add = (name: string, call: () => unknown) => calls.push([name, call])
for (const t of tables2) {
  const name = Object.values(t).join('/')
  add(`fisherTest ${name}`, () => s.fisherTest(t))
  add(`fisherExact ${name}`, () => s.fisherExact(t))
  add(`conditionalOddsRatio ${name}`, () => s.conditionalOddsRatio(t))
  add(`conditionalOddsRatio mid-p ${name}`, () => s.conditionalOddsRatio(t, 0.95, 'mid-p'))
  add(`barnardTest ${name}`, () => s.barnardTest(t))
  add(`boschlooTest ${name}`, () => s.boschlooTest(t))
  add(`stratifiedExact ${name}`, () => s.stratifiedExact([t]))
  add(`stratifiedExact twice ${name}`, () => s.stratifiedExact([t, t]))
  add(`mantelHaenszel ${name}`, () => s.mantelHaenszel([t, t]))
  add(`peto ${name}`, () => s.peto([t, t]))
  add(`woolf ${name}`, () => s.woolf(t, 'only0'))
  add(`woolf all ${name}`, () => s.woolf(t, 'all'))
}
add('stratifiedExact of nothing', () => s.stratifiedExact([]))
add('mantelHaenszel of nothing', () => s.mantelHaenszel([]))
add('peto of nothing', () => s.peto([]))
add('stratifiedTrend of nothing', () => s.stratifiedTrend([]))
add('fisherTest -1', () => s.fisherTest({ caseWith: -1, caseWithout: 1, controlWith: 1, controlWithout: 1 }))
add('fisherTest 0.5', () => s.fisherTest({ caseWith: 0.5, caseWithout: 1, controlWith: 1, controlWithout: 1 }))
for (const t of tables3) {
  const name = Object.values(t).join('/')
  const flat = [
    t.caseRef + t.controlRef,
    t.caseHet + t.controlHet,
    t.caseAlt + t.controlAlt,
    t.caseRef,
    t.caseHet,
    t.caseAlt,
  ]
  add(`exactTrend ${name}`, () => s.exactTrend(t))
  add(`freemanHalton ${name}`, () => s.freemanHalton(t))
  add(`cochranArmitage ${name}`, () => s.cochranArmitage(t))
  add(`stratifiedTrend ${name}`, () => s.stratifiedTrend([t, t]))
  add(`trendWithinSets ${name}`, () => s.trendWithinSets(flat, 1))
  add(`hardyWeinberg ${name}`, () => s.hardyWeinberg(t.caseRef, t.caseHet, t.caseAlt))
}
add('exactTrendNull 0', () => s.exactTrendNull(0, 0, 0, 0))
add('exactTrendNull too many cases', () => s.exactTrendNull(1, 1, 1, 4))
add('hardyWeinbergNull 0', () => s.hardyWeinbergNull(0, 0))
for (const [name, d] of Object.entries(designs)) {
  const both = { cases: d.cases, columns: d.columns, tested: d.tested }
  const within = { ...both, sets: d.cases.map((_, i) => sets[i]) }
  const covariates = d.columns.map((values, j) => ({ name: `x${j}`, values }))
  add(`firthRegression, ${name}`, () => s.firthRegression(both))
  add(`logFRegression, ${name}`, () => s.logFRegression(both))
  add(`saddlepointScore, ${name}`, () => s.saddlepointScore(both))
  add(`conditionalFirth, ${name}`, () => s.conditionalFirth(within))
  add(`conditionalLogistic, ${name}`, () =>
    s.conditionalLogistic({ cases: d.cases, sets: within.sets, columns: [...d.columns, d.tested] }),
  )
  add(`MatchedFirth, ${name}`, () => new s.MatchedFirth(within).test(d.tested, true))
  add(`maximumLikelihood, ${name}`, () =>
    s.maximumLikelihood(d.cases, [...covariates, { name: 'tested', values: d.tested }]),
  )
  add(`findSeparation, ${name}`, () => s.findSeparation(d.cases, [...covariates, { name: 'tested', values: d.tested }]))
  add(`fitNull, ${name}`, () => s.fitNull(d.cases, covariates))
  add(`fitNullWithin, ${name}`, () => s.fitNullWithin(d.cases, within.sets, covariates))
  add(`requireOverlap, ${name}`, () => s.requireOverlap(d.cases, covariates))
  add(`standardise, ${name}`, () => covariates.map((c) => s.standardise(c)))
  add(`misclassifiedCases, ${name}`, () =>
    s.misclassifiedCases(
      d.tested.map((x) => (Number.isNaN(x) ? -1 : x)),
      d.cases,
      d.cases.map(() => 0.5),
    ),
  )
  const time = d.cases.map((_, i) => 1 + (i % 5))
  const survival = { time, status: d.cases, columns: d.columns }
  add(`coxFirth, ${name}`, () => s.coxFirth({ ...survival, tested: d.tested.map((x) => (Number.isNaN(x) ? 0 : x)) }))
  add(`coxRegression, ${name}`, () => s.coxRegression(survival))
  add(`fineGray, ${name}`, () => s.fineGray(survival))
  add(`cumulativeIncidence, ${name}`, () => s.cumulativeIncidence(survival))
  add(`linearModel, ${name}`, () => s.linearModel(d.tested, d.columns))
  add(`partialF, ${name}`, () => s.partialF(d.tested, d.columns, [0]))
  add(`kruskalWallis, ${name}`, () => s.kruskalWallis(d.tested, d.cases))
  add(`jonckheereTerpstra, ${name}`, () => s.jonckheereTerpstra(d.tested, d.cases))
  add(`permutedTrend, ${name}`, () => s.permutedTrend(d.tested, d.cases, random))
  add(`isExactTrendShort, ${name}`, () => s.isExactTrendShort(d.tested, d.cases))
  add(`spearman, ${name}`, () => s.spearman(d.tested, d.columns[0] ?? [], random))
  add(`hodgesLehmannShift, ${name}`, () => s.hodgesLehmannShift(d.tested, d.columns[0] ?? []))
  const total = d.cases.reduce((a, b) => a + b, 0)
  const calls3 = d.tested.map((x) => (Number.isNaN(x) ? -1 : x))
  const uniform = () => s.labelScheme(zeros(d.cases.length), Int32Array.of(total))
  add(`labelNull, ${name}`, () => {
    const { logP: _, logMidp: __, ...rest } = s.labelNull(calls3, uniform())
    return rest
  })
  add(`inclusionProbabilities, ${name}`, () => s.inclusionProbabilities(uniform()))
  add(`LabelSets, ${name}`, () => new s.LabelSets(uniform()).draw(1, 'test', 0))
  add(`meanOverlap, ${name}`, () => s.meanOverlap(uniform(), d.cases))
  add(`requireRelabelling, ${name}`, () => s.requireRelabelling(uniform(), d.cases, ['x']))
  add(`requireRelabellingWithin, ${name}`, () => s.requireRelabellingWithin(uniform(), d.cases, ['all']))
  add(`geneTests, ${name}`, () =>
    s.geneTests(
      [calls3, calls3],
      d.cases,
      new s.LabelDraws(uniform(), 1, 'test'),
      { risks: null, columns: d.columns },
      { maxMaf: 0.5, weights: 'beta', sets: 50 },
    ),
  )
  const mixed = {
    subjects: Math.max(0, Math.ceil(d.cases.length / 2)),
    subject: d.cases.map((_, i) => i >> 1),
    time: d.cases.map((_, i) => i % 2),
    response: d.tested,
    fixed: [ones(d.cases.length), ...d.columns],
  }
  add(`fitMixedModel, ${name}`, () => s.fitMixedModel(mixed))
  add(`localSums, ${name}`, () => s.localSums(mixed))
  const n = d.cases.length
  add(`censoredRegression, ${name}`, () =>
    s.censoredRegression({
      y: Float64Array.from(d.tested),
      censoring: Int8Array.from(d.cases, (c) => -c),
      x: Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? 1 : (d.columns[0]?.[i >> 1] ?? i))),
      p: 2,
    }),
  )
  const joint = {
    subjects: mixed.subjects,
    subject: mixed.subject,
    time: mixed.time,
    y: d.tested,
    censoring: zeros(n),
    base: [ones(mixed.subjects)],
    slope: [ones(mixed.subjects)],
    randomSlope: false,
  }
  add(`fitJointModel, ${name}`, () => s.fitJointModel(joint))
}
add('fitMixedModel, one visit each', () =>
  s.fitMixedModel({ subjects: 12, subject: upTo(12), time: age, response: g, fixed: [ones(12), age] }),
)
add('fitMixedModel, all equal', () =>
  s.fitMixedModel({
    subjects: 4,
    subject: [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    time: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
    response: ones(12),
    fixed: [ones(12)],
  }),
)
add('fitMixedModel, one time', () =>
  s.fitMixedModel({
    subjects: 4,
    subject: [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    time: zeros(12),
    response: age,
    fixed: [ones(12)],
  }),
)
add('fitMixedModel, no noise', () =>
  s.fitMixedModel({
    subjects: 4,
    subject: [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3],
    time: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2],
    response: [0, 1, 2, 5, 6, 7, 1, 2, 3, 3, 4, 5],
    fixed: [ones(12), [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]],
  }),
)
add('censoredRegression, all below', () =>
  s.censoredRegression({
    y: Float64Array.from(age),
    censoring: new Int8Array(12).fill(-1),
    x: new Float64Array(12).fill(1),
    p: 1,
  }),
)
add('censoredRegression, all equal', () =>
  s.censoredRegression({
    y: new Float64Array(12).fill(3),
    censoring: new Int8Array(12),
    x: new Float64Array(12).fill(1),
    p: 1,
  }),
)
add('censoredRegression, one measured', () =>
  s.censoredRegression({
    y: Float64Array.from(age),
    censoring: Int8Array.from(cases, (_, i) => (i === 0 ? 0 : -1)),
    x: new Float64Array(12).fill(1),
    p: 1,
  }),
)
add('censoredRegression, collinear', () =>
  s.censoredRegression({
    y: Float64Array.from(age),
    censoring: new Int8Array(12),
    x: new Float64Array(24).fill(1),
    p: 2,
  }),
)
for (const values of [
  [[]],
  [],
  [[0]],
  [[5]],
  [
    [0, 0],
    [0, 0],
  ],
  [
    [5, 0],
    [0, 0],
  ],
  [
    [5, 0],
    [0, 5],
  ],
  [
    [0, 5],
    [5, 0],
  ],
  [[1, 2]],
  [[1.5]],
] as number[][][])
  add(`cohenKappa ${JSON.stringify(values)}`, () => s.cohenKappa(values))
for (const [x, n] of [
  [0, 0],
  [0, 1],
  [1, 1],
  [2, 1],
  [-1, 3],
  [0.5, 2],
  [0, 1e9],
  [Number.NaN, 3],
] as const) {
  add(`clopperPearsonInterval ${x} of ${n}`, () => s.clopperPearsonInterval(x, n))
  add(`wilsonInterval ${x} of ${n}`, () => s.wilsonInterval(x, n))
}
const studies: [string, { estimate: number; standardError: number }[]][] = [
  ['none', []],
  ['one', [{ estimate: 1, standardError: 0.5 }]],
  [
    'two alike',
    [
      { estimate: 1, standardError: 0.5 },
      { estimate: 1, standardError: 0.5 },
    ],
  ],
  ['error 0', [{ estimate: 1, standardError: 0 }]],
  ['infinite', [{ estimate: Number.POSITIVE_INFINITY, standardError: 1 }]],
  [
    'far apart',
    [
      { estimate: -1e8, standardError: 1e-6 },
      { estimate: 1e8, standardError: 1e-6 },
    ],
  ],
  [
    'very unlike errors',
    [
      { estimate: 0, standardError: 1e-100 },
      { estimate: 1, standardError: 1e100 },
    ],
  ],
]
for (const [name, list] of studies) {
  add(`metaAnalysis, ${name}`, () => s.metaAnalysis(list))
  add(`leaveOneOut, ${name}`, () => s.leaveOneOut(list))
}
add('signAgreement of nothing', () => s.signAgreement([], []))
add('signAgreement of zeros', () => s.signAgreement(zeros(5), zeros(5)))
add('sameCaseCounts of nothing', () => s.areSameCases(s.sameCaseCounts([], [])))
for (const [rows, columns, cost] of [
  [0, 0, []],
  [0, 3, []],
  [1, 1, [0]],
  [2, 1, [0, 0]],
  [2, 2, [Infinity, Infinity, Infinity, Infinity]],
  [1, 1, [Number.NaN]],
  [2, 2, [0, 0, 0, 0]],
] as const)
  add(`assign ${rows} x ${columns} ${JSON.stringify(cost)}`, () =>
    s.assign(Float64Array.from<number>(cost), rows, columns, 1),
  )
for (const model of [
  { frequency: 0, or: 2 },
  { frequency: 1, or: 2 },
  { frequency: 0.2, or: 1 },
  { frequency: 0.2, or: 0 },
  { frequency: 0.2, or: Number.POSITIVE_INFINITY },
  { frequency: -1, or: 2 },
  { frequency: Number.NaN, or: 2 },
  { frequency: 1e-9, or: 1e9 },
]) {
  const name = JSON.stringify(model)
  add(`controlGenotypes ${name}`, () => s.controlGenotypes(model))
  add(`caseGenotypes ${name}`, () => s.caseGenotypes(model))
  add(`asymptoticPower ${name}`, () => s.asymptoticPower(model, 20, 100, 0.05))
  add(`tablePower ${name}`, () =>
    s.tablePower(model, 5, 10, s.rejectionRule('trend_exact_p', 0.05), {
      seed: 1,
      replicates: 20,
      enumerationLimit: 1000,
    }),
  )
  add(`matchedPower ${name}`, () =>
    s.matchedPower(model, [{ cases: 1, controls: 2, sets: 4 }], 'trend_exact_p', 0.05, { seed: 1, replicates: 20 }),
  )
  add(
    `casesNeeded ${name}`,
    () =>
      s.casesNeeded(
        { model, rule: s.rejectionRule('trend_exact_p', 0.05), alpha: 0.05, ratio: 2, power: 0.8, maxCases: 40 },
        { seed: 1, replicates: 20, enumerationLimit: 1000 },
      ).cases,
  )
}
for (const [cs, ks] of [
  [0, 5],
  [5, 0],
  [0, 0],
  [1, 1],
  [1.5, 3],
]) {
  add(`tablePower of ${cs} and ${ks}`, () =>
    s.tablePower({ frequency: 0.2, or: 2 }, cs, ks, s.rejectionRule('firth_p', 0.05), {
      seed: 1,
      replicates: 20,
      enumerationLimit: 1000,
    }),
  )
  add(`asymptoticPower of ${cs} and ${ks}`, () => s.asymptoticPower({ frequency: 0.2, or: 2 }, cs, ks, 0.05))
}
add('matchedPower of no sets', () =>
  s.matchedPower({ frequency: 0.2, or: 2 }, [], 'trend_exact_p', 0.05, { seed: 1, replicates: 20 }),
)
for (const alpha of [0, 1, 2, -1, Number.NaN]) {
  add(`rejectionRule at ${alpha}`, () => s.rejectionRule('trend_exact_p', alpha))
  add(`trendRejection at ${alpha}`, () => s.trendRejection('trend_exact_p', alpha))
  add(`tPower at ${alpha}`, () => s.tPower(1, 5, alpha))
}
for (const degrees of [0, 1, -1, Number.NaN]) add(`tPower of ${degrees} degrees`, () => s.tPower(1, degrees, 0.05))
add('tPower, far', () => s.tPower(1e6, 5, 0.05))
for (const perArm of [0, 1, 2])
  for (const kind of ['carriers', 'interaction', 'all'] as const)
    for (const carriers of [0, 0.3, 1])
      add(`meanPower ${kind} ${perArm} ${carriers}`, () =>
        s.meanPower(kind, perArm, { carriers, inCarriers: 1, inOthers: 0 }, 0.05),
      )
add('differenceSize, no effect', () =>
  s.differenceSize(
    'all',
    { carriers: 0.3, inCarriers: 0, inOthers: 0 },
    {
      alpha: 0.05,
      power: 0.8,
      most: 100,
    },
  ),
)
for (const beta of [0, 5, -5, 40, 1e3, Number.NaN])
  for (const more of [
    { threshold: 5 },
    { threshold: 60, bestOf: 1_000_000 },
    { threshold: 60, bestOf: 1 },
    { threshold: 0 },
  ])
    add(`conditionalEstimates ${beta} ${JSON.stringify(more)}`, () => s.conditionalEstimates({ beta, se: 1, ...more }))
add('quadraticFormLogTail of no weights', () => s.quadraticFormLogTail(1, []))
add('quadraticFormLogTail of zeros', () => s.quadraticFormLogTail(1, [0, 0]))
add('quadraticFormLogTail at 0', () => s.quadraticFormLogTail(0, [1, 2]))
add('quadraticFormLogTail of NaN', () => s.quadraticFormLogTail(Number.NaN, [1, 2]))
add('quadraticFormQuantile of no weights', () => s.quadraticFormQuantile(-1, []))
add('gaussHermite 0', () => s.gaussHermite(0))
add('gaussHermite 1', () => s.gaussHermite(1))

/** Where in a result a number is none, or infinite. */
function odd(value: unknown, path: string): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`]
  if (typeof value !== 'object' || value === null) return []
  const inside = ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value
  return Object.entries(inside).flatMap(([key, one]) => odd(one, `${path}.${key}`))
}

/** What a call comes to: a status other than `ok`, the code of a refusal, or `ok` where all its numbers are finite. */
function outcomeOf(call: () => unknown): string {
  try {
    const found = call()
    const { status, orStatus } = (found ?? {}) as { status?: string; orStatus?: string }
    const said = [status, orStatus].find((word) => word !== undefined && word !== 'ok')
    return said ?? odd(found, '')[0] ?? 'ok'
  } catch (error) {
    if (isUpturnError(error)) return error.code
    return `untyped: ${error instanceof Error ? error.message : String(error)}`
  }
}

const outcomes = new Map(calls.map(([name, call]) => [name, outcomeOf(call)]))

it('every routine meets degenerate input with finite numbers, a status, or a refusal that has a code', () => {
  const known = /^[a-z_]+$|^(?!Internal)[A-Z][A-Za-z]+$/
  expect([...outcomes].filter(([, outcome]) => !known.test(outcome))).toEqual([])
  expect(outcomes.size).toBeGreaterThan(1200)
})

it.each([
  ['firthRegression, no cases', 'one_group'],
  ['firthRegression, cases only', 'one_group'],
  ['firthRegression, all missing', 'collinear'],
  ['firthRegression, missing in all cases', 'one_group'],
  ['firthRegression, one called', 'collinear'],
  ['firthRegression, one person', 'collinear'],
  ['firthRegression, monomorphic', 'collinear'],
  ['firthRegression, collinear with a covariate', 'collinear'],
  ['firthRegression, two identical covariates', 'collinear'],
  ['firthRegression, one carrier', 'ok'],
  ['firthRegression, perfectly separated', 'ok'],
  ['firthRegression, a covariate that is no number', 'BadArgument'],
  ['logFRegression, no cases', 'separated'],
  ['logFRegression, two identical covariates', 'collinear'],
  ['maximumLikelihood, no cases', 'one_group'],
  ['maximumLikelihood, perfectly separated', 'separated'],
  ['maximumLikelihood, two identical covariates', 'collinear'],
  ['conditionalLogistic, no cases', 'uninformative'],
  ['conditionalLogistic, perfectly separated', 'separated'],
  ['conditionalLogistic, two identical covariates', 'collinear'],
  ['conditionalFirth, perfectly separated', 'ok'],
  ['MatchedFirth, two identical covariates', 'collinear'],
  ['fitNull, two identical covariates', 'CollinearCovariates'],
  ['fitNull, a constant covariate', 'CollinearCovariates'],
  ['fitNull, separated by a covariate', 'SeparatedByCovariate'],
  ['requireOverlap, separated by a covariate', 'SeparatedByCovariate'],
  ['meanOverlap, no cases', 'NoCases'],
  ['requireRelabelling, cases only', 'NoControls'],
  ['geneTests, monomorphic', 'no_variants'],
  ['geneTests, all missing', 'no_variants'],
  ['coxRegression, no cases', 'uninformative'],
  ['coxRegression, two identical covariates', 'collinear'],
  ['linearModel, monomorphic', 'BadArgument'],
  ['linearModel, two identical covariates', 'CollinearCovariates'],
  ['findSeparation, columns of unequal length', 'BadArgument'],
  ['fisherExact 0/0/3/4', 'uninformative'],
  ['fisherExact 5/0/0/7', 'one_sided'],
  ['stratifiedExact of nothing', 'uninformative'],
  ['mantelHaenszel 300/0/0/300', 'one_sided'],
  ['metaAnalysis, very unlike errors', 'BadArgument'],
  ['exactTrend 0/0/0/0/0/0', 'ok'],
])('%s: %s', (name, outcome) => {
  expect(outcomes.get(name)).toBe(outcome)
})

it('no routine is left out', () => {
  /** Parts of others, tables, and what refuses nothing: covered where they are used. */
  const parts = [
    ...['allelicTable', 'dominantTable', 'recessiveTable', 'caseGenotypes', 'controlGenotypes', 'areSameCases'],
    ...['FirthWorkspace', 'FirthBatch', 'batches', 'testLastColumn', 'limitsAfter', 'profileLimits'],
    'distributionScratchBytes',
    ...['schemeMembers', 'labelScheme', 'LabelDraws', 'casesOf', 'censoredSums', 'fitFromSums', 'layoutOf'],
    ...['itemTables', 'profileOf', 'jointLogLikelihood', 'fitJointModelBySlopes', 'fisherWithinSets', 'sameCaseCounts'],
    ...['fitGradedResponse', 'requireIndependent'],
  ]
  const functions = Object.entries(s).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
  const tried = [...outcomes.keys()].map((name) => name.split(/[ ,]/)[0])
  expect(functions.filter((name) => !tried.includes(name) && !parts.includes(name))).toEqual([])
})
