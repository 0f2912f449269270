import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadGenes } from './genes.ts'

const folder = mkdtempSync(join(tmpdir(), 'upturn-genes-'))
const script = fileURLToPath(new URL('../../scripts/assets/20-genes.js', import.meta.url))
const built = spawnSync(process.execPath, [script, folder])
const table = loadGenes(readFileSync(join(folder, 'genes.tsv')))
rmSync(folder, { recursive: true })

describe('the table of genes', () => {
  it('is built from the data files and holds the protein-coding genes of GRCh38', () => {
    expect(built.status).toBe(0)
    expect(table.build).toBe('GRCh38')
    expect(table.size).toBeGreaterThan(19000)
    expect(table.size).toBeLessThan(20500)
  })

  it('has IGFBP7 and GRIP1 at their places', () => {
    expect(table.find('IGFBP7')).toMatchObject({ chromosome: '4', start: 57030773, end: 57110385, strand: '-' })
    expect(table.find('GRIP1')).toMatchObject({ chromosome: '12', start: 66347431, end: 67069162, strand: '-' })
    expect(table.within('4', 57100000, 57100000).map((g) => g.symbol)).toContain('IGFBP7')
    expect(table.within('12', 67069162, 67069162).map((g) => g.symbol)).toContain('GRIP1')
    expect(table.within('12', 67069163, 67069163).map((g) => g.symbol)).not.toContain('GRIP1')
  })

  it('has the exons of the canonical transcript, inside the gene and in order', () => {
    const exons = table.find('IGFBP7')?.exons() ?? []
    expect(exons).toHaveLength(5)
    expect(exons[0]).toEqual([57030773, 57031336])
    expect(exons[4]).toEqual([57109877, 57110385])
    // The first listed transcript of TARDBP starts 310 bases inside the gene.
    const tardbp = table.find('TARDBP')
    expect(tardbp?.exons()[0][0]).toBe((tardbp?.start ?? 0) + 310)
  })

  it('finds a long gene from a place far behind its start, and nothing on a chromosome it does not know', () => {
    const dmd = table.find('DMD')
    expect((dmd?.end ?? 0) - (dmd?.start ?? 0)).toBeGreaterThan(2_000_000)
    const end = dmd?.end ?? 0
    expect(table.within('X', end - 10, end).map((g) => g.symbol)).toContain('DMD')
    expect(table.within('99', 1, 1e9)).toEqual([])
    expect(table.find('__proto__')).toBeNull()
  })

  it('refuses bytes that are not its own', () => {
    const bytes = (text: string) => new TextEncoder().encode(text)
    expect(() => loadGenes(bytes('symbol\tchromosome\n'))).toThrow(/header/)
    expect(() => loadGenes(bytes('#upturn-genes\t1\tGRCh38\tx\nA\t1\t9\t2\t+\t\n'))).toThrow(/damaged/)
  })
})
