import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { variantsTable } from '../../results/genotypes.ts'
import { readRows } from '../../results/rows.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { dosageMissing, readDosages } from '../store/dosages.ts'
import { openStore } from '../store/open.ts'
import type { GenotypeStore } from '../store/reader.ts'
import { type Cohort, host, numbers, scratchFolder, workshop } from '../testing/cohort.ts'
import { randomDosages, writeDosageStore } from '../testing/dosage-store.ts'
import { type MergeRow, mergeStores } from './merge.ts'
import type { MergeRules } from './site.ts'

const folder = scratchFolder()
let made = 0
const usual: MergeRules = { ambiguous: 'drop', strand: 'drop', require: 'all' }

interface Variant {
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  codes: number[]
  dosages: Uint16Array | null
}

interface Side {
  name: string
  samples: string[]
  variants: Variant[]
}

const keyOf = ({ chromosome, position, ref, alt }: Omit<Variant, 'rsid' | 'codes' | 'dosages'>) =>
  `${chromosome}:${position}:${ref}:${alt}`

function inOrder(variants: Variant[]): Variant[] {
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return variants.sort(
    (a, b) =>
      chromosomeRank(a.chromosome) - chromosomeRank(b.chromosome) ||
      a.position - b.position ||
      text(a.ref, b.ref) ||
      text(a.alt, b.alt),
  )
}

async function writeSide({ samples, variants }: Side): Promise<string> {
  const at = join(folder, `side-${made++}`)
  const cohort: Cohort = {
    samples,
    keys: {
      chromosome: variants.map((v) => v.chromosome),
      position: Int32Array.from(variants, (v) => v.position),
      ref: variants.map((v) => v.ref),
      alt: variants.map((v) => v.alt),
      rsid: variants.map((v) => v.rsid),
    },
    codes: variants.map((v) => v.codes),
  }
  await writeDosageStore(
    at,
    cohort,
    variants.map((v) => v.dosages),
  )
  return at
}

async function merged(sides: readonly Side[], rules: Partial<MergeRules> = {}) {
  const out = join(folder, `merged-${made++}`)
  mkdirSync(out)
  const rows: MergeRow[] = []
  const cohorts = []
  for (const side of sides) cohorts.push({ name: side.name, folder: await writeSide(side) })
  const result = await mergeStores(
    { cohorts, rules: { ...usual, ...rules }, onRows: async (more) => void rows.push(...more) },
    out,
    workshop(),
  )
  const store = await openStore(host, out)
  const variants = await readVariants(store)
  await store.close()
  return { ...result, rows, variants, samples: store.header.samples, out }
}

/** Everything that a store holds: of each variant key, label and everybody's dosage. */
async function readVariants(store: GenotypeStore) {
  const list: { key: string; rsid: string; dosages: number[] }[] = []
  const samples = store.header.samples.length
  for (const b of store.header.blocks.keys()) {
    const keys = await store.keys(b)
    const genotypes = await store.genotypes(b)
    const dosages = await store.dosages(b)
    for (let v = 0; v < keys.ref.length; v++) {
      const row = new Uint16Array(samples)
      readDosages(dosages, v, genotypes, row)
      list.push({
        key: keyOf({ chromosome: keys.chromosome[v], position: keys.position[v], ref: keys.ref[v], alt: keys.alt[v] }),
        rsid: keys.rsid[v],
        dosages: [...row],
      })
    }
  }
  return list
}

/** A person's dosage at a variant: its own, or that of the call. */
const dosageOf = (variant: Variant, s: number) =>
  variant.dosages === null ? [0, 16_384, 32_768, dosageMissing][variant.codes[s]] : variant.dosages[s]

/** Cohorts that share most variants, some of them exchanged or absent; calls and dosages at random. */
function randomSides(seed: number, sizes: readonly number[], variants: number): Side[] {
  const random = numbers(seed)
  const pick = <T>(list: ArrayLike<T>) => list[Math.floor(random() * list.length)]
  const sides: Side[] = sizes.map((size, c) => ({
    // Names whose order is not that of the study file.
    name: ['star', 'a-b', 'a', 'harbor'][c],
    samples: Array.from({ length: size }, (_, s) => `P${String(s).padStart(3, '0')}`),
    variants: [],
  }))
  let position = 100
  for (let v = 0; v < variants; v++) {
    const chromosome = v < variants / 2 ? '2' : 'X'
    if (v === Math.ceil(variants / 2)) position = 50
    position += 1 + Math.floor(random() * 20)
    const [ref, alt] = pick(['AG', 'CT', 'AC', 'GT', 'TC']).split('')
    const indel = random() < 0.2
    for (const side of sides) {
      if (random() < 0.1) continue
      const exchanged = !indel && random() < 0.1
      const frequency = random()
      const codes = side.samples.map(() =>
        random() < 0.05 ? 3 : Number(random() < frequency) + Number(random() < frequency),
      )
      side.variants.push({
        chromosome,
        position,
        ref: indel ? `${ref}${alt}` : exchanged ? alt : ref,
        alt: indel ? ref : exchanged ? ref : alt,
        rsid: random() < 0.5 ? `rs${v}` : '',
        codes,
        dosages: null,
      })
    }
  }
  for (const [c, side] of sides.entries()) {
    inOrder(side.variants)
    // One cohort has calls alone.
    if (c === 1) continue
    const codes = side.variants.map((v) => v.codes)
    const dosages = randomDosages(seed + c, { samples: side.samples, keys: undefined as never, codes })
    for (const [v, row] of dosages.entries()) side.variants[v].dosages = row
  }
  return sides
}

describe('merging stores', () => {
  test('everybody keeps calls and dosages, whatever the number of people, and exchanged alleles count right', async () => {
    for (const [seed, sizes] of [
      [1, [7, 5]],
      [2, [64, 3, 70]],
      [3, [1, 129, 8, 33]],
    ] as const) {
      const sides = randomSides(seed, sizes, 2600)
      for (const require of ['all', 'any'] as const) {
        const { variants, samples, rows, header, partial, summary } = await merged(sides, { require })
        // By hand: by position and kind, orientation of the first cohort that has it.
        const people = sides.flatMap((side) => side.samples.map((id) => ({ id: `${side.name}:${id}`, side })))
        people.sort((a, b) => (a.id < b.id ? -1 : 1))
        expect(samples).toEqual(people.map(({ id }) => id))
        const places = new Map<string, Map<Side, Variant>>()
        for (const side of sides)
          for (const variant of side.variants) {
            const name = `${variant.chromosome}:${variant.position}`
            places.set(name, (places.get(name) ?? new Map<Side, Variant>()).set(side, variant))
          }
        const expected = [...places.values()].flatMap((of) => {
          if (require === 'all' && of.size < sides.length) return []
          const having = sides.flatMap((side) => of.get(side) ?? [])
          const [first] = having
          return [
            {
              variant: first,
              key: keyOf(first),
              rsid: having.find(({ rsid }) => rsid !== '')?.rsid ?? '',
              whole: of.size === sides.length,
              dosages: people.map(({ side }, p) => {
                const variant = of.get(side)
                if (variant === undefined) return dosageMissing
                const dosage = dosageOf(variant, p - people.findIndex((one) => one.side === side))
                return dosage === dosageMissing || keyOf(variant) === keyOf(first) ? dosage : 32_768 - dosage
              }),
            },
          ]
        })
        const sorted = new Map(expected.map((one) => [one.variant, one]))
        const list = inOrder(expected.map(({ variant }) => variant)).flatMap((variant) => sorted.get(variant) ?? [])
        expect(variants.length).toBe(list.length)
        for (const [v, { key, rsid, dosages }] of list.entries()) expect(variants[v]).toEqual({ key, rsid, dosages })
        expect(header.variants).toBe(list.length)
        expect(summary.variants).toBe(list.length)
        const lacking = list.filter(({ whole }) => !whole).length
        expect(summary.partial).toBe(lacking)
        if (require === 'all') expect(partial).toBeNull()
        else {
          const bits = list.map((_, v) => ((partial ?? new Uint8Array(0))[v >> 3] >> (v & 7)) & 1)
          expect(bits).toEqual(list.map(({ whole }) => (whole ? 0 : 1)))
        }
        expect(rows.length).toBe(
          Object.values({ ...summary.dropped }).reduce((a, b) => a + b, 0) +
            Object.values({ ...summary.changed }).reduce((a, b) => a + b, 0),
        )
      }
    }
  })

  test('the store is whole: its table, its files, and nothing else', async () => {
    const sides = randomSides(9, [4, 6], 300)
    const { out, variants } = await merged(sides)
    expect(readdirSync(out).sort()).toEqual([
      'dosages.bin',
      'genotypes.bin',
      'store.json',
      'variants.bin',
      'variants.parquet',
    ])
    const table = await readRows<{ chromosome: string; position: number; ref: string; alt: string }>(
      host,
      join(out, 'variants.parquet'),
      variantsTable,
    )
    expect(table.map(keyOf)).toEqual(variants.map(({ key }) => key))
  })

  test('rows say what was done, with names and labels', async () => {
    const one = (ref: string, alt: string, rsid = ''): Variant => ({
      chromosome: '1',
      position: 10,
      ref,
      alt,
      rsid,
      codes: [0, 1],
      dosages: null,
    })
    const plain = { ...one('A', 'C', 'rs9'), position: 99 }
    const sides = [
      { name: 'star', samples: ['x', 'y'], variants: [one('A', 'G'), plain] },
      { name: 'harbor', samples: ['x', 'y'], variants: [one('G', 'A', 'rs1'), plain] },
    ]
    const { rows, variants, samples } = await merged(sides)
    expect(samples).toEqual(['harbor:x', 'harbor:y', 'star:x', 'star:y'])
    expect(rows).toEqual([
      {
        chromosome: '1',
        position: 10,
        ref: 'A',
        alt: 'G',
        rsid: 'rs1',
        action: 'exchanged',
        reason: 'reference and alternate exchanged',
        cohorts: 'harbor',
        alleles: 'star A>G; harbor G>A',
      },
    ])
    expect(variants).toEqual([
      { key: '1:10:A:G', rsid: 'rs1', dosages: [32_768, 16_384, 0, 16_384] },
      { key: '1:99:A:C', rsid: 'rs9', dosages: [0, 16_384, 0, 16_384] },
    ])
  })

  test('cohorts that do not belong together are refused', async () => {
    const sides = randomSides(5, [5, 5], 800)
    // A quarter of one cohort's SNVs have alleles of another class.
    const another = (v: Variant) => ({ ...v, ref: 'A', alt: `${v.ref}${v.alt}`.match(/AG|GA|CT|TC/) ? 'C' : 'G' })
    const wrong = sides.map((side, c) =>
      c === 0
        ? side
        : { ...side, variants: side.variants.map((v, k) => (k % 4 === 0 && v.ref.length === 1 ? another(v) : v)) },
    )
    const refusal: unknown = await merged(wrong).catch((caught: unknown) => caught)
    expect(isUpturnError(refusal, 'CohortsDisagree') ? refusal.message : String(refusal)).toMatch(
      /positions that cohorts share .*not of one build/,
    )
    const apart = sides.map((side, c) => ({
      ...side,
      variants: side.variants.map((v) => ({ ...v, position: v.position * 2 + c })),
    }))
    await expect(merged(apart)).rejects.toThrow(/no variant is left/)
    await expect(merged([{ ...sides[0], name: 'a:b' }, sides[1]])).rejects.toThrow(/no name for a cohort/)
    await expect(merged([sides[0], { ...sides[1], name: sides[0].name }])).rejects.toThrow(/each its own/)
  })
})
