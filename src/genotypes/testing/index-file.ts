import { writeFileSync } from 'node:fs'
import { recordLength } from '../bcf/records.ts'
import { readBcfStart } from '../bcf/start.ts'
import { endOfFileBlock } from '../bgzf/block.ts'
import type { VirtualOffset } from '../bgzf/virtual.ts'
import { compressBlocks } from '../bgzf/write.ts'
import { IndexBuilder, type IndexForm } from '../tabix/build.ts'
import { bgzfPieces } from '../vcf/source.ts'
import { host } from './cohort.ts'

/** Indexes a BGZF file whose records are sorted, `.vcf.gz` or `.bcf` by content, and writes the index beside it. */
export async function indexFile(path: string, { kind, binning }: IndexForm): Promise<void> {
  const source = await host.open(path)
  const pieces: { offset: number; byte: number; next: number }[] = []
  const parts: Uint8Array[] = []
  let length = 0
  for await (const { text, byte, next } of bgzfPieces(host, source, 0, source.size)) {
    if (text.length > 0) pieces.push({ offset: length, byte, next })
    parts.push(text)
    length += text.length
  }
  const text = Buffer.concat(parts)
  const place = (offset: number): VirtualOffset => {
    const piece = pieces.findLast((candidate) => candidate.offset <= offset) ?? { offset: 0, byte: 0, next: 0 }
    const end = pieces[pieces.indexOf(piece as (typeof pieces)[number]) + 1]?.offset ?? length
    return offset < end ? { block: piece.byte, within: offset - piece.offset } : { block: piece.next, within: 0 }
  }
  let builder: IndexBuilder
  if (text.subarray(0, 3).toString() === 'BCF') {
    const { dictionary } = await readBcfStart(host, source)
    const sequences: string[] = []
    for (const [number, name] of dictionary.contigs) sequences[number] = name
    builder = new IndexBuilder({ kind, binning, sequences: Array.from(sequences, (name, k) => name ?? `none ${k}`) })
    for (let at = 9 + text.readUInt32LE(5); at < length; ) {
      const end = at + recordLength(text, at)
      const start = Math.max(0, text.readInt32LE(at + 12))
      const bases = Math.max(1, text.readInt32LE(at + 16))
      builder.add(sequences[text.readInt32LE(at + 8)], start, start + bases, place(at), place(end))
      at = end
    }
  } else {
    builder = new IndexBuilder({ kind, binning })
    for (let at = 0; at < length; ) {
      const feed = text.indexOf(10, at)
      const end = feed < 0 ? length : feed + 1
      const [name, position, , ref] = text.subarray(at, end).toString().split('\t', 4)
      const start = Math.max(0, Number(position) - 1)
      if (!name.startsWith('#')) builder.add(name, start, start + ref.length, place(at), place(end))
      at = end
    }
  }
  await source.close()
  const index = await compressBlocks(host, builder.encode())
  writeFileSync(`${path}.${kind}`, Buffer.concat([index.bytes, endOfFileBlock]))
}
