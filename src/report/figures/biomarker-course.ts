import type { Biomarker, BiomarkerCourse } from '../../results/index.ts'
import type { Drawing, FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, path } from '../marks/axes.ts'
import { extent, linear, logarithmic } from '../marks/scale.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, count, interval, plural, pValue, significant } from '../numbers.ts'
import { roleOfGroup } from '../study.ts'
import { sizes } from '../tokens.ts'
import { biomarkerName } from './biomarker.ts'

/** Above this many people a panel shows every second, third, ... one. */
const linesMost = 60

function panel(
  course: BiomarkerCourse,
  group: BiomarkerCourse['groups'][number],
  box: { left: number; right: number; top: number; bottom: number },
  years: number,
  domain: [number, number],
): Markup {
  const role = roleOfGroup(group.group)
  const x = linear([0, years], [box.left, box.right], 3)
  const y = logarithmic(domain, [box.bottom, box.top], 5)
  const own = course.lines.filter((l) => l.group === group.group)
  const stride = Math.max(1, Math.ceil(own.length / linesMost))
  const until = Math.min(group.years, years)
  const steps = Array.from({ length: 13 }, (_, k) => (until * k) / 12)
  return join([
    ...own
      .filter((_, i) => i % stride === 0)
      .map((l) =>
        el(
          'path',
          {
            d: path(l.years.map((t, k) => [x(t), y(l.values[k])] as const)),
            fill: 'none',
            stroke: role.mark,
            'stroke-width': 1,
            'stroke-opacity': 0.4,
          },
          el('title', {}, clean(l.patient, 24)),
        ),
      ),
    el('path', {
      d: path(steps.map((t) => [x(t), y(group.start * group.ratio ** t)] as const)),
      fill: 'none',
      stroke: 'ink',
      'stroke-width': 2.25,
    }),
    axisBottom(x, box.bottom),
    text(box.left, box.top - 22, role.title, { fill: role.text, weight: 600 }),
    text(box.left, box.top - 8, `× ${significant(group.ratio, 3)} a year`, { size: sizes.tick }),
    text(box.right, box.top - 22, `n = ${count(group.people)}`, { size: sizes.tick, anchor: 'end', fill: 'soft' }),
  ])
}

function draw(marker: Biomarker, course: BiomarkerCourse, width: number): Drawing {
  const perRow = width < 500 ? 2 : Math.min(5, course.groups.length)
  const values = course.lines.flatMap((l) => l.values).filter((v) => v > 0)
  const [low, high] = extent(values)
  const domain: [number, number] = [low * 0.92, high * 1.08]
  const years = Math.max(...course.lines.flatMap((l) => l.years), 0.5)
  const [left, gap, first, height] = [34, 22, 66, 150]
  const panelWidth = (width - left - gap * (perRow - 1)) / perRow
  const rowHeight = height + 78
  const parts: Markup[] = [
    text(0, 14, `${clean(marker.name, 30)}, ${clean(marker.unit, 16)} (log scale), by years since the first value`, {
      size: sizes.label,
    }),
  ]
  course.groups.forEach((group, k) => {
    const column = k % perRow
    const top = first + Math.floor(k / perRow) * rowHeight
    const box = {
      left: left + column * (panelWidth + gap),
      right: left + column * (panelWidth + gap) + panelWidth,
      top,
      bottom: top + height,
    }
    const y = logarithmic(domain, [box.bottom, box.top], 5)
    if (column === 0) parts.push(axisLeft(y, left, { format: chosen }))
    parts.push(panel(course, group, box, years, domain))
  })
  const rows = Math.ceil(course.groups.length / perRow)
  return { width, height: first + rows * rowHeight - 48, body: join(parts) }
}

/** Levels over time, one panel a group; null where there is no model of them. */
export function biomarkerCourseFigure(marker: Biomarker): FigureSpec | null {
  const { course } = marker
  if (course == null || course.status !== 'ok' || course.groups.length === 0 || course.lines.length === 0) return null
  const name = clean(marker.name, 30)
  const c = course.contrast
  const compared = c
    ? `Reversals against typical progressors: ${interval(c.ratio, c.low, c.high)} times a year, p\u00a0=\u00a0${pValue(c.negLog10P)}.`
    : 'Reversals and typical progressors could not be compared.'
  return {
    name: `${biomarkerName(marker)}-course`,
    title: !c
      ? `${name} over time, by group`
      : c.low > 1 || c.high < 1
        ? `${name} changed ${c.ratio > 1 ? 'upwards' : 'downwards'} over time in reversals, compared with typical progressors`
        : `${name} did not clearly change differently over time in reversals`,
    caption: `${plural(course.people, 'person', 'people')} with ${count(course.values)} values${course.censored > 0 ? `, ${count(course.censored)} of them outside the range of the assay and entered as censored` : ''}; thin lines are people with two values or more, thick lines the groups’ means from a mixed model of the logarithm with ${course.randomSlopes ? 'random levels and slopes' : 'random levels'}, adjusted for age and sex. ${compared} A group is defined by its course, so a difference is no cause.`,
    description: course.groups
      .map((g) => `${roleOfGroup(g.group).title}: ${interval(g.ratio, g.low, g.high)} times a year, n ${g.people}`)
      .join('. '),
    draw: (width) => draw(marker, course, width),
    table: {
      columns: [
        'Group',
        'People',
        'Values',
        `At the first value, ${clean(marker.unit, 16)}`,
        '95% interval',
        'Ratio a year',
        '95% interval of it',
      ],
      rows: course.groups.map((g) => [
        roleOfGroup(g.group).title,
        g.people,
        g.values,
        significant(g.start, 3),
        `${significant(g.startLow, 3)} to ${significant(g.startHigh, 3)}`,
        significant(g.ratio, 3),
        `${significant(g.low, 3)} to ${significant(g.high, 3)}`,
      ]),
    },
  }
}
