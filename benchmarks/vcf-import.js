// Import of a VCF file like those of whole genomes beside PLINK 2:
//   npm run build && node benchmarks/vcf-import.js [PEOPLE [RECORDS [ROUNDS]]]
// GT:AD:DP:GQ:PL of 200 people at 500,000 records, bgzipped, made once (a minute) and kept in the folder for temporary files.
// Both arms read every record with two threads and write a store of their own; beforehand the calls of every person at records of
// one alternate allele are proved equal, and at the others the counts of every genotype.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { has, interleave, machine, measure, table } from './measure.js'
import { wgsLikeVcf } from './wgs-like-vcf.js'

const dist = new URL('../dist/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)

if (process.argv[2] === '--import') {
  const [, , , path, out] = process.argv
  const { openWorkshop } = await load('study/workshop.js')
  const { createProgress } = await load('study/progress.js')
  const { importGenotypes } = await load('genotypes/index.js')
  const progress = createProgress('quiet', process.stderr)
  const workshop = openWorkshop({ workers: 2, signal: new AbortController().signal, progress })
  const filters = { keepFiltered: true }
  const { variants } = await importGenotypes(
    { files: [{ path, format: 'vcf' }], build: 'GRCh38', filters },
    out,
    workshop,
  )
  await workshop.close()
  progress.close()
  console.log(JSON.stringify({ variants }))
  process.exit(0)
}

for (const program of ['plink2', 'bgzip'])
  if (!has(program)) {
    console.log(`${program} is not installed`)
    process.exit(1)
  }
const people = Number(process.argv[2] ?? 200)
const records = Number(process.argv[3] ?? 500_000)
const rounds = Number(process.argv[4] ?? 5)
const file = await wgsLikeVcf(join(tmpdir(), 'upturn-bench-vcf'), people, records)
const folder = mkdtempSync(join(tmpdir(), 'upturn-bench-vcf-'))
const at = (name) => join(folder, name)
const plink = (...args) => execFileSync('plink2', [...args, '--threads', '2', '--memory', '4000'], { stdio: 'ignore' })
const lines = (name) => readFileSync(at(name), 'latin1').trimEnd().split('\n')

/** Key of a variant as a store has it. */
function key(chromosome, position, ref, alt) {
  let end = 0
  while (end < ref.length - 1 && end < alt.length - 1 && ref.at(-1 - end) === alt.at(-1 - end)) end++
  let start = 0
  while (start + end < Math.min(ref.length, alt.length) - 1 && ref[start] === alt[start]) start++
  const cut = (allele) => allele.slice(start, allele.length - end)
  return `${chromosome.replace('chr', '')}:${Number(position) + start}:${cut(ref)}:${cut(alt)}`
}

const bits = Array.from({ length: 256 }, (_, byte) => {
  const counts = [0, 0, 0, 0]
  for (let k = 0; k < 8; k += 2) counts[(byte >> k) & 3]++
  return counts
})

/** Every variant of the store: its record of a BED file, and people with two copies, none called, one copy and no copy. */
async function* stored() {
  const { installNodeKernels } = await load('host/node/kernels.js')
  const { nodeHost } = await load('host/node/index.js')
  const { encodeBedRecords, openStore } = await load('genotypes/index.js')
  installNodeKernels()
  const store = await openStore(nodeHost(), at('ours'))
  const bytes = Math.ceil(people / 4)
  for (const [block, { variants }] of store.header.blocks.entries()) {
    const { chromosome, position, ref, alt } = await store.keys(block)
    const bed = Buffer.from(encodeBedRecords(await store.genotypes(block), people))
    for (let v = 0; v < variants; v++) {
      const record = bed.subarray(v * bytes, (v + 1) * bytes)
      // What is left of the last byte is zero, which reads as two copies.
      const counts = [people - bytes * 4, 0, 0, 0]
      for (const byte of record) for (let code = 0; code < 4; code++) counts[code] += bits[byte][code]
      yield { key: `${chromosome[v]}:${position[v]}:${ref[v]}:${alt[v]}`, record, counts }
    }
  }
  await store.close()
}

async function proveEqual() {
  plink('--pfile', at('theirs'), '--max-alleles', '2', '--make-bed', '--out', at('two'))
  plink(
    '--pfile',
    at('theirs'),
    '--min-alleles',
    '3',
    '--geno-counts',
    'cols=chrom,pos,ref,alt,refalt,altxy,missing',
    '--out',
    at('several'),
  )
  const expected = new Map()
  const bed = readFileSync(at('two.bed'))
  const bytes = Math.ceil(people / 4)
  for (const [v, line] of lines('two.bim').entries()) {
    const [chromosome, , , position, alt, ref] = line.split('\t')
    expected.set(key(chromosome, position, ref, alt), bed.subarray(3 + v * bytes, 3 + (v + 1) * bytes))
  }
  for (const line of lines('several.gcount').slice(1)) {
    const [chromosome, position, , ref, alts, refAlt, altXy, missing] = line.split('\t')
    const one = refAlt.split(',').map(Number)
    // 1/1, 1/2, 2/2, 1/3, ...
    const pairs = altXy.split(',').map(Number)
    const both = one.map(() => 0)
    let pair = 0
    for (let high = 0; high < one.length; high++)
      for (let low = 0; low <= high; low++) {
        const count = pairs[pair++]
        if (low === high) both[low] += count
        else {
          one[low] += count
          one[high] += count
        }
      }
    for (const [k, alt] of alts.split(',').entries()) {
      const counts = [both[k], Number(missing), one[k]]
      expected.set(key(chromosome, position, ref, alt), [...counts, people - counts.reduce((a, b) => a + b)])
    }
  }
  let records = 0
  for await (const { key: found, record, counts } of stored()) {
    const theirs = expected.get(found)
    const equal = Buffer.isBuffer(theirs) ? theirs.equals(record) : theirs?.join() === counts.join()
    if (!equal)
      throw new Error(
        `${found} has ${counts} in the store and ${Buffer.isBuffer(theirs) ? 'other calls' : theirs} in PLINK's files`,
      )
    records++
  }
  if (records !== expected.size) throw new Error(`${records} variants in the store, ${expected.size} in PLINK's files`)
  return records
}

try {
  const ours = () => measure(process.execPath, [fileURLToPath(import.meta.url), '--import', file, at('ours')])
  const theirs = () =>
    measure('plink2', ['--vcf', file, '--make-pgen', '--threads', '2', '--memory', '4000', '--out', at('theirs')])
  await ours()
  await theirs()
  const variants = await proveEqual()
  console.log(
    `${people} people, ${records} records, ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB: the same calls of ${variants} variants\n${machine()}`,
  )
  const arms = ['upturn, 2 workers', 'plink2 --threads 2']
  const results = await interleave({ [arms[0]]: ours, [arms[1]]: theirs }, rounds)
  console.log(table(results))
  const [us, them] = arms.map((arm) => results[arm])
  const ratio = (what) => (them[what] / us[what]).toFixed(2)
  console.log(
    `plink2 takes ${ratio('minimum')} times as long by the minimum, ${ratio('median')} by the median, and ${ratio('processor')} times the processor time`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
