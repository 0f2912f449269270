import { expect, it } from 'vitest'
import { memoryHost } from '../testing/memory-host.ts'
import { readClinical } from './index.ts'
import { recogniseLayout, sourceFiles } from './layouts.ts'

const signal = new AbortController().signal
const visits = 'patient,day,scale,total\na,0,ALSFRS-R,40\n'

async function layoutOf(path: string, files: Record<string, string>) {
  const { name } = await recogniseLayout(await sourceFiles(path, memoryHost(files), signal))
  return name
}

it('recognises a layout by its files', async () => {
  expect(await layoutOf('p', { 'p/F_PROACT_ALSFRS.csv': 'subject_id\n' })).toBe('pro-act')
  expect(await layoutOf('p/', { 'p/alsfrs.CSV': 'subject_id\n', 'p/notes.docx': '' })).toBe('pro-act')
  expect(await layoutOf('p', { 'p/visits.csv': visits })).toBe('table')
  expect(await layoutOf('p/any.csv', { 'p/any.csv': visits })).toBe('table')
})

it('reads what it recognised, and looks at headers and beginnings of files once', async () => {
  const host = memoryHost({ 'p/visits.csv': visits, 'p/.hidden.csv': '', 'p/x.json': '{"id": 1}' })
  const { intake } = await readClinical({ path: 'p', cohort: 'c' }, host, signal)
  expect([intake.source, intake.patients, intake.visits]).toEqual(['table', 1, 1])
  const files = await sourceFiles('p', host, signal)
  expect(files.names).toEqual(['visits.csv', 'x.json'])
  expect(await files.header('visits.csv')).toEqual(['patient', 'day', 'scale', 'total'])
  expect(await files.header('x.json')).toBe(null)
  expect(await files.beginning('x.json')).toBe('{"id": 1}')
})
