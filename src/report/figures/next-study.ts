import type { Plan } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, line, path } from '../marks/axes.ts'
import { linear } from '../marks/scale.ts'
import { spread } from '../marks/text.ts'
import { el, join, type Markup, text } from '../markup.ts'
import { chosen, chosenPercent, count, percent, plural, pPlain, ratio } from '../numbers.ts'
import type { Study } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'

type Curves = Plan['replication']

const shades: RoleName[] = ['ld5', 'ld4', 'ld3']

/** A curve that ends this low is named beside its end. */
const flat = (power: number): boolean => power < 0.15

function panel(
  curves: Curves,
  title: string,
  x0: number,
  width: number,
  narrow: boolean,
): { body: Markup; height: number } {
  const [left, right, top, height] = [x0 + 36, x0 + width - 6, 78, narrow ? 180 : 200]
  const needed = Math.max(...curves.map((c) => c.casesNeeded ?? 0))
  const longest = Math.max(...curves.flatMap((c) => c.curve.map((p) => p.cases)), 10)
  const most = needed > 0 ? Math.min(longest, Math.max(needed * 1.6, 20)) : longest
  const x = linear([0, most], [left, right])
  const y = linear([0, 1], [top + height, top])
  const inside = curves.map((c) => c.curve.filter((p) => p.cases <= most))
  // A curve is named where it comes to the top, or at its end.
  const named = inside.map((points) => points.find((p) => p.power >= 0.97) ?? points.at(-1))
  const labels = spread(
    named.map((p) => x(p?.cases ?? 0)),
    50,
    left + 18,
    right - 18,
  )
  // The numbers that matter stand at their diamonds, as far as they do not meet.
  // The corrected odds ratio, second of the list, comes first.
  const marked: number[] = []
  for (const c of [...curves.slice(1, 2), ...curves.slice(0, 1), ...curves.slice(2)]) {
    const n = c.casesNeeded
    if (n !== null && n <= most && marked.every((k) => Math.abs(x(k) - x(n)) > 24)) marked.push(n)
  }
  const parts: Markup[] = [
    text(x0, 12, title, { weight: 600 }),
    text(x0, 32, 'Power', {}),
    axisLeft(y, left, { ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], format: chosenPercent, grid: [left, right] }),
    axisBottom(x, top + height, { title: 'New cases', format: count }),
    line(left, y(0.8), right, y(0.8), 'soft', '4 3'),
  ]
  const words: Markup[] = []
  for (const [k, c] of curves.entries()) {
    const role = shades[k % shades.length]
    const points = inside[k]
    const at = named[k]
    if (points.length === 0 || at === undefined) continue
    parts.push(
      el('path', {
        d: `${path(points.map((p) => [x(p.cases), y(p.high)]))}${path(points.toReversed().map((p) => [x(p.cases), y(p.low)])).replace('M', 'L')}Z`,
        fill: role,
        'fill-opacity': 0.16,
      }),
      el('path', {
        d: path(points.map((p) => [x(p.cases), y(p.power)])),
        fill: 'none',
        stroke: role,
        'stroke-width': 1.75,
      }),
      join(
        points.map((p) =>
          el(
            'circle',
            { cx: x(p.cases), cy: y(p.power), r: 2.4, fill: role },
            el(
              'title',
              {},
              `${count(p.cases)} cases, ${count(p.controls)} controls, odds ratio ${ratio(c.or)}: power ${percent(p.power)}`,
            ),
          ),
        ),
      ),
    )
    if (flat(at.power)) {
      // A leader from the top would cross the whole frame: the curve is named where it lies.
      const below = curves.slice(k + 1).filter((_, j) => flat(named[k + 1 + j]?.power ?? 1)).length
      parts.push(
        text(right - 2, y(at.power) - 8 - below * 15, `OR ${ratio(c.or)}`, {
          size: sizes.tick,
          anchor: 'end',
          fill: 'leadText',
          halo: true,
        }),
      )
    } else
      parts.push(
        el('path', { d: `M${labels[k]},${top - 12}L${x(at.cases)},${y(at.power) - 5}`, stroke: 'rule', fill: 'none' }),
        text(labels[k], top - 16, `OR ${ratio(c.or)}`, { size: sizes.tick, anchor: 'middle', fill: 'leadText' }),
      )
    if (c.casesNeeded !== null && c.casesNeeded <= most)
      parts.push(
        line(x(c.casesNeeded), y(0.8), x(c.casesNeeded), top + height, 'soft', '2 3'),
        el(
          'path',
          {
            d: `M${x(c.casesNeeded)},${y(0.8) - 5}l5,5l-5,5l-5,-5Z`,
            fill: 'paper',
            stroke: role,
            'stroke-width': 1.5,
          },
          el('title', {}, `${count(c.casesNeeded)} cases for 80% power`),
        ),
      )
    if (c.casesNeeded !== null && marked.includes(c.casesNeeded))
      words.push(
        text(x(c.casesNeeded) + 4, top + height - 8, count(c.casesNeeded), {
          size: sizes.small,
          weight: 600,
          halo: true,
        }),
      )
  }
  return { body: join([...parts, ...words]), height: top + height + 42 }
}

function draw(plan: Plan, width: number): Drawing {
  const narrow = width < 500
  const panels = [
    { curves: plan.replication, title: `Replication, level ${chosen(plan.replication.at(0)?.alpha ?? 0.05)}` },
    { curves: plan.discovery, title: 'Discovery, family-wise level' },
  ].filter((p) => p.curves.length > 0)
  if (narrow || panels.length === 1) {
    let y = 0
    const parts = panels.map((p) => {
      const { body, height } = panel(p.curves, p.title, 0, width, narrow)
      const placed = el('g', { transform: `translate(0 ${y})` }, body)
      y += height + 26
      return placed
    })
    return { width, height: y - 26, body: join(parts) }
  }
  const half = width / 2 - 14
  const drawn = panels.map((p, i) => panel(p.curves, p.title, i * (half + 28), half, false))
  return { width, height: Math.max(...drawn.map((d) => d.height)), body: join(drawn.map((d) => d.body)) }
}

export function nextStudyFigure(study: Study): FigureSpec {
  return planFigure(study.results.plan, study.results.association?.primary.significant ?? false)
}

/** The figure of a plan; `significant`: whether its lead was, null where the plan has none. */
export function planFigure(plan: Plan | null | undefined, significant: boolean | null): FigureSpec {
  if (
    !plan ||
    (plan.replication.every((c) => c.curve.length === 0) && plan.discovery.every((c) => c.curve.length === 0))
  )
    return emptyFigure(
      'next-study',
      'How large the next study must be',
      'There is no lead variant to plan a replication for.',
    )
  const corrected = plan.achieved?.or
  const main =
    plan.replication.find((c) => corrected !== undefined && Math.abs(c.or - corrected) < 1e-6) ?? plan.replication.at(0)
  const first = plan.replication.at(0) ?? plan.discovery.at(0)
  return {
    name: 'next-study',
    title:
      main && main.casesNeeded !== null
        ? `A replication needs about ${count(main.casesNeeded)} new cases if the true odds ratio is ${ratio(main.or)}${significant === false ? ', and the lead is not significant' : ''}`
        : 'No size that was tried reaches 80% power',
    caption: `Power by number of new cases, each with ${plural(first?.ratio ?? 0, 'control')}, at a frequency of ${percent(first?.maf ?? 0)} of the alternate allele among controls, ${plan.winnersCurse || significant !== null ? 'for odds ratios as observed, corrected for selection, and smaller' : 'at the odds ratio given'}; by the test actually used. Diamonds, and the bold numbers below them: 80% power. Bands: 95% intervals of the calculation.${plan.discovery.length > 0 ? ` Discovery is at the family-wise threshold, p\u00a0=\u00a0${pPlain(plan.discovery[0].alpha)}.` : ''}`,
    description: [
      ...plan.replication.map(
        (c) =>
          `Replication at odds ratio ${ratio(c.or)}: ${c.casesNeeded === null ? 'not reached' : `${count(c.casesNeeded)} cases`}`,
      ),
      ...plan.discovery.map(
        (c) =>
          `Discovery at odds ratio ${ratio(c.or)}: ${c.casesNeeded === null ? 'not reached' : `${count(c.casesNeeded)} cases`}`,
      ),
    ].join('. '),
    draw: (width) => draw(plan, width),
    table: {
      columns: ['Aim', 'Odds ratio', 'Allele frequency', 'Level', 'Controls a case', 'Cases for 80% power'],
      rows: [
        ...plan.replication.map((c) => ['Replication', c] as const),
        ...plan.discovery.map((c) => ['Discovery', c] as const),
      ].map(([aim, c]) => [
        aim,
        ratio(c.or),
        percent(c.maf),
        pPlain(c.alpha),
        c.ratio,
        c.casesNeeded === null ? 'more than were tried' : count(c.casesNeeded),
      ]),
    },
  }
}
