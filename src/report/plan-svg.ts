import type { Plan } from '../results/index.ts'
import { standaloneSvg } from './figure.ts'
import { planFigure } from './figures/next-study.ts'
import { plain } from './markup.ts'
import type { ReportFigure } from './render.ts'
import { widths } from './tokens.ts'

/** The figure of a plan made from numbers alone: power by new cases. */
export function planSvg(plan: Plan): ReportFigure {
  const figure = planFigure(plan, null)
  return {
    name: figure.name,
    title: plain(figure.title),
    caption: plain(figure.caption),
    svg: standaloneSvg(figure, widths.wide),
  }
}
