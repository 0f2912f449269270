// LD of all pairs on chromosome 1 within 1 Mb from a packed store, and of one lead of the genome with everything within 1 Mb,
// beside plink1.9 from a BED:
//   npm run bench ld [VARIANTS [PEOPLE [ROUNDS]]]        1,000,000 265 3
// Compared first: every pair with r2 of at least 0.2, and the r2 and D' of genotypes or haplotypes, to the digits that plink
// prints.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plink2Files, report, requirePeers, rowsOf, upturn } from './genotypes.js'
import { interleave, measure } from './measure.js'

requirePeers('plink2', 'plink1.9')
const variants = Number(process.argv[2] ?? 1_000_000)
const people = Number(process.argv[3] ?? 265)
const rounds = Number(process.argv[4] ?? 3)
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-ld-'))
const at = (name) => join(scratch, name)
const window = ['--ld-window-kb', '1000', '--ld-window', '999999']
const plink = (from, out, ...options) =>
  measure('plink1.9', [
    '--bfile',
    at(from),
    ...options,
    ...window,
    '--out',
    at(out),
    '--threads',
    '2',
    '--memory',
    '3000',
  ])
try {
  await plink2Files(at('a'), { people, variants })
  await measure('plink2', ['--bfile', at('a'), '--chr', '1', '--make-bed', '--out', at('c')])
  await upturn('import', at('c.bed'), '--out', at('c.store'), '--quiet')
  const lead = [...rowsOf(at('c.bim'), /\s+/, ['chromosome', 'id'])][Math.floor(variants / 40)].id
  const pairs = {
    'upturn ld': () => upturn('ld', at('c.store'), '--out', at('r'), '--quiet'),
    'plink1.9 --r2': () => plink('c', 'r', '--r2', '--ld-window-r2', '0.2'),
  }
  const haplotypes = {
    'upturn ld --d-prime': () => upturn('ld', at('c.store'), '--d-prime', '--out', at('d'), '--quiet'),
    'plink1.9 --r2 dprime': () => plink('c', 'd', '--r2', 'dprime', '--ld-window-r2', '0.2'),
  }
  const leads = {
    'upturn ld --lead': () => upturn('ld', at('a.store'), '--lead', lead, '--out', at('l'), '--quiet'),
    'plink1.9 --r2 --ld-snp': () => plink('a', 'l', '--r2', '--ld-snp', lead, '--ld-window-r2', '0'),
  }
  for (const arm of [pairs, haplotypes, leads].flatMap(Object.values)) await arm()
  compare('r', 'R2')
  compare('d', 'DP')
  compare('l', 'R2')
  for (const arms of [pairs, haplotypes, leads]) {
    report(await interleave(arms, rounds), `${variants} variants, ${people} people`)
    console.log()
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function compare(name, last) {
  const near = (value, text) => Math.abs(Math.abs(value) - Number(text)) <= 5.1e-6 * Math.abs(Number(text)) + 1e-12
  const own = new Map()
  for (const row of rowsOf(at(`${name}/ld.tsv`))) own.set(`${row.rsid_a} ${row.rsid_b}`, row)
  let count = 0
  for (const row of rowsOf(at(`${name}.ld`))) {
    if (row.SNP_A === row.SNP_B) continue
    const mine = own.get(`${row.SNP_A} ${row.SNP_B}`)
    if (mine === undefined && row.R2 === 'nan') continue
    if (mine === undefined || !near(Number(mine.r2), row.R2) || (last === 'DP' && !near(Number(mine.d_prime), row.DP)))
      throw new Error(`${row.SNP_A} and ${row.SNP_B}: ${JSON.stringify(mine)} where plink has ${JSON.stringify(row)}`)
    count++
  }
  if (count !== own.size) throw new Error(`${count} pairs, and ${own.size}`)
  console.log(`${name}: ${count} pairs agree`)
}
