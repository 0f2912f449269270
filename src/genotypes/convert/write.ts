import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { bcfForm } from '../bcf/write.ts'
import { BedFileWriter } from '../bed/write.ts'
import { chromosomes } from '../import/chromosome.ts'
import type { Sex } from '../import/file.ts'
import type { Regions } from '../regions/regions.ts'
import { openStore } from '../store/open.ts'
import { BlockFileWriter, vcfForm } from '../vcf/write.ts'
import type { WriteSetup } from './records.ts'
import { writeBedTask, writeRecordsTask } from './tasks.ts'

export type WrittenFormat = 'vcf' | 'bcf' | 'bed'

export interface WriteOptions {
  /** Folder of the store. */
  readonly store: string
  readonly format: WrittenFormat
  /** Path of a VCF or BCF file; path of a BED file without `.bed`. */
  readonly path: string
  /** People in the order of the columns; all must be in the store. */
  readonly samples: readonly string[]
  readonly sexes: ReadonlyMap<string, Sex>
  /** Of a store that holds more: variants whose trimmed reference allele overlaps these. */
  readonly regions?: Regions
}

export interface WriteResult {
  files: string[]
  samples: number
  variants: number
  /** Variants with dosages: written as DS, but lost in a BED file. */
  variantsWithDosages: number
}

/**
 * Writes a store as a genotype file with its index: VCF in BGZF and TBI, BCF 2.2 and CSI, or the three PLINK 1 files. Calls on Y and on X
 * outside the pseudoautosomal regions have one allele for people known to be men, calls on MT for everybody. The file appears
 * when it is whole; with any number of workers it has the same bytes.
 */
export async function writeGenotypes(options: WriteOptions, workshop: Workshop): Promise<WriteResult> {
  const { host, run, signal } = workshop
  const { format, path, samples, sexes, regions } = options
  const store = await openStore(host, options.store)
  const { header } = store
  await store.close()
  const bits = new Map(header.samples.map((id, s) => [id, s]))
  const setup: WriteSetup = {
    store: options.store,
    columns: Int32Array.from(samples, (id) => bits.get(id) ?? -1),
    men: Uint8Array.from(samples, (id) => Number(sexes.get(id) === 'male')),
    regions,
  }
  const blocks = header.blocks.map((_, b) => b)
  const label = 'writing genotypes'
  const weights = header.blocks.map((block) => block.variants)
  let variants = 0
  let variantsWithDosages = 0
  if (format === 'bed') {
    const writer = new BedFileWriter(host, path, { samples, sexes: samples.map((id) => sexes.get(id) ?? null) })
    try {
      for await (const part of run(writeBedTask, setup, blocks, { label, weights })) {
        signal.throwIfAborted()
        await writer.appendLines(part.lines, part.variants, part.records)
        variants += part.variants
        variantsWithDosages += part.withDosages
      }
      if (variants === 0) throw nothing()
      await writer.commit()
    } catch (error) {
      await writer.discard()
      throw error
    }
    return {
      files: ['bed', 'bim', 'fam'].map((end) => `${path}.${end}`),
      samples: samples.length,
      variants,
      variantsWithDosages,
    }
  }
  const head = {
    build: header.build,
    samples,
    contigs: chromosomes.map((name) => ({ name })),
    dosages: header.format === 2,
  }
  const form = format === 'vcf' ? vcfForm(head) : bcfForm(head)
  const writer = new BlockFileWriter(host, path, form)
  try {
    for await (const part of run(writeRecordsTask, { ...setup, format }, blocks, { label, weights })) {
      signal.throwIfAborted()
      await writer.append(part.chunk)
      variants += part.variants
      variantsWithDosages += part.withDosages
    }
    if (variants === 0) throw nothing()
    await writer.commit()
  } catch (error) {
    await writer.discard()
    throw error
  }
  return { files: [path, `${path}.${form.index.kind}`], samples: samples.length, variants, variantsWithDosages }
}

function nothing(): UpturnError {
  return new UpturnError('BadArgument', 'no variant of the store lies inside the regions asked for')
}
