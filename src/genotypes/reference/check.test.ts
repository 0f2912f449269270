import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BatchBuilder } from '../import/batch.ts'
import { importGenotypes } from '../import/import.ts'
import { inspectGenotypes } from '../inspect/inspect.ts'
import { readDosages } from '../store/dosages.ts'
import { openStore } from '../store/open.ts'
import { host, numbers, scratchFolder, shuffled, workshop } from '../testing/cohort.ts'
import { ReferenceChecker, type ReferenceRow } from './check.ts'
import { openReference, type ReferenceSequence } from './fasta.ts'

const folder = scratchFolder()
const random = numbers(23)
const pick = <T>(list: ArrayLike<T>) => list[Math.floor(random() * list.length)]
// Chromosome 1: 2,000 random bases, 9,000 of one base (longer than what the sorter holds back), 2,000 random ones.
const scramble = (length: number) => Array.from({ length }, () => pick('ACGT')).join('')
const genome = `${scramble(1999)}C${'A'.repeat(9000)}${scramble(2000)}`
const genome2 = `${scramble(60)}NNNN${scramble(60)}`
const at = (position: number, length = 1) => genome.slice(position - 1, position - 1 + length)
const complement = (base: string) => 'TGCA'['ACGT'.indexOf(base)]
const otherThan = (...bases: string[]) => pick([...'ACGT'].filter((base) => !bases.includes(base)))

let reference: ReferenceSequence
beforeAll(async () => {
  const path = join(folder, 'genome.fa')
  writeFileSync(path, `>chr1\n${genome.replaceAll(/.{70}/g, '$&\n')}\n>chr2\n${genome2}\n`)
  reference = await openReference(host, path)
})
afterAll(() => reference.close())

interface Record {
  chromosome?: string
  position: number
  ref: string
  alt: string
  calls?: string[]
}

const people = 5
let made = 0

function vcf(records: readonly Record[]): string {
  const names = Array.from({ length: people }, (_, s) => `P${s}`)
  const path = join(folder, `${made++}.vcf`)
  const lines = records.map(
    ({ chromosome = '1', position, ref, alt, calls }) =>
      `${chromosome}\t${position}\t.\t${ref}\t${alt}\t.\tPASS\t.\tGT\t${(calls ?? names.map(() => '0/1')).join('\t')}\n`,
  )
  writeFileSync(
    path,
    `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${names.join('\t')}\n${lines.join('')}`,
  )
  return path
}

async function imported(paths: readonly string[]) {
  const out = join(folder, `store-${made++}`)
  const rows: ReferenceRow[] = []
  const summary = await importGenotypes(
    {
      files: paths.map((path) => ({ path, format: 'vcf' })),
      build: 'GRCh38',
      reference,
      onReferenceRows: async (more) => void rows.push(...more),
    },
    out,
    workshop(),
  )
  const store = await openStore(host, out)
  const keys: string[] = []
  const codes: number[][] = []
  for (const b of store.header.blocks.keys()) {
    const k = await store.keys(b)
    const bytes = await store.genotypes(b)
    for (let v = 0; v < k.ref.length; v++) {
      keys.push(`${k.chromosome[v]}:${k.position[v]}:${k.ref[v]}:${k.alt[v]}`)
      codes.push(
        Array.from({ length: people }, (_, s) => ((bytes[16 * v] >> s) & 1) + 2 * ((bytes[16 * v + 8] >> s) & 1)),
      )
    }
  }
  await store.close()
  return { summary, rows, keys, codes }
}

describe('genotypes compared with a reference sequence', () => {
  test('each kind of disagreement is met as it should be, listed and counted', async () => {
    const position = (k: number) => 100 + 10 * k
    const first = (k: number) => at(position(k))
    const good = Array.from({ length: 60 }, (_, k) => ({
      position: 1000 + 3 * k,
      ref: at(1000 + 3 * k),
      alt: otherThan(at(1000 + 3 * k)),
    }))
    // The alternate allele is that of the reference.
    const swappedAlt = otherThan(first(0), complement(first(0)))
    const exchanged = {
      position: position(0),
      ref: swappedAlt,
      alt: first(0),
      calls: ['0/0', '0/1', '1/1', './.', '1/0'],
    }
    const ambiguous = { position: position(1), ref: complement(first(1)), alt: first(1) }
    const otherStrand = {
      position: position(2),
      ref: complement(first(2)),
      alt: otherThan(first(2), complement(first(2))),
    }
    const deletion = { position: position(3), ref: `${first(3)}${complement(at(position(3) + 1))}`, alt: first(3) }
    const noBase = { chromosome: '2', position: 62, ref: 'A', alt: 'C' }
    const beyond = { chromosome: '2', position: 500, ref: 'A', alt: 'C' }
    const absent = { chromosome: '3', position: 5, ref: 'A', alt: 'C' }
    // The bases that trimming takes off must fit too.
    const context = {
      position: position(4),
      ref: `${complement(first(4))}${at(position(4) + 1)}`,
      alt: `${complement(first(4))}${complement(at(position(4) + 1))}`,
    }
    const records = [...good, exchanged, ambiguous, otherStrand, deletion, noBase, beyond, absent, context]
    const { summary, rows, keys, codes } = await imported([vcf(records)])
    expect(summary.reference).toMatchObject({ compared: 67, exchanged: 1, leftAligned: 0 })
    expect(summary.reference?.sha256).toMatch(/^[0-9a-f]{64}$/)
    const left = {
      'chromosome that the reference does not have': 1,
      'no allele is that of the reference': 2,
      'the alternate allele is that of the reference, and strand-ambiguous': 1,
      'the alternate allele is that of the reference, in a variant that is no SNV': 1,
      'the reference has no base there': 2,
    }
    expect(summary.reference?.dropped).toEqual(left)
    expect(summary.dropped).toEqual(left)
    expect(keys).toEqual(
      [...good, { ...exchanged, ref: exchanged.alt, alt: exchanged.ref }]
        .sort((a, b) => a.position - b.position)
        .map((v) => `1:${v.position}:${v.ref}:${v.alt}`),
    )
    expect(codes[0]).toEqual([2, 1, 0, 3, 1])
    const found = new Map(rows.map((row) => [`${row.chromosome}:${row.position}:${row.ref}:${row.alt}`, row]))
    const rowOf = (v: Record) => found.get(`${v.chromosome ?? '1'}:${v.position}:${v.ref}:${v.alt}`)
    expect(rows.length).toBe(8)
    expect(rowOf(exchanged)).toMatchObject({ action: 'exchanged', reference: first(0) })
    expect(rowOf(otherStrand)).toMatchObject({
      action: 'dropped',
      reason: 'no allele is that of the reference',
      reference: first(2),
    })
    expect(rowOf(deletion)?.reference).toBe(at(position(3), 2))
    expect(rowOf(noBase)?.reference).toBe('N')
    expect(rowOf(beyond)?.reference).toBe('')
    expect(rowOf(context)?.reference).toBe(at(position(4), 2))
    expect(rowOf(absent)?.reason).toMatch(/does not have/)
  })

  test('positions of another build are refused, and it says so', async () => {
    const records = Array.from({ length: 300 }, (_, k) => {
      // Positions shifted by one base: mostly another base stands there.
      const position = 100 + 5 * k
      return { position, ref: at(position + 1), alt: otherThan(at(position + 1)) }
    })
    const error: unknown = await imported([vcf(records)]).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'ReferenceMismatch' })
    expect(String(error)).toMatch(/of 300 variants .* of another build/)
    const few = records.slice(0, 3)
    const fine = Array.from({ length: 400 }, (_, k) => ({
      position: 11_002 + k,
      ref: at(11_002 + k),
      alt: otherThan(at(11_002 + k)),
    }))
    expect((await imported([vcf([...few, ...fine])])).summary.variants).toBeGreaterThanOrEqual(400)
  })

  test('indels move left, farther than the sorter waits too, and into another file', async () => {
    // Two deletions and an insertion of one base at the end of 9,000 equal ones; SNVs before, within and behind.
    const end = 11_000
    const snvs = [1500, 1990, 2000, 2500, 6000, 10_900].map((position) => ({
      position,
      ref: at(position),
      alt: otherThan(at(position)),
    }))
    const indels = [
      { position: end, ref: 'AA', alt: 'A' },
      { position: end - 1, ref: 'A', alt: 'AAA' },
    ]
    indels[0] = { position: end - 1, ref: 'AA', alt: 'A' }
    const behind = [12_000, 12_500].map((position) => ({ position, ref: at(position), alt: otherThan(at(position)) }))
    const expected = [
      ...snvs.slice(0, 2),
      ...[snvs[2], { position: 2000, ref: 'CA', alt: 'C' }, { position: 2000, ref: 'C', alt: 'CAA' }].sort((a, b) =>
        `${a.ref}\t${a.alt}` < `${b.ref}\t${b.alt}` ? -1 : 1,
      ),
      ...snvs.slice(3),
      ...behind,
    ].map((v) => `1:${v.position}:${v.ref}:${v.alt}`)
    const one = await imported([vcf([...snvs, ...indels, ...behind])])
    expect(one.keys).toEqual(expected)
    expect(one.summary.reference).toMatchObject({ leftAligned: 2 })
    const three = await imported([vcf(snvs), vcf(indels), vcf(behind)])
    expect(three.keys).toEqual(expected)
    expect(three.summary.storeDigest).toBe(one.summary.storeDigest)
    const all = [...snvs, ...indels, ...behind]
    const mixed = await imported([vcf(shuffled(all.length, 4).map((k) => all[k]))])
    expect(mixed.summary.storeDigest).toBe(one.summary.storeDigest)
    // The same deletion written at two places is one variant.
    const twice = await imported([vcf([{ position: 3000, ref: 'AA', alt: 'A' }, ...indels, ...behind])])
    expect(twice.summary.dropped).toEqual({ 'duplicate of an earlier variant': 1 })
  })

  test('however the records come in batches, and whether or not anything is written, the keys are the same', async () => {
    // Indels all over the long run of one base, and SNVs: keys move left past several batches.
    const records = Array.from({ length: 120 }, () => {
      const position = 1900 + Math.floor(random() * 9300)
      const length = 1 + Math.floor(random() * 3)
      const kind = random()
      if (kind < 0.4) return { position, ref: at(position), alt: otherThan(at(position)) }
      if (kind < 0.7) return { position, ref: at(position, 1 + length), alt: at(position) }
      return { position, ref: at(position), alt: at(position) + at(position).repeat(length) }
    }).sort((a, b) => a.position - b.position)
    const whole = await imported([vcf(records)])
    expect(whole.summary.reference?.leftAligned).toBeGreaterThan(30)
    for (const parts of [2, 5, 12]) {
      const size = Math.ceil(records.length / parts)
      const files = Array.from({ length: parts }, (_, k) => vcf(records.slice(k * size, (k + 1) * size)))
      const split = await imported(files)
      expect(split.keys).toEqual(whole.keys)
      expect(split.summary.dropped).toEqual(whole.summary.dropped)
    }
    const { signal } = new AbortController()
    const inspected = await inspectGenotypes(vcf(records), host, signal, { reference })
    expect(inspected.digest).toBe(whole.summary.storeDigest)
    expect(inspected.reference).toEqual(whole.summary.reference)
  })

  test('dosages count the other allele too', async () => {
    const builder = new BatchBuilder(people)
    const allele = (text: string) => ({ text: new TextEncoder().encode(text), start: 0, end: text.length })
    const position = 700
    const other = otherThan(at(position), complement(at(position)))
    const dosages = Uint16Array.of(0, 5000, 16_384, 32_000, 65_535)
    builder.add(0, position, allele(other), allele(at(position)), allele('.'), new Uint8Array(16), 0, dosages)
    builder.add(0, 710, allele(at(710)), allele(otherThan(at(710))), allele('.'), new Uint8Array(16), 0)
    const { batch, order } = builder.finish()
    const checked = await new ReferenceChecker(reference, people).check(batch, order, 'x')
    const out = new Uint16Array(people)
    expect(readDosages(checked.batch.dosages, 0, checked.batch.genotypes, out)).toBe(true)
    expect([...out]).toEqual([32_768, 32_768 - 5000, 16_384, 768, 65_535])
    expect(checked.batch.genotypes.subarray(0, 16)).toEqual(
      Uint8Array.from([0b10110, 0, 0, 0, 0, 0, 0, 0, 0b10011, 0, 0, 0, 0, 0, 0, 0]),
    )
    expect(readDosages(checked.batch.dosages, 1, checked.batch.genotypes, out)).toBe(false)
  })
})
