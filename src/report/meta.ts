import type { MetaVariant } from '../results/index.ts'
import { standaloneSvg } from './figure.ts'
import { metaForestFigure } from './figures/meta-forest.ts'
import { plain } from './markup.ts'
import type { ReportFigure } from './render.ts'
import { widths } from './tokens.ts'

/** The forest figure of a meta-analysis, as a file of its own. */
export function metaForest(variant: MetaVariant): ReportFigure {
  const figure = metaForestFigure(variant)
  return {
    name: figure.name,
    title: plain(figure.title),
    caption: plain(figure.caption),
    svg: standaloneSvg(figure, widths.wide),
  }
}
