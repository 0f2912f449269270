import { expect, test } from 'vitest'
import type { ColumnBatch } from '../../host/host.ts'
import { variantCountsTable } from '../../results/genotype-tables.ts'
import { hardyWeinberg } from '../../statistics/exact/hardy-weinberg.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { isPseudoautosomal, type SexChromosomeKind, sexChromosomeKind } from '../sex-chromosomes.ts'
import { countGenotypes } from './count.ts'
import { FactRows, tailText } from './fact-rows.ts'
import { HardyWeinbergMemo } from './hardy-weinberg-facts.ts'
import { factNames, variantFacts } from './variant-facts.ts'

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

/** Rows of variants on autosomes with these counts, and what the plain way makes of them. */
function tailsOf(rows: FactRows, counts: Int32Array, looked: readonly number[]) {
  const variants = counts.length / 4
  const keys = Array.from({ length: variants }, (_, i) => `1\t${i}`)
  const text = new TextDecoder().decode(rows.ofCounts(new TextEncoder().encode(`${keys.join('\n')}\n`), counts))
  const found = text.split('\n')
  expect(found.pop()).toBe('')
  expect(found).toHaveLength(variants)
  const tests = new HardyWeinbergMemo()
  const nobody = [0, 0, 0, 0] as const
  for (const v of looked) {
    const [ref, het, alt, missing] = counts.subarray(4 * v, 4 * v + 4)
    const facts = variantFacts('autosome', [ref, het, alt, missing], nobody, nobody, tests)
    expect(`${found[v]}\n`).toBe(keys[v] + tailText(facts))
  }
}

test('more counts than are held are made again', () => {
  // Every variant has counts of its own: 300,000 of them do not fit.
  const rows = new FactRows()
  for (let group = 0; group < 40; group++)
    tailsOf(
      rows,
      Int32Array.from({ length: 4 * 8192 }, (_, i) => [1, 3, 7, 8192 * group + (i >> 2)][i & 3]),
      [0, 1, 4095, 8191],
    )
})

test('rows say what is asked for alone, from counts and from facts', () => {
  const counts = Int32Array.of(5, 4, 3, 2, 0, 0, 0, 14)
  const lines = new TextEncoder().encode('1\t1\n1\t2\n')
  const nobody = [0, 0, 0, 0] as const
  const facts = (v: number) =>
    variantFacts('autosome', v === 0 ? [5, 4, 3, 2] : [0, 0, 0, 14], nobody, nobody, new HardyWeinbergMemo())
  const sets = [...factNames.map((name) => [name]), [], ['het', 'alt_frequency', 'hwe_midp'] as const]
  for (const names of sets) {
    const rows = new FactRows(names)
    const expected = [0, 1].map((v) => `1\t${v + 1}${tailText(facts(v), names)}`).join('')
    expect(new TextDecoder().decode(rows.ofCounts(lines, counts))).toBe(expected)
    expect(new TextDecoder().decode(rows.ofFacts(lines, 2, facts))).toBe(expected)
  }
})

test('lines that are not as many as the variants are our own mistake', () => {
  const rows = new FactRows()
  const facts = variantFacts('MT', [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], new HardyWeinbergMemo())
  for (const lines of ['1\t1\n', '1\t1\n1\t2', '1\t1\n1\t2\n1\t3\n']) {
    expect(() => rows.ofCounts(new TextEncoder().encode(lines), new Int32Array(8))).toThrow('key lines')
    expect(() => rows.ofFacts(new TextEncoder().encode(lines), 2, () => facts)).toThrow('key lines')
  }
})

test('rows are put into a buffer that is given, where they fit', () => {
  const rows = new FactRows()
  const lines = new TextEncoder().encode('1\t1\n1\t2\n')
  const counts = Int32Array.of(5, 4, 3, 2, 0, 0, 0, 14)
  const text = rows.ofCounts(lines, counts)
  for (const [bytes, used] of [
    [text.length, true],
    [text.length - 1, false],
    [4000, true],
  ] as const) {
    const spare = new ArrayBuffer(bytes)
    const again = rows.ofCounts(lines, counts, spare)
    expect(again).toEqual(text)
    expect(again.buffer === spare).toBe(used)
  }
})

test('tails from counts are those from facts, also when what is held is forgotten', () => {
  for (const people of [0, 1, 2, 9, 10, 265, 3000, 100_000]) {
    const rows = new FactRows()
    // 100,000 people: a table of its own for nearly every variant, or more copies than tables are made for.
    for (let round = 0; round < (people === 100_000 ? 20 : 3); round++) {
      const counts = new Int32Array(4 * 600)
      for (let v = 0; v < 600; v++) {
        const missing = v === 0 ? people : Math.floor(people * 0.1 * random())
        const few = people === 100_000 && v % 100 !== 0
        const het = Math.floor((people - missing) * random() * (few ? 0.01 : 0.5))
        const alt = Math.floor((people - missing - het) * random() * (few ? 0.001 : 1))
        const rest = people - missing - het - alt
        counts.set(v % 2 === 0 ? [rest, het, alt, missing] : [alt, het, rest, missing], 4 * v)
      }
      tailsOf(rows, counts, round % 10 === 0 ? [...Array(600).keys()] : [0, 1, 599])
    }
  }
})
