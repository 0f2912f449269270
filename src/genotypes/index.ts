export { BedFileWriter, type BedHeader, encodeBedRecords } from './bed/write.ts'
export { blockVariants, recordBytes, type StoreHeader, type VariantKeys, wordsPerPlane } from './store/layout.ts'
export type { GenotypeStore } from './store/reader.ts'
export { encodeVcfChunk, type VcfChunk, VcfFileWriter, type VcfHeaderText } from './vcf/write.ts'
