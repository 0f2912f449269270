import { UpturnError } from '../../errors/index.ts'
import type { ByteSink, Host } from '../../host/host.ts'
import { recordBytes, type VariantKeys, wordsPerPlane } from '../store/layout.ts'

/** PLINK 1 binary, SNP-major. */
export const bedMagic: Uint8Array = Uint8Array.from([0x6c, 0x1b, 0x01])

/** Bytes of one variant in a BED file. */
export function bedRecordBytes(samples: number): number {
  return Math.ceil(samples / 4)
}

/** BED code by low + 2 high: no copy of A1 is 3, one is 2, two is 0, missing is 1. */
const code = [3, 2, 0, 1]

/** Four genotypes as a BED byte, by four low bits + 16 times four high bits. */
const bedByte = Uint8Array.from({ length: 256 }, (_, bits) => {
  let byte = 0
  for (let k = 0; k < 4; k++) byte |= code[((bits >> k) & 1) | (((bits >> (4 + k)) & 1) << 1)] << (2 * k)
  return byte
})

/** Records of the packed store as BED records (A1 = alt), in the same order of people. */
export function encodeBedRecords(genotypes: Uint8Array, samples: number): Uint8Array {
  const storeBytes = recordBytes(samples)
  const bytes = bedRecordBytes(samples)
  const count = storeBytes === 0 ? 0 : genotypes.length / storeBytes
  if (!Number.isInteger(count))
    throw new UpturnError('BadArgument', 'the genotype records do not fit the number of samples')
  const planeBytes = 8 * wordsPerPlane(samples)
  const lastMask = samples % 4 === 0 ? 255 : (1 << (2 * (samples % 4))) - 1
  const records = new Uint8Array(count * bytes)
  for (let v = 0; v < count; v++) {
    const low = v * storeBytes
    const high = low + planeBytes
    const at = v * bytes
    for (let k = 0; k < bytes; k++) {
      const shift = (k & 1) << 2
      records[at + k] =
        bedByte[((genotypes[low + (k >> 1)] >> shift) & 15) | (((genotypes[high + (k >> 1)] >> shift) & 15) << 4)]
    }
    records[at + bytes - 1] &= lastMask
  }
  return records
}

/** Lines of a BIM file: chromosome, id, centimorgans (not known), position, A1 = alt, A2 = ref. */
export function encodeBimLines(keys: VariantKeys): Uint8Array {
  const lines = Array.from(
    keys.position,
    (position, v) => `${keys.chromosome[v]}\t${keys.rsid[v] || '.'}\t0\t${position}\t${keys.alt[v]}\t${keys.ref[v]}\n`,
  )
  return new TextEncoder().encode(lines.join(''))
}

export interface BedHeader {
  samples: readonly string[]
  /** One a sample; unknown where absent. */
  sexes?: readonly ('female' | 'male' | null)[]
}

/** Writes `prefix.bed`, `.bim` and `.fam`; people of a family of their own, without phenotype. */
export class BedFileWriter {
  readonly #host: Host
  readonly #prefix: string
  readonly #header: BedHeader
  #bed: ByteSink | undefined
  #bim: ByteSink | undefined

  constructor(host: Host, prefix: string, header: BedHeader) {
    const bad = header.samples.find((id) => id === '' || /\s/.test(id))
    if (bad !== undefined)
      throw new UpturnError('BadArgument', `the sample id ${JSON.stringify(bad)} cannot be written to a FAM file`)
    this.#host = host
    this.#prefix = prefix
    this.#header = header
  }

  /** @param records what `encodeBedRecords` made of these keys' genotypes */
  async append(keys: VariantKeys, records: Uint8Array): Promise<void> {
    await this.appendLines(encodeBimLines(keys), keys.position.length, records)
  }

  /** As `append`, with the keys as `encodeBimLines` wrote them. */
  async appendLines(lines: Uint8Array, count: number, records: Uint8Array): Promise<void> {
    if (records.length !== count * bedRecordBytes(this.#header.samples.length))
      throw new UpturnError('BadArgument', 'the BED records do not fit the number of keys and samples')
    const { bed, bim } = await this.#open()
    await bed.write(records)
    await bim.write(lines)
  }

  async commit(): Promise<void> {
    const { bed, bim } = await this.#open()
    const { samples, sexes } = this.#header
    const sexCode = (s: number) => (sexes?.[s] === 'male' ? 1 : sexes?.[s] === 'female' ? 2 : 0)
    const lines = samples.map((id, s) => `${id}\t${id}\t0\t0\t${sexCode(s)}\t-9\n`)
    const fam = await this.#host.create(`${this.#prefix}.fam`)
    try {
      await fam.write(new TextEncoder().encode(lines.join('')))
    } catch (error) {
      await fam.discard()
      throw error
    }
    // Never a part of an earlier file among the new ones: without its .bed it is none.
    await this.#host.remove(`${this.#prefix}.bed`)
    await fam.commit()
    await bim.commit()
    await bed.commit()
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#bed?.discard()
    await this.#bim?.discard()
  }

  async #open(): Promise<{ bed: ByteSink; bim: ByteSink }> {
    if (this.#bed === undefined || this.#bim === undefined) {
      this.#bed = await this.#host.create(`${this.#prefix}.bed`)
      this.#bim = await this.#host.create(`${this.#prefix}.bim`)
      await this.#bed.write(bedMagic)
    }
    return { bed: this.#bed, bim: this.#bim }
  }
}
