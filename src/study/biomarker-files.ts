import { writeWhole } from '../host/node/files.ts'
import type { Biomarker, Biomarkers } from '../results/biomarkers.ts'

type Row = (string | number | null)[]

const text = (rows: readonly Row[]): string =>
  `${rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell).replaceAll(/[\t\r\n]/g, ' '))).join('\t')).join('\n')}\n`

/** Every estimate of one biomarker: what was asked, of whom, the answer with its limits and p. */
export function biomarkerRows(b: Biomarker): Row[] {
  const rows: Row[] = []
  const add = (
    question: string,
    group: string | null,
    n: number | null,
    measure: string,
    value: { ratio?: number; mean?: number; low: number | null; high: number | null; p?: number } | null | undefined,
    adjustedFor: readonly string[] = [],
  ): void => {
    if (value == null) return
    const estimate = value.ratio ?? value.mean ?? null
    rows.push([
      b.name,
      question,
      group,
      n,
      measure,
      estimate,
      value.low,
      value.high,
      value.p ?? null,
      adjustedFor.join(','),
    ])
  }
  for (const g of b.groups) add('level by group', g.group, g.n, `geometric mean, ${b.unit}`, g, ['age', 'sex'])
  const compared = b.groups.filter(({ group }) => group === 'reversal' || group === 'typical')
  const people = compared.reduce((sum, { n }) => sum + n, 0)
  add('reversal v typical', null, people, 'ratio', b.contrast, b.contrast?.adjustedFor)
  add(
    'reversal v typical, with body mass index',
    null,
    b.withBodyMass?.n ?? null,
    'ratio',
    b.withBodyMass?.adjusted,
    b.withBodyMass?.adjusted.adjustedFor,
  )
  add(
    'reversal v typical, same people without it',
    null,
    b.withBodyMass?.n ?? null,
    'ratio',
    b.withBodyMass?.without,
    b.withBodyMass?.without.adjustedFor,
  )
  if (b.contrast?.rankP != null)
    rows.push([b.name, 'reversal v typical, exact Wilcoxon', null, null, 'p', null, null, null, b.contrast.rankP, ''])
  if (b.trend != null) {
    const { kruskal, trend, order, sizes } = b.trend
    const n = sizes.reduce((sum, size) => sum + size, 0)
    rows.push([
      b.name,
      'any difference of groups, Kruskal-Wallis',
      null,
      n,
      'H',
      kruskal.statistic,
      null,
      null,
      kruskal.p,
      '',
    ])
    rows.push([
      b.name,
      `trend ${order.join(' < ')}, Jonckheere-Terpstra (${trend.method})`,
      null,
      n,
      'z',
      trend.z,
      null,
      null,
      trend.p,
      '',
    ])
  }
  add('one more point lost a month', null, b.rate?.n ?? null, 'ratio', b.rate?.ratio, b.rate?.ratio?.adjustedFor)
  if (b.rate?.spearman != null) {
    const { rho, low, high, p } = b.rate.spearman
    rows.push([b.name, 'points lost a month, Spearman', null, b.rate.n, 'rho', rho, low, high, p, ''])
  }
  add('one more copy of the lead', null, b.genotype?.n ?? null, 'ratio', b.genotype, b.genotype?.adjustedFor)
  for (const g of b.course?.groups ?? [])
    add('over a year, by group', g.group, g.people, 'ratio a year', g, ['age', 'sex'])
  add('over a year, reversal v typical', null, b.course?.people ?? null, 'ratio of ratios a year', b.course?.contrast, [
    'age',
    'sex',
  ])
  const s = b.survival
  if (s != null) {
    const hazard = (h: { hazardRatio: number; low: number; high: number; p?: number } | null) =>
      h === null ? null : { ...h, ratio: h.hazardRatio }
    add(
      'death, a doubling of the true level (joint model)',
      null,
      s.people,
      'hazard ratio',
      hazard(s.joint),
      s.adjustedFor,
    )
    add(
      'death, a doubling of the first value (Cox)',
      null,
      s.people,
      'hazard ratio',
      hazard(s.firstValue),
      s.adjustedFor,
    )
  }
  return rows
}

/** Writes `biomarkers.tsv` (one row an estimate) and `biomarkers-values.tsv` (one row a person and test). */
export async function writeBiomarkerTables(path: (name: string) => string, { biomarkers }: Biomarkers): Promise<void> {
  const header: Row = ['test', 'question', 'group', 'n', 'measure', 'estimate', 'low', 'high', 'p', 'adjusted_for']
  await writeWhole(path('biomarkers.tsv'), text([header, ...biomarkers.flatMap(biomarkerRows)]))
  const values: Row[] = biomarkers.flatMap((b) =>
    b.points.map(
      (point): Row => [
        b.name,
        point.patient,
        point.group,
        point.genotype,
        point.value,
        b.unit,
        point.censored ? 'outside the range of the assay' : '',
      ],
    ),
  )
  await writeWhole(
    path('biomarkers-values.tsv'),
    text([['test', 'patient', 'group', 'copies_of_lead', 'value', 'unit', 'censored'], ...values]),
  )
}
