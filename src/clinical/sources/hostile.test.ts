import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { memoryHost } from '../testing/memory-host.ts'
import { readClinical } from './index.ts'

const signal = new AbortController().signal
const header =
  'subject_id,Q1_Speech,Q5a_Cutting_without_Gastrostomy,Q10_Respiratory,ALSFRS_Delta,ALSFRS_Total,ALSFRS_R_Total,R_1_Dyspnea'

it('any bytes give records or a tagged error', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      '',
      '4',
      '-1',
      '48',
      '1e999',
      '-9999',
      'PEN',
      '=1+1',
      '__proto__',
      '"',
      '"a\nb"',
      '\u0000',
      'é',
      '0x10',
    ),
    fc.string({ maxLength: 5 }),
  )
  const line = fc.array(cell, { minLength: 6, maxLength: 9 }).map((cells) => cells.join(','))
  const text = fc.array(line, { maxLength: 8 }).map((lines) => `${header}\n${lines.join('\n')}`)
  const bytes = fc.uint8Array({ maxLength: 200 })
  let read = 0
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(text, bytes),
      fc.constantFrom('ALSFRS.csv', 'LABS.csv', 'ALSHISTORY.csv'),
      async (content, file) => {
        try {
          const files = { 'p/ALSFRS.csv': `${header}\n`, [`p/${file}`]: content }
          const { patients, visits, intake } = await readClinical(
            { kind: 'pro-act', path: 'p', cohort: 'c' },
            memoryHost(files),
            signal,
          )
          read++
          for (const visit of visits) {
            expect(Number.isInteger(visit.day)).toBe(true)
            if (visit.total !== null) expect(visit.total >= 0 && visit.total <= 48).toBe(true)
          }
          expect(intake.patients).toBe(patients.length)
          for (const finding of intake.findings) expect(finding.where.length).toBe(Math.min(finding.count, 100))
        } catch (error) {
          expect(isUpturnError(error)).toBe(true)
        }
      },
    ),
    { numRuns: 300 },
  )
  expect(read).toBeGreaterThan(0)
})
