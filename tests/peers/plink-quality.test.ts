import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { countGenotypes } from '../../src/genotypes/counts/count.ts'
import { factNames } from '../../src/genotypes/counts/variant-facts.ts'
import { kinshipPairs } from '../../src/genotypes/kinship/king.ts'
import { ldMatrix } from '../../src/genotypes/ld/correlation.ts'
import { ldPairs } from '../../src/genotypes/ld/pairs.ts'
import { assessQuality } from '../../src/genotypes/quality/assess.ts'
import { peopleMask } from '../../src/genotypes/quality/scan.ts'
import { memoryWorkshop, storeFiles, type TestVariant } from '../../src/genotypes/quality/testing/memory-store.ts'
import { randomGenotypes, uniform } from '../../src/genotypes/quality/testing/random-genotypes.ts'
import { openStore } from '../../src/genotypes/store/open.ts'

const missing = ['plink2', 'plink1.9'].filter((name) => spawnSync(name, ['--version']).status !== 0)
if (missing.length > 0)
  console.info(`skipped: quality control against PLINK, because ${missing.join(' and ')} is absent`)

const folder = mkdtempSync(join(tmpdir(), 'upturn-plink-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function plink(program: string, ...options: string[]): void {
  const run = spawnSync(program, [...options, '--threads', '1', '--memory', '2000'], { cwd: folder, encoding: 'utf8' })
  expect(run.status, run.stderr).toBe(0)
}

function table(name: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(folder, name), 'utf8').trim().split('\n')
  const columns = head.replace('#', '').trim().split(/\s+/)
  return lines.map((line) => {
    const cells = line.trim().split(/\s+/)
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]]))
  })
}

function writeBed(name: string, samples: string[], sex: ('female' | 'male')[], variants: TestVariant[]): void {
  const code: Record<number, number> = { 2: 0, [-1]: 1, 1: 2, 0: 3 }
  const stride = Math.ceil(samples.length / 4)
  const bed = new Uint8Array(3 + variants.length * stride)
  bed.set([0x6c, 0x1b, 1])
  variants.forEach(({ genotypes }, v) => {
    for (let s = 0; s < samples.length; s++) bed[3 + v * stride + (s >> 2)] |= code[genotypes[s]] << (2 * (s & 3))
  })
  writeFileSync(join(folder, `${name}.bed`), bed)
  writeFileSync(
    join(folder, `${name}.bim`),
    variants.map((v, i) => `${v.chromosome}\tv${i}\t0\t${v.position}\tA\tG\n`).join(''),
  )
  writeFileSync(
    join(folder, `${name}.fam`),
    samples.map((id, s) => `${id}\t${id}\t0\t0\t${sex[s] === 'male' ? 1 : 2}\t-9\n`).join(''),
  )
}

describe.skipIf(missing.length > 0).each([{ n: 63 }, { n: 64 }, { n: 130 }])('$n people', ({ n }) => {
  const random = uniform(1000 + n)
  const samples = Array.from({ length: n }, (_, s) => `p${String(s).padStart(3, '0')}`)
  const sex = samples.map((_, s) => (s % 3 === 0 ? ('male' as const) : ('female' as const)))
  const variants: TestVariant[] = []
  let last = randomGenotypes(random, n, 0.3, 0)
  for (let v = 0; v < 9000; v++) {
    const p = 0.02 + 0.96 * random()
    const rate = random() < 0.02 ? 0.3 : 0.01
    // Runs of ten variants in LD.
    last =
      v % 10 === 0 ? randomGenotypes(random, n, p, 0) : last.map((g) => (random() < 0.3 ? Math.floor(3 * random()) : g))
    const onX = v >= 8500
    const genotypes = last.map((g, s) => {
      if (random() < rate) return -1
      return onX && sex[s] === 'male' && g === 1 ? 2 : g
    })
    variants.push({
      chromosome: onX ? 'X' : String(1 + Math.floor(v / 390)),
      position: 3_000_000 + 200_000 * (onX ? v - 8500 : v % 390),
      genotypes,
    })
  }
  const name = `n${n}`
  const workshop = memoryWorkshop(storeFiles(samples, 'GRCh38', variants))
  const everything = new Uint8Array(1125).fill(255)
  everything.fill(0, Math.floor(8500 / 8))
  for (let v = 8496; v < 8500; v++) everything[v >> 3] |= 1 << (v & 7)

  test('kinship, call rate and F', async () => {
    writeBed(name, samples, sex, variants)
    plink('plink2', '--bfile', name, '--make-king-table', '--out', name)
    // PLINK reports missing calls before it filters variants, so the filter is a step of its own.
    plink('plink2', '--bfile', name, '--autosome', '--geno', '0.2', '--write-snplist', '--out', name)
    plink('plink2', '--bfile', name, '--extract', `${name}.snplist`, '--missing', '--out', name)
    plink('plink2', '--bfile', name, '--autosome', '--maf', '0.05', '--geno', '0.05', '--het', '--out', name)

    const { pairs } = await kinshipPairs(
      { folder: 'store', chosen: everything, people: Int32Array.from(samples.keys()) },
      Number.NEGATIVE_INFINITY,
      workshop,
    )
    const ours = new Map(pairs.map(({ a, b, kinship }) => [`${samples[a]} ${samples[b]}`, kinship]))
    const theirs = table(`${name}.kin0`)
    expect(theirs).toHaveLength((n * (n - 1)) / 2)
    // Six digits are printed; a tight linear kinship of random people may be well below -1.
    for (const row of theirs)
      expect(Math.abs((ours.get(`${row.IID1} ${row.IID2}`) ?? Number.NaN) / Number(row.KINSHIP) - 1)).toBeLessThan(1e-5)

    const { samples: rows } = await assessQuality(
      'store',
      samples.map((sample, s) => ({ sample, sex: sex[s] })),
      { sampleCallRate: 0, variantCallRate: 0.95, maf: 0.01, kinship: 0.0884, heterozygositySd: 1e9 },
      memoryWorkshop(storeFiles(samples, 'GRCh38', variants.slice(0, 8500))),
    )
    const byId = new Map(rows.map((row) => [row.sample, row]))
    for (const row of table(`${name}.smiss`))
      expect(Math.abs(1 - (byId.get(row.IID)?.call_rate ?? Number.NaN) - Number(row.F_MISS))).toBeLessThan(1e-6)
    for (const row of table(`${name}.het`))
      expect(Math.abs((byId.get(row.IID)?.heterozygosity_f ?? Number.NaN) - Number(row.F)), row.IID).toBeLessThan(1e-6)
  })

  test('counts, frequencies, missing calls and Hardy-Weinberg', async () => {
    plink('plink2', '--bfile', name, '--freq', '--missing', '--hardy', '--out', name)
    plink('plink2', '--bfile', name, '--autosome', '--hardy', 'midp', '--out', `${name}m`)
    // Women alone on X, as here.
    plink('plink1.9', '--bfile', name, '--chr', 'X', '--hardy', '--out', `${name}x`)
    plink('plink1.9', '--bfile', name, '--chr', 'X', '--hardy', 'midp', '--out', `${name}xm`)
    const facts: (number | null)[][] = factNames.map(() => [])
    const { samples: people } = await countGenotypes(
      'store',
      new Map(samples.map((sample, s) => [sample, sex[s]])),
      {
        columns: async (batch) => {
          for (const [i, fact] of factNames.entries()) facts[i].push(...(batch[fact] as (number | null)[]))
        },
      },
      workshop,
    )
    const fact = (column: (typeof factNames)[number], id: string) =>
      facts[factNames.indexOf(column)][Number(id.slice(1))] ?? Number.NaN
    const near = (own: number, text: string, digits: number, what: string) => {
      if (text === 'nan' || text === 'NA') expect(own, what).toBeNaN()
      else
        expect(Math.abs(own - Number(text)), `${what}: ${own} ${text}`).toBeLessThanOrEqual(
          0.51 * 10 ** -(digits - 1) * Math.abs(Number(text)),
        )
    }
    for (const row of table(`${name}.afreq`)) near(fact('alt_frequency', row.ID), row.ALT_FREQS, 6, row.ID)
    for (const row of table(`${name}.vmiss`)) near(fact('missing_rate', row.ID), row.F_MISS, 6, row.ID)
    const exact = table(`${name}.hardy`)
    expect(exact).toHaveLength(8500)
    for (const row of exact) {
      near(fact('hwe_p', row.ID), row.P, 6, `${row.ID} p`)
      expect(fact('het', row.ID)).toBe(Number(row.HET_A1_CT))
      const homs = [fact('hom_ref', row.ID), fact('hom_alt', row.ID)].sort((a, b) => a - b)
      expect(homs).toEqual([Number(row.HOM_A1_CT), Number(row.TWO_AX_CT)].sort((a, b) => a - b))
    }
    for (const row of table(`${name}m.hardy`)) near(fact('hwe_midp', row.ID), row.MIDP, 6, `${row.ID} mid-p`)
    const onX = table(`${name}x.hwe`).filter((row) => row.TEST === 'ALL(NP)')
    expect(onX).toHaveLength(500)
    for (const row of onX) near(fact('hwe_p', row.SNP), row.P, 4, `${row.SNP} p`)
    for (const row of table(`${name}xm.hwe`))
      if (row.TEST === 'ALL(NP)') near(fact('hwe_midp', row.SNP), row.P, 4, `${row.SNP} mid-p`)
    const missing = new Map(table(`${name}.smiss`).map((row) => [row.IID, row.MISSING_CT]))
    for (const person of people) expect(String(person.missing), person.sample).toBe(missing.get(person.sample))
  })

  test('sex by X', async () => {
    plink('plink1.9', '--bfile', name, '--check-sex', '--maf', '0.05', '--geno', '0.05', '--out', name)
    const { samples: rows } = await assessQuality(
      'store',
      samples.map((sample, s) => ({ sample, sex: sex[s] })),
      { sampleCallRate: 0, variantCallRate: 0.95, maf: 0.01, kinship: 1, heterozygositySd: 1e9 },
      // Without autosomes to measure against, as PLINK does it.
      memoryWorkshop(storeFiles(samples, 'GRCh38', variants.slice(8500))),
    )
    const called = { '0': 'unknown', '1': 'male', '2': 'female' } as Record<string, string>
    for (const row of table(`${name}.sexcheck`)) {
      const ours = rows.find((r) => r.sample === row.IID)
      // PLINK takes frequencies from men and women, here women give them.
      expect(Math.abs((ours?.x_f ?? Number.NaN) - Number(row.F)), row.IID).toBeLessThan(0.1)
      if (Math.abs(Number(row.F) - 0.2) > 0.1 && Math.abs(Number(row.F) - 0.8) > 0.1)
        expect(ours?.genetic_sex, row.IID).toBe(called[row.SNPSEX])
    }
  })

  test("r2 and D' of haplotypes", async () => {
    plink(
      'plink1.9',
      ...['--bfile', name, '--r2', 'dprime', '--ld-window-r2', '0', '--ld-window', '999999'],
      ...['--ld-window-kb', '2000', '--chr', '1-3', '--out', `${name}d`],
    )
    const theirs = table(`${name}d.ld`)
    expect(theirs.length).toBeGreaterThan(2000)
    const rows = new Map<string, Record<string, number>>()
    const options = {
      folder: 'store',
      sexes: new Map(samples.map((sample, s) => [sample, sex[s]])),
      window: 2_000_000,
      limit: 0,
      haplotypes: true,
      maf: 0,
      variantCallRate: 0,
      regions: null,
      lead: null,
      rows: 'columns' as const,
    }
    for await (const { columns } of ldPairs(options, workshop))
      columns?.position_a?.forEach((position, i) => {
        rows.set(`${columns.chromosome[i]} ${position} ${columns.position_b[i]}`, {
          r2: Number(columns.r2[i]),
          dPrime: Number(columns.d_prime[i]),
        })
      })
    // Six digits are printed. Where two roots of the cubic are all but equally likely the two programs may differ.
    let other = 0
    for (const row of theirs) {
      const own = rows.get(`${row.CHR_A} ${row.BP_A} ${row.BP_B}`)
      const near = (value: number | undefined, text: string) =>
        Math.abs(Math.abs(value ?? Number.NaN) - Number(text)) <= 1e-5 * Number(text) + 1e-7
      if (!near(own?.r2, row.R2) || !near(own?.dPrime, row.DP)) other++
    }
    expect(other).toBe(0)
  })

  test('r of neighbours', async () => {
    plink(
      'plink1.9',
      '--bfile',
      name,
      '--r2',
      '--ld-window-r2',
      '0',
      '--ld-window',
      '10',
      '--from',
      'v100',
      '--to',
      'v160',
      '--out',
      name,
    )
    const store = await openStore(workshop.host, 'store')
    const r = await ldMatrix(store, { first: 100, end: 161 }, peopleMask(store.header, samples.keys()))
    const rows = table(`${name}.ld`)
    expect(rows.length).toBeGreaterThan(100)
    for (const row of rows) {
      const value = r[61 * (Number(row.SNP_A.slice(1)) - 100) + Number(row.SNP_B.slice(1)) - 100]
      expect(Math.abs(value * value - Number(row.R2))).toBeLessThan(1e-5)
    }
  })
})
