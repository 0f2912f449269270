export { type AncestryOptions, computeAncestry } from './ancestry/compute.ts'
export { covarianceTask } from './ancestry/covariance.ts'
export { bcfChunkTask } from './bcf/chunk.ts'
export { bedChunkTask } from './bed/chunk.ts'
export { BedFileWriter, type BedHeader, encodeBedRecords } from './bed/write.ts'
export { bgenChunkTask } from './bgen/chunk.ts'
export { writeBedTask, writeRecordsTask } from './convert/tasks.ts'
export { type WrittenFormat, writeGenotypes } from './convert/write.ts'
export { countGenotypes, type GenotypeCountsResult, type VariantRows } from './counts/count.ts'
export { countsTask } from './counts/task.ts'
export type { GenotypeFilters } from './import/file.ts'
export { filtersOf } from './import/filters.ts'
export { detectFormat, type GenotypeFormat } from './import/format.ts'
export { type GenotypeInput, importGenotypes } from './import/import.ts'
export { type GenotypeInspection, inspectGenotypes } from './inspect/inspect.ts'
export { kingTask } from './kinship/king.ts'
export { ldMatrix, ldWithLead, type VariantRange } from './ld/correlation.ts'
export { pruneByLd, pruneTask } from './ld/prune.ts'
export { type CohortStore, type MergeRow, mergeStores } from './merge/merge.ts'
export { isAmbiguous, type MergedVariant, type MergeRules, mergeSite } from './merge/site.ts'
export { type MergeTable, openMergeTable } from './merge/table.ts'
export { assessQuality, type QualityOptions, type QualityResult, type RecordedPerson } from './quality/assess.ts'
export { callRateTask } from './quality/call-rate.ts'
export { heterozygosityTask } from './quality/heterozygosity.ts'
export { hasBit, peopleMask } from './quality/scan.ts'
export { variantFilterTask } from './quality/variant-filter.ts'
export { glanceAtReference, openReference, type ReferenceSequence } from './reference/fasta.ts'
export { type ReferenceInput, withReference } from './reference/table.ts'
export { readRegionsBed, readSampleList } from './regions/lists.ts'
export { mergeRegions, parseRegion, type Region } from './regions/regions.ts'
export { isPseudoautosomal, type SexChromosomeKind, sexChromosomeKind } from './sex-chromosomes.ts'
export {
  blockVariants,
  type DosageRows,
  dosageMissing,
  dosageOne,
  type GenotypeStore,
  openStore,
  readDosages,
  recordBytes,
  type StoreHeader,
  type StoreRegion,
  storeRegion,
  type VariantKeys,
  wordsPerPlane,
} from './store/index.ts'
export { vcfChunkTask } from './vcf/chunk.ts'
export { encodeVcfChunk, type VcfChunk, VcfFileWriter, type VcfHeaderText } from './vcf/write.ts'
