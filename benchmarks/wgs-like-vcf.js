// A joint-called WGS-like VCF, the same bytes for the same arguments: GT:AD:DP:GQ:PL, INFO as GATK writes it, 2% of calls
// missing, 4% of records with two alternate alleles, 8% insertions or deletions. Kept in a folder and made only once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/** xorshift32: integers in [1, 2^32). */
function generator(seed) {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

const variety = 2048

/** Cells of each genotype, `variety` of each, one behind another in a buffer, each with a tab before it. */
function cellTable(next, alts) {
  const genotypes = []
  for (let b = 0; b <= alts; b++) for (let a = 0; a <= b; a++) genotypes.push([a, b])
  const cells = []
  for (const [a, b] of genotypes)
    for (let k = 0; k < variety; k++) {
      const depth = 12 + (next() % 34)
      const error = () => (next() % 8 === 0 ? 1 : 0)
      const ad = Array.from({ length: alts + 1 }, () => 0)
      if (a === b) ad[a] = depth
      else {
        ad[a] = Math.round(depth / 2) + (next() % 5) - 2
        ad[b] = depth - ad[a]
      }
      if (alts === 1 && a === b && error() === 1) {
        ad[1 - a] = 1
        ad[a] -= 1
      }
      const pl = genotypes.map(([c, d]) => {
        const shared = (c === a ? 1 : 0) + (d === b ? 1 : 0)
        return shared === 2 ? 0 : a === b ? depth * (shared === 1 ? 3 : 40) + (next() % 30) : 300 + (next() % 700)
      })
      const gq = Math.min(99, Math.min(...pl.filter((value) => value > 0)))
      cells.push(`\t${a}/${b}:${ad.join(',')}:${depth}:${gq}:${pl.join(',')}`)
    }
  cells.push(`\t./.:${Array.from({ length: alts + 1 }, () => 0).join(',')}:0:.:${genotypes.map(() => 0).join(',')}`)
  const starts = new Uint32Array(cells.length + 1)
  for (const [k, cell] of cells.entries()) starts[k + 1] = starts[k] + cell.length
  return { bytes: Buffer.from(cells.join('')), starts, genotypes: genotypes.length }
}

function header(people) {
  const lines = [
    '##fileformat=VCFv4.2',
    '##FILTER=<ID=PASS,Description="All filters passed">',
    '##FILTER=<ID=VQSRTrancheSNP99.90to100.00,Description="Truth sensitivity tranche level">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths for the ref and alt alleles in the order listed">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Approximate read depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype Quality">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Normalized, Phred-scaled likelihoods for genotypes">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count in genotypes">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele Frequency">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Total number of alleles in called genotypes">',
    '##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP Membership">',
    ...['BaseQRankSum', 'ExcessHet', 'FS', 'InbreedingCoeff', 'MQ', 'MQRankSum', 'QD', 'ReadPosRankSum', 'SOR'].map(
      (id) => `##INFO=<ID=${id},Number=1,Type=Float,Description="${id}">`,
    ),
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Approximate read depth">',
    ...Array.from({ length: 22 }, (_, k) => `##contig=<ID=chr${k + 1},length=250000000>`),
    `#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${Array.from({ length: people }, (_, s) => `S${String(s).padStart(5, '0')}`).join('\t')}`,
  ]
  return Buffer.from(`${lines.join('\n')}\n`)
}

/** Writes, unless it is there, the file and returns its path. */
export async function wgsLikeVcf(folder, people, records) {
  const path = join(folder, `wgs-like-${people}x${records}.vcf.gz`)
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  const next = generator(20240815)
  const tables = [cellTable(next, 1), cellTable(next, 2)]
  const bgzip = spawn('bgzip', ['-c', '-@', '2'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const out = createWriteStream(`${path}.partial`)
  bgzip.stdout.pipe(out)
  bgzip.stdin.write(header(people))
  const chosen = new Int32Array(people)
  let buffer = Buffer.allocUnsafe(1 << 22)
  let at = 0
  let position = 10_000
  let chromosome = 0
  for (let v = 0; v < records; v++) {
    const here = Math.floor((22 * v) / records)
    position = here === chromosome ? position + 1 + (next() % 400) : 10_000
    chromosome = here
    const alts = next() % 25 === 0 ? 2 : 1
    const table = tables[alts - 1]
    // Frequencies spread evenly over their logarithm, 1/400 to 1/2.
    const q = 0.0025 * 200 ** (next() / 2 ** 32)
    const threshold = q * 2 ** 32
    const counts = [0, 0, 0]
    for (let s = 0; s < people; s++) {
      if (next() % 50 === 0) chosen[s] = table.genotypes * variety
      else {
        const allele = () => (next() < threshold ? 1 + (alts === 2 ? next() % 2 : 0) : 0)
        const [a, b] = [allele(), allele()]
        counts[a]++
        counts[b]++
        const genotype = a <= b ? (b * (b + 1)) / 2 + a : (a * (a + 1)) / 2 + b
        chosen[s] = genotype * variety + (next() % variety)
      }
    }
    const kind = next() % 24
    const base = next() % 4
    const ref = 'ACGT'[base]
    const other = 'ACGT'[(base + 1 + (next() % 3)) % 4]
    const third = 'ACGT'[(base + 1) % 4] === other ? 'ACGT'[(base + 2) % 4] : 'ACGT'[(base + 1) % 4]
    const [refs, alt] = kind === 0 ? [ref + other, ref] : kind === 1 ? [ref, ref + other] : [ref, other]
    const altText = alts === 2 ? `${alt},${refs.length === 1 ? third : third + third}` : alt
    const an = counts[0] + counts[1] + counts[2]
    const ac = alts === 1 ? [counts[1]] : [counts[1], counts[2]]
    const score = () => ((next() % 4000) / 1000).toFixed(3)
    const front = `chr${chromosome + 1}\t${position}\t${next() % 3 === 0 ? '.' : `rs${next() % 1_000_000_000}`}\t${refs}\t${altText}\t${(next() % 900_000) / 100}\t${next() % 20 === 0 ? 'VQSRTrancheSNP99.90to100.00' : 'PASS'}\tAC=${ac};AF=${ac.map((n) => (n / Math.max(1, an)).toPrecision(4))};AN=${an};BaseQRankSum=${score()};${next() % 2 ? 'DB;' : ''}DP=${people * 30 + (next() % 500)};ExcessHet=${score()};FS=${score()};InbreedingCoeff=-0.0${next() % 90};MQ=60.00;MQRankSum=0.000e+00;QD=${score()};ReadPosRankSum=-${score()};SOR=${score()}\tGT:AD:DP:GQ:PL`
    if (at + front.length + people * 64 > buffer.length) {
      if (!bgzip.stdin.write(buffer.subarray(0, at))) await once(bgzip.stdin, 'drain')
      buffer = Buffer.allocUnsafe(Math.max(1 << 22, front.length + people * 64))
      at = 0
    }
    at += buffer.latin1Write(front, at)
    const { bytes, starts } = table
    for (let s = 0; s < people; s++)
      for (let k = starts[chosen[s]], end = starts[chosen[s] + 1]; k < end; k++) buffer[at++] = bytes[k]
    buffer[at++] = 10
  }
  bgzip.stdin.end(buffer.subarray(0, at))
  const finished = once(out, 'finish')
  const [code] = await once(bgzip, 'exit')
  if (code !== 0) throw new Error(`bgzip ended with ${code}`)
  await finished
  renameSync(`${path}.partial`, path)
  return path
}
