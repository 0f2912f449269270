import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { compressBlocks } from '../bgzf/write.ts'
import { dosageMissing, dosageOne } from '../store/dosages.ts'
import { recordBytes, type VariantKeys, wordsPerPlane } from '../store/layout.ts'
import {
  type BlockFileForm,
  chromosomeRuns,
  type RecordOptions,
  type VcfChunk,
  type VcfHeaderText,
  vcfHeaderText,
} from '../vcf/write.ts'

/** Numbers of the header's strings in their order: PASS, GT, DS. */
const passKey = 0
const gtKey = 1
const dsKey = 2

const missingFloat = 0x7f800001
/** GT by low + 2 high: two alleles of 8 bits, allele + 1 shifted over the bit of the phase. */
const diploid = Uint16Array.from([0x0202, 0x0402, 0x0404, 0x0000])
/** The same with one allele, and the end of the vector. */
const haploidCall = Uint16Array.from([0x8102, 0, 0x8104, 0x8100])

/** A BCF 2.2 file with a CSI index. */
export function bcfForm(header: VcfHeaderText): BlockFileForm {
  const text = new TextEncoder().encode(`${vcfHeaderText(header)}\0`)
  const head = new Uint8Array(9 + text.length)
  head.set([0x42, 0x43, 0x46, 2, 2])
  new DataView(head.buffer).setUint32(5, text.length, true)
  head.set(text, 9)
  const sequences = header.contigs.map(({ name }) => name)
  return { head, index: { kind: 'csi', binning: { shift: 14, depth: 6 }, sequences } }
}

/** Bytes of the descriptor of a typed string. */
const descriptorBytes = (length: number) => (length < 15 ? 1 : 6)

/**
 * Writes records as BCF 2.2 (VCF 4.3 specification, section 6) in whole BGZF blocks, with GT and, for variants that have
 * dosages, DS.
 * @param genotypes records of the packed store (`store/layout.ts`), one a key, columns in the order of the header
 * @param samples people in a record
 * @param contigs those of the header, whose numbers the records name
 */
export async function encodeBcfChunk(
  keys: VariantKeys,
  genotypes: Uint8Array,
  samples: number,
  host: Host,
  contigs: readonly string[],
  { haploid, dosages }: RecordOptions = {},
): Promise<VcfChunk> {
  const count = keys.position.length
  const bytesPerRecord = recordBytes(samples)
  if (genotypes.length !== count * bytesPerRecord)
    throw new UpturnError('BadArgument', 'the genotype records do not fit the number of keys and samples')
  const numbers = new Map(contigs.map((name, k) => [name, k]))
  const encoder = new TextEncoder()
  const rows = Array.from({ length: count }, (_, v) => dosages?.(v)?.slice())
  const strings = Array.from({ length: count }, (_, v) =>
    [keys.rsid[v], keys.ref[v], keys.alt[v]].map((text) => encoder.encode(text)),
  )
  const sharedBytes = strings.map(
    (texts) => 24 + texts.reduce((sum, text) => sum + descriptorBytes(text.length) + text.length, 0) + 2,
  )
  const individualBytes = rows.map((row) =>
    samples === 0 ? 0 : 3 + 2 * samples + (row === undefined ? 0 : 3 + 4 * samples),
  )
  const size = sharedBytes.reduce((sum, bytes, v) => sum + 8 + bytes + individualBytes[v], 0)
  const out = new Uint8Array(size)
  const view = new DataView(out.buffer)
  const offset = new Uint32Array(count)
  const planeBytes = 8 * wordsPerPlane(samples)
  let at = 0
  for (let v = 0; v < count; v++) {
    offset[v] = at
    const contig = numbers.get(keys.chromosome[v])
    if (contig === undefined) throw new UpturnError('BadArgument', `the header names no contig ${keys.chromosome[v]}`)
    const row = rows[v]
    const formats = samples === 0 ? 0 : row === undefined ? 1 : 2
    for (const value of [sharedBytes[v], individualBytes[v], contig, keys.position[v] - 1, strings[v][1].length]) {
      view.setUint32(at, value, true)
      at += 4
    }
    view.setUint32(at, missingFloat, true)
    view.setUint32(at + 4, 2 << 16, true)
    view.setUint32(at + 8, samples | (formats << 24), true)
    at += 12
    for (const text of strings[v]) {
      if (text.length < 15) out[at++] = (text.length << 4) | 7
      else {
        out[at] = 0xf7
        out[at + 1] = 0x13
        view.setInt32(at + 2, text.length, true)
        at += 6
      }
      out.set(text, at)
      at += text.length
    }
    out[at++] = 0x11
    out[at++] = passKey
    if (samples === 0) continue
    out.set([0x11, gtKey, 0x21], at)
    at += 3
    const low = v * bytesPerRecord
    const high = low + planeBytes
    const single = row === undefined ? haploid?.(v) : undefined
    for (let s = 0; s < samples; s++) {
      const byte = s >> 3
      const bit = s & 7
      const code = ((genotypes[low + byte] >> bit) & 1) | (((genotypes[high + byte] >> bit) & 1) << 1)
      const call = single?.[s] && code !== 1 ? haploidCall[code] : diploid[code]
      out[at++] = call & 255
      out[at++] = call >> 8
    }
    if (row === undefined) continue
    out.set([0x11, dsKey, 0x15], at)
    at += 3
    for (let s = 0; s < samples; s++) {
      if (row[s] === dosageMissing) view.setUint32(at, missingFloat, true)
      else view.setFloat32(at, row[s] / dosageOne, true)
      at += 4
    }
  }
  const blocks = await compressBlocks(host, out)
  return {
    ...blocks,
    textBytes: size,
    chromosomes: chromosomeRuns(keys.chromosome),
    position: keys.position,
    refBases: Int32Array.from(keys.ref, (ref) => ref.length),
    offset,
  }
}
