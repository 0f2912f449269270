import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { AdjudicationDraft } from '../clinical/index.ts'
import { isUpturnError } from '../errors/index.ts'
import { addAdjudication, loadAdjudications } from './adjudications.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-adjudication-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const draft = (patient: string, who = 'Dr A'): AdjudicationDraft => ({
  patient,
  definition: 'large-sustained',
  verdict: 'confirm',
  reason: 'Walks again; EMG “normal”.',
  who,
  evidence: { diagnosis: 'yes', progression: 'yes', recovery: 'yes', mimics: 'unclear' },
  call: { verdict: 'yes', start_day: 10, end_day: 500, value: 7.5 },
})
const when = new Date('2026-11-26T12:00:00Z')

async function refusal(path: string) {
  try {
    await loadAdjudications(path)
  } catch (error) {
    if (isUpturnError(error, 'FileDamaged'))
      return { line: error.place.line, file: error.place.file, message: error.message }
    throw error
  }
  return undefined
}

describe('the file of adjudications', () => {
  it('is empty where there is none, and keeps every line as it was written', async () => {
    const path = join(folder, 'kept.jsonl')
    expect(await loadAdjudications(path)).toEqual([])
    await addAdjudication(path, draft('a'), when)
    const first = readFileSync(path, 'utf8')
    const entries = await addAdjudication(path, { ...draft('b\n"x"', 'Dr B'), verdict: 'reject' }, when)
    expect(readFileSync(path, 'utf8').startsWith(first)).toBe(true)
    expect(entries.map(({ patient, who, verdict, when: at }) => [patient, who, verdict, at])).toEqual([
      ['a', 'Dr A', 'confirm', '2026-11-26T12:00:00.000Z'],
      ['b\n"x"', 'Dr B', 'reject', '2026-11-26T12:00:00.000Z'],
    ])
    expect(entries[1].previous).toBe(entries[0].sha256)
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('kept'))
        .sort(),
    ).toEqual(['kept.jsonl'])
  })

  it('refuses a verdict without a reason or a name, and writes nothing', async () => {
    const path = join(folder, 'none.jsonl')
    await expect(addAdjudication(path, { ...draft('a'), reason: ' ' }, when)).rejects.toThrow(/reason/)
    await expect(addAdjudication(path, { ...draft('a'), who: '' }, when)).rejects.toThrow(/who/)
    expect(await loadAdjudications(path)).toEqual([])
    await addAdjudication(path, draft('a', 'Dr A'), when)
    await expect(addAdjudication(path, draft('a', 'dr. a'), when)).rejects.toThrow(/knows this rater as 'Dr A'/)
    expect(await loadAdjudications(path)).toHaveLength(1)
  })

  it.each<[string, (lines: string[]) => string, number, RegExp]>([
    ['an edited verdict', (l) => `${l[0].replace('confirm', 'reject')}\n${l[1]}\n${l[2]}\n`, 1, /changed after/],
    ['an edited reason', (l) => `${l[0]}\n${l[1].replace('Walks', 'Talks')}\n${l[2]}\n`, 2, /changed after/],
    [
      'another spelling of the same',
      (l) => `${l[0].replace('{"patient"', '{ "patient"')}\n${l[1]}\n${l[2]}\n`,
      1,
      /changed after/,
    ],
    ['a line taken out', (l) => `${l[0]}\n${l[2]}\n`, 2, /does not follow/],
    ['two lines exchanged', (l) => `${l[1]}\n${l[0]}\n${l[2]}\n`, 1, /does not follow/],
    ['a line put twice', (l) => `${l[0]}\n${l[0]}\n${l[1]}\n${l[2]}\n`, 2, /does not follow/],
    ['the last line cut', (l) => `${l[0]}\n${l[1]}\n${l[2].slice(0, 40)}`, 3, /cut while/],
    ['the last newline lost', (l) => l.join('\n'), 3, /cut while/],
    ['an empty line', (l) => `${l[0]}\n\n${l[1]}\n`, 2, /not JSON/],
    ['something else', (l) => `${l[0]}\n{"patient":"a"}\n`, 2, /no adjudication/],
    ['a list', () => '[]\n', 1, /no adjudication/],
    ['a further key', (l) => `${l[0].replace('{"patient"', '{"more":1,"patient"')}\n`, 1, /no adjudication/],
  ])('refuses %s with file and line', async (_, change, line, message) => {
    const path = join(folder, 'edited.jsonl')
    rmSync(path, { force: true })
    for (const patient of ['a', 'b', 'c']) await addAdjudication(path, draft(patient), when)
    writeFileSync(path, change(readFileSync(path, 'utf8').trimEnd().split('\n')))
    const found = await refusal(path)
    expect(found?.line).toBe(line)
    expect(found?.file).toBe(path)
    expect(found?.message).toMatch(message)
    // And nothing is added behind it.
    await expect(addAdjudication(path, draft('d'), when)).rejects.toThrow(message)
  })

  it('refuses bytes that are no text', async () => {
    const path = join(folder, 'bytes.jsonl')
    writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0x0a))
    expect((await refusal(path))?.message).toMatch(/UTF-8/)
  })

  it('takes lines of several at once without mixing them, in one process and in several', async () => {
    const path = join(folder, 'many.jsonl')
    await Promise.all(Array.from({ length: 12 }, (_, i) => addAdjudication(path, draft(`p${i}`), when)))
    expect((await loadAdjudications(path)).length).toBe(12)
    const module = fileURLToPath(new URL('../../dist/study/adjudications.js', import.meta.url))
    const script = `
      const { addAdjudication } = await import(${JSON.stringify(`file://${module}`)})
      for (let i = 0; i < 6; i++)
        await addAdjudication(${JSON.stringify(path)}, { ...${JSON.stringify(draft('x'))}, patient: process.argv[1] + '-' + i, reason: 'r'.repeat(3000) }, new Date())`
    const codes = await Promise.all(
      ['q', 'r', 's'].map(
        (name) =>
          new Promise<number | null>((done) =>
            spawn(process.execPath, ['--input-type=module', '-e', script, name], { stdio: 'inherit' }).on(
              'close',
              done,
            ),
          ),
      ),
    )
    expect(codes).toEqual([0, 0, 0])
    const patients = (await loadAdjudications(path)).map(({ patient }) => patient)
    expect(new Set(patients).size).toBe(12 + 18)
    for (const name of ['q', 'r', 's'])
      expect(patients.filter((patient) => patient.startsWith(`${name}-`))).toEqual(
        Array.from({ length: 6 }, (_, i) => `${name}-${i}`),
      )
  }, 60_000)
})
