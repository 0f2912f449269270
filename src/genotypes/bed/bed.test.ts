import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { importGenotypes } from '../import/import.ts'
import { packed, randomCohort, scratchFolder, workshop, writeBed } from '../testing/cohort.ts'
import { bedPlanes } from './chunk.ts'
import { parseFam } from './fam.ts'
import { encodeBedRecords } from './write.ts'

const folder = scratchFolder()

/** PLINK 1 code of 0, 1, 2 copies of A1 and of a missing call. */
const code = [3, 2, 0, 1]

test('records of any width and order of people go to planes and back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 150 }).chain((n) =>
        fc.record({
          rows: fc.array(fc.array(fc.nat(3), { minLength: n, maxLength: n }), { minLength: 1, maxLength: 4 }),
          order: fc.shuffledSubarray(
            Array.from({ length: n }, (_, s) => s),
            { minLength: n },
          ),
        }),
      ),
      ({ rows, order }) => {
        const n = order.length
        const perRecord = Math.ceil(n / 4)
        const bed = new Uint8Array(rows.length * perRecord)
        for (const [v, row] of rows.entries())
          for (const [s, value] of row.entries()) bed[v * perRecord + (s >> 2)] |= code[value] << (2 * (s & 3))
        const inOrder = Int32Array.from({ length: n }, (_, s) => s)
        const planes = packed(rows, n)
        expect([...bedPlanes(bed, rows.length, n, inOrder, n)]).toEqual([...planes])
        expect([...encodeBedRecords(planes, n)]).toEqual([...bed])
        const moved = rows.map((row) => order.map((s) => row[s]))
        const permutation = Int32Array.from({ length: n }, (_, s) => order.indexOf(s))
        expect([...bedPlanes(bed, rows.length, n, permutation, n)]).toEqual([...packed(moved, n)])
        // The last person left out.
        const fewer = inOrder.map((s) => (s === n - 1 ? -1 : s))
        if (n > 1)
          expect([...bedPlanes(bed, rows.length, n, fewer, n - 1)]).toEqual([
            ...packed(
              rows.map((row) => row.slice(0, -1)),
              n - 1,
            ),
          ])
      },
    ),
    { numRuns: 200 },
  )
})

test('a FAM file names people once, with their sex', () => {
  expect(parseFam('f1 a 0 0 1 -9\nf2\tb\t0\t0\t2\t1\nf3 c 0 0 0 2\n', 'x.fam')).toEqual([
    { id: 'a', sex: 'male' },
    { id: 'b', sex: 'female' },
    { id: 'c', sex: null },
  ])
  const error = (() => {
    try {
      parseFam('f1 a 0 0 1 -9\nf2 b 0 0 1 -9\nf2 a 0 0 1 -9\n', 'x.fam')
    } catch (caught) {
      return caught
    }
  })()
  if (!isUpturnError(error, 'FormatInvalid')) throw error
  expect(error.place).toEqual({ file: 'x.fam', line: 3 })
  expect(error.message).toContain('lines 1 and 3')
})

test.each([
  ['f2 b 0 0 1', 11],
  ['f2 b 0 1 -9  ', 12],
  ['', 1],
  ['f2 b 0 0 1 -9 7', 15],
])('a FAM line without exactly six columns is refused where the columns go wrong: %j', (line, column) => {
  const error = (() => {
    try {
      parseFam(`f1 a 0 0 1 -9\r\n${line}\r\nf3 c 0 0 1 -9\r\n`, 'x.fam')
    } catch (caught) {
      return caught
    }
  })()
  if (!isUpturnError(error, 'FormatInvalid')) throw error
  expect(error.place).toEqual({ file: 'x.fam', line: 2, column })
})

async function refusal(prefix: string) {
  const error = await importGenotypes(
    { files: [{ path: `${prefix}.bed`, format: 'bed' }], build: 'GRCh38' },
    `${prefix}-store`,
    workshop(),
  ).catch((caught: unknown) => caught)
  if (!isUpturnError(error)) throw new Error(`not refused: ${String(error)}`)
  return error
}

test('sizes, first bytes and lines are checked before anything is read', async () => {
  const cohort = randomCohort(2, 13, 40)
  const prefix = join(folder, 'x')
  const bedBytes = encodeBedRecords(packed(cohort.codes, 13), 13)
  const write = async (bytes: Uint8Array | number[]) => {
    await writeBed(prefix, cohort)
    writeFileSync(`${prefix}.bed`, Uint8Array.from(bytes))
  }
  await write([0x6c, 0x1b, 1, ...bedBytes.subarray(1)])
  expect(await refusal(prefix)).toMatchObject({ code: 'FileTruncated', place: { file: `${prefix}.bed` } })
  await write([0x6c, 0x1b, 1, ...bedBytes, 0])
  expect(await refusal(prefix)).toMatchObject({ code: 'FormatInvalid' })
  await write([0x6c, 0x1b, 0, ...bedBytes])
  expect((await refusal(prefix)).message).toContain('SNP-major')
  await write([0x6c, 0x1c, 1, ...bedBytes])
  expect((await refusal(prefix)).message).toContain('no PLINK BED')
  await write([0x6c, 0x1b, 1, ...bedBytes])
  writeFileSync(
    `${prefix}.bim`,
    Array.from({ length: 40 }, (_, v) => `1 rs 0 ${v === 29 ? 'x' : v + 1} A C\n`).join(''),
  )
  expect(await refusal(prefix)).toMatchObject({
    code: 'FormatInvalid',
    place: { file: `${prefix}.bim`, line: 30, column: 8 },
  })
  // A zero byte parts no columns: "1\0T" is no position 1 and allele T.
  writeFileSync(
    `${prefix}.bim`,
    Array.from({ length: 40 }, (_, v) => `1 rs ${v === 2 ? '1\0T' : `0 ${v + 1}`} A C\n`).join(''),
  )
  expect(await refusal(prefix)).toMatchObject({ place: { file: `${prefix}.bim`, line: 3, column: 7 } })
})

test('a FAM line with a control character is refused', () => {
  expect(() => parseFam('f1 a 0 0 1 -9\nf2 b\0 0 0 1 -9\n', 'x.fam')).toThrow('control character')
})
