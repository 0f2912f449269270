import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft } from '../marks/axes.ts'
import { extent, linear, padded } from '../marks/scale.ts'
import { clean, el, join, type Markup, text, typeset } from '../markup.ts'
import { count, fixed, percent, plural } from '../numbers.ts'
import type { Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Person {
  name: string
  x: number
  y: number
  role: 'case' | 'control' | 'neither'
  outlier: boolean
}

function peopleOf(study: Study): Person[] {
  const { ancestry, groups, patients } = study.results
  const sampleOf = new Map(patients.map((p) => [p.patient, p.sample ?? p.patient]))
  const status = new Map(groups.map((g) => [sampleOf.get(g.patient) ?? g.patient, g.case]))
  return ancestry
    .filter((a) => a.pc.length >= 2 && Number.isFinite(a.pc[0]) && Number.isFinite(a.pc[1]))
    .map((a) => {
      const is = status.get(a.sample)
      return {
        name: clean(a.sample, 24),
        x: a.pc[0],
        y: a.pc[1],
        role: is === 1 ? 'case' : is === 0 ? 'control' : 'neither',
        outlier: a.outlier,
      }
    })
}

const order = { neither: 0, control: 1, case: 2 }

function draw(people: Person[], explained: number[], width: number): Drawing {
  const narrow = width < 500
  const side = narrow ? width - 40 : 420
  const [left, top, height] = [34, 34, narrow ? width - 80 : 330]
  const share = (k: number) => (explained[k] === undefined ? '' : ` (${percent(explained[k])} of variance)`)
  const x = linear(padded(extent(people.map((p) => p.x)), 0.05), [left, left + side], narrow ? 4 : 6)
  const y = linear(padded(extent(people.map((p) => p.y)), 0.05), [top + height, top], 5)
  const outliers: Markup[] = []
  const parts: Markup[] = [
    axisLeft(y, left, { title: `PC2${share(1)}`, grid: [left, left + side] }),
    axisBottom(x, top + height, { title: `PC1${share(0)}` }),
  ]
  for (const p of people.toSorted((a, b) => order[a.role] - order[b.role])) {
    const [px, py] = [x(p.x), y(p.y)]
    const tip = el('title', {}, `${p.name}: ${p.role}${p.outlier ? ', outlier' : ''}`)
    if (p.role === 'case')
      parts.push(el('circle', { cx: px, cy: py, r: 3.8, fill: 'reversal', stroke: 'paper', 'stroke-width': 0.8 }, tip))
    else
      parts.push(
        el(
          'rect',
          {
            x: px - 2.6,
            y: py - 2.6,
            width: 5.2,
            height: 5.2,
            fill: 'none',
            stroke: p.role === 'control' ? 'typical' : 'unassigned',
            'stroke-width': 1,
          },
          tip,
        ),
      )
    if (p.outlier)
      outliers.push(
        el('circle', { cx: px, cy: py, r: 7.5, fill: 'none', stroke: 'ink', 'stroke-width': 1 }),
        text(px + 11, py + 4, 'outlier', { size: sizes.small, halo: true }),
      )
  }
  parts.push(...outliers)
  const entries = [
    ['case', 'reversalText', 'cases'],
    ['control', 'typicalText', 'controls'],
    ['neither', 'unassignedText', 'neither'],
  ] as const
  const keyX = narrow ? left : left + side + 26
  for (const [k, [role, fill, words]] of entries.entries()) {
    const n = people.filter((p) => p.role === role).length
    if (n === 0) continue
    const at = narrow ? { x: keyX + k * 104, y: top + height + 52 } : { x: keyX, y: top + 16 + k * 22 }
    parts.push(
      role === 'case'
        ? el('circle', { cx: at.x + 4, cy: at.y - 4, r: 3.8, fill: 'reversal' })
        : el('rect', {
            x: at.x + 1.4,
            y: at.y - 6.6,
            width: 5.2,
            height: 5.2,
            fill: 'none',
            stroke: role === 'control' ? 'typical' : 'unassigned',
          }),
      text(at.x + 14, at.y, `${count(n)} ${words}`, { fill }),
    )
  }
  return { width, height: top + height + (narrow ? 60 : 42), body: join(parts) }
}

export function ancestryFigure(study: Study): FigureSpec {
  const everyone = peopleOf(study)
  const summary = study.results.ancestrySummary
  if (everyone.length === 0 || !summary)
    return emptyFigure('ancestry', 'Cases and controls on the components of ancestry', 'No components were computed.')
  const mean = (role: Person['role'], key: 'x' | 'y') => {
    const some = everyone.filter((p) => p.role === role)
    return some.reduce((sum, p) => sum + p[key], 0) / Math.max(1, some.length)
  }
  const apart = Math.max(
    Math.abs(mean('case', 'x') - mean('control', 'x')),
    Math.abs(mean('case', 'y') - mean('control', 'y')),
  )
  return {
    name: 'ancestry',
    title:
      apart < 0.25
        ? 'Cases lie among the controls on the first two components'
        : `Cases and controls differ by ${fixed(apart, 1)} standard deviations on a component of ancestry`,
    caption: `First two principal components of ${count(summary.variants)} variants pruned for linkage disequilibrium, ${plural(everyone.length, 'person', 'people')}; components have unit variance. Outliers (${typeset(summary.rule)}): ${count(summary.outliers.length)}.`,
    description: `Scatter of ancestry components. Mean of PC1: cases ${fixed(mean('case', 'x'), 2)}, controls ${fixed(mean('control', 'x'), 2)}; PC2: cases ${fixed(mean('case', 'y'), 2)}, controls ${fixed(mean('control', 'y'), 2)}.`,
    draw: (width) => draw(everyone, summary.explained, width),
    table: {
      columns: ['Group', 'People', 'PC1, mean', 'PC2, mean', 'Outliers'],
      rows: (['case', 'control', 'neither'] as const).map((role) => [
        { case: 'Cases', control: 'Controls', neither: 'Neither' }[role],
        everyone.filter((p) => p.role === role).length,
        fixed(mean(role, 'x'), 2),
        fixed(mean(role, 'y'), 2),
        everyone.filter((p) => p.role === role && p.outlier).length,
      ]),
    },
  }
}
