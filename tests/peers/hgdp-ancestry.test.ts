import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { computeAncestry } from '../../src/genotypes/ancestry/compute.ts'
import { memoryWorkshop, readBedFixture, storeFiles } from '../../src/genotypes/quality/testing/memory-store.ts'

const folder = fileURLToPath(new URL('../../../shared/data/hgdp-europeans/', import.meta.url))
const present = existsSync(`${folder}H938_Euro.LDprune.bed`)
if (!present) console.info('skipped: smartPCA on HGDP Europeans, because ../shared/data/hgdp-europeans is absent')

function correlation(x: number[], y: number[]): number {
  const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  let [sxx, syy, sxy] = [0, 0, 0]
  x.forEach((v, i) => {
    sxx += (v - mx) * (v - mx)
    syy += (y[i] - my) * (y[i] - my)
    sxy += (v - mx) * (y[i] - my)
  })
  return sxy / Math.sqrt(sxx * syy)
}

test.skipIf(!present)('components of real Europeans are those of smartPCA', async () => {
  const { samples, variants } = readBedFixture(`${folder}H938_Euro.LDprune`)
  const order = [...samples.keys()].sort((a, b) => (samples[a] < samples[b] ? -1 : 1))
  const sorted = order.map((s) => samples[s])
  const autosomes = variants.filter((v) => Number(v.chromosome) <= 22)
  const files = storeFiles(
    sorted,
    'NCBI36',
    autosomes.map((v) => ({ ...v, genotypes: Int8Array.from(order, (s) => v.genotypes[s]) })),
  )
  const { rows, summary } = await computeAncestry(
    'store',
    {
      keep: new Uint8Array(Math.ceil(autosomes.length / 8)).fill(255),
      people: sorted,
      // smartPCA was given the same pruned file, without outlier removal.
      ldR2: 1,
      maf: 0,
      excludeLongRange: false,
      outlierSd: 1e9,
    },
    memoryWorkshop(files),
  )
  const theirs = readFileSync(`${folder}H938_Euro.LDprune.eigs`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
  const mine = new Map(rows.map((row) => [row.sample, row.pc]))
  const r = [0, 1, 2, 3].map((c) => {
    const pairs = theirs.map((row): [number, number] => [
      Number(row[c + 1]),
      mine.get(row[0].split(':')[1])?.[c] ?? Number.NaN,
    ])
    return Math.abs(
      correlation(
        pairs.map((p) => p[0]),
        pairs.map((p) => p[1]),
      ),
    )
  })
  // Its vectors have four decimals, and it scales a variant by a slightly different frequency.
  for (const [c, least] of [0.9995, 0.997, 0.995, 0.975].entries())
    expect(r[c], `component ${c + 1}`).toBeGreaterThan(least)
  const eigenvalues = readFileSync(`${folder}H938_Euro.LDprune.eval`, 'utf8').trim().split('\n').map(Number)
  for (let c = 0; c < 4; c++) expect(Math.abs(summary.eigenvalues[c] / eigenvalues[c] - 1)).toBeLessThan(0.01)
})
