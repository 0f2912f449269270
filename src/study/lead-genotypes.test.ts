import { afterAll, expect, it } from 'vitest'
import { host, writeStore } from '../association/testing/store.ts'
import { openStore } from '../genotypes/index.ts'
import { findCopies, findDosages } from './lead-genotypes.ts'

const samples = ['a', 'b', 'c', 'd', 'e']
const sexes = new Map([
  ['a', 'male'],
  ['b', 'male'],
  ['c', 'female'],
  ['d', 'female'],
  ['e', null],
] as const)
const { folder, remove } = writeStore(samples, [
  { chromosome: '4', position: 7, genotypes: [0, 1, 2, -1, 1] },
  { chromosome: '4', position: 9, genotypes: [], dosages: [0, 16384, 8192, 65535, 30000] },
  { chromosome: 'X', position: 5_000_000, genotypes: [1, 2, 1, 0, 1] },
])
afterAll(remove)

it('finds calls and dosages of a variant, without those that sex forbids', async () => {
  const store = await openStore(host, folder)
  const { signal } = new AbortController()
  const both = (key: string) =>
    Promise.all([findCopies(store, key, sexes, signal), findDosages(store, key, sexes, signal)])
  try {
    const called = new Map([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['e', 1],
    ])
    expect(await both('4:7:A:G')).toEqual([called, called])
    const [copies, dosages] = await both('4:9:A:G')
    expect(copies).toEqual(
      new Map([
        ['a', 0],
        ['b', 1],
      ]),
    )
    expect(dosages).toEqual(
      new Map([
        ['a', 0],
        ['b', 1],
        ['c', 0.5],
        ['e', 30000 / 16384],
      ]),
    )
    const onX = new Map([
      ['b', 2],
      ['c', 1],
      ['d', 0],
      ['e', 1],
    ])
    expect(await both('X:5000000:A:G')).toEqual([onX, onX])
    expect(await both('4:8:A:G')).toEqual([null, null])
  } finally {
    await store.close()
  }
})
