import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kernels } from '../../numerics/kernels.ts'
import { BatchBuilder } from '../import/batch.ts'
import { packed } from '../testing/cohort.ts'
import { scanLines } from './scan.ts'

/** The plain twin: copies of each alternate allele, 3 where any allele is missing or there are more than two. */
function plainGenotype(cell: string, alt: number): number {
  const alleles = cell
    .split(':')[0]
    .split(/[/|]/)
    .filter((allele, k) => allele !== '' || k > 0)
  if (alleles.includes('.') || alleles.length > 2) return 3
  const copies = alleles.filter((allele) => Number(allele) === alt).length
  return alleles.length === 1 ? 2 * copies : copies
}

const allele = (alts: number) => fc.oneof({ weight: 8, arbitrary: fc.nat(alts).map(String) }, fc.constant('.'))
const genotype = (alts: number) =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.tuple(allele(alts), fc.constantFrom('/', '|'), allele(alts)).map((parts) => parts.join('')),
    },
    { weight: 2, arbitrary: allele(alts) },
    { weight: 1, arbitrary: fc.tuple(allele(alts), allele(alts), allele(alts)).map((parts) => parts.join('/')) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('/', '|'), allele(alts)).map((parts) => parts.join('')) },
  )

const record = (samples: number) =>
  fc
    .tuple(
      fc.uniqueArray(fc.constantFrom('C', 'G', 'T', 'CA', 'AC', 'GTT', 'CCCC', 'TAT', 'CT', 'GA', 'TG', 'CG'), {
        minLength: 1,
        maxLength: 11,
      }),
      fc.constantFrom('', ':12', ':3,4:99:0,20,300', ':a long text that goes beyond thirty-two bytes of one vector'),
      fc.constantFrom('.', 'DP=3', 'X'.repeat(70)),
    )
    .chain(([alts, more, info]) =>
      fc.record({
        alts: fc.constant(alts),
        more: fc.constant(more),
        info: fc.constant(info),
        cells: fc.array(genotype(alts.length), { minLength: samples, maxLength: samples }),
      }),
    )

test('the kernel equals its plain twin on genotypes of every form', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }).chain((samples) =>
        fc.record({
          samples: fc.constant(samples),
          records: fc.array(record(samples), { minLength: 1, maxLength: 6 }),
          order: fc.shuffledSubarray(
            Array.from({ length: samples }, (_, s) => s),
            { minLength: samples },
          ),
          left: fc.nat(samples - 1),
          feed: fc.constantFrom('\n', '\r\n'),
        }),
      ),
      ({ samples, records, order, left, feed }) => {
        const text = records
          .map(
            ({ alts, more, info, cells }, v) =>
              `4\t${10 * v + 5}\t.\tA\t${alts.join(',')}\t1.5e3\tPASS\t${info}\tGT${more === '' ? '' : ':X'}\t${cells.map((cell) => cell + more).join('\t')}${feed}`,
          )
          .join('')
        // One sample column is left out; the others go to the places that `order` says, closed up.
        const kept = order.filter((s) => s !== left)
        const permutation = Int32Array.from({ length: samples }, (_, s) => kept.indexOf(s))
        const batch = new BatchBuilder(kept.length)
        const counts = {}
        const result = scanLines(
          new TextEncoder().encode(text),
          { samples, permutation, people: kept.length, keepFiltered: false, minGq: 0, minDp: 0 },
          batch,
          counts,
        )
        expect(result).toEqual({ lines: records.length, records: records.length })
        const { batch: found } = batch.finish()
        const expected = records.flatMap(({ alts, cells }, v) =>
          alts.map((alt, k) => ({
            key: `4\t${10 * v + 5}\tA\t${alt}\t`,
            codes: kept.map((s) => plainGenotype(cells[s], k + 1)),
          })),
        )
        const lines = new TextDecoder().decode(found.lines).split('\n').slice(0, -1)
        // None of these alleles shares a last base with A but AC..: only those that end in A are trimmed.
        const untrimmed = expected.filter(({ key }) => !/A\t$|\tA[^\t]+\t$/.test(key.slice(key.indexOf('\tA\t') + 2)))
        const bytes = found.genotypes.length / Math.max(1, lines.length)
        for (const { key, codes } of untrimmed) {
          const at = lines.indexOf(key)
          expect(at).toBeGreaterThanOrEqual(0)
          expect([...found.genotypes.subarray(at * bytes, (at + 1) * bytes)]).toEqual([...packed([codes], kept.length)])
        }
        expect(lines.length).toBe(expected.length)
      },
    ),
    { numRuns: 120 },
  )
})

test('line feeds are counted at any length', () => {
  const k = kernels()
  fc.assert(
    fc.property(fc.array(fc.constantFrom(10, 13, 65, 0, 255), { maxLength: 100 }), (bytes) => {
      const text = Uint8Array.from(bytes)
      const counted = k.scope(() => k.call.countLines(k.put(text), text.length))
      expect(counted).toBe(bytes.filter((byte) => byte === 10).length)
    }),
  )
})

test('any line gives records or a refusal that names a byte of that line', () => {
  const good = '1\t5\t.\tA\tG\t.\tPASS\t.\tGT:DP\t0/1:3\t./.:0\t1|1:2\n'
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 2), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const line = new TextEncoder().encode(good)
        for (const [at, byte] of changes) line[at] = byte
        const text = new TextEncoder().encode(good + good + good)
        text.set(line, line.length)
        const batch = new BatchBuilder(3)
        const { lines, records, failure } = scanLines(
          text,
          { samples: 3, permutation: Int32Array.of(2, 0, 1), people: 3, keepFiltered: true, minGq: 0, minDp: 2 },
          batch,
          {},
        )
        if (failure === undefined) expect(records).toBe(lines)
        else {
          expect(failure.line).toBeGreaterThanOrEqual(1)
          expect(failure.message.length).toBeGreaterThan(10)
          expect(failure.column).toBeGreaterThanOrEqual(0)
          expect(failure.column).toBeLessThan(line.length)
        }
        for (const byte of batch.finish().batch.genotypes.filter((_, k) => k % 8 === 0)) expect(byte).toBeLessThan(8)
      },
    ),
    { numRuns: 1500 },
  )
})

test.each([
  ['G,G', 2],
  ['G,gT,t,GT', 7],
  ['T,*,C,*', 6],
  ['CAT,cat', 4],
])('one alternate allele named twice is refused at its second name: %s', (alt, at) => {
  const scan = (named: string) =>
    scanLines(
      new TextEncoder().encode(`1\t4\t.\tA\tC\t.\t.\t.\tGT\t0/1\n1\t5\t.\tA\t${named}\t.\t.\t.\tGT\t0/2\n`),
      { samples: 1, permutation: Int32Array.of(0), people: 1, keepFiltered: false, minGq: 0, minDp: 0 },
      new BatchBuilder(1),
      {},
    )
  expect(scan(alt).failure).toEqual({
    message: expect.stringContaining('named twice'),
    line: 1,
    column: '1\t5\t.\tA\t'.length + at,
  })
  // Neither a shared beginning nor symbolic alleles of one name are the same allele.
  expect(scan('G,GG,GT,<DEL>,<DEL>').failure).toBeUndefined()
})
