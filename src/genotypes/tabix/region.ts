import type { Host } from '../../host/host.ts'
import { bgzfPieces } from '../vcf/source.ts'
import { type GenomicIndex, queryIndex } from './read.ts'

/**
 * Lines of a bgzipped VCF file whose reference allele overlaps a region, in file order.
 * @param start first base, 1-based
 * @param end last base
 */
export async function* regionLines(
  host: Host,
  path: string,
  index: GenomicIndex,
  region: { chromosome: string; start: number; end: number },
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const from = queryIndex(index, region.chromosome, region.start - 1, region.end)[0]?.start
  if (from === undefined) return
  const source = await host.open(path)
  try {
    const decoder = new TextDecoder()
    let pending = ''
    let skip = from.within
    let reached = false
    // Records are sorted, so what follows the first place is read until a line lies beyond the region.
    for await (const { text } of bgzfPieces(host, source, from.block, source.size, signal)) {
      const lines = (pending + decoder.decode(text.subarray(skip), { stream: true })).split('\n')
      skip = 0
      pending = lines.pop() ?? ''
      for (const line of lines) {
        const place = overlap(line, region)
        if (place === 'beyond' || (place === 'elsewhere' && reached)) return
        if (place !== 'elsewhere') reached = true
        if (place === 'inside') yield line
      }
    }
  } finally {
    await source.close()
  }
}

function overlap(
  line: string,
  { chromosome, start, end }: { chromosome: string; start: number; end: number },
): 'elsewhere' | 'before' | 'inside' | 'beyond' {
  if (line.startsWith('#')) return 'elsewhere'
  const [name, position, , ref] = line.split('\t', 4)
  if (name !== chromosome) return 'elsewhere'
  const first = Number(position)
  if (first > end) return 'beyond'
  return first + ref.length - 1 >= start ? 'inside' : 'before'
}
