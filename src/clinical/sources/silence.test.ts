import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { type AlsfrsItem, alsfrsItems } from '../../results/clinical.ts'
import { memoryHost } from '../testing/memory-host.ts'
import { readClinical } from './index.ts'

const signal = new AbortController().signal
const columns: readonly (AlsfrsItem | 'day' | 'total' | 'revised')[] = [...alsfrsItems, 'day', 'total', 'revised']
const names = [
  'Q1_Speech',
  'Q2_Salivation',
  'Q3_Swallowing',
  'Q4_Handwriting',
  'Q5a_Cutting_without_Gastrostomy',
  'Q5b_Cutting_with_Gastrostomy',
  'Q6_Dressing_and_Hygiene',
  'Q7_Turning_in_Bed',
  'Q8_Walking',
  'Q9_Climbing_Stairs',
  'Q10_Respiratory',
  'R_1_Dyspnea',
  'R_2_Orthopnea',
  'R_3_Respiratory_Insufficiency',
  'ALSFRS_Delta',
  'ALSFRS_Total',
  'ALSFRS_R_Total',
]

const missing = new Set(['', 'na', 'n/a', '.', 'nan', 'null', 'none', '-'])
const told = (cell: string) => !missing.has(cell.trim().toLowerCase())

const odd = fc.constantFrom(
  '',
  'NA',
  '-9999',
  'PEN',
  '2,5',
  '1.5',
  '2.0',
  ' 3 ',
  '1e0',
  '0x2',
  'x',
  '٣',
  '-1',
  '5',
  '49',
)
const score = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }).map(String) },
  { weight: 1, arbitrary: odd },
)
const total = fc.oneof(fc.constant(''), fc.integer({ min: 0, max: 48 }).map(String), odd)
const patient = fc.constantFrom('1', '1', '2', ' 2', '__proto__', '', '007')
const day = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('0', '30', '30.0', '60', '-5') },
  { weight: 1, arbitrary: fc.constantFrom('', 'soon', '1096331', '99999', '1.5', '-8888') },
)
/** Sparse or full, on either scale or on both. */
const visitRow = fc
  .record({
    patient,
    day,
    items: fc.tuple(...alsfrsItems.map(() => score)),
    blank: fc.array(fc.nat(alsfrsItems.length - 1), { maxLength: 8 }),
    total,
    revised: total,
  })
  .map(({ patient: who, day: when, items, blank, total: t, revised }) => {
    const cells = items.map((cell, at) => (blank.includes(at) ? '' : cell))
    return [who, ...cells, when, t, revised]
  })
const labRow = fc.tuple(
  patient,
  fc.constantFrom('IGF-1', 'igf-1', 'ALT', '', 'NA'),
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map(String),
    fc.constantFrom(
      '',
      '<5',
      '> 7.5',
      '<= 2',
      '≥3',
      'trace',
      '1o1',
      '-9999',
      '-9999.0',
      '<-5555',
      '1,5',
      '1.234,5',
      '1e999',
      '+4',
    ),
  ),
  fc.constantFrom('ng/mL', '', 'NA'),
  day,
)
const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
const text = (header: readonly string[], rows: readonly (readonly string[])[]) =>
  [header, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('')

it('every cell of a visit or a result is either in the records as it stands, or in a finding of its line', async () => {
  let untouched = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(visitRow, { minLength: 1, maxLength: 10 }),
      fc.array(labRow, { maxLength: 8 }),
      async (rows, results) => {
        const host = memoryHost({
          'p/ALSFRS.csv': text(['subject_id', ...names], rows),
          'p/LABS.csv': text(['subject_id', 'Test_Name', 'Test_Result', 'Test_Unit', 'Laboratory_Delta'], results),
        })
        let read: Awaited<ReturnType<typeof readClinical>>
        try {
          read = await readClinical({ kind: 'pro-act', path: 'p', cohort: 'c' }, host, signal)
        } catch (error) {
          // Half the decimals of a column are written in an undeclared way.
          expect(isUpturnError(error, 'ValueInvalid')).toBe(true)
          return
        }
        const places = new Set([...read.findings.rows()].map(({ file, line }) => `${file}:${line}`))
        const visits = new Map(read.visits.map((visit) => [`${visit.patient} ${visit.day}`, visit]))
        expect(visits.size).toBe(read.visits.length)
        rows.forEach((row, i) => {
          if (places.has(`ALSFRS.csv:${i + 2}`)) return
          untouched++
          const cells = Object.fromEntries(columns.map((name, at) => [name, row[at + 1]]))
          const visit = visits.get(`${row[0].trim()} ${Number(cells.day)}`)
          expect(visit).toBeDefined()
          if (visit === undefined) return
          for (const item of alsfrsItems) if (told(cells[item])) expect(visit[item]).toBe(Number(cells[item]))
          const recorded = visit.scale === 'ALSFRS-R' ? cells.revised : cells.total
          if (told(recorded)) expect(visit.total).toBe(Number(recorded))
        })
        for (const visit of read.visits) {
          const items = alsfrsItems.map((item) => visit[item]).filter((value) => value !== null)
          const sum = items.reduce((a, b) => a + b, 0)
          const both = visit.q5a !== null && visit.q5b !== null ? visit.q5a : 0
          if (visit.total !== null) expect(visit.total).toBeGreaterThanOrEqual(sum - both)
          expect(visit.scale === 'ALSFRS' ? visit.r1 === null : visit.q10 === null).toBe(true)
        }
        const labs = new Set(
          [...read.labs].map(
            ({ patient: who, day: when, test, value, qualifier }) => `${who} ${when} ${test} ${qualifier}${value}`,
          ),
        )
        results.forEach(([who, test, result, , when], i) => {
          if (places.has(`LABS.csv:${i + 2}`) || !told(result)) return
          untouched++
          expect(labs).toContain(
            `${who.trim()} ${Number(when)} ${test.toUpperCase()} ${Number(result) === 0 ? 0 : Number(result)}`,
          )
        })
      },
    ),
    { numRuns: Number(process.env.FUZZ_INPUTS ?? 400) },
  )
  expect(untouched).toBeGreaterThan(100)
})
