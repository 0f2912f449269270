import { isUpturnError, UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { openBcfFile } from '../bcf/file.ts'
import { isBcf } from '../bcf/start.ts'
import { openBedFile } from '../bed/file.ts'
import { openBgenFile } from '../bgen/file.ts'
import { isBgen } from '../bgen/header.ts'
import { blockHeader, inflateBlock, isGzip, maximumBlockBytes } from '../bgzf/block.ts'
import { inflateGzip } from '../bgzf/gzip.ts'
import { openPgenFile } from '../pgen/file.ts'
import { pgenPrefix } from '../pgen/files.ts'
import { openVcfFile } from '../vcf/file.ts'
import type { GenotypeFile, OpenOptions } from './file.ts'

export type GenotypeFormat = 'vcf' | 'bcf' | 'bed' | 'pgen' | 'bgen'

const openers: Readonly<
  Record<
    GenotypeFormat,
    (host: Host, path: string, signal?: AbortSignal, options?: OpenOptions) => Promise<GenotypeFile>
  >
> = { vcf: openVcfFile, bcf: openBcfFile, bed: openBedFile, pgen: openPgenFile, bgen: openBgenFile }

export function openGenotypeFile(
  host: Host,
  path: string,
  format: string,
  signal?: AbortSignal,
  options: OpenOptions = {},
): Promise<GenotypeFile> {
  if (!Object.hasOwn(openers, format))
    throw new UpturnError(
      'FormatUnknown',
      `the genotype format ${format} is not read; ${Object.keys(openers).join(', ')} are`,
      {
        place: { file: path },
      },
    )
  if (format !== 'bgen' && (options.ref ?? options.sample) !== undefined)
    throw new UpturnError(
      'BadArgument',
      `which allele is the reference (ref) and a .sample file (sample) are for BGEN alone; leave them out for ${format}`,
      { place: { file: path } },
    )
  return openers[format as GenotypeFormat](host, path, signal, options)
}

/** The format of a file: by its first bytes and, where they say nothing, by its name. */
export async function detectFormat(host: Host, path: string, signal?: AbortSignal): Promise<GenotypeFormat> {
  const named = await plinkFormat(host, path)
  if (named !== undefined) return named
  const source = await host.open(path)
  try {
    let head = await source.read(0, 2 * maximumBlockBytes, signal)
    if (head.length === 0)
      throw new UpturnError('FormatInvalid', 'the file is empty', { place: { file: path, line: 1 } })
    // First of all: the first four bytes of a BGEN file are a number, and could be those of BED or gzip.
    if (isBgen(head)) return 'bgen'
    if (head[0] === 0x6c && head[1] === 0x1b) return head[2] <= 1 ? 'bed' : 'pgen'
    if (isGzip(head)) {
      const header = blockHeader(head)
      if (header !== undefined && header.blockBytes <= head.length)
        head = await inflateBlock(host, head, 0, header, path, 0)
      else return isBcf(await firstText(source, signal)) ? 'bcf' : 'vcf'
    }
    if (isBcf(head)) return 'bcf'
    const text = String.fromCharCode(...head.subarray(0, 32))
    if (text.startsWith('##fileformat=VCF')) return 'vcf'
    if (/\.vcf(\.b?gz)?$/i.test(path)) return 'vcf'
    if (/\.bcf$/i.test(path)) return 'bcf'
    if (/\.bed$/i.test(path)) return 'bed'
    if (/\.bgen$/i.test(path)) return 'bgen'
    throw new UpturnError(
      'FormatUnknown',
      'neither its first bytes nor its name are those of a VCF, BCF, PLINK BED, PGEN or BGEN file',
      {
        place: { file: path },
      },
    )
  } finally {
    await source.close()
  }
}

/** The first text of a gzip file; nothing where it is damaged, which its reader will say better. */
async function firstText(source: ByteSource, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    for await (const text of inflateGzip(source, signal)) return text
  } catch (error) {
    if (!isUpturnError(error)) throw error
  }
  return new Uint8Array(0)
}

/** The format of a file by the names of the files of PLINK, of which several make one dataset; undefined for others. */
async function plinkFormat(host: Host, path: string): Promise<GenotypeFormat | undefined> {
  if (/\.(pgen|pgen\.pgi|psam|pvar|pvar\.zst|bim\.zst)$/.test(path)) return 'pgen'
  const either = /\.(bim|fam)$/.test(path)
  if (!either && (/\.[A-Za-z]/.test(path) || (await host.exists(path)))) return undefined
  const prefix = pgenPrefix(path)
  const bed = await host.exists(`${prefix}.bed`)
  const pgen = await host.exists(`${prefix}.pgen`)
  if (bed && pgen && !either)
    throw new UpturnError(
      'FormatUnknown',
      'there is a .bed and a .pgen file of this name; name the one that is meant',
      {
        place: { file: path },
      },
    )
  return bed ? 'bed' : pgen ? 'pgen' : either ? 'bed' : undefined
}
