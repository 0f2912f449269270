// Import of an imputed BGEN file beside PLINK 2:
//   npm run build && node benchmarks/bgen-import.js [PEOPLE [VARIANTS [ROUNDS]]]
// The file is 8 bits, zlib, written by plink2 --export bgen-1.2 from simulated dosages. Both arms read it with two threads and
// write a store of their own; beforehand their hard calls are proved equal bit by bit, and their dosages by each variant's sum.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { has, interleave, machine, measure, table } from './measure.js'

const dist = new URL('../dist/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)

if (process.argv[2] === '--import') {
  const [, , , path, out] = process.argv
  const { openWorkshop } = await load('study/workshop.js')
  const { createProgress } = await load('study/progress.js')
  const { importGenotypes } = await load('genotypes/index.js')
  const progress = createProgress('quiet', process.stderr)
  const workshop = openWorkshop({ workers: 2, signal: new AbortController().signal, progress })
  const files = [{ path, format: 'bgen', ref: 'first' }]
  const { variants, variantsWithDosages } = await importGenotypes({ files, build: 'GRCh38' }, out, workshop)
  await workshop.close()
  progress.close()
  console.log(JSON.stringify({ variants, variantsWithDosages }))
  process.exit(0)
}

const { installNodeKernels } = await load('host/node/kernels.js')
installNodeKernels()
if (!has('plink2')) {
  console.log('plink2 is not installed: apt-get install plink2')
  process.exit(1)
}
const people = Number(process.argv[2] ?? 1000)
const variants = Number(process.argv[3] ?? 50_000)
const rounds = Number(process.argv[4] ?? 5)
const folder = mkdtempSync(join(tmpdir(), 'upturn-bench-bgen-'))
const at = (name) => join(folder, name)
const plink = (...args) => execFileSync('plink2', [...args, '--threads', '2', '--memory', '4000'], { stdio: 'ignore' })

/** 16-bit probabilities of an imputed cohort: most people certain, the rest between two neighbouring genotypes. */
async function simulate(path) {
  const { RandomStream, exp, log } = await load('numerics/index.js')
  const random = new RandomStream(1, 'benchmarks/bgen-import')
  const sink = createWriteStream(path)
  const ids = Buffer.concat(
    Array.from({ length: people }, (_, i) => {
      const id = Buffer.from(`P${String(i).padStart(6, '0')}`)
      return Buffer.concat([Buffer.from([id.length, 0]), id])
    }),
  )
  const head = Buffer.alloc(32)
  head.writeUInt32LE(20 + 8 + ids.length, 0)
  head.writeUInt32LE(20, 4)
  head.writeUInt32LE(variants, 8)
  head.writeUInt32LE(people, 12)
  head.write('bgen', 16)
  head.writeUInt32LE((0x80000000 | (2 << 2)) >>> 0, 20)
  head.writeUInt32LE(8 + ids.length, 24)
  head.writeUInt32LE(people, 28)
  sink.write(Buffer.concat([head, ids]))
  for (let v = 0; v < variants; v++) {
    const rsid = `rs${v}`
    const data = Buffer.alloc(10 + 5 * people)
    data.writeUInt32LE(people, 0)
    data.writeUInt16LE(2, 4)
    data.fill(2, 6, 8 + people)
    data[8 + people] = 0
    data[9 + people] = 16
    const q = 0.005 * exp(random.uniform() * log(100))
    const doubt = 0.3 * random.uniform()
    for (let i = 0; i < people; i++) {
      const copies = (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0)
      // The rarer a genotype the less sure it is.
      const unsure = random.uniform() < (copies === 0 ? doubt * Math.min(1, 4 * q) : doubt)
      const part = unsure ? Math.floor(65535 * random.uniform() * random.uniform()) : 0
      const p = [0, 0, 0]
      p[copies] = 65535 - part
      p[copies === 0 ? 1 : copies - 1] += part
      data.writeUInt16LE(p[0], 10 + people + 4 * i)
      data.writeUInt16LE(p[1], 12 + people + 4 * i)
    }
    const identity = Buffer.alloc(2 + 2 + rsid.length + 3 + 4 + 2 + 10 + 4)
    let o = 2
    identity.writeUInt16LE(rsid.length, o)
    identity.write(rsid, o + 2)
    o += 2 + rsid.length
    identity.writeUInt16LE(1, o)
    identity.write('1', o + 2)
    identity.writeUInt32LE(1000 + 50 * v, o + 3)
    identity.writeUInt16LE(2, o + 7)
    identity.writeUInt32LE(1, o + 9)
    identity.write('A', o + 13)
    identity.writeUInt32LE(1, o + 14)
    identity.write('G', o + 18)
    identity.writeUInt32LE(data.length, o + 19)
    if (!sink.write(Buffer.concat([identity, data]))) await once(sink, 'drain')
  }
  sink.end()
  await once(sink, 'close')
}

/** Hard calls as a BED file and sums of dosages, from our store. */
async function read(out) {
  const { nodeHost } = await load('host/node/index.js')
  const { encodeBedRecords, openStore } = await load('genotypes/index.js')
  const { readDosages } = await load('genotypes/store/dosages.js')
  const store = await openStore(nodeHost(), out)
  const bed = []
  const sums = []
  for (const block of store.header.blocks.keys()) {
    const [genotypes, dosages] = [await store.genotypes(block), await store.dosages(block)]
    bed.push(encodeBedRecords(genotypes, people))
    const row = new Uint16Array(people)
    for (let v = 0; v < store.header.blocks[block].variants; v++) {
      readDosages(dosages, v, genotypes, row)
      sums.push({
        copies: row.reduce((sum, dosage) => sum + (dosage === 65535 ? 0 : dosage), 0) / 16384,
        fractions: row.filter((dosage) => dosage !== 65535 && dosage % 16384 !== 0).length,
      })
    }
  }
  await store.close()
  return { bed: Buffer.concat(bed), sums }
}

try {
  await simulate(at('simulated.bgen'))
  plink('--bgen', at('simulated.bgen'), 'ref-first', '--const-fid', '0', '--make-pgen', '--out', at('simulated'))
  plink('--pfile', at('simulated'), '--export', 'bgen-1.2', 'bits=8', 'ref-first', '--out', at('imputed'))
  rmSync(at('simulated.bgen'))
  const file = at('imputed.bgen')

  const ours = () => measure(process.execPath, [fileURLToPath(import.meta.url), '--import', file, at('store')])
  const theirs = () =>
    measure('plink2', [
      ...['--bgen', file, 'ref-first', '--sample', at('imputed.sample'), '--make-pgen'],
      ...['--threads', '2', '--memory', '4000', '--out', at('theirs')],
    ])
  const found = JSON.parse((await ours()).stdout)
  await theirs()
  plink('--pfile', at('theirs'), '--make-bed', '--out', at('theirs'))
  plink('--pfile', at('theirs'), '--freq', 'cols=chrom,ref,alt,altfreq,nobs', '--out', at('theirs'))
  const { bed, sums } = await read(at('store'))
  if (found.variants !== variants || !bed.equals(readFileSync(at('theirs.bed')).subarray(3)))
    throw new Error('the hard calls differ')
  const lines = readFileSync(at('theirs.afreq'), 'utf8').trim().split('\n').slice(1)
  let worst = 0
  let wrong = 0
  for (const [v, line] of lines.entries()) {
    const [frequency, n] = line.split('\t').slice(-2).map(Number)
    const apart = Math.abs(sums[v].copies - frequency * n)
    // PLINK prints six digits, and rounds some dosages up by one unit (docs/formats.md).
    if (apart > 5e-6 * sums[v].copies + sums[v].fractions / 16384) wrong++
    worst = Math.max(worst, apart)
  }
  if (lines.length !== variants || wrong > 0) throw new Error(`sums of dosages of ${wrong} variants differ`)
  console.log(
    `${people} people, ${variants} variants (${found.variantsWithDosages} with dosages), ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB; hard calls equal, sums of dosages within ${worst.toFixed(4)} copies\n${machine()}`,
  )
  const results = await interleave({ 'upturn, 2 workers': ours, 'plink2 --threads 2': theirs }, rounds)
  console.log(table(results))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
