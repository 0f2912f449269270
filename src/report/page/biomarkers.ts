import type { Biomarker } from '../../results/index.ts'
import { clean, html, type Markup, typeset } from '../markup.ts'
import { count, fixed, interval, pPlain, pValue } from '../numbers.ts'
import { roleOfGroup, type Study, variableName } from '../study.ts'
import { dataTable } from './figure.ts'

const title = 'Biomarkers: every question and its answer'

type Row = (string | number)[]

const adjusted = (names: readonly string[]): string =>
  names.length === 0 ? 'unadjusted' : names.map((name) => variableName(name).toLowerCase()).join(', ')

/** One row a question: what, of how many, estimate, p, adjusted for. */
function answers(b: Biomarker): Row[] {
  const name = clean(b.name, 30)
  const rows: Row[] = []
  if (b.contrast)
    rows.push([
      name,
      'reversal against typical, ratio',
      b.groups.filter((g) => g.group === 'reversal' || g.group === 'typical').reduce((sum, g) => sum + g.n, 0),
      interval(b.contrast.ratio, b.contrast.low, b.contrast.high),
      pValue(b.contrast.negLog10P),
      adjusted(b.contrast.adjustedFor),
    ])
  if (b.withBodyMass) {
    const { n, adjusted: with_, without } = b.withBodyMass
    rows.push(
      [
        name,
        'the same with body mass index',
        n,
        interval(with_.ratio, with_.low, with_.high),
        pValue(with_.negLog10P),
        adjusted(with_.adjustedFor),
      ],
      [
        name,
        'the same people without it',
        n,
        interval(without.ratio, without.low, without.high),
        pValue(without.negLog10P),
        adjusted(without.adjustedFor),
      ],
    )
  }
  if (b.trend) {
    const n = b.trend.sizes.reduce((sum, size) => sum + size, 0)
    const order = b.trend.order.map((group) => roleOfGroup(group).title.toLowerCase()).join(' < ')
    rows.push(
      [name, 'any difference between groups (Kruskal-Wallis)', n, '–', pPlain(b.trend.kruskal.p), 'ranks, unadjusted'],
      [
        name,
        `trend ${order} (Jonckheere-Terpstra, ${b.trend.trend.method})`,
        n,
        `z = ${fixed(b.trend.trend.z, 2)}`,
        pPlain(b.trend.trend.p),
        'ranks, unadjusted',
      ],
    )
  }
  if (b.rate?.ratio)
    rows.push([
      name,
      'one more point lost a month, ratio',
      b.rate.n,
      interval(b.rate.ratio.ratio, b.rate.ratio.low, b.rate.ratio.high),
      pValue(b.rate.ratio.negLog10P),
      adjusted(b.rate.ratio.adjustedFor),
    ])
  if (b.rate?.spearman)
    rows.push([
      name,
      'points lost a month, rank correlation',
      b.rate.n,
      fixed(b.rate.spearman.rho, 2),
      pPlain(b.rate.spearman.p),
      'ranks, unadjusted',
    ])
  if (b.survival?.joint) {
    const { joint, firstValue, deaths } = b.survival
    rows.push([
      name,
      `death, a doubling of the true level (joint model, ${count(deaths)} deaths), hazard ratio`,
      b.survival.people,
      interval(joint.hazardRatio, joint.low, joint.high),
      pValue(joint.negLog10P),
      adjusted(b.survival.adjustedFor),
    ])
    if (firstValue)
      rows.push([
        name,
        'death, a doubling of the first value as measured (Cox)',
        b.survival.people,
        interval(firstValue.hazardRatio, firstValue.low, firstValue.high),
        '–',
        adjusted(b.survival.adjustedFor),
      ])
  }
  return rows
}

/** What was asked of each biomarker and the claims about them, with the evidence against; null where there is none. */
export function biomarkerTables(study: Study): Markup | null {
  const markers = study.results.biomarkers?.biomarkers ?? []
  const rows = markers.flatMap(answers)
  if (rows.length === 0) return null
  const claims = markers.flatMap((b) => (b.claim ? [b.claim] : []))
  const verdict = {
    untested: 'not tested',
    supported: 'borne out here',
    contrary: 'contradicted here',
    compatible: 'open',
  }
  return html`<h3>${title}</h3>${dataTable(
    {
      columns: ['Biomarker', 'Question', 'People', 'Estimate (95% limits)', 'p', 'Adjusted for'],
      rows,
      note: 'All exploratory: none was the frozen primary test, and nothing is corrected for their number. A group is defined by what became of people.',
    },
    title,
  )}${claims.map((c) => html`<p class="note">A claim, not a premise: “${typeset(c.claim)}” Here: ${verdict[c.verdict]}. ${typeset(c.evidence)}</p>`)}`
}
