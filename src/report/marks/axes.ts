import { el, join, type Markup, text } from '../markup.ts'
import { fixed } from '../numbers.ts'
import { sizes } from '../tokens.ts'
import type { Scale } from './scale.ts'

interface AxisOptions {
  title?: string
  format?: (value: number) => string
  ticks?: readonly number[]
  /** Pixel extent of grid lines across the frame. */
  grid?: readonly [number, number]
}

/** Ticks of one axis all carry as many decimals as the finest needs. */
export function tickFormat(ticks: readonly number[]): (value: number) => string {
  let decimals = 0
  for (const tick of ticks) {
    const text = String(Number(tick.toPrecision(10)))
    const point = text.indexOf('.')
    if (point >= 0 && !text.includes('e')) decimals = Math.max(decimals, text.length - point - 1)
  }
  return (value) => fixed(value, Math.min(decimals, 4))
}

/** A horizontal axis at `y`, ticks below, title below and centred. */
export function axisBottom(x: Scale, y: number, options: AxisOptions = {}): Markup {
  const ticks = options.ticks ?? x.ticks
  const format = options.format ?? tickFormat(ticks)
  const [a, b] = x.range
  return join([
    options.grid && ticks.map((t) => line(x(t), options.grid?.[0] ?? 0, x(t), options.grid?.[1] ?? 0, 'grid')),
    line(Math.min(a, b), y, Math.max(a, b), y, 'soft'),
    ticks.map((t) => [
      line(x(t), y, x(t), y + 4, 'soft'),
      text(x(t), y + 16, format(t), { size: sizes.tick, anchor: 'middle', fill: 'soft' }),
    ]),
    options.title && text((a + b) / 2, y + 34, options.title, { size: sizes.label, anchor: 'middle' }),
  ])
}

/** A vertical axis at `x`. Its title stands above, horizontal, where it can be read without turning the head. */
export function axisLeft(y: Scale, x: number, options: AxisOptions & { titleX?: number } = {}): Markup {
  const ticks = options.ticks ?? y.ticks
  const format = options.format ?? tickFormat(ticks)
  const top = Math.min(...y.range)
  return join([
    options.grid && ticks.map((t) => line(options.grid?.[0] ?? 0, y(t), options.grid?.[1] ?? 0, y(t), 'grid')),
    ticks.map((t) => text(x - 7, y(t) + 4, format(t), { size: sizes.tick, anchor: 'end', fill: 'soft' })),
    options.title && text(options.titleX ?? 0, top - 12, options.title, { size: sizes.label }),
  ])
}

type Stroke = 'grid' | 'soft' | 'rule' | 'ink' | 'lead' | 'reversal' | 'typical'

export function line(x1: number, y1: number, x2: number, y2: number, stroke: Stroke, dash?: string, width = 1): Markup {
  return el('line', { x1, y1, x2, y2, stroke, 'stroke-width': width, 'stroke-dasharray': dash })
}

/** An estimate with its limits: a line and a mark; arrows where a limit leaves the frame. */
export function whisker(
  x: Scale,
  y: number,
  low: number | null,
  high: number | null,
  stroke: string,
  options: { width?: number; dash?: string } = {},
): Markup {
  const [left, right] = [Math.min(...x.range), Math.max(...x.range)]
  const from = low === null || !Number.isFinite(low) ? left : x(low)
  const to = high === null || !Number.isFinite(high) ? right : x(high)
  const a = Math.max(left, Math.min(right, from))
  const b = Math.max(left, Math.min(right, to))
  const width = options.width ?? 1.75
  const arrow = (tip: number, direction: number) =>
    el('path', {
      d: `M${r(tip)},${r(y)}l${-5 * direction},-3.5m${5 * direction},3.5l${-5 * direction},3.5`,
      fill: 'none',
      stroke,
      'stroke-width': width,
    })
  return join([
    el('line', { x1: a, y1: y, x2: b, y2: y, stroke, 'stroke-width': width, 'stroke-dasharray': options.dash }),
    (from < left - 0.5 || low === null) && arrow(left, -1),
    (to > right + 0.5 || high === null) && arrow(right, 1),
  ])
}

export const r = (value: number): string => String(Math.round(value * 10) / 10)

/** A path through points. */
export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${r(x)},${r(y)}`).join('')
}
