import type { ChunkTask } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { encodeBcfChunk } from '../bcf/write.ts'
import { encodeBedRecords, encodeBimLines } from '../bed/write.ts'
import { chromosomes } from '../import/chromosome.ts'
import { openStore } from '../store/open.ts'
import { encodeVcfChunk, type VcfChunk } from '../vcf/write.ts'
import { readBlock, type WriteSetup } from './records.ts'

/** A block of a store as records of a VCF or BCF file. */
export interface WrittenChunk {
  readonly chunk: VcfChunk
  readonly variants: number
  /** Of these, the ones with dosages. */
  readonly withDosages: number
}

/** A block of a store as parts of PLINK files. */
export interface WrittenBedChunk {
  readonly lines: Uint8Array
  readonly records: Uint8Array
  readonly variants: number
  /** Variants whose dosages BED cannot hold. */
  readonly withDosages: number
}

/** Encodes a block of a store, by its number, as VCF or BCF. */
export const writeRecordsTask: ChunkTask<WriteSetup & { format: 'vcf' | 'bcf' }, number, WrittenChunk> = {
  name: 'genotypes/write records',
  async prepare(setup, host) {
    const store = await openStore(host, setup.store)
    return async (block, signal) => {
      const { keys, genotypes, ...options } = await readBlock(store, setup, block, signal)
      const samples = setup.columns.length
      const chunk =
        setup.format === 'vcf'
          ? await encodeVcfChunk(keys, genotypes, samples, host, options)
          : await encodeBcfChunk(keys, genotypes, samples, host, chromosomes, options)
      return { chunk, variants: keys.position.length, withDosages: countDosages(keys.position.length, options.dosages) }
    }
  },
}

/** Encodes a block of a store, by its number, as BED records and BIM lines. */
export const writeBedTask: ChunkTask<WriteSetup, number, WrittenBedChunk> = {
  name: 'genotypes/write bed',
  async prepare(setup, host) {
    const store = await openStore(host, setup.store)
    return async (block, signal) => {
      const { keys, genotypes, dosages } = await readBlock(store, setup, block, signal)
      const blank = keys.rsid.find((id) => /\s/.test(id))
      if (blank !== undefined)
        throw new UpturnError(
          'FormatInvalid',
          `the id ${JSON.stringify(blank)} has a space in it, which a BIM file cannot hold; write a VCF file`,
        )
      return {
        lines: encodeBimLines(keys),
        records: encodeBedRecords(genotypes, setup.columns.length),
        variants: keys.position.length,
        withDosages: countDosages(keys.position.length, dosages),
      }
    }
  },
}

function countDosages(variants: number, dosages: ((v: number) => unknown) | undefined): number {
  let count = 0
  for (let v = 0; v < variants; v++) if (dosages?.(v) !== undefined) count++
  return count
}
