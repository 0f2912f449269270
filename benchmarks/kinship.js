// KING-robust kinship of all pairs from a packed store, beside plink2 from a pgen:
//   npm run bench kinship [VARIANTS [PEOPLE [ROUNDS]]]        500,000 1,000 3
// Compared first: the variants, shared heterozygous calls, opposite homozygotes and kinship of every pair, to the digits
// that plink2 prints.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plink2Files, report, requirePeers, rowsOf, upturn } from './genotypes.js'
import { interleave, measure } from './measure.js'

requirePeers('plink2')
const variants = Number(process.argv[2] ?? 500_000)
const people = Number(process.argv[3] ?? 1000)
const rounds = Number(process.argv[4] ?? 3)
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-kinship-'))
const at = (name) => join(scratch, name)
try {
  await plink2Files(at('a'), { people, variants })
  const plink = (what) => () =>
    measure('plink2', ['--pfile', at('a'), what, '--out', at('p'), '--threads', '2', '--memory', '2000'])
  const arms = {
    'upturn kinship': () => upturn('kinship', at('a.store'), '--out', at('k'), '--quiet'),
    'plink2 --make-king-table': plink('--make-king-table'),
    'plink2 --make-king': plink('--make-king'),
  }
  for (const arm of Object.values(arms)) await arm()
  compare()
  report(await interleave(arms, rounds), `${variants} variants, ${people} people`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Variants at which both of two people have a call, one by one from the BED file. */
function calledInBoth(bed, i, j) {
  const stride = Math.ceil(people / 4)
  let called = 0
  for (let at = 3; at < bed.length; at += stride) {
    const missing = (s) => ((bed[at + (s >> 2)] >> (2 * (s & 3))) & 3) === 1
    if (!missing(i) && !missing(j)) called++
  }
  return called
}

function compare() {
  const bed = readFileSync(at('a.bed'))
  const own = new Map()
  for (const row of rowsOf(at('k/kinship.tsv'))) own.set(`${row.sample_a} ${row.sample_b}`, row)
  let count = 0
  let recounted = 0
  for (const row of rowsOf(at('p.kin0'))) {
    const mine = own.get(`${row.IID2} ${row.IID1}`) ?? own.get(`${row.IID1} ${row.IID2}`)
    const near = (value, text) => Math.abs(value - Number(text)) <= 5.1e-6 * Math.abs(Number(text)) + 1e-12
    // plink2 a3.5 counts a rare variant at which both have no call as called in both.
    if (mine.variants !== row.NSNP && recounted < 200) {
      recounted++
      if (Number(mine.variants) !== calledInBoth(bed, Number(row.IID1.slice(1)), Number(row.IID2.slice(1))))
        throw new Error(`${row.IID1} and ${row.IID2}: ${mine.variants} variants`)
    }
    const called = Number(row.NSNP)
    if (
      !near(Number(mine.both_het) / called, row.HETHET) ||
      !near(Number(mine.ibs0) / called, row.IBS0) ||
      !near(Number(mine.kinship), row.KINSHIP)
    )
      throw new Error(`${row.IID1} and ${row.IID2}: ${JSON.stringify(mine)} where plink2 has ${JSON.stringify(row)}`)
    count++
  }
  if (count !== own.size || count !== (people * (people - 1)) / 2) throw new Error(`${count} pairs, and ${own.size}`)
  console.log(
    `${count} pairs agree; where they do not in the number of variants, ${recounted} were counted again from the BED file\n`,
  )
}
