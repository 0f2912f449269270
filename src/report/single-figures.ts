import type {
  Biomarkers,
  Calibration,
  CallsSummary,
  GroupRow,
  Intake,
  MatchingSummary,
  Plan,
  SurvivalRegression,
  VisitScore,
} from '../results/index.ts'
import { type FigureSpec, standaloneSvg } from './figure.ts'
import { agreementFigure } from './figures/agreement.ts'
import { balanceFigure } from './figures/balance.ts'
import { biomarkerFigure } from './figures/biomarker.ts'
import { biomarkerCourseFigure } from './figures/biomarker-course.ts'
import { calibrationFigure } from './figures/calibration.ts'
import { caseFlowFigure } from './figures/case-flow.ts'
import { type IncidenceWords, tableIncidenceFigure } from './figures/incidence.ts'
import { intakeFigure } from './figures/intake.ts'
import { planFigure } from './figures/next-study.ts'
import { powerFigure } from './figures/power.ts'
import { sensitivityFigure } from './figures/sensitivity.ts'
import { trajectoriesFigure } from './figures/trajectories.ts'
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

/** The figures of each biomarker where there is no study around them: by group and over time. */
export function biomarkerSvgs({ biomarkers }: Biomarkers): ReportFigure[] {
  return biomarkers.flatMap((marker) =>
    [biomarkerFigure(marker), biomarkerCourseFigure(marker)].filter((figure) => figure !== null).map(asFile),
  )
}

/** The love plot of one matching. */
export function balanceSvg(matching: MatchingSummary): ReportFigure {
  return asFile(balanceFigure({ results: { matching } }))
}

/** Incidence of the events of a table of people. */
export function incidenceSvg(found: SurvivalRegression, words: IncidenceWords): ReportFigure {
  return asFile(tableIncidenceFigure(found, words))
}

/** What a clinical export held. */
export function intakeSvg(intake: Intake): ReportFigure {
  return asFile(intakeFigure({ results: { intake } }))
}

/** The figures of calls: the way to a confirmed call, how definitions agree, what the rule's parameters do, and the course of everybody called. */
export function callsSvgs(callsSummary: CallsSummary, groups: GroupRow[], visits: VisitScore[]): ReportFigure[] {
  const study = { results: { callsSummary, groups, visits } }
  return [caseFlowFigure(study), agreementFigure(study), sensitivityFigure(study), trajectoriesFigure(study)]
    .filter((figure) => figure.draw !== null)
    .map(asFile)
}
