import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { absolute, decimal } from './exact-numbers.js'
import { row, section } from './page.js'
import { cells } from './read.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Kinship and LD as the commands write them. */
export function genotypeTables() {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-accuracy-'))
  try {
    for (const set of ['king', 'ld'])
      for (const end of ['bed', 'bim', 'fam'])
        writeFileSync(
          join(folder, `${set}.${end}`),
          gunzipSync(readFileSync(`${root}tests/oracles/10_kinship_ld/${set}.${end}.gz`)),
        )
    const run = (command, set, ...options) => {
      const out = join(folder, `${command}-out`)
      const file = join(folder, `${set}.bed`)
      const words = [`${root}bin/upturn.js`, command, file, '--build', 'GRCh38', '--out', out, '--quiet', ...options]
      execFileSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
      const [head, ...lines] = readFileSync(join(out, `${command}.tsv`), 'utf8')
        .trim()
        .split('\n')
      const names = head.split('\t')
      return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
    }
    const kinship = new Map(run('kinship', 'king').map((r) => [`${r.sample_b} ${r.sample_a}`, r.kinship]))
    const pairs = cells('10_kinship_ld/king.kin0.gz')
      .slice(1)
      .map(([a, b, value]) => absolute(Number(kinship.get(`${a} ${b}`)), decimal(value)))
    // PLINK counts the minor allele, this program alt, so r is compared without its sign.
    const matrix = cells('10_kinship_ld/ld.r.ld.gz')
    const names = cells('10_kinship_ld/ld.bim.gz').map((line) => line[1])
    const place = new Map(names.map((name, i) => [name, i]))
    const correlations = run('ld', 'ld', '--r2', '0', '--window', '1000000')
      .map((r) => [Math.abs(Number(r.r)), matrix[place.get(r.rsid_a)][place.get(r.rsid_b)]])
      .filter(([, value]) => value !== 'nan')
      .map(([r, value]) => absolute(r, decimal(value.replace(/^-/, ''))))
    return section(
      'Kinship and linkage disequilibrium',
      'Absolute errors of what the commands `kinship` and `ld` write. The peers print six or seven digits, which is the size of these errors.',
      [
        row('kinship, KING-robust', 'plink2 v2.00a3.5', pairs, 6e-7),
        row('ld, r', 'plink v1.90b6.26', correlations, 1e-6),
      ],
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
