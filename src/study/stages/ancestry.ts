import { readFile } from 'node:fs/promises'
import { computeAncestry } from '../../genotypes/index.ts'
import { ancestryTable, type SampleQuality, samplesTable } from '../../results/genotypes.ts'
import { readRows, writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

export const ancestry: Stage = {
  name: 'ancestry',
  version: 2,
  reads: ['genotypes', 'quality'],
  publish: ['ancestry.parquet', 'ancestry.json'],
  parameters: () => null,
  inputs: async () => [],
  async run(context) {
    const { host } = context.workshop
    const samples = await readRows<SampleQuality>(host, context.from('quality', 'samples.parquet'), samplesTable)
    const people = samples.filter((sample) => sample.kept).map((sample) => sample.sample)
    const keep = await readFile(context.from('quality', 'variants.keep'))
    const { rows, summary } = await computeAncestry(context.from('genotypes', ''), { keep, people }, context.workshop)
    const flat = rows.map((row) => ({
      sample: row.sample,
      outlier: row.outlier,
      ...Object.fromEntries(row.pc.map((value, k) => [`pc${k + 1}`, value])),
    }))
    await writeRows(host, context.file('ancestry.parquet'), ancestryTable, flat)
    await context.json('ancestry.json', summary)
  },
}
