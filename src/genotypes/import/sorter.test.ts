import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeDosageSection, dosageMissing, readDosages } from '../store/dosages.ts'
import { BlockWriter } from '../store/write.ts'
import { host } from '../testing/cohort.ts'
import { BatchBuilder } from './batch.ts'
import { lazySink, memoryRuns } from './runs.ts'
import { StoreSorter } from './sorter.ts'

interface Item {
  rank: number
  position: number
  ref: string
  alt: string
}

const samples = 5
const encoder = new TextEncoder()
const alleleBytes = (text: string) => ({ text: encoder.encode(text), start: 0, end: text.length })

/** Person 0 one and a bit copies, the number in persons 1 to 3, person 4 missing. */
function dosagesOf(id: number): Uint16Array {
  return Uint16Array.of(16385, id & 255, 8000 + (id >> 8), id % 2 === 0 ? 32768 : 2222, dosageMissing)
}

function batchOf(items: readonly Item[], firstId: number) {
  const builder = new BatchBuilder(samples)
  for (const [k, item] of items.entries()) {
    const id = firstId + k
    // The record holds the item's number, so that genotypes can be seen to travel with their key.
    const record = new Uint8Array(16)
    record[0] = id & 31
    record[8] = (id >> 5) & 31
    // And so do the dosages of every third.
    const dosages = id % 3 === 0 ? dosagesOf(id) : undefined
    builder.add(
      item.rank,
      item.position,
      alleleBytes(item.ref),
      alleleBytes(item.alt),
      alleleBytes(`id${id}`),
      record,
      0,
      dosages,
    )
  }
  return builder.finish()
}

async function sorted(batches: readonly (readonly Item[])[], bytes: number, runs: boolean) {
  const storage = memoryRuns(1 << 24)
  let collected: Uint8Array[] = []
  let genotypes: Uint8Array[] = []
  let dosages: Uint8Array[] = []
  const kept = new Set<string>()
  const sorter = new StoreSorter(
    host,
    samples,
    {
      genotypes: 'genotypes',
      keys: 'keys',
      dosages: 'dosages',
      storage: {
        ...storage,
        create(name) {
          kept.add(name)
          return storage.create(name)
        },
        remove(name) {
          expect(kept.delete(name)).toBe(true)
          return storage.remove(name)
        },
      },
      async open() {
        collected = []
        genotypes = []
        dosages = []
        const d = lazySink(() => {
          kept.add('dosages')
          return storage.create('dosages')
        })
        const [g, k] = [await storage.create('genotypes'), await storage.create('keys')]
        kept.add('genotypes').add('keys')
        return {
          genotypes: {
            ...g,
            write: async (part) => {
              genotypes.push(part)
              await g.write(part)
            },
          },
          keys: {
            ...k,
            write: async (part) => {
              collected.push(part)
              await k.write(part)
            },
          },
          dosages: {
            ...d,
            write: async (part) => {
              dosages.push(part)
              await d.write(part)
            },
          },
        }
      },
    },
    { bytes, runs },
  )
  let id = 0
  for (const items of batches) {
    const { batch, order } = batchOf(items, id)
    id += items.length
    await sorter.add(batch, order)
  }
  const { writer, duplicates } = await sorter.finish()
  expect(writer).toBeInstanceOf(BlockWriter)
  const lines = Buffer.concat(collected).toString().split('\n').slice(0, -1)
  const records = Buffer.concat(genotypes)
  const sections = Buffer.concat(dosages)
  const row = new Uint16Array(samples)
  let withDosages = 0
  for (const block of writer.blocks) {
    const section = block.dosages && sections.subarray(block.dosages.offset, block.dosages.offset + block.dosages.bytes)
    const planes = records.subarray(16 * block.first, 16 * (block.first + block.variants))
    const rows = section && decodeDosageSection(section, block.variants, planes, samples)
    expect(rows === undefined).toBe(section === undefined)
    for (let v = 0; v < block.variants; v++) {
      const line = lines[block.first + v]
      const number = Number(line.slice(line.lastIndexOf('id') + 2))
      if (readDosages(rows, v, planes, row)) {
        expect(row).toEqual(dosagesOf(number))
        withDosages++
      } else expect(planes[16 * v] | (planes[16 * v + 8] << 5)).toBe(number & 1023)
      expect(rows !== undefined && rows.start[v + 1] > rows.start[v]).toBe(number % 3 === 0)
    }
  }
  expect(writer.variantsWithDosages).toBe(withDosages)
  // What was needed on the way is gone.
  expect([...kept].sort()).toEqual([...(withDosages > 0 ? ['dosages'] : []), 'genotypes', 'keys'])
  return { lines, duplicates }
}

const item = fc.record({
  rank: fc.nat(2),
  position: fc.integer({ min: 1, max: 30 }),
  ref: fc.constantFrom('A', 'C', 'AC', 'ACA', 'CA', 'AAAAAAAC'),
  alt: fc.constantFrom('G', 'T', 'GG', 'GC', 'GCA', 'AAAAAAAG'),
})

/** Keys by the rule, first come first kept. */
function expectedLines(items: readonly Item[]) {
  const names = ['1', '2', '3']
  const kept = new Map<string, { item: Item; line: string }>()
  let duplicates = 0
  for (const [id, { rank, ...rest }] of items.entries()) {
    let { position, ref, alt } = rest
    while (ref.length > 1 && alt.length > 1 && ref.at(-1) === alt.at(-1)) {
      ref = ref.slice(0, -1)
      alt = alt.slice(0, -1)
    }
    while (ref.length > 1 && alt.length > 1 && ref[0] === alt[0]) {
      ref = ref.slice(1)
      alt = alt.slice(1)
      position++
    }
    const key = `${names[rank]}\t${position}\t${ref}\t${alt}`
    if (kept.has(key)) duplicates++
    else kept.set(key, { item: { rank, position, ref, alt }, line: `${key}\tid${id}` })
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  const lines = [...kept.values()]
    .sort(
      (a, b) =>
        a.item.rank - b.item.rank ||
        a.item.position - b.item.position ||
        order(a.item.ref, b.item.ref) ||
        order(a.item.alt, b.item.alt),
    )
    .map(({ line }) => line)
  return { lines, duplicates }
}

test('any order of batches gives the sorted variants, the first of equal keys kept', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(item, { maxLength: 12 }), { maxLength: 8 }),
      fc.constantFrom(1, 400, 1 << 20),
      fc.boolean(),
      fc.constantFrom('as they come', 'by position', 'all but one by position'),
      async (batches, bytes, runs, how) => {
        let input = batches
        if (how !== 'as they come') {
          const flat = batches.flat().sort((a, b) => a.rank - b.rank || a.position - b.position)
          if (how === 'all but one by position') flat.push(...flat.splice(0, 1))
          let at = 0
          input = batches.map((batch) => flat.slice(at, (at += batch.length)))
        }
        expect(await sorted(input, bytes, runs)).toEqual(expectedLines(input.flat()))
      },
    ),
    { numRuns: 300 },
  )
})

test('more runs than one merge takes are merged in steps', async () => {
  const items = Array.from({ length: 900 }, (_, k) => ({
    rank: 0,
    position: 1 + ((k * 577) % 911),
    ref: 'A',
    alt: 'G',
  }))
  const batches = Array.from({ length: 150 }, (_, b) => items.slice(6 * b, 6 * b + 6))
  expect(await sorted(batches, 1, true)).toEqual(expectedLines(items))
})
