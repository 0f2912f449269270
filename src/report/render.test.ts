import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { renderReport } from './index.ts'
import { testAssets } from './testing/assets.ts'
import { fixtureResults } from './testing/fixture.ts'

const assets = testAssets()
const small = { people: 70, cases: 8, pseudo: 2, variants: 1500 }
const body = (page: string) => page.slice(page.indexOf('<body>'), page.indexOf('<script>'))
const words = (page: string) =>
  body(page)
    .replace(/<(script|style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ')

test('rare variants of genes and what is left beside the lead stand in the evidence, as secondary', () => {
  const text = words(renderReport(fixtureResults(small), assets).html)
  expect(text).toContain('Rare variants of a gene together')
  expect(text).toContain(
    'loss wears off by 4.0% of itself a year, the first visit’s rating is 0.4 points below what follows',
  )
  expect(text).toContain('IGFBP7, near 4:57047510:A:G')
  expect(text).toContain('listing every labelling of the carriers')
  expect(text).toContain(
    'not corrected for the number of regions: 0.050 would be needed. They are not the primary test',
  )
  expect(text).toContain('nothing is left that the lead does not explain')
})

test('survival among controls and time to reversal stand in the evidence, with what could not be fitted', () => {
  const results = fixtureResults(small)
  const text = words(renderReport(results, assets).html)
  expect(text).toContain('Survival and time to reversal by genotype of the lead')
  expect(text).toContain('0.91 (0.46 to 1.8)')
  expect(text).toContain('too few events')
  expect(text).toMatch(/By year 2 from onset 24% of carriers and 0% of others of 4:\d+:\w:\w had reversed/)
  expect(text).toContain('24% (8.0% to 44%)')
  expect(text).toContain('Left out: 3 (day of onset not known)')
  results.survival = null
  expect(words(renderReport(results, assets).html)).not.toMatch(/time to reversal|By year/)
})

describe('the answer', () => {
  test('says significant when the frozen primary test is, with both odds ratios', () => {
    const text = words(renderReport(fixtureResults(small), assets).html)
    const answer = text.slice(text.indexOf('The answer'), text.indexOf('Cases and controls'))
    expect(answer).toContain('This is significant by the one test named before the data were opened')
    expect(answer).toContain('odds ratio 10.6 for each copy, 95% limits 4.2 to 29.7')
    expect(answer).toContain('nearer 5.8 (1.4 to 19.5)')
    expect(answer).toContain('never tested in new cases')
  })

  test('never says significant when it is not, and puts the confounded source first', () => {
    const { html, plain } = renderReport(fixtureResults({ ...small, nothing: true, sourceConfounded: true }), assets)
    const text = words(html)
    const answer = text.slice(text.indexOf('Provenance'), text.indexOf('Cases and controls'))
    expect(answer).not.toMatch(/is significant/)
    expect(answer).toContain('no genetic variant can be said to differ')
    expect(answer).toContain('about 62 in 100 such studies')
    expect(answer.indexOf('cannot be told from the disease')).toBeGreaterThan(0)
    expect(answer.indexOf('cannot be told from the disease')).toBeLessThan(answer.indexOf('Among'))
    expect(words(plain)).toContain('about 6 in 10 studies like this one')
  })

  test('firth as primary is held to its own level and makes no statement about chance in a hundred', () => {
    const results = fixtureResults({ ...small, nothing: true })
    if (results.association)
      results.association.primary = {
        test: 'firth',
        alpha: 5e-8,
        significant: false,
        p: 2e-6,
        negLog10P: 5.7,
        sentence: '',
      }
    const text = words(renderReport(results, assets).html)
    expect(text).toContain('(Firth regression, p = 2.0 × 10−6 against a level of 5.0 × 10−8)')
    expect(text).not.toContain('in 100 such studies')
  })

  test('a lead that is not significant is real only if, and no number of new cases is promised', () => {
    const results = fixtureResults({ ...small, nothing: true })
    if (results.plan?.winnersCurse) results.plan.winnersCurse.low = 0.7
    const { html, plain } = renderReport(results, assets)
    const text = words(html)
    expect(text).toContain('If it is real at all, its odds ratio is put at 5.8')
    expect(text).toContain('95% limits of 0.70 to 19.5, no effect among them')
    expect(text).toMatch(
      /If there is an effect, a replication needs at least \d+ new cases with \d+ controls? each \(odds ratio 10\.6\)/,
    )
    expect(text).toContain('no number is surely enough, since no effect at all is not ruled out')
    expect(text).not.toContain('is likely nearer')
    expect(text).not.toContain('the lead holds')
    expect(words(plain)).toContain('then no number would be enough')
  })

  test('a locus of another variant than the lead is never shown as the lead’s', () => {
    const results = fixtureResults(small)
    const first = results.loci?.loci[0]
    if (results.loci && first) results.loci.loci = [{ ...first, alt: 'C', or: 99 }]
    const { html, figures } = renderReport(results, assets)
    expect(words(html)).toContain('No locus was made of the lead, so no region is drawn.')
    expect(words(html)).not.toContain('in IGFBP7 is')
    expect(figures.find((f) => f.name === 'manhattan')?.title).toContain('rs4242007')
  })

  test('with Firth as primary, false alarms and the scan are Firth’s', () => {
    const results = fixtureResults(small)
    const { association, calibration } = results
    if (!association || !calibration) throw new TypeError('the fixture lost a stage')
    association.primary = { test: 'firth', alpha: 5e-8, significant: false, p: 2e-7, negLog10P: 6.7, sentence: '' }
    calibration.primary = { test: 'firth', alpha: 5e-8, rule: 'as written' }
    const { html, figures } = renderReport(results, assets)
    const title = figures.find((f) => f.name === 'calibration')?.title ?? ''
    expect(title).toContain('Firth regression, the primary test, called 4.6% of variants at 5%')
    expect(words(html)).toContain('False alarms of that test4.6% 8,000 variants in 1,000 null studies at 5% a variant')
    const scan = figures.find((f) => f.name === 'manhattan')
    expect(scan?.caption).toContain('Firth regression of each variant')
    expect(scan?.svg).toContain('level of the primary test')
    expect(scan?.svg).not.toContain('family-wise 5%')
  })

  test('a calibration that cannot tell says so', () => {
    const results = fixtureResults(small)
    if (results.calibration)
      Object.assign(results.calibration.familywise, { rate: 0.035, low: 0.001, high: 0.26, verdict: 'uncertain' })
    const text = words(renderReport(results, assets).html)
    expect(text).toContain('null studies; cannot be told')
    expect(text).toContain('Too few null studies were run to tell')
  })
})

describe('the page', () => {
  const { html, plain } = renderReport(fixtureResults(small), assets)

  test('carries the notices at top and bottom', () => {
    for (const page of [html, plain]) {
      const notice = 'Research use only: does not replace a doctor’s advice.'
      expect(page.indexOf(notice)).toBeGreaterThan(0)
      expect(page.lastIndexOf(notice)).toBeGreaterThan(page.indexOf(notice))
    }
    expect(html.includes('<strong>Controlled access.</strong>')).toBe(true)
  })

  test('allows its own style and script by digest, and no connection', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? ''
    const digest = (text: string | undefined) =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'none'")
    expect(policy).toContain(`script-src ${digest(/<script>([\s\S]*?)<\/script>/.exec(html)?.[1])}`)
    expect(policy).toContain(`style-src ${digest(/<style>([\s\S]*?)<\/style>/.exec(html)?.[1])}`)
    expect(policy).not.toContain('unsafe')
  })

  test('names nothing outside itself', () => {
    expect(/(?:src|href)="(?!#|data:)/.exec(html)).toBeNull()
    expect(/url\((?!data:)/.exec(html)).toBeNull()
    expect(/\sstyle="/.exec(html)).toBeNull()
  })

  test('has headings in order and unique ids, and every inner link arrives', () => {
    const levels = [...body(html).matchAll(/<h([1-6])[\s>]/g)].map((m) => Number(m[1]))
    expect(levels[0]).toBe(1)
    for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeLessThanOrEqual(levels[i - 1] + 1)
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1])
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
  })

  test('is the same bytes twice', () => {
    expect(renderReport(fixtureResults(small), assets).html === html).toBe(true)
  })

  test('holds every parameter and the STREGA items', () => {
    const text = words(html)
    for (const row of ['quality.kinship', '0.0884', 'covariates', 'sex, age_at_onset, PC1, PC2', '12f', '13a'])
      expect(text).toContain(row)
  })
})

test('an id that is markup stays text, in the page, the summary and every figure', () => {
  const { html, plain, figures } = renderReport(fixtureResults({ ...small, hostile: true }), assets)
  const scripts = /<script>[\s\S]*?<\/script>/g
  expect(html.match(scripts)).toHaveLength(1)
  for (const text of [html.replace(scripts, ''), plain, ...figures.map((f) => f.svg)]) {
    expect(/<script|<img|<[a-z][^>]*\sonerror/.exec(text)).toBeNull()
  }
  expect(html.includes('&lt;script&gt;alert')).toBe(true)
})

test('a study of which only the manifest is left still gives a page that says what is missing', () => {
  const full = fixtureResults(small)
  const { html, figures } = renderReport(
    {
      ...full,
      intake: null,
      patients: [],
      visits: [],
      measures: [],
      measuresSummary: null,
      calls: [],
      groups: [],
      callsSummary: null,
      genotypes: null,
      quality: null,
      samples: [],
      ancestry: [],
      ancestrySummary: null,
      matching: null,
      matches: [],
      calibration: null,
      association: null,
      sources: null,
      regions: null,
      scan: null,
      strongest: [],
      loci: null,
      biomarkers: null,
      survival: null,
      plan: null,
      replication: null,
    },
    assets,
  )
  expect(words(html)).toContain('The association was not computed')
  expect(html.match(/Nothing to show\. /g)).toHaveLength(figures.length)
  expect(/NaN|undefined/.exec(body(html))).toBeNull()
})
