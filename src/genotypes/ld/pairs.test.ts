import { describe, expect, test } from 'vitest'
import type { ColumnBatch } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { mergeRegions, parseRegion } from '../regions/regions.ts'
import { type LdPairsOptions, ldPairs } from './pairs.ts'

const random = uniform(29)

/** Log likelihood of haplotype frequencies, by genotype counts [of the first][of the second]. */
function likelihood(counts: readonly (readonly number[])[], f11: number, p: number, q: number): number {
  const f = [f11, p - f11, q - f11, 1 - p - q + f11].map((x) => Math.max(0, x))
  const [ab, aB, bA, none] = f
  const probability = [
    [none * none, 2 * bA * none, bA * bA],
    [2 * aB * none, 2 * (ab * none + aB * bA), 2 * ab * bA],
    [aB * aB, 2 * ab * aB, ab * ab],
  ]
  let sum = 0
  counts.forEach((row, x) => {
    row.forEach((count, y) => {
      if (count > 0) sum += count * Math.log(probability[x][y])
    })
  })
  return sum
}

/** The likeliest frequency of both alternate alleles together, by looking at a fine grid and then finer. */
function plainHaplotype(counts: readonly (readonly number[])[]): { f11: number; best: number; p: number; q: number } {
  const total = 2 * counts.flat().reduce((a, b) => a + b, 0)
  const p = counts.reduce((sum, row, x) => sum + x * row.reduce((a, b) => a + b, 0), 0) / total
  const q = counts.reduce((sum, row) => sum + row[1] + 2 * row[2], 0) / total
  const known = (2 * counts[2][2] + counts[2][1] + counts[1][2]) / total
  let low = known
  let high = known + counts[1][1] / total
  let f11 = low
  for (let round = 0; round < 12; round++) {
    let best = Number.NEGATIVE_INFINITY
    const steps = 400
    const width = (high - low) / steps
    for (let i = 0; i <= steps; i++) {
      const value = likelihood(counts, low + i * width, p, q)
      if (value > best) {
        best = value
        f11 = low + i * width
      }
    }
    low = Math.max(known, f11 - width)
    high = Math.min(known + counts[1][1] / total, f11 + width)
  }
  return { f11, best: likelihood(counts, f11, p, q), p, q }
}

function haplotypeKernel(counts: readonly (readonly number[])[]): number {
  const c = counts
  return kernels().call.haplotypeFrequency(
    2 * c[2][2] + c[2][1] + c[1][2],
    2 * c[2][0] + c[2][1] + c[1][0],
    2 * c[0][2] + c[1][2] + c[0][1],
    2 * c[0][0] + c[0][1] + c[1][0],
    c[1][1],
  )
}

test('haplotype frequencies are the likeliest', () => {
  const draw = (): number[][] => {
    const dense = random() < 0.5
    return Array.from({ length: 3 }, () =>
      Array.from({ length: 3 }, () => (dense || random() < 0.4 ? Math.floor(random() * (random() < 0.3 ? 3 : 40)) : 0)),
    )
  }
  let compared = 0
  for (let i = 0; i < 1500; i++) {
    const counts = draw()
    const total = counts.flat().reduce((a, b) => a + b, 0)
    if (total === 0) continue
    const { best, p, q } = plainHaplotype(counts)
    if (!(p * (1 - p) * q * (1 - q) > 0)) continue
    const found = haplotypeKernel(counts)
    // The likelihood is flat at its top: the value is compared, and where it is steep the place.
    const name = JSON.stringify(counts)
    const value = likelihood(counts, found, p, q)
    expect(value, name).toBeGreaterThanOrEqual(best - 1e-9 * Math.max(1, Math.abs(best)))
    const known = 2 * counts[2][2] + counts[2][1] + counts[1][2]
    expect(found, name).toBeGreaterThanOrEqual(known / (2 * total) - 1e-15)
    expect(found, name).toBeLessThanOrEqual((known + counts[1][1]) / (2 * total) + 1e-15)
    compared++
  }
  expect(compared).toBeGreaterThan(1200)
})

test('haplotypes that genotypes tell, perfect association and repulsion', () => {
  // Nobody doubly heterozygous: read off.
  expect(
    haplotypeKernel([
      [10, 4, 1],
      [3, 0, 2],
      [1, 2, 5],
    ]),
  ).toBe((10 + 2 + 2) / 56)
  // Alternate alleles always together, also in the double heterozygotes.
  const together = [
    [40, 0, 0],
    [0, 20, 0],
    [0, 0, 4],
  ]
  expect(haplotypeKernel(together)).toBe(28 / 128)
  // Never together.
  expect(
    haplotypeKernel([
      [20, 20, 5],
      [18, 9, 0],
      [4, 0, 0],
    ]),
  ).toBe(0)
  // Double heterozygotes alone: together and apart are equally likely, and the smaller frequency is taken.
  expect(
    haplotypeKernel([
      [0, 0, 0],
      [0, 7, 0],
      [0, 0, 0],
    ]),
  ).toBe(0)
})

// LD that decays, over three blocks and three chromosomes, some missing, some that do not vary.
function cohort(n: number, spread: readonly (readonly [string, number, number])[]) {
  const samples = Array.from({ length: n }, (_, s) => `s${String(s).padStart(6, '0')}`)
  const sexes = new Map(samples.map((sample, s) => [sample, s % 2 === 0 ? ('female' as const) : ('male' as const)]))
  let last = randomGenotypes(random, n, 0.3, 0)
  const variants: TestVariant[] = spread.flatMap(([chromosome, first, count]) =>
    Array.from({ length: count }, (_, v) => {
      last = v % 20 === 0 ? randomGenotypes(random, n, 0.1 + 0.8 * random(), 0) : last
      const genotypes =
        v % 50 === 49
          ? new Int8Array(n).fill(v % 4)
          : last.map((g) => (v % 3 === 0 && random() < 0.05 ? -1 : random() < 0.15 ? Math.floor(3 * random()) : g))
      return {
        chromosome,
        position: first + 900 * v,
        alt: 'ACGT'[v % 3],
        genotypes: genotypes.map((g) => (g > 2 ? -1 : g)),
      }
    }),
  )
  return { samples, sexes, variants, workshop: memoryWorkshop(storeFiles(samples, 'GRCh38', variants)) }
}

const usual: Omit<LdPairsOptions, 'sexes'> = {
  folder: 'store',
  window: 12_000,
  limit: 0.2,
  haplotypes: false,
  maf: 0,
  variantCallRate: 0,
  regions: null,
  lead: null,
  rows: 'text',
}

async function rowsOf(made: ReturnType<typeof cohort>, options: Partial<LdPairsOptions> = {}): Promise<string[][]> {
  let text = ''
  let pairs = 0
  for await (const part of ldPairs({ ...usual, sexes: made.sexes, ...options }, made.workshop)) {
    text += new TextDecoder().decode(part.text ?? new Uint8Array())
    pairs += part.pairs
  }
  const rows = text.split('\n').slice(0, -1)
  expect(rows).toHaveLength(pairs)
  return rows.map((row) => row.split('\t'))
}

/** Genotype counts of two variants over some people. */
function tableOf(a: ArrayLike<number>, b: ArrayLike<number>, people: readonly number[]): number[][] {
  const counts = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]
  for (const s of people) if (a[s] >= 0 && b[s] >= 0) counts[a[s]][b[s]]++
  return counts
}

function plainR(counts: readonly (readonly number[])[]): { n: number; r: number } {
  let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0]
  counts.forEach((row, x) => {
    row.forEach((count, y) => {
      n += count
      sx += x * count
      sy += y * count
      sxx += x * x * count
      syy += y * y * count
      sxy += x * y * count
    })
  })
  return { n, r: (n * sxy - sx * sy) / Math.sqrt((n * sxx - sx * sx) * (n * syy - sy * sy)) }
}

function plainPairs(made: ReturnType<typeof cohort>, window: number, limit: number) {
  const everyone = made.samples.map((_, s) => s)
  const women = everyone.filter((s) => s % 2 === 0)
  const found: { a: TestVariant; b: TestVariant; n: number; r: number; counts: number[][] }[] = []
  made.variants.forEach((a, i) => {
    for (let j = i + 1; j < made.variants.length; j++) {
      const b = made.variants[j]
      if (b.chromosome !== a.chromosome || b.position > a.position + window) break
      const counts = tableOf(a.genotypes, b.genotypes, a.chromosome === 'X' ? women : everyone)
      const { n, r } = plainR(counts)
      if (r * r >= limit) found.push({ a, b, n, r, counts })
    }
  })
  return found
}

const spread = [
  ['1', 1000, 1500],
  ['2', 50, 700],
  ['X', 5_000_000, 300],
] as const

describe.each([{ n: 61 }, { n: 130 }])('$n people', ({ n }) => {
  const made = cohort(n, spread)

  test.each([0.2, 0])(
    'pairs with r2 of at least %d in a window, in order, are those of a plain search',
    async (limit) => {
      const expected = plainPairs(made, usual.window, limit)
      const rows = await rowsOf(made, { limit })
      expect(rows.map((row) => [row[0], row[1], row[3], row[5], row[7]])).toEqual(
        expected.map(({ a, b }) => [a.chromosome, String(a.position), a.alt, String(b.position), b.alt]),
      )
      expected.forEach(({ n: called, r }, i) => {
        expect(rows[i][9]).toBe(String(called))
        expect(Math.abs(Number(rows[i][10]) - r)).toBeLessThan(1e-12)
        expect(Number(rows[i][11])).toBe(Number(rows[i][10]) ** 2)
        expect(rows[i][12]).toBe('')
      })
    },
  )

  test("r and D' of haplotypes", async () => {
    const expected = plainPairs(made, usual.window, -1)
    const rows = new Map(
      (await rowsOf(made, { limit: 0, haplotypes: true })).map((row) => [`${row[0]} ${row[1]} ${row[5]}`, row]),
    )
    for (let i = 0; i < expected.length; i += 97) {
      const { a, b, counts } = expected[i]
      const { f11, p, q } = plainHaplotype(counts)
      const row = rows.get(`${a.chromosome} ${a.position} ${b.position}`)
      const d = f11 - p * q
      expect(Number(row?.[10])).toBeCloseTo(d / Math.sqrt(p * (1 - p) * q * (1 - q)), 5)
      expect(Number(row?.[12])).toBeCloseTo(
        d / (d > 0 ? Math.min(p * (1 - q), q * (1 - p)) : Math.min(p * q, (1 - p) * (1 - q))),
        5,
      )
    }
    // A limit lists some of the same rows, whatever is left out beforehand.
    const all = [...rows.values()].filter((row) => Number(row[11]) >= 0.1)
    expect(await rowsOf(made, { limit: 0.1, haplotypes: true })).toEqual(all)
  })

  test('a lead has the pairs that all pairs have with it', async () => {
    const all = await rowsOf(made, { limit: 0 })
    for (const index of [0, 700, 1023, 1024, 1499, 1500, 2300]) {
      const lead = made.variants[index]
      const name = `${lead.chromosome}:${lead.position}:G:${lead.alt}`
      const rows = await rowsOf(made, { limit: 0, lead: name })
      const others = all
        .filter((row) => row[0] === lead.chromosome && [row[1], row[5]].includes(String(lead.position)))
        .map((row) => (row[1] === String(lead.position) ? row[5] : row[1]))
      expect(
        rows.map((row) => row[5]),
        name,
      ).toEqual(others)
      for (const row of rows) expect(row[1]).toBe(String(lead.position))
    }
    await expect(rowsOf(made, { lead: '1:5:A:C' })).rejects.toThrow('no variant is called')
    await expect(rowsOf(made, { lead: '' })).rejects.toThrow('variants are called')
  })

  test('regions, frequency and call rate leave variants out', async () => {
    const all = await rowsOf(made)
    const regions = mergeRegions([parseRegion('1:400000-900000'), parseRegion('2')])
    const inside = (row: string[], place: string) =>
      row[0] === '2' || (row[0] === '1' && Number(place) >= 400_000 && Number(place) <= 900_000)
    expect(await rowsOf(made, { regions })).toEqual(all.filter((row) => inside(row, row[1]) && inside(row, row[5])))
    const well = new Set(
      made.variants
        .filter(({ genotypes }) => Array.from(genotypes).every((g) => g >= 0))
        .map((v) => `${v.chromosome} ${v.position}`),
    )
    const autosomal = (row: string[]) => row[0] !== 'X'
    expect((await rowsOf(made, { variantCallRate: 1 })).filter(autosomal)).toEqual(
      all.filter((row) => autosomal(row) && well.has(`${row[0]} ${row[1]}`) && well.has(`${row[0]} ${row[5]}`)),
    )
  })

  test('columns have the rows of the text', async () => {
    const batches: ColumnBatch[] = []
    for await (const part of ldPairs({ ...usual, sexes: made.sexes, rows: 'columns', haplotypes: true }, made.workshop))
      if (part.columns !== null && part.pairs > 0) batches.push(part.columns)
    const names = [
      'chromosome',
      'position_a',
      'ref_a',
      'alt_a',
      'rsid_a',
      'position_b',
      'ref_b',
      'alt_b',
      'rsid_b',
      'people',
      'r',
      'r2',
      'd_prime',
    ]
    const rows = batches.flatMap((batch) => batch.r.map((_, i) => names.map((name) => String(batch[name][i]))))
    expect(rows).toEqual(await rowsOf(made, { haplotypes: true }))
  })
})

test('people beyond 16 bits', async () => {
  const made = cohort(65_600, [['7', 10, 6]])
  const expected = plainPairs(made, usual.window, 0)
  const rows = await rowsOf(made, { limit: 0 })
  expect(rows).toHaveLength(expected.length)
  expected.forEach(({ n, r }, i) => {
    expect(rows[i][9]).toBe(String(n))
    expect(Math.abs(Number(rows[i][10]) - r)).toBeLessThan(1e-12)
  })
})
