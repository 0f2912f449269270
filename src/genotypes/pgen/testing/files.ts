import { type Cohort, numbers } from '../../testing/cohort.ts'
import { type EncodedRecord, encodeFixedPgen, mainTrack, packBits, type Track } from './encode.ts'

/** A Zstandard frame of blocks that are not compressed. */
export function storedZstd(text: string | Uint8Array, blockBytes = 100_000): Uint8Array {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x58)]
  let at = 0
  do {
    const block = bytes.subarray(at, at + blockBytes)
    at += block.length
    const head = block.length * 8 + Number(at >= bytes.length)
    parts.push(Uint8Array.of(head & 255, (head >> 8) & 255, head >> 16), block)
  } while (at < bytes.length)
  return Buffer.concat(parts)
}

/** Main tracks of hard calls, of random kinds that fit. */
export function randomRecords(codes: readonly (readonly number[])[], seed: number): EncodedRecord[] {
  const random = numbers(seed)
  let base: readonly number[] | undefined
  return codes.map((row, v) => {
    const tracks: Track[] = base === undefined || v % 65536 === 0 ? [0, 1, 4, 6, 7] : [0, 1, 2, 3, 4, 6, 7]
    const track = tracks[Math.floor(random() * tracks.length)]
    const bytes = mainTrack(track, row, base)
    if (track !== 2 && track !== 3) base = row
    return { type: track, bytes }
  })
}

/** Hard calls in each of the forms of fixed size: a BED file and a PGEN file. */
export function fixedFiles(codes: readonly (readonly number[])[]): { bed: Uint8Array; fixed: Uint8Array } {
  const samples = codes[0].length
  const bed = codes.flatMap((row) =>
    packBits(
      row.map((code) => [3, 2, 0, 1][code]),
      2,
    ),
  )
  return {
    bed: Uint8Array.from([0x6c, 0x1b, 1, ...bed]),
    fixed: encodeFixedPgen(
      codes.map((row) => ({ type: 0, bytes: mainTrack(0, row) })),
      samples,
      2,
    ),
  }
}

export function pvarText({ keys }: Cohort): string {
  const lines = keys.ref.map(
    (ref, v) => `${keys.chromosome[v]}\t${keys.position[v]}\t${keys.rsid[v] || '.'}\t${ref}\t${keys.alt[v]}\n`,
  )
  return `##source=test\n#CHROM\tPOS\tID\tREF\tALT\n${lines.join('')}`
}

export function psamText({ samples }: Cohort): string {
  return `#IID\tSEX\n${samples.map((id, s) => `${id}\t${['1', '2', 'NA'][s % 3]}\n`).join('')}`
}
