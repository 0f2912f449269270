import type { CallsSummary } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, path } from '../marks/axes.ts'
import { linear } from '../marks/scale.ts'
import { spread } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count } from '../numbers.ts'
import type { PartOfStudy } from '../study.ts'
import { sizes } from '../tokens.ts'

type Sensitivity = NonNullable<CallsSummary['sensitivity']>
type Variant = Sensitivity['variants'][number]

const levelWords: Readonly<Record<string, string>> = {
  none: 'nobody excluded',
  mimics: 'without mimics',
  'mimics-and-mutations': 'nor mutations',
}
/** A shape of its own for each level, so that colour need not tell. */
const dashes: readonly (string | undefined)[] = [undefined, '5 3', '1.5 3']
const roles = ['even', 'reversal', 'odd'] as const
const wordRoles = ['ink', 'reversalText', 'soft'] as const

const axes: Readonly<Record<Variant['parameter'], { title: string; format(value: number): string }>> = {
  days: { title: 'Months that the gain must hold', format: (value) => String(Math.round(value / 3.04375) / 10) },
  gain: { title: 'Points that must be gained', format: (value) => String(value) },
  longest_gap_days: { title: 'Longest gap between visits, days', format: (value) => String(value) },
}

const said = ({ parameter, value }: Variant) => (value === null ? 'any' : axes[parameter].format(value))

function panel(
  variants: readonly Variant[],
  left: number,
  right: number,
  top: number,
  height: number,
  most: number,
): Markup {
  const { parameter } = variants[0]
  const numbers = variants.filter(({ value }) => value !== null)
  const values = numbers.map(({ value }) => value ?? 0)
  const unlimited = variants.find(({ value }) => value === null)
  // What has no limit stands one step beyond the largest value.
  const step = values.length > 1 ? (Math.max(...values) - Math.min(...values)) / (values.length - 1) : 1
  const end = unlimited === undefined ? Math.max(...values) : Math.max(...values) + step
  const x = linear([Math.min(...values), end], [left, right])
  const y = linear([0, most], [top + height, top])
  const at = ({ value }: Variant) => x(value ?? end)
  const ordered = unlimited === undefined ? numbers : [...numbers, unlimited]
  const levels = variants[0].strictness.map(({ level }) => level)
  const parts: Markup[] = [
    axisLeft(y, left, { grid: [left, right], title: 'People called', titleX: left - 26 }),
    axisBottom(x, top + height, {
      title: axes[parameter].title,
      ticks: ordered.map((variant) => variant.value ?? end),
      format: (value) => (value === end && unlimited !== undefined ? 'any' : axes[parameter].format(value)),
    }),
  ]
  for (const [k] of levels.entries()) {
    const points = ordered.map((variant) => [at(variant), y(variant.strictness[k].yes)] as const)
    parts.push(
      el('path', {
        d: path(points),
        fill: 'none',
        stroke: roles[k % roles.length],
        'stroke-width': 1.75,
        'stroke-dasharray': dashes[k % dashes.length] ?? null,
      }),
      join(
        ordered.map((variant, i) =>
          el(
            'circle',
            {
              cx: points[i][0],
              cy: points[i][1],
              r: variant.own ? 4.2 : 2.6,
              fill: variant.own ? 'paper' : roles[k % roles.length],
              stroke: roles[k % roles.length],
              'stroke-width': variant.own ? 2 : 1,
            },
            el(
              'title',
              {},
              `${axes[parameter].title}: ${said(variant)}; ${levelWords[levels[k]] ?? levels[k]}: ${count(variant.strictness[k].yes)}`,
            ),
          ),
        ),
      ),
    )
  }
  return join(parts)
}

function draw(sensitivity: Sensitivity, width: number): Drawing {
  const narrow = width < 500
  const parameters = (
    [...new Set(sensitivity.variants.map(({ parameter }) => parameter))] as Variant['parameter'][]
  ).map((parameter) => sensitivity.variants.filter((variant) => variant.parameter === parameter))
  const most = Math.max(1, ...sensitivity.variants.flatMap(({ strictness }) => strictness.map(({ yes }) => yes)))
  const labels = narrow ? 0 : 104
  const columns = narrow ? 1 : parameters.length
  const gutter = 44
  const panelWidth = (width - labels - gutter * columns) / columns
  const height = 170
  const rowHeight = height + 84
  const parts: Markup[] = []
  for (const [i, variants] of parameters.entries()) {
    const column = narrow ? 0 : i
    const left = gutter - 14 + column * (panelWidth + gutter)
    const top = 30 + (narrow ? i * rowHeight : 0)
    parts.push(panel(variants, left, left + panelWidth, top, height, most))
  }
  const rows = narrow ? parameters.length : 1
  const total = 30 + rows * rowHeight - 30
  const levels = sensitivity.variants[0].strictness.map(({ level }) => level)
  const last = parameters[parameters.length - 1].at(-1)
  if (narrow) {
    // No room beside the panels: a line of keys below.
    let key = 0
    for (const [k, level] of levels.entries()) {
      const yKey = total + 8 + key++ * 17
      parts.push(
        el('line', {
          x1: 30,
          x2: 62,
          y1: yKey - 4,
          y2: yKey - 4,
          stroke: roles[k % roles.length],
          'stroke-width': 1.75,
          'stroke-dasharray': dashes[k % dashes.length] ?? null,
        }),
        text(70, yKey, levelWords[level] ?? clean(level, 30), { size: sizes.tick }),
      )
    }
    return { width, height: total + 12 + levels.length * 17, body: join(parts) }
  }
  if (last !== undefined) {
    const y = linear([0, most], [30 + height, 30])
    const places = spread(
      last.strictness.map(({ yes }) => y(yes)),
      14,
      30,
      30 + height,
    )
    for (const [k, level] of levels.entries())
      parts.push(
        text(width - labels + 2, places[k] + 4, levelWords[level] ?? clean(level, 30), {
          size: sizes.tick,
          fill: wordRoles[k % wordRoles.length],
        }),
      )
  }
  return { width, height: total, body: join(parts) }
}

function sentence(title: string, own: number, numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
  const people = own === 1 ? 'one person meets' : `${count(own)} people meet`
  return least === most
    ? `How long a gain must hold makes no difference: ${people} “${title}” over every time tried`
    : `How long a gain must hold matters: ${people} “${title}”, ${count(least)} to ${count(most)} over the other times tried`
}

/** How the number of people called depends on the definition's parameters and on who is excluded. */
export function sensitivityFigure(study: PartOfStudy<'callsSummary'>): FigureSpec {
  const summary = study.results.callsSummary
  const sensitivity = summary?.sensitivity
  const title = 'How the number of calls depends on the rule'
  if (!summary || sensitivity === undefined || sensitivity.variants.length === 0)
    return emptyFigure('sensitivity', title, 'The study’s definition asks for no gain that must hold.')
  const definition = summary.definitions.find(({ id }) => id === summary.definition)
  const own = sensitivity.variants.find((variant) => variant.parameter === 'days' && variant.own)
  const windows = sensitivity.variants.filter(({ parameter, own: itself }) => parameter === 'days' && !itself)
  const level = own?.strictness[0]
  const numbers = windows.map(({ strictness }) => strictness[0].yes)
  return {
    name: 'sensitivity',
    title: sentence(clean(definition?.title ?? summary.definition, 48), level?.yes ?? 0, numbers),
    caption:
      'People whom the study’s definition calls when one of its parameters is changed (open circles: its own value), at each strictness of exclusion. A gain not seen for long enough is no call; such people are in the table.',
    description: sensitivity.variants
      .map(
        (variant) =>
          `${axes[variant.parameter].title} ${said(variant)}: ${variant.strictness.map(({ level: name, yes }) => `${count(yes)} ${levelWords[name] ?? name}`).join(', ')}`,
      )
      .join('. '),
    draw: (width) => draw(sensitivity, width),
    table: {
      columns: ['What is changed', 'To', 'Excluded', 'Called', 'Not seen for long enough'],
      rows: [
        ...sensitivity.variants.flatMap((variant) =>
          variant.strictness.map(({ level: name, yes, unconfirmed }) => [
            axes[variant.parameter].title,
            `${said(variant)}${variant.own ? ' (own)' : ''}`,
            levelWords[name] ?? clean(name, 30),
            yes,
            unconfirmed,
          ]),
        ),
        ...sensitivity.definitions.flatMap(({ id, strictness }) => {
          const of = summary.definitions.find((one) => one.id === id)
          return strictness.map(({ level: name, yes, unconfirmed }) => [
            'Definition',
            clean(of?.title ?? id, 60),
            levelWords[name] ?? clean(name, 30),
            yes,
            unconfirmed,
          ])
        }),
      ],
    },
  }
}
