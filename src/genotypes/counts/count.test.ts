import { expect, test } from 'vitest'
import type { ColumnBatch } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'
import { variantCountsTable } from '../../results/genotype-tables.ts'
import { hardyWeinberg } from '../../statistics/exact/hardy-weinberg.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { isPseudoautosomal, type SexChromosomeKind, sexChromosomeKind } from '../sex-chromosomes.ts'
import { countGenotypes } from './count.ts'
import { factNames } from './variant-facts.ts'

const random = uniform(41)

function cohort(n: number, spread: readonly (readonly [string, number, number])[]) {
  const samples = Array.from({ length: n }, (_, s) => `p${String(s).padStart(6, '0')}`)
  const sexes = samples.map((_, s) => (s % 7 === 0 ? null : s % 2 === 0 ? ('male' as const) : ('female' as const)))
  const variants: TestVariant[] = spread.flatMap(([chromosome, from, count]) =>
    Array.from({ length: count }, (_, v) => ({
      chromosome,
      position: from + 1000 * v,
      ref: v % 3 === 0 ? 'GA' : 'G',
      alt: 'T',
      genotypes:
        v === 0
          ? new Int8Array(n).fill(-1)
          : v < 4
            ? new Int8Array(n).fill(v - 1)
            : randomGenotypes(random, n, random() < 0.5 ? 0.02 : random(), random() < 0.5 ? 0 : 0.2 * random()),
    })),
  )
  return { samples, sexes, variants }
}

const spread = [
  ['1', 1000, 1500],
  ['22', 500, 700],
  ['X', 2_700_000, 300],
  ['Y', 2_700_000, 120],
  ['MT', 100, 20],
] as const

// A plain twin: every person of every variant looked at.
function plainFacts(kind: SexChromosomeKind, genotypes: ArrayLike<number>, sexes: readonly (string | null)[]) {
  const count = (value: number, who: (s: number) => boolean) =>
    sexes.reduce((sum, _, s) => sum + (who(s) && genotypes[s] === value ? 1 : 0), 0)
  const man = (s: number) => sexes[s] === 'male'
  const one = kind === 'MT' ? () => true : kind === 'X' || kind === 'Y' ? man : () => false
  const counted = kind === 'Y' ? man : () => true
  const [ref, het, alt, missing] = [0, 1, 2, -1].map((value) => count(value, counted))
  let alleles = 0
  let copies = 0
  sexes.forEach((_, s) => {
    if (!counted(s) || genotypes[s] === -1) return
    alleles += one(s) ? 1 : 2
    copies += one(s) ? genotypes[s] / 2 : genotypes[s]
  })
  const tested = kind === 'X' ? (s: number) => sexes[s] === 'female' : () => true
  const [tRef, tHet, tAlt] = [0, 1, 2].map((value) => count(value, tested))
  const test = kind === 'Y' || kind === 'MT' || tRef + tHet + tAlt === 0 ? null : hardyWeinberg(tRef, tHet, tAlt)
  const sexed = kind === 'X' || kind === 'Y' || kind === 'MT'
  return {
    hom_ref: ref,
    het,
    hom_alt: alt,
    missing,
    hemizygous_ref: sexed ? count(0, (s) => counted(s) && one(s)) : null,
    hemizygous_alt: sexed ? count(2, (s) => counted(s) && one(s)) : null,
    alt_frequency: alleles === 0 ? null : copies / alleles,
    missing_rate: ref + het + alt + missing === 0 ? null : missing / (ref + het + alt + missing),
    hwe_p: test?.p ?? null,
    hwe_neglog10p: test === null ? null : -test.logP / Math.LN10,
    hwe_midp: test?.midp ?? null,
  }
}

async function bothForms({ samples, sexes, variants }: ReturnType<typeof cohort>) {
  const workshop = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
  const recorded = new Map(samples.map((sample, s) => [sample, sexes[s]]))
  const decoder = new TextDecoder()
  let text = ''
  const asText = await countGenotypes(
    'store',
    recorded,
    {
      text: async (lines) => {
        text += decoder.decode(lines)
      },
    },
    workshop,
  )
  const batches: ColumnBatch[] = []
  const asColumns = await countGenotypes(
    'store',
    recorded,
    {
      columns: async (batch) => {
        batches.push(batch)
      },
    },
    workshop,
  )
  expect(asColumns).toEqual(asText)
  const rows = text.split('\n')
  expect(rows.pop()).toBe('')
  const names = variantCountsTable.columns.map(({ name }) => name)
  const cells = batches.flatMap((batch) =>
    batch.chromosome.map((_, row) => names.map((name) => String(batch[name][row] ?? '')).join('\t')),
  )
  expect(rows).toEqual(cells)
  return { rows: rows.map((row) => row.split('\t')), result: asText }
}

test('rows of every chromosome are those of a plain count, as text and as columns', async () => {
  const made = cohort(130, spread)
  const { rows, result } = await bothForms(made)
  expect(rows).toHaveLength(made.variants.length)
  rows.forEach((row, v) => {
    const { chromosome, position, ref, alt, genotypes } = made.variants[v]
    expect(row.slice(0, 5)).toEqual([chromosome, String(position), ref, alt, ''])
    const kind = sexChromosomeKind('GRCh38', chromosome, position)
    const plain = plainFacts(kind, genotypes, made.sexes)
    factNames.forEach((name, i) => {
      const expected = plain[name]
      const cell = row[5 + i]
      if (expected === null) expect(cell, `${v} ${name}`).toBe('')
      else if (name.startsWith('hwe'))
        expect(Math.abs(Number(cell) - expected), `${v} ${name}`).toBeLessThanOrEqual(1e-12 * Math.max(1, expected))
      else expect(Number(cell), `${v} ${name}`).toBe(expected)
    })
  })
  const inPar = made.variants.filter((v) => isPseudoautosomal('GRCh38', v.chromosome, v.position)).length
  expect(inPar).toBeGreaterThan(0)
  expect(result.variants).toMatchObject({ autosome: 2200, MT: 20, pseudoautosomal: inPar })
  made.samples.forEach((sample, s) => {
    const counted = made.variants.filter(({ chromosome }) => chromosome !== 'Y' && chromosome !== 'MT')
    const onAutosomes = counted.filter(({ chromosome }) => chromosome !== 'X')
    const parOfY = made.variants.filter((v) => v.chromosome === 'Y' && isPseudoautosomal('GRCh38', 'Y', v.position))
    expect(result.samples[s]).toMatchObject({
      sample,
      variants: counted.length + parOfY.length,
      missing: [...counted, ...parOfY].filter(({ genotypes }) => genotypes[s] === -1).length,
      autosomal_het: onAutosomes.filter(({ genotypes }) => genotypes[s] === 1).length,
      autosomal_calls: onAutosomes.filter(({ genotypes }) => genotypes[s] !== -1).length,
    })
  })
})

test('one person, and people beyond 16 bits', async () => {
  for (const n of [1, 65_537]) {
    const made = cohort(n, [['3', 10, n === 1 ? 40 : 6]])
    const { rows } = await bothForms(made)
    rows.forEach((row, v) => {
      const plain = plainFacts('autosome', made.variants[v].genotypes, made.sexes)
      expect(row.slice(5, 9).map(Number)).toEqual([plain.hom_ref, plain.het, plain.hom_alt, plain.missing])
      expect(row[13] === '' ? null : Number(row[13])).toBe(plain.hwe_p)
    })
  }
})

test('more counts than are held are made again', async () => {
  // Every variant has counts of its own: 300,000 of them do not fit.
  const k = kernels()
  const { FactRows, tailText, textTails } = await import('./fact-rows.ts')
  const rows = new FactRows()
  let v = 0
  for (let group = 0; group < 40; group++) {
    const variants = 8192
    const counts = Int32Array.from({ length: 4 * variants }, (_, i) => [1, v + (i >> 2), 7, 0][i & 3])
    const factsOf = (i: number) => ({
      counts: [1, counts[4 * i + 1], 7, 0] as const,
      hemizygous: null,
      altFrequency: 0.25,
      missingRate: 0,
      hardyWeinberg: null,
    })
    const lines = new TextEncoder().encode(Array.from({ length: variants }, (_, i) => `1\t${i}\n`).join(''))
    const text = k.scope(() =>
      new TextDecoder().decode(
        rows.text(
          lines,
          variants,
          k.put(counts),
          true,
          textTails((i) => tailText(factsOf(i))),
        ),
      ),
    )
    const found = text.split('\n')
    expect(found).toHaveLength(variants + 1)
    for (const i of [0, 1, 4095, 8191]) expect(`${found[i]}\n`).toBe(`1\t${i}${tailText(factsOf(i))}`)
    v += variants
  }
})

test('lines that are not as many as the variants are our own mistake', async () => {
  const k = kernels()
  const { FactRows, tailText, textTails } = await import('./fact-rows.ts')
  const rows = new FactRows()
  const facts = {
    counts: [1, 0, 0, 0] as const,
    hemizygous: null,
    altFrequency: 0,
    missingRate: 0,
    hardyWeinberg: null,
  }
  for (const lines of ['1\t1\n', '1\t1\n1\t2', '1\t1\n1\t2\n1\t3\n'])
    expect(() =>
      k.scope(() =>
        rows.text(
          new TextEncoder().encode(lines),
          2,
          k.put(new Int32Array(8)),
          true,
          textTails(() => tailText(facts)),
        ),
      ),
    ).toThrow('key lines')
})

test('tails from counts are those from facts, also when what is held is forgotten', async () => {
  const { AutosomeTails } = await import('./autosome-tails.ts')
  const { tailText } = await import('./fact-rows.ts')
  const { HardyWeinbergMemo } = await import('./hardy-weinberg-facts.ts')
  const { variantFacts } = await import('./variant-facts.ts')
  const decoder = new TextDecoder()
  for (const people of [0, 1, 9, 10, 3000, 100_000]) {
    const tails = new AutosomeTails(people)
    const tests = new HardyWeinbergMemo()
    // 100,000 people: a table and frequency of its own for nearly every variant.
    for (let round = 0; round < (people > 1000 ? 200 : 3); round++) {
      const counts = new Int32Array(4 * 300)
      for (let v = 0; v < 300; v++) {
        const missing = v === 0 ? people : Math.floor(people * 0.1 * random())
        const het = Math.floor((people - missing) * random() * 0.5)
        const alt = Math.floor((people - missing - het) * random())
        counts.set([people - missing - het - alt, het, alt, missing], 4 * v)
      }
      const lengths = Array.from({ length: 300 }, (_, v) => tails.add(counts, v))
      const bytes = tails.take()
      let at = 0
      lengths.forEach((length, v) => {
        const own = decoder.decode(bytes.subarray(at, at + length))
        at += length
        if (round % 40 !== 0) return
        const [ref, het, alt, missing] = counts.subarray(4 * v, 4 * v + 4)
        const facts = variantFacts('autosome', [ref, het, alt, missing], [0, 0, 0, 0], [0, 0, 0, 0], tests)
        expect(own).toBe(tailText(facts))
      })
      expect(at).toBe(bytes.length)
    }
  }
})
