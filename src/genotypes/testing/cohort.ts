import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll } from 'vitest'
import { runInline, type Workshop } from '../../compute/task.ts'
import { nodeHost } from '../../host/node/index.ts'
import { BedFileWriter, encodeBedRecords } from '../bed/write.ts'
import { endOfFileBlock } from '../bgzf/block.ts'
import { compressBlocks } from '../bgzf/write.ts'
import { recordBytes, type VariantKeys } from '../store/layout.ts'

export const host = nodeHost()

export function workshop(signal: AbortSignal = new AbortController().signal): Workshop {
  return { host, run: runInline(host, signal), signal, progress: () => undefined }
}

/** A folder that is removed when the tests of the file are over. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-genotypes-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Small, seeded, and for tests only. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export interface Cohort {
  samples: string[]
  keys: VariantKeys
  /** codes[v][s]: 0, 1, 2 copies of alt, 3 missing. */
  codes: number[][]
}

const bases = 'ACGT'

/** Distinct variants in the order of a store, SNVs and minimal indels. */
export function randomCohort(seed: number, people: number, variants: number): Cohort {
  const random = numbers(seed)
  const pick = (n: number) => Math.floor(random() * n)
  const samples = Array.from({ length: people }, (_, s) => `P${String(s).padStart(4, '0')}`)
  const keys = {
    chromosome: [] as string[],
    position: new Int32Array(variants),
    ref: [] as string[],
    alt: [] as string[],
    rsid: [] as string[],
  }
  let position = 1000
  const names = ['1', '2', '10', 'X']
  for (let v = 0; v < variants; v++) {
    const name = names[Math.floor((v * names.length) / variants)]
    if (v > 0 && name !== keys.chromosome[v - 1]) position = 1000
    position += 1 + pick(3000)
    const kind = pick(6)
    const a = pick(4)
    const b = (a + 1 + pick(3)) % 4
    keys.chromosome.push(name)
    keys.position[v] = position
    keys.ref.push(kind === 0 ? bases[a] + bases[b] : bases[a])
    keys.alt.push(kind === 1 ? bases[a] + bases[b] : kind === 0 ? bases[a] : bases[b])
    keys.rsid.push(random() < 0.5 ? '' : `rs${v}`)
  }
  const codes = Array.from({ length: variants }, () => {
    const frequency = random() ** 2
    return samples.map(() => {
      if (random() < 0.03) return 3
      return Number(random() < frequency) + Number(random() < frequency)
    })
  })
  return { samples, keys, codes }
}

/** The packed records of a store, made the plain way. */
export function packed(codes: readonly (readonly number[])[], samples: number): Uint8Array {
  const bytes = recordBytes(samples)
  const records = new Uint8Array(codes.length * bytes)
  for (const [v, row] of codes.entries())
    for (const [s, code] of row.entries()) {
      records[v * bytes + (s >> 3)] |= (code & 1) << (s & 7)
      records[v * bytes + bytes / 2 + (s >> 3)] |= (code >> 1) << (s & 7)
    }
  return records
}

/** VCF text of a cohort, lines and columns in a given order. */
export function vcfText(
  cohort: Cohort,
  { lines, columns, chr = '' }: { lines?: number[]; columns?: number[]; chr?: string } = {},
): string {
  const people = columns ?? cohort.samples.map((_, s) => s)
  const { keys, codes } = cohort
  const head = `##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${people.map((s) => cohort.samples[s]).join('\t')}\n`
  const calls = [
    ['0/0', '0|0'],
    ['0/1', '1|0'],
    ['1/1', '1|1'],
    ['./.', './1'],
  ]
  const body = (lines ?? codes.map((_, v) => v)).map((v) => {
    const cells = people.map((s) => calls[codes[v][s]][(v + s) % 2])
    return `${chr}${keys.chromosome[v]}\t${keys.position[v]}\t${keys.rsid[v] || '.'}\t${keys.ref[v]}\t${keys.alt[v]}\t.\tPASS\t.\tGT\t${cells.join('\t')}\n`
  })
  return head + body.join('')
}

export async function writeBgzf(path: string, text: string | Uint8Array): Promise<void> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const blocks = await compressBlocks(host, bytes)
  writeFileSync(path, Buffer.concat([blocks.bytes, endOfFileBlock]))
}

export function writeGzip(path: string, text: string): void {
  writeFileSync(path, gzipSync(text))
}

/** BED, BIM and FAM files of a cohort, variants and people in a given order. */
export async function writeBed(
  prefix: string,
  cohort: Cohort,
  { lines, columns }: { lines?: number[]; columns?: number[] } = {},
): Promise<void> {
  const people = columns ?? cohort.samples.map((_, s) => s)
  const order = lines ?? cohort.codes.map((_, v) => v)
  const { keys } = cohort
  const reordered: VariantKeys = {
    chromosome: order.map((v) => keys.chromosome[v]),
    position: Int32Array.from(order, (v) => keys.position[v]),
    ref: order.map((v) => keys.ref[v]),
    alt: order.map((v) => keys.alt[v]),
    rsid: order.map((v) => keys.rsid[v]),
  }
  const records = packed(
    order.map((v) => people.map((s) => cohort.codes[v][s])),
    people.length,
  )
  const writer = new BedFileWriter(host, prefix, { samples: people.map((s) => cohort.samples[s]) })
  await writer.append(reordered, encodeBedRecords(records, people.length))
  await writer.commit()
}

/** 0 .. n-1 in a random order. */
export function shuffled(n: number, seed: number): number[] {
  const random = numbers(seed)
  const order = Array.from({ length: n }, (_, k) => k)
  for (let k = n - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1))
    ;[order[k], order[other]] = [order[other], order[k]]
  }
  return order
}
