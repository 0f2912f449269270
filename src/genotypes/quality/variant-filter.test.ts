import { expect, test } from 'vitest'
import { openStore } from '../store/open.ts'
import { peopleMask } from './scan.ts'
import { memoryWorkshop, storeFiles } from './testing/memory-store.ts'
import { randomGenotypes, uniform } from './testing/random-genotypes.ts'
import { variantFilterTask, variantVerdicts } from './variant-filter.ts'

const n = 67
const random = uniform(21)
const samples = Array.from({ length: n }, (_, s) => `p${String(s).padStart(2, '0')}`)
const places = [
  ...Array.from({ length: 200 }, (_, v) => ({ chromosome: '22', position: 1000 + v })),
  ...Array.from({ length: 40 }, (_, v) => ({ chromosome: 'X', position: 20_000 + v })),
  ...Array.from({ length: 200 }, (_, v) => ({ chromosome: 'X', position: 9_000_000 + v })),
  ...Array.from({ length: 200 }, (_, v) => ({ chromosome: 'Y', position: 9_000_000 + v })),
]
const variants = places.map((place) => {
  const p = random() < 0.7 ? 0.05 * random() : random()
  return { ...place, genotypes: randomGenotypes(random, n, p, random() < 0.3 ? 0.1 : 0) }
})
const runs = [
  { kind: 'autosome' as const, first: 0, end: 200 },
  { kind: 'pseudoautosomal' as const, first: 200, end: 240 },
  { kind: 'X' as const, first: 240, end: 440 },
  { kind: 'Y' as const, first: 440, end: 640 },
]
const workshop = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
const { header } = await openStore(workshop.host, 'store')
const people = samples.map((_, s) => s).filter((s) => s % 6 !== 5)

/** Plain twin: chromosomes are counted one by one. */
function plainVerdict(v: number, men: readonly number[]): string {
  const kind = runs.find((run) => v >= run.first && v < run.end)?.kind
  const isMan = (s: number): boolean => men.includes(s)
  const asked = kind === 'Y' && men.length > 0 ? people.filter(isMan) : people
  let [called, alt, alleles] = [0, 0, 0]
  for (const s of asked) {
    const g = variants[v].genotypes[s]
    // A man's heterozygous call outside the pseudoautosomal regions is no call.
    if (g < 0 || (g === 1 && isMan(s) && (kind === 'X' || kind === 'Y'))) continue
    called++
    const copies = isMan(s) && (kind === 'X' || kind === 'Y') ? 1 : 2
    alleles += copies
    alt += (g * copies) / 2
  }
  const rarer = Math.min(alt, alleles - alt)
  if (called < 0.95 * asked.length || alleles === 0) return 'variant call rate'
  if (rarer < 0.01 * alleles) return 'minor-allele frequency'
  return rarer < 3 ? 'minor-allele count' : 'kept'
}

test.each([
  { name: 'men and women', men: people.filter((s) => s % 2 === 1) },
  { name: 'nobody known to be a man', men: [] },
])('each variant meets the filter that a plain count says: $name', async ({ men }) => {
  const women = people.filter((s) => !men.includes(s))
  const setup = {
    folder: 'store',
    runs,
    people: peopleMask(header, people),
    men: peopleMask(header, men),
    women: peopleMask(header, women),
    callRate: 0.95,
    maf: 0.01,
    mac: 3,
  }
  const work = await variantFilterTask.prepare(setup, workshop.host)
  const { verdicts, forbidden } = await work({ first: 0, end: 1 }, workshop.signal)
  const found = [...verdicts].map((verdict) => variantVerdicts[verdict])
  expect(found).toEqual(variants.map((_, v) => plainVerdict(v, men)))
  expect(new Set(found)).toEqual(new Set(variantVerdicts))
  const calls = (kind: string, who: readonly number[], wanted: (g: number) => boolean) =>
    variants
      .filter((_, v) => runs.some((run) => run.kind === kind && v >= run.first && v < run.end))
      .reduce((sum, { genotypes }) => sum + who.filter((s) => wanted(genotypes[s])).length, 0)
  expect(forbidden).toEqual({
    menHeterozygousX: calls('X', men, (g) => g === 1),
    menHeterozygousY: calls('Y', men, (g) => g === 1),
    womenY: calls('Y', women, (g) => g >= 0),
  })
})
