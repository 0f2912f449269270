// Left-aligned keys are those of bcftools norm, and the sequence's places those of the index that htslib makes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importGenotypes, openReference, openStore } from '../../src/genotypes/index.ts'
import { host, numbers, scratchFolder, workshop } from '../../src/genotypes/testing/cohort.ts'
import { absent, command } from './plink.ts'

const missing = absent('bcftools', 'bgzip')
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`)

const folder = scratchFolder()
const random = numbers(41)
const pick = <T>(list: ArrayLike<T>) => list[Math.floor(random() * list.length)]
const upTo = (n: number) => Math.floor(random() * (n + 1))

/** Runs, short tandem repeats and noise, some of it soft-masked. */
function repetitive(length: number): string {
  let text = ''
  while (text.length < length) {
    const unit = Array.from({ length: 1 + upTo(4) }, () => pick('ACGT')).join('')
    const piece =
      random() < 0.6 ? unit.repeat(1 + upTo(12)) : Array.from({ length: upTo(20) }, () => pick('ACGT')).join('')
    text += random() < 0.3 ? piece.toLowerCase() : piece
  }
  return text.slice(0, length)
}

const sequences = new Map([
  ['1', repetitive(60_000)],
  ['2', repetitive(3000)],
  ['X', repetitive(20_000)],
])

interface Line {
  chromosome: string
  position: number
  ref: string
  alts: string[]
}

/** A variant written with bases to spare on both sides, one in a hundred or so with a reference allele that is none. */
function randomLine(chromosome: string): Line {
  const bases = sequences.get(chromosome)?.toUpperCase() ?? ''
  for (;;) {
    const start = upTo(bases.length - 40)
    const deleted = random() < 0.4 ? 1 : upTo(9)
    const lead = Math.min(start, upTo(4))
    const from = start - lead
    const tail = bases.slice(start + deleted, start + deleted + upTo(5))
    const core = bases.slice(start, start + deleted)
    const ref = bases.slice(from, start) + core + tail
    const alts = new Set<string>()
    for (let k = 0; k < (random() < 0.2 ? 2 : 1); k++) {
      const repeat = bases.slice(start - 6, start - 6 + upTo(6))
      const inserted = random() < 0.5 ? repeat : Array.from({ length: upTo(4) }, () => pick('ACGT')).join('')
      alts.add(bases.slice(from, start) + inserted + tail)
    }
    alts.delete(ref)
    if (ref.length === 0 || alts.size === 0 || alts.has('')) continue
    const line = { chromosome, position: from + 1, ref, alts: [...alts] }
    if (random() < 0.008) {
      // Both alleles wrong in their first base: nothing to exchange.
      const wrong = pick('ACGT'.replace(ref[0], ''))
      if (line.alts.every((alt) => alt[0] === ref[0])) {
        line.ref = wrong + ref.slice(1)
        line.alts = line.alts.map((alt) => wrong + alt.slice(1))
      }
    }
    return line
  }
}

const people = ['a', 'b', 'c']
const header = `##fileformat=VCFv4.2\n${[...sequences].map(([name, bases]) => `##contig=<ID=${name},length=${bases.length}>\n`).join('')}##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${people.join('\t')}\n`

describe.skipIf(missing.length > 0)('a reference sequence and bcftools', () => {
  const fasta = join(folder, 'r.fa')
  const lines: Line[] = []

  test('left-aligned and split records have the keys that bcftools norm gives them', async () => {
    writeFileSync(
      fasta,
      [...sequences].map(([name, bases]) => `>${name}\n${bases.replaceAll(/.{60}/g, '$&\n')}\n`).join(''),
    )
    for (const [chromosome, count] of [
      ['1', 9000],
      ['2', 1500],
      ['X', 3500],
    ] as const) {
      const some = Array.from({ length: count }, () => randomLine(chromosome))
      lines.push(...some.sort((a, b) => a.position - b.position))
    }
    const records = lines.map(({ chromosome, position, ref, alts }) => {
      const allele = () => upTo(alts.length)
      return `${chromosome}\t${position}\t.\t${ref}\t${alts.join(',')}\t.\tPASS\t.\tGT\t${people.map(() => `${allele()}/${allele()}`).join('\t')}\n`
    })
    writeFileSync(join(folder, 'in.vcf'), header + records.join(''))
    command(folder, 'bcftools', 'norm', '-m-', '-o', 'split.vcf', 'in.vcf')
    command(folder, 'bcftools', 'norm', '-f', 'r.fa', '-c', 'x', '-o', 'norm.vcf', 'split.vcf')
    const theirs = command(folder, 'bcftools', 'query', '-f', '%CHROM:%POS:%REF:%ALT\n', 'norm.vcf')
      .trim()
      .toUpperCase()
      .split('\n')
    const split = command(folder, 'bcftools', 'query', '-f', '%POS\n', 'split.vcf').trim().split('\n')

    for (const compressed of [false, true]) {
      if (compressed) command(folder, 'bgzip', '-k', 'r.fa')
      const reference = await openReference(host, compressed ? `${fasta}.gz` : fasta)
      const out = join(folder, `store-${compressed}`)
      const summary = await importGenotypes(
        { files: [{ path: join(folder, 'in.vcf'), format: 'vcf' }], build: 'GRCh38', reference },
        out,
        workshop(),
      )
      await reference.close()
      const store = await openStore(host, out)
      const ours: string[] = []
      for (const b of store.header.blocks.keys()) {
        const keys = await store.keys(b)
        for (let v = 0; v < keys.ref.length; v++)
          ours.push(`${keys.chromosome[v]}:${keys.position[v]}:${keys.ref[v]}:${keys.alt[v]}`)
      }
      await store.close()
      expect(new Set(ours)).toEqual(new Set(theirs))
      expect(ours.length).toBe(new Set(theirs).size)
      const { dropped = {}, leftAligned = 0 } = summary.reference ?? {}
      const lost = Object.values(dropped).reduce((sum, n) => sum + n, 0)
      expect(lost).toBe(split.length - theirs.length)
      expect(lost).toBeGreaterThan(50)
      expect(leftAligned).toBeGreaterThan(2000)
    }
  })

  test('an index by htslib is used, and says what is found without it', async () => {
    const made = readFileSync(`${fasta}.fai`, 'utf8')
    expect(made.split('\n')[0]).toBe(`1\t60000\t3\t60\t61`)
    const reference = await openReference(host, fasta)
    expect(reference.length(22)).toBe(20_000)
    await reference.load(22, 20_000)
    expect(String.fromCharCode(reference.base(22, 20_000))).toBe(sequences.get('X')?.toUpperCase().at(-1))
    await reference.close()
  })
})
