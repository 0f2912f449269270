import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isUpturnError } from '../errors/index.ts'
import type { Cell, TableSchema } from '../host/host.ts'
import { nodeHost } from '../host/node/index.ts'
import { associationsTable } from './association.ts'
import { ancestryTable, samplesTable } from './genotypes.ts'
import { readResults, strongestKept } from './read.ts'

const host = nodeHost()
let folder = ''
const variants = 5000

const row = (schema: TableSchema, values: Record<string, Cell>): Record<string, Cell[]> =>
  Object.fromEntries(schema.columns.map((c) => [c.name, [values[c.name] ?? null]]))

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'upturn-read-'))
  const stages = [
    { stage: 'genotypes', folder: 'genotypes-1', files: ['samples.parquet'] },
    { stage: 'quality', folder: 'quality-2', files: ['samples.parquet', 'quality.json'] },
    { stage: 'ancestry', folder: 'ancestry-1', files: ['ancestry.parquet'] },
    { stage: 'association', folder: 'association-9', files: ['associations.parquet', 'association.json'] },
  ]
  for (const s of stages) mkdirSync(join(folder, '.stages', s.folder), { recursive: true })
  // A folder of an earlier run, which the manifest does not name.
  mkdirSync(join(folder, '.stages', 'quality-1'))
  writeFileSync(join(folder, '.stages/quality-1/quality.json'), '{"samples":{"kept":1}}')
  writeFileSync(join(folder, '.stages/quality-2/quality.json'), '{"samples":{"kept":2}}')
  writeFileSync(join(folder, '.stages/association-9/association.json'), '{"cases":22}')
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ study: 'x', stages }))

  const samples = await host.tables.write(join(folder, '.stages/genotypes-1/samples.parquet'), samplesTable)
  await samples.append(
    row(samplesTable, { sample: 'raw', kept: true, call_rate: 1, heterozygosity_f: 0, genetic_sex: 'unknown' }),
  )
  await samples.commit()
  const kept = await host.tables.write(join(folder, '.stages/quality-2/samples.parquet'), samplesTable)
  await kept.append(
    row(samplesTable, {
      sample: '__proto__',
      kept: false,
      reason: 'duplicate',
      call_rate: 0.9,
      heterozygosity_f: 0,
      genetic_sex: 'male',
    }),
  )
  await kept.commit()
  const ancestry = await host.tables.write(join(folder, '.stages/ancestry-1/ancestry.parquet'), ancestryTable)
  await ancestry.append(row(ancestryTable, { sample: 'a', pc1: 1.5, pc2: -2, outlier: true }))
  await ancestry.commit()

  const scan = await host.tables.write(join(folder, '.stages/association-9/associations.parquet'), associationsTable)
  const of = (name: string, i: number): Cell => {
    if (name === 'chromosome') return i < 3000 ? '4' : 'X'
    if (name === 'position') return 1000 + i
    if (name === 'ref') return 'A'
    if (name === 'alt') return 'G'
    if (name === 'status') return i % 100 === 0 ? 'monomorphic' : 'ok'
    if (name === 'primary_neglog10p') return i % 100 === 0 ? null : ((i * 7919) % 5000) / 1000
    return null
  }
  await scan.append(
    Object.fromEntries(
      associationsTable.columns.map((c) => [c.name, Array.from({ length: variants }, (_, i) => of(c.name, i))]),
    ),
  )
  await scan.commit()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('follows the manifest to the current folders; a later stage’s table of the same name wins', async () => {
  const results = await readResults(folder, host)
  expect(results.quality?.samples.kept).toBe(2)
  expect(results.association?.cases).toBe(22)
  expect(results.samples.map((s) => s.sample)).toEqual(['__proto__'])
  expect(results.ancestry).toEqual([{ sample: 'a', pc: [1.5, -2], outlier: true }])
  expect(results.loci).toBeNull()
  expect(results.visits).toEqual([])
})

test('every variant is in the scan, and the strongest rows are whole and in order', async () => {
  const { scan, strongest } = await readResults(folder, host)
  expect(scan?.chromosomes).toEqual(['4', 'X'])
  expect(scan?.position).toHaveLength(variants)
  expect([scan?.chromosome[2999], scan?.chromosome[3000]]).toEqual([0, 1])
  expect(scan?.position[4999]).toBe(5999)
  expect(scan?.negLog10P[0]).toBeNaN()
  expect(scan?.negLog10P[1]).toBeCloseTo(2.919, 9)
  const all = [...(scan?.negLog10P ?? [])].filter((v) => !Number.isNaN(v)).sort((a, b) => b - a)
  expect(strongest.map((r) => r.primary_neglog10p)).toEqual(all.slice(0, strongestKept))
  expect(Object.keys(strongest[0])).toEqual(associationsTable.columns.map((c) => c.name))
})

test('a folder without a manifest and a damaged document are refused by name', async () => {
  await expect(readResults(join(folder, 'nowhere'), host)).rejects.toSatisfy((e) => isUpturnError(e, 'FileNotFound'))
  const other = mkdtempSync(join(tmpdir(), 'upturn-read-'))
  writeFileSync(join(other, 'manifest.json'), '{"stages": [')
  await expect(readResults(other, host)).rejects.toSatisfy((e) => isUpturnError(e, 'FormatInvalid'))
  rmSync(other, { recursive: true })
})
