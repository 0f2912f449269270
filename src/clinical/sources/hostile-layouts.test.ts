import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { alsfrsItems } from '../../results/clinical.ts'
import { exampleFiles, readFiles } from '../testing/examples.ts'
import type { TableMapping } from './table.ts'

const mappings: Record<string, TableMapping> = {
  'target-als': { visit_days: { 1: 0, 2: 120, 3: 300, 4: 510, 5: 730 } },
  'all-als': {},
  omop: {},
  redcap: {
    visits: { total: 'frs_total', items: { q1: 'frs_speech', q2: 'frs_saliva', q8: 'frs_walk', r1: 'frs_dysp' } },
    patients: { onset_date: 'onset_dt', birth_date: 'dob', onset_site: 'onset_where' },
  },
  phenopackets: {},
}

const piece = fc.constantFrom(
  ...[
    '',
    '5',
    '-1',
    '2.5',
    '1e400',
    '-9999',
    'NaN',
    '2020-02-30',
    '2020',
    '01/02/2020',
    '43831',
    '__proto__',
    '"',
    '\0',
  ],
  ...['\n', ',', ';', '{', '}', '[', ']', ':', 'null', 'P60Y', '\\', '\ufeff', 'é', 'x'.repeat(300)],
)
/** Bytes are cut out, put in, changed, or the file ends early. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  out: fc.constantFrom(0, 0, 1, 8, 200, 1e9),
  into: piece,
  flip: fc.integer({ min: 0, max: 255 }),
})

function mutated(text: string, edits: readonly { at: number; out: number; into: string; flip: number }[]): Uint8Array {
  let bytes = Buffer.from(text)
  for (const { at, out, into, flip } of edits) {
    const from = Math.floor(at * bytes.length)
    bytes = Buffer.concat([
      bytes.subarray(0, from),
      Buffer.from(into),
      bytes.subarray(Math.min(from + out, bytes.length)),
    ])
    if (into === '' && out === 0 && from < bytes.length) bytes[from] = flip
  }
  return new Uint8Array(bytes)
}

it.each(Object.keys(mappings))('any bytes of %s give records within bounds, or a tagged error', async (layout) => {
  const files = exampleFiles(layout)
  const names = Object.keys(files)
  await fc.assert(
    fc.asyncProperty(fc.nat(names.length - 1), fc.array(edit, { minLength: 1, maxLength: 3 }), async (k, edits) => {
      const changed = { ...files, [names[k]]: mutated(files[names[k]], edits) }
      try {
        const { visits, patients, labs } = await readFiles(changed, { mapping: mappings[layout] })
        for (const visit of visits) {
          expect(Number.isInteger(visit.day)).toBe(true)
          for (const item of alsfrsItems) expect([null, 0, 1, 2, 3, 4]).toContain(visit[item])
          if (visit.total !== null) {
            // Answers to 5a and 5b that are the same count once.
            const counted = alsfrsItems.filter((item) => item !== 'q5b' || visit.q5a === null)
            const sum = counted.reduce((total, item) => total + (visit[item] ?? 0), 0)
            expect(visit.total).toBeGreaterThanOrEqual(sum)
            expect(visit.total).toBeLessThanOrEqual(visit.scale === 'ALSFRS-R' ? 48 : 40)
          }
        }
        for (const { onset_day, diagnosis_day, death_day, age_at_onset } of patients)
          for (const value of [onset_day, diagnosis_day, death_day, age_at_onset])
            expect(value === null || Number.isFinite(value)).toBe(true)
        for (const { day, value } of labs) expect(Number.isInteger(day) && Number.isFinite(value)).toBe(true)
      } catch (error) {
        if (!isUpturnError(error)) throw error
        expect(error.code).not.toBe('Internal')
      }
    }),
    { numRuns: 60 },
  )
})
