// Counts, frequencies, missing calls by variant and person, Hardy-Weinberg (exact and mid-p) from a packed store, beside
// plink2 from a pgen:
//   npm run bench counts [VARIANTS [PEOPLE [ROUNDS]]]        1,000,000 265 5
// One call of plink2 gives p or mid-p, so there are two pairs of arms: the columns of one call (counts, frequency, missing
// rate, p), and all, which takes two. Compared first: every count, frequency, missing rate, p and mid-p, to the digits that
// plink2 prints.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plink2Files, report, requirePeers, rowsOf, upturn } from './genotypes.js'
import { interleave, measure } from './measure.js'

requirePeers('plink2')
const variants = Number(process.argv[2] ?? 1_000_000)
const people = Number(process.argv[3] ?? 265)
const rounds = Number(process.argv[4] ?? 5)
const scratch = mkdtempSync(join(tmpdir(), 'upturn-bench-counts-'))
const at = (name) => join(scratch, name)
try {
  await plink2Files(at('a'), { people, variants })
  const plink = (out, ...what) =>
    measure('plink2', ['--pfile', at('a'), ...what, '--out', at(out), '--threads', '2', '--memory', '2000'])
  const oneCall = 'hom_ref,het,hom_alt,missing,alt_frequency,missing_rate,hwe_p'
  const arms = {
    'upturn, these columns': () => upturn('quality', at('a.store'), '--out', at('s'), '--quiet', '--columns', oneCall),
    'plink2 p': () => plink('p', '--freq', '--missing', '--hardy'),
    'upturn quality': () => upturn('quality', at('a.store'), '--out', at('q'), '--quiet'),
    'plink2 p and mid-p': async () => {
      const first = await plink('p', '--freq', '--missing', '--hardy')
      const second = await plink('m', '--hardy', 'midp')
      return {
        seconds: first.seconds + second.seconds,
        processor: first.processor + second.processor,
        megabytes: Math.max(first.megabytes, second.megabytes),
      }
    },
  }
  for (const arm of Object.values(arms)) await arm()
  compare()
  const results = await interleave(arms, rounds)
  const pair = (...names) => Object.fromEntries(names.map((name) => [name, results[name]]))
  const size = `${variants} variants, ${people} people`
  report(pair('upturn, these columns', 'plink2 p'), size)
  report(pair('upturn quality', 'plink2 p and mid-p'), size)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

// plink2 prints six significant digits.
function near(own, text, what) {
  if (
    own === ''
      ? text !== 'nan' && text !== 'NA'
      : Math.abs(Number(own) - Number(text)) > 5.1e-6 * Math.abs(Number(text))
  )
    throw new Error(`${what}: ${own} where plink2 has ${text}`)
}

function compare() {
  const own = rowsOf(at('q/variants.tsv'))
  const some = rowsOf(at('s/variants.tsv'))
  const peers = Object.fromEntries(['p.afreq', 'p.vmiss', 'p.hardy', 'm.hardy'].map((name) => [name, rowsOf(at(name))]))
  let count = 0
  for (const row of own) {
    const [freq, miss, p, midp] = Object.values(peers).map((rows) => rows.next().value)
    const what = `${row.rsid} ${count}`
    for (const [name, cell] of Object.entries(some.next().value))
      if (cell !== row[name]) throw new Error(`${what}: ${name} alone is ${cell}`)
    if (freq.ID !== row.rsid || p.ID !== row.rsid) throw new Error(`${what}: other variants`)
    near(row.alt_frequency, freq.ALT_FREQS, `${what} frequency`)
    near(row.missing_rate, miss.F_MISS, `${what} missing`)
    // A1 of the table of plink2 may be either allele.
    const homs = p.A1 === row.alt ? [row.hom_alt, row.hom_ref] : [row.hom_ref, row.hom_alt]
    if (p.HOM_A1_CT !== homs[0] || p.TWO_AX_CT !== homs[1] || p.HET_A1_CT !== row.het)
      throw new Error(`${what}: other counts`)
    near(row.hwe_p, p.P, `${what} p`)
    near(row.hwe_midp, midp.MIDP, `${what} mid-p`)
    count++
  }
  if (count !== variants) throw new Error(`${count} rows`)
  const samples = rowsOf(at('q/samples.tsv'))
  for (const theirs of rowsOf(at('p.smiss'))) {
    const { value } = samples.next()
    if (value.sample !== theirs.IID || value.missing !== theirs.MISSING_CT)
      throw new Error(`${theirs.IID}: missing calls`)
  }
  console.log(`${count} rows agree\n`)
}
