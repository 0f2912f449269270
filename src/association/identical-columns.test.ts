import { afterAll, expect, it } from 'vitest'
import type { Cell, ColumnBatch } from '../host/host.ts'
import { RandomStream } from '../numerics/index.ts'
import { kernels } from '../numerics/kernels.ts'
import { associationCells } from '../results/association-cells.ts'
import { associate } from './associate.ts'
import { designStudy, personPlane } from './design.ts'
import { scanFamilies } from './family-minima.ts'
import { scanSetup } from './scan.ts'
import { type TestVariant, workshop, writeStore } from './testing/store.ts'

const people = 40
const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
const random = new RandomStream(2, 'test/identical columns')
const cases = samples.map((_, i) => i % 5 === 2)
const age = samples.map(() => 50 + 10 * random.normal())
/** More than two chunks of a scan. */
const variants = 17_000

type Column = Pick<TestVariant, 'genotypes' | 'dosages'>

/** Rare and common columns, some with missing calls, some that differ from another in one missing call or one dosage. */
const pool: Column[] = Array.from({ length: 90 }, (_, c) => {
  const copies = c < 40 ? 1 + (c % 3) : 4 + random.integer(30)
  const genotypes: number[] = samples.map(() => (c % 4 === 0 && random.uniform() < 0.1 ? -1 : 0))
  for (let k = 0; k < copies; ) {
    const i = random.integer(people)
    if (genotypes[i] === 2) continue
    genotypes[i] = genotypes[i] < 0 ? 1 : genotypes[i] + 1
    k++
  }
  return { genotypes }
})
for (let c = 40; c < 60; c++) {
  const { genotypes } = pool[c]
  const called = Array.from(genotypes).indexOf(0)
  pool.push({ genotypes: Array.from(genotypes, (g, i) => (i === called ? -1 : g)) })
  const dosages = Array.from(genotypes, (g, i) => (g < 0 ? 65535 : Math.min(32768, 16384 * g + 13 * i)))
  pool.push({ genotypes, dosages })
  pool.push({ genotypes, dosages: dosages.map((d, i) => (i === called ? d + 1 : d)) })
}
const mirror = ({ genotypes }: Column): Column => ({ genotypes: Array.from(genotypes, (g) => (g < 0 ? g : 2 - g)) })
const mirrors = pool.filter(({ dosages }) => dosages === undefined).map(mirror)

const removals: (() => void)[] = []
afterAll(() => {
  for (const remove of removals) remove()
})

async function scan(columns: readonly Column[], covariate: boolean, digestsHeld?: number) {
  const { folder, header, remove } = writeStore(
    samples,
    columns.map((column, v) => ({ ...column, chromosome: '3', position: 1 + v })),
  )
  removals.push(remove)
  const { design, labels } = designStudy({
    header,
    people: samples.map((sample, i) => ({ sample, case: cases[i], sex: null })),
    covariates: covariate ? [{ name: 'age', values: age }] : [],
    seed: 3,
    primary: { test: 'family', alpha: 0.05, rule: 'as written' },
    permutations: { sets: 60, extend: false },
    sexChromosomes: false,
  })
  const batches: ColumnBatch[] = []
  const options = { store: folder, keep: null, digestsHeld }
  const summary = await associate(design, labels, options, workshop(), (rows) => {
    batches.push(associationCells(rows.lines))
  })
  return { summary, batches, design, labels, folder }
}

/** What a row says but for where the variant is. */
function* contents(batches: readonly ColumnBatch[]): Generator<Cell[]> {
  const where = new Set(['chromosome', 'position', 'ref', 'alt', 'rsid', 'permutation_p', 'permutation_neglog10p'])
  for (const batch of batches) {
    const names = Object.keys(batch).filter((name) => !where.has(name))
    for (let i = 0; i < batch.position.length; i++) yield names.map((name) => batch[name][i])
  }
}

it.each([false, true])(
  'identical columns over blocks and chunks are scanned once and say the same (covariate: %s)',
  async (covariate) => {
    const both = [...pool, ...mirrors]
    const which = Array.from({ length: variants }, (_, v) => (v < both.length ? v : random.integer(both.length)))
    const each = await scan(both, covariate)
    const all = await scan(
      which.map((c) => both[c]),
      covariate,
    )

    // A row is that of its column, alone in the store, to the last bit.
    const alone = [...contents(each.batches)]
    let v = 0
    for (const row of contents(all.batches)) {
      const expected = alone[which[v]]
      for (const [k, cell] of row.entries())
        if (!Object.is(cell, expected[k])) throw new Error(`variant ${v}, cell ${k}: ${cell}, alone ${expected[k]}`)
      v++
    }
    expect(v).toBe(variants)

    // Mirror images and columns that differ in dosages alone are one column of hard calls.
    const distinct = new Set(pool.map(({ genotypes }) => Array.from(genotypes).join()))
    const key = (c: Column) => [c, mirror(c)].map(({ genotypes }) => Array.from(genotypes).join()).sort()[0]
    const columns = new Set(pool.map(key))
    expect(columns.size).toBeLessThanOrEqual(distinct.size)
    const { families, bonferroni, tarone, lambda, qq, variantsTested } = all.summary
    expect(variantsTested).toBe(variants)
    expect(bonferroni.tests).toBe(columns.size)
    expect(families.every((f) => f.distinctVariants === columns.size)).toBe(true)
    expect(tarone).toEqual(each.summary.tarone)
    expect(lambda).toBe(each.summary.lambda)
    expect(qq).toEqual(each.summary.qq)
    expect(families.map((f) => [f.familyP, f.threshold, f.minimumP])).toEqual(
      each.summary.families.map((f) => [f.familyP, f.threshold, f.minimumP]),
    )

    // Few digests at a time, and so many passes: the same.
    const parts = await scan(
      which.map((c) => both[c]),
      covariate,
      16,
    )
    expect(parts.summary).toEqual(all.summary)
  },
)

it('the minima are those of a scan that leaves nothing out', async () => {
  const which = Array.from({ length: variants }, () => random.integer(pool.length))
  const { design, labels, folder } = await scan(
    which.map((c) => pool[c]),
    true,
  )
  const setup = scanSetup(folder, design, null)
  const requests = design.families.map((family) => ({ family, first: 0, count: 60 }))
  const options = { observed: personPlane(design, (i) => labels.cases[i] === 1), label: '' }
  const skipping = await scanFamilies(design, setup, requests, options, workshop())
  const whole = await scanFamilies(design, setup, requests, { ...options, skip: false }, workshop())
  expect(skipping.minima.map((m) => [...m])).toEqual(whole.minima.map((m) => [...m]))
  expect(skipping.best).toEqual(whole.best)
})

it('a column is compared with another of its digest before it is taken for the same', () => {
  const k = kernels()
  const words = 2
  const plane = 8 * words
  for (let round = 0; round < 400; round++)
    k.scope(() => {
      const included = Uint8Array.from({ length: plane }, () => (round % 3 === 0 ? 255 : random.integer(256)))
      const make = () =>
        Array.from({ length: 8 * plane }, (_, i) =>
          ((included[i >> 3] >> (i & 7)) & 1) === 0 ? null : [0, 1, 2, -1][random.integer(round % 2 === 0 ? 4 : 2)],
        )
      const record = (genotypes: (number | null)[]) => {
        const bytes = new Uint8Array(2 * plane)
        genotypes.forEach((g, i) => {
          if (g === 1 || g === -1) bytes[i >> 3] |= 1 << (i & 7)
          if (g === 2 || g === -1) bytes[plane + (i >> 3)] |= 1 << (i & 7)
        })
        return k.put(bytes)
      }
      const a = make()
      const mirrored = a.map((g) => (g === null || g < 0 ? g : 2 - g))
      const changed = a.slice()
      const at = a.findIndex((g, i) => g !== null && i >= random.integer(90))
      if (at >= 0) changed[at] = [0, 1, 2, -1].filter((g) => g !== a[at])[random.integer(3)]
      const people = k.put(included)
      const same = (b: (number | null)[]) => k.call.labelsSame(record(a), record(b), words, people)
      expect([same(a), same(mirrored)]).toEqual([1, 1])
      const plain = [a, mirrored].some((other) => other.every((g, i) => g === changed[i]))
      expect(same(changed)).toBe(plain ? 1 : 0)
    })
})
