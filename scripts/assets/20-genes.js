// Writes dist/locus/genes.tsv: the protein-coding genes of GRCh38 (Ensembl 110) with the exons of each canonical
// transcript, from the data files of the development dependency `ideogram` (CC0). src/locus/genes.ts reads it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = process.argv[2] ?? `${root}dist/locus/`
const cache = `${root}node_modules/ideogram/dist/data/cache/`
const rows = (name) =>
  gunzipSync(readFileSync(cache + name))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))

// The first transcript listed for a gene is its canonical one. A feature is part;start;length, relative to the
// transcript, whose own offset from the gene's start stands in column 2 (0 is written where it is absent).
const transcripts = new Map()
for (const [name, offset, , strand, ...features] of rows('gene-structures/homo-sapiens-gene-structures.tsv.gz')) {
  const symbol = name.replace(/-[^-]*$/, '')
  if (transcripts.has(symbol)) continue
  const exons = features
    .map((feature) => feature.split(';').map(Number))
    .filter(([part]) => part === 1)
    .map(([, start, length]) => [Number(offset) + start, length])
    .sort((a, b) => a[0] - b[0])
  transcripts.set(symbol, { strand, exons })
}

const chromosomes = [...Array.from({ length: 22 }, (_, i) => String(i + 1)), 'X', 'Y', 'MT']
const genes = []
for (const [chromosome, start, length, , symbol] of rows('genes/homo-sapiens-genes.tsv.gz')) {
  const order = chromosomes.indexOf(chromosome)
  const transcript = transcripts.get(symbol)
  if (order < 0 || transcript === undefined) continue
  const first = Number(start)
  const last = first + Number(length)
  const fits = transcript.exons.every(([from, span]) => from >= 0 && first + from + span <= last)
  genes.push({ order, chromosome, first, last, symbol, ...transcript, exons: fits ? transcript.exons : [] })
}
genes.sort((a, b) => a.order - b.order || a.first - b.first || (a.symbol < b.symbol ? -1 : 1))
const lines = genes.map(({ symbol, chromosome, first, last, strand, exons }) =>
  [symbol, chromosome, first, last, strand, exons.map(([start, span]) => `${start}+${span}`).join(',')].join('\t'),
)
if (lines.length < 15000) {
  process.stderr.write(`genes: only ${lines.length} genes were found in ${cache}\n`)
  process.exit(1)
}
mkdirSync(out, { recursive: true })
writeFileSync(`${out}/genes.tsv`, `#upturn-genes\t1\tGRCh38\tEnsembl 110\n${lines.join('\n')}\n`)
