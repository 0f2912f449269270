import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { chromosomes } from '../import/chromosome.ts'
import { memoryWorkshop, storeFiles } from '../quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../quality/testing/random-genotypes.ts'
import { openGroups } from './groups.ts'
import { keyPlaces } from './key-lines.ts'
import { decodeKeys } from './keys.ts'
import { openStore } from './open.ts'

const { signal } = new AbortController()
const random = uniform(3)
const samples = Array.from({ length: 70 }, (_, s) => `p${s}`)
const variants = Array.from({ length: 3000 }, (_, v) => ({
  chromosome: v < 1500 ? '9' : v < 2500 ? '22' : v < 2900 ? 'X' : 'MT',
  position: 7 + 1_000_003 * (v % 1500),
  ref: 'ACGT'.slice(0, 1 + (v % 4)),
  alt: 'T'.repeat(1 + (v % 3)),
  genotypes: randomGenotypes(random, 70, 0.3, 0.1),
}))

test('a group is its blocks in one piece', async () => {
  const { host } = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
  const groups = await openGroups(host, 'store')
  const store = await openStore(host, 'store')
  const { records, lines } = await groups.read({ first: 1, end: 3 }, signal)
  expect(records).toEqual(new Uint8Array(Buffer.concat([await store.genotypes(1), await store.genotypes(2)])))
  expect(await groups.records({ first: 1, end: 3 }, signal)).toEqual(records)
  const places = keyPlaces(lines, 3000 - 1024, 'variants.bin')
  const keys = decodeKeys(lines, 3000 - 1024, 'variants.bin')
  expect(Array.from(places.rank, (rank) => chromosomes[rank])).toEqual(keys.chromosome)
  expect(places.position).toEqual(keys.position)
  expect(Array.from(places.ref, (at) => String.fromCharCode(lines[at]))).toEqual(keys.ref.map((ref) => ref[0]))
  await expect(groups.read({ first: 2, end: 4 }, signal)).rejects.toThrow('no blocks 2 to 4')
  await expect(groups.read({ first: 2, end: 2 }, signal)).rejects.toThrow('no blocks')
})

test('damage in genotypes or keys is found when a block is first read', async () => {
  for (const name of ['store/genotypes.bin', 'store/variants.bin'])
    for (const share of [0.01, 0.5, 0.99]) {
      const files = storeFiles(samples, 'GRCh38', variants)
      const bytes = files.get(name)
      if (bytes === undefined) throw new Error(name)
      bytes[Math.floor(share * bytes.length)] ^= 1
      const groups = await openGroups(memoryWorkshop(files).host, 'store')
      const error = await groups.records({ first: 0, end: 3 }, signal).catch((caught: unknown) => caught)
      expect(isUpturnError(error, 'FileDamaged'), `${name} ${share}`).toBe(true)
      // It stays found: nothing was noted as checked that was not.
      await expect(groups.records({ first: 0, end: 3 }, signal)).rejects.toThrow('does not have its digest')
    }
})

test('a block is digested once a worker, however often it is scanned', async () => {
  const { host } = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
  let digested = 0
  const counting = {
    ...host,
    sha256() {
      const hash = host.sha256()
      return {
        ...hash,
        update(bytes: Uint8Array) {
          digested += bytes.length
          hash.update(bytes)
        },
      }
    },
  }
  await (await openGroups(counting, 'store')).records({ first: 0, end: 3 }, signal)
  const first = digested
  await (await openGroups(counting, 'store')).records({ first: 0, end: 3 }, signal)
  // The header is digested every time.
  expect(digested - first).toBeLessThan(5000)
  expect(first).toBeGreaterThan(3000 * 32)
})

test('lines that are no keys are damage', () => {
  const text = (lines: string) => new TextEncoder().encode(lines)
  expect(keyPlaces(text('X\t5\tA\tG\t\n'), 1, 'f').position[0]).toBe(5)
  for (const lines of ['', '1\t5\tA\tG\t', '23\t5\tA\tG\t\n', '1\tx\n', '1\t5\tA\tG\t\nX', '\n', '1\t\n'])
    expect(() => keyPlaces(text(lines), 1, 'f'), JSON.stringify(lines)).toThrow('damaged')
})
