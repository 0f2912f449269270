import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import type { SampleList } from '../import/collect.ts'
import { textKind, textPieces } from '../vcf/source.ts'
import type { Region } from './regions.ts'

/** Ten million people or intervals. */
const listBytesLimit = 1 << 30
const lastBase = 2 ** 31 - 1

/** Text of a list, plain or compressed. */
async function listText(host: Host, path: string, signal?: AbortSignal): Promise<string> {
  const source: ByteSource = await host.open(path)
  const decoder = new TextDecoder()
  let text = ''
  try {
    const kind = await textKind(source, signal)
    for await (const piece of textPieces(host, source, kind, signal)) {
      if (text === '' && piece.text[0] === 0x6c && piece.text[1] === 0x1b)
        throw new UpturnError('FormatInvalid', 'this is a PLINK file of genotypes, not a list of regions', {
          place: { file: path },
        })
      text += decoder.decode(piece.text, { stream: true })
      if (text.length > listBytesLimit)
        throw new UpturnError('FormatInvalid', 'the list is larger than 1 GiB', { place: { file: path } })
    }
  } finally {
    await source.close()
  }
  return text + decoder.decode()
}

const linesOf = (text: string) => text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))

/**
 * Regions of a BED file (GA4GH BED v1): chromosome, start and end by tabs or spaces, start counted from 0, end not
 * included; a fourth column is the name, further ones are not read, nor are comments, `track` and `browser` lines. Intervals of contigs that are
 * not studied hold no variant and are passed over.
 */
export async function readRegionsBed(host: Host, path: string, signal?: AbortSignal): Promise<Region[]> {
  const regions: Region[] = []
  let intervals = 0
  for (const [k, line] of linesOf(await listText(host, path, signal)).entries()) {
    if (line.trim() === '' || /^(#|track\b|browser\b)/.test(line)) continue
    const [name, from, to, called = ''] = line.split(/[\t ]+/)
    const start = Number(from)
    const end = Number(to)
    const refuse = (what: string) =>
      new UpturnError('FormatInvalid', `${what}; a line of a BED file is: chromosome, start from 0, end`, {
        place: { file: path, line: k + 1 },
      })
    if (!/^\d+$/.test(from ?? '') || !/^\d+$/.test(to ?? '')) throw refuse('start and end are not whole numbers')
    if (end > lastBase) throw refuse('the end is not below 2^31')
    if (start > end) throw refuse('the interval ends before it begins')
    intervals++
    const rank = chromosomeRank(name)
    if (rank >= 0 && end > start)
      regions.push({ rank, start: start + 1, end, ...(called !== '' && called !== '.' && { name: called }) })
  }
  if (regions.length === 0)
    throw new UpturnError(
      'FormatInvalid',
      intervals === 0 ? 'the file names no region' : 'no region of this file is on chromosomes 1 to 22, X, Y or MT',
      { place: { file: path } },
    )
  return regions
}

/** Ids of a list, one a line; a first line that begins with # is a heading. Refuses an id that stands twice, and no ids. */
export async function readSampleList(host: Host, path: string, signal?: AbortSignal): Promise<SampleList> {
  const samples = new Map<string, number>()
  for (const [k, line] of linesOf(await listText(host, path, signal)).entries()) {
    const id = line.trim()
    if (id === '' || (k === 0 && id.startsWith('#'))) continue
    const place = { file: path, line: k + 1 }
    if (id.includes('\t'))
      throw new UpturnError('FormatInvalid', 'a line of a list of samples is one id; this one has several columns', {
        place,
      })
    const earlier = samples.get(id)
    if (earlier !== undefined)
      throw new UpturnError('FormatInvalid', `the sample ${id} stands in lines ${earlier} and ${k + 1}`, { place })
    samples.set(id, k + 1)
  }
  if (samples.size === 0) throw new UpturnError('FormatInvalid', 'the list names no sample', { place: { file: path } })
  return { samples: [...samples.keys()], file: path }
}
