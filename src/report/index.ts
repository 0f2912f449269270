export { metaForest } from './meta.ts'
export type { EmbeddedFont } from './page/style.ts'
export { type Report, type ReportAssets, type ReportFigure, renderReport } from './render.ts'
export {
  balanceSvg,
  biomarkerSvgs,
  calibrationSvgs,
  callsSvgs,
  incidenceSvg,
  intakeSvg,
  planSvg,
} from './single-figures.ts'
export { faces, type Role, type RoleName, roles, sizes, themeStyle } from './tokens.ts'
