export { credibleSet, type Estimate, logBayesFactor } from './credible-set.ts'
export { findLoci, type LociOptions, type LociSources, lociDefaults } from './find-loci.ts'
export { type Gene, type GeneTable, loadGenes } from './genes.ts'
export type { Associations } from './rows.ts'
