// Ten components of people over a set of variants from a packed store, beside plink2 --pca (exact) from a pgen:
//   npm run bench pca [VARIANTS [PEOPLE [ROUNDS]]]        100,000 1,000 3
// Compared first, with missing calls as the mean in both and variants that do not vary left out of both: every eigenvalue to the digits that plink2 prints, and the
// components whose eigenvalue stands apart.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plink2Files, report, requirePeers, rowsOf, upturn } from './genotypes.js'
import { interleave, measure } from './measure.js'

requirePeers('plink2')
const variants = Number(process.argv[2] ?? 100_000)
const people = Number(process.argv[3] ?? 1000)
const rounds = Number(process.argv[4] ?? 3)
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-pca-'))
const at = (name) => join(scratch, name)
try {
  await plink2Files(at('a'), { people, variants, rare: 0 })
  const everyVariant = [
    '--maf',
    '0',
    '--call-rate',
    '0',
    '--prune',
    'none',
    '--long-range',
    'keep',
    '--most',
    '1000000',
  ]
  const arms = {
    'upturn pca': () => upturn('pca', at('a.store'), ...everyVariant, '--out', at('pca'), '--quiet'),
    'plink2 --pca': () =>
      measure('plink2', [
        ...['--pfile', at('a'), '--mac', '1', '--pca', '10', 'meanimpute'],
        ...['--out', at('p'), '--threads', '2', '--memory', '2000'],
      ]),
  }
  for (const arm of Object.values(arms)) await arm()
  compare()
  report(await interleave(arms, rounds), `${variants} variants, ${people} people`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function compare() {
  const values = [...rowsOf(at('pca/eigenval.tsv'))].map((row) => Number(row.eigenvalue))
  const theirs = [...rowsOf(at('p.eigenval'), /\s+/, ['value'])].map((row) => Number(row.value))
  if (values.length !== theirs.length) throw new Error(`${values.length} and ${theirs.length} eigenvalues`)
  values.forEach((value, c) => {
    if (Math.abs(value / theirs[c] - 1) > 5.1e-6) throw new Error(`eigenvalue ${c + 1}: ${value} and ${theirs[c]}`)
  })
  // Components of close eigenvalues span the same space; which of it each is is rounding.
  const own = [...rowsOf(at('pca/eigenvec.tsv'))]
  const vectors = [...rowsOf(at('p.eigenvec'))]
  const product = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0)
  let first = 0
  const spaces = []
  for (let c = 1; c < values.length; c++) {
    if (values[c - 1] / values[c] < 1.2) continue
    const places = Array.from({ length: c - first }, (_, i) => first + i + 1)
    for (const theirPlace of places) {
      const b = vectors.map((row) => Number(row[`PC${theirPlace}`]))
      let inside = 0
      for (const place of places) {
        const a = own.map((row) => Number(row[`pc${place}`]))
        inside += product(a, b) ** 2 / (product(a, a) * product(b, b))
      }
      if (Math.abs(inside - 1) > 1e-8) throw new Error(`component ${theirPlace}: ${inside} of it lies where it should`)
    }
    spaces.push(places.join(' and '))
    first = c
  }
  console.log(`${values.length} eigenvalues agree, and components ${spaces.join('; ')}\n`)
}
