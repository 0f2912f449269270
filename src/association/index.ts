export { type AssociateOptions, type AssociationRows, associate } from './associate.ts'
export { type CalibrateOptions, calibrate } from './calibration/calibrate.ts'
export { calibrationFirthTask } from './calibration/firth-task.ts'
export { calibrationTask } from './calibration/subset-task.ts'
export {
  type DesignInput,
  designBlind,
  designStudy,
  type Labels,
  type MaskFamily,
  type MatchedDesign,
  type PrimaryTest,
  type SealedDesign,
  type StudyPerson,
} from './design.ts'
export { type ExactCounts, exactScan } from './exact/scan.ts'
export { exactTask } from './exact/task.ts'
export { testWithinSets } from './matched-form.ts'
export { type MatchedPeople, matchedPeople } from './matched-people.ts'
export {
  effectFromLimits,
  effectOf,
  poolStudies,
  type StudyData,
  sameNumbers,
  type VariantName,
} from './meta/studies.ts'
export { minimaTask } from './minima-task.ts'
export { givenLead } from './regions/given-lead.ts'
export { type RegionOptions, type TestedRegion, testRegions } from './regions/test-regions.ts'
export { rowsTask } from './rows-task.ts'
export { familyHasSexChromosomes } from './scan.ts'
export { compareSources } from './sources/compare-sources.ts'
export type { MeasuredPerson } from './sources/measures.ts'
export { type TableTests, testTable } from './test-table.ts'
