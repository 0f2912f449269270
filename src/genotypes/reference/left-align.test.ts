import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { host, numbers, scratchFolder } from '../testing/cohort.ts'
import { openReference, type ReferenceSequence } from './fasta.ts'
import { leftAlign } from './left-align.ts'

// Two letters, so that repeats are everywhere.
const random = numbers(17)
const genome = Array.from({ length: 120 }, () => (random() < 0.6 ? 'A' : random() < 0.7 ? 'C' : 'T')).join('')

const folder = scratchFolder()
let reference: ReferenceSequence
beforeAll(async () => {
  const path = join(folder, 'r.fa')
  writeFileSync(path, `>1\n${genome}\n`)
  reference = await openReference(host, path)
})
afterAll(() => reference.close())

interface Written {
  position: number
  ref: string
  alt: string
}

const haplotype = ({ position, ref, alt }: Written) =>
  genome.slice(0, position - 1) + alt + genome.slice(position - 1 + ref.length)

async function aligned({ position, ref, alt }: Written): Promise<Written> {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  const found = await leftAlign(reference, 0, { position, ref: encoder.encode(ref), alt: encoder.encode(alt) })
  if (found === undefined) throw new Error('too far')
  return { position: found.position, ref: decoder.decode(found.ref), alt: decoder.decode(found.alt) }
}

/** All ways of writing a haplotype with alleles that share no more than they must; the leftmost of them. */
function leftmost(target: string): Written {
  let start = 0
  while (start < genome.length && genome[start] === target[start]) start++
  // The event touches or precedes the first difference; look at every start up to it for the shortest alleles.
  for (let at = 0; at <= start; at++) {
    for (let length = 0; at + length <= genome.length; length++) {
      const ref = genome.slice(at, at + length)
      const altLength = target.length - (genome.length - length)
      if (altLength < 0) continue
      const alt = target.slice(at, at + altLength)
      if (genome.slice(0, at) + alt + genome.slice(at + length) !== target) continue
      if (Math.min(ref.length, alt.length) === 0) {
        // An anchor before it, or behind it at the very start.
        if (at === 0) return { position: 1, ref: ref + genome[length], alt: alt + genome[length] }
        return { position: at, ref: genome[at - 1] + ref, alt: genome[at - 1] + alt }
      }
      if (ref[0] === alt[0] || ref.at(-1) === alt.at(-1)) continue
      return { position: at + 1, ref, alt }
    }
  }
  throw new Error('nothing differs')
}

const variant = fc
  .record({
    start: fc.integer({ min: 0, max: genome.length - 30 }),
    deleted: fc.integer({ min: 0, max: 12 }),
    inserted: fc.array(fc.constantFrom('A', 'C', 'T'), { maxLength: 8 }).map((letters) => letters.join('')),
    before: fc.integer({ min: 0, max: 4 }),
    after: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ start, deleted, inserted, before, after }): Written => {
    const from = Math.max(0, start - before)
    const lead = genome.slice(from, start)
    const tail = genome.slice(start + deleted, start + deleted + after)
    return { position: from + 1, ref: lead + genome.slice(start, start + deleted) + tail, alt: lead + inserted + tail }
  })
  .filter(({ ref, alt }) => ref.length > 0 && alt.length > 0 && ref !== alt)

test('every way of writing a variant becomes the one leftmost, shortest one', async () => {
  await fc.assert(
    fc.asyncProperty(variant, async (written) => {
      const found = await aligned(written)
      expect(found).toEqual(leftmost(haplotype(written)))
      expect(await aligned(found)).toEqual(found)
    }),
    { numRuns: 1000 },
  )
})

test('an event at the first base is anchored at the base behind it', async () => {
  const repeat = genome.length - genome.replace(/^(.)\1*/, '').length
  const first = genome[0]
  const next = genome[repeat]
  const found = await aligned({ position: repeat, ref: `${first}${next}`, alt: next })
  expect(found.position).toBe(1)
  expect(found.ref).toBe(`${first}${genome[1]}`)
  expect(found.alt).toBe(genome[1])
})
