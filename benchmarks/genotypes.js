// What benchmarks of genotype scans share: a made-up cohort as BED, pgen and packed store, and readers of tables.
import { openSync, readSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeCohort } from './cohort.js'
import { has, machine, measure, table } from './measure.js'

const program = fileURLToPath(new URL('../bin/upturn.js', import.meta.url))

/** Runs the built program and measures it. */
export const upturn = (...args) => measure(process.execPath, [program, ...args])

export function requirePeers(...names) {
  const absent = names.filter((name) => !has(name))
  if (absent.length === 0) return
  console.log(`${absent.join(' and ')} not installed: apt-get install plink1.9 plink2`)
  process.exit(1)
}

/** PREFIX.bed, PREFIX.pgen and PREFIX.store of a made-up cohort. */
export async function plink2Files(prefix, size) {
  writeCohort(prefix, size)
  await measure('plink2', ['--bfile', prefix, '--make-pgen', '--out', prefix])
  await upturn('import', `${prefix}.bed`, '--out', `${prefix}.store`, '--quiet')
}

/** Prints times and memory of all arms, and how many times as long each other arm took as the first. */
export function report(results, size) {
  const [[first, own], ...peers] = Object.entries(results)
  console.log(`${machine()}; ${size}\n`)
  console.log(table(results))
  console.log()
  for (const [name, peer] of peers)
    console.log(
      `${name} / ${first}: minimum ${(peer.minimum / own.minimum).toFixed(2)}, median ${(peer.median / own.median).toFixed(2)}`,
    )
}

/** Rows of a table with a header, or with the names given, cells by name, without the whole file in memory. */
export function* rowsOf(path, separator = /\s+/, header) {
  const file = openSync(path)
  const buffer = Buffer.alloc(1 << 20)
  let rest = ''
  let names = header
  const tabs = path.endsWith('.tsv')
  for (;;) {
    const read = readSync(file, buffer)
    const lines = (rest + buffer.toString('latin1', 0, read)).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      const cells = tabs ? line.split('\t') : line.trim().split(separator)
      if (names === undefined) names = cells.map((name) => name.replace(/^#/, ''))
      else yield Object.fromEntries(names.map((name, i) => [name, cells[i]]))
    }
    if (read === 0) return
  }
}
