import type { Calibration, Intake, MatchingSummary, Plan } from '../results/index.ts'
import { type FigureSpec, standaloneSvg } from './figure.ts'
import { balanceFigure } from './figures/balance.ts'
import { calibrationFigure } from './figures/calibration.ts'
import { intakeFigure } from './figures/intake.ts'
import { planFigure } from './figures/next-study.ts'
import { powerFigure } from './figures/power.ts'
import { plain } from './markup.ts'
import type { ReportFigure } from './render.ts'
import { widths } from './tokens.ts'

/** A figure as a file of its own. */
function asFile(figure: FigureSpec): ReportFigure {
  return {
    name: figure.name,
    title: plain(figure.title),
    caption: plain(figure.caption),
    svg: standaloneSvg(figure, widths.wide),
  }
}

/** The figures of a certificate: type I error of every test, power of the primary. */
export function calibrationSvgs(calibration: Calibration): ReportFigure[] {
  const study = { results: { calibration, plan: null } }
  return [calibrationFigure(study), powerFigure(study)].map(asFile)
}

/** The figure of a plan made from numbers alone: power by new cases. */
export function planSvg(plan: Plan): ReportFigure {
  return asFile(planFigure(plan, null))
}

/** The love plot of one matching. */
export function balanceSvg(matching: MatchingSummary): ReportFigure {
  return asFile(balanceFigure({ results: { matching } }))
}

/** What a clinical export held. */
export function intakeSvg(intake: Intake): ReportFigure {
  return asFile(intakeFigure({ results: { intake } }))
}
