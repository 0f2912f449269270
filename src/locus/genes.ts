import { UpturnError } from '../errors/index.ts'

/** A protein-coding gene, ends inclusive, 1-based. */
export interface Gene {
  symbol: string
  chromosome: string
  start: number
  end: number
  strand: '+' | '-'
  /** Exons of the canonical transcript; empty where the source has none that fits. */
  exons(): [number, number][]
}

/** Genes of one build, by position. */
export interface GeneTable {
  build: string
  source: string
  size: number
  /** Genes that overlap [start, end], by start, then symbol. */
  within(chromosome: string, start: number, end: number): Gene[]
  /** By symbol, null when absent. Of several places the first. */
  find(symbol: string): Gene | null
}

interface Chromosome {
  genes: Gene[]
  /** Longest span of a gene, so that a search by start knows how far back to look. */
  longest: number
}

const header = /^#upturn-genes\t1\t([^\t]+)\t([^\t]+)$/

/**
 * Reads `dist/locus/genes.tsv`, which scripts/assets/20-genes.js writes: symbol, chromosome, start, end, strand and exons as
 * `start+length` relative to the gene, sorted by chromosome and start.
 */
export function loadGenes(bytes: Uint8Array): GeneTable {
  const lines = new TextDecoder().decode(bytes).split('\n')
  const head = header.exec(lines[0])
  if (head === null)
    throw new UpturnError('FormatInvalid', 'the table of genes has no header of its own: build Upturn again', {
      place: { line: 1 },
    })
  const chromosomes = new Map<string, Chromosome>()
  const bySymbol = new Map<string, Gene>()
  for (let i = 1; i < lines.length; i++) {
    if (lines[i] === '') continue
    const [symbol, chromosome, from, to, strand, exons] = lines[i].split('\t')
    const start = Number(from)
    const end = Number(to)
    if (exons === undefined || !(start <= end) || (strand !== '+' && strand !== '-'))
      throw new UpturnError('FormatInvalid', 'a line of the table of genes is damaged: build Upturn again', {
        place: { line: i + 1 },
      })
    const gene: Gene = { symbol, chromosome, start, end, strand, exons: () => parseExons(start, exons) }
    const place = chromosomes.get(chromosome) ?? { genes: [], longest: 0 }
    chromosomes.set(chromosome, place)
    place.genes.push(gene)
    place.longest = Math.max(place.longest, end - start)
    if (!bySymbol.has(symbol)) bySymbol.set(symbol, gene)
  }
  return {
    build: head[1],
    source: head[2],
    size: lines.length - 2,
    find: (symbol) => bySymbol.get(symbol) ?? null,
    within(chromosome, start, end) {
      const place = chromosomes.get(chromosome)
      if (place === undefined) return []
      const found: Gene[] = []
      for (let i = firstFrom(place.genes, start - place.longest); i < place.genes.length; i++) {
        const gene = place.genes[i]
        if (gene.start > end) break
        if (gene.end >= start) found.push(gene)
      }
      return found
    },
  }
}

/** Index of the first gene that starts at or after a position. */
function firstFrom(genes: readonly Gene[], position: number): number {
  let low = 0
  let high = genes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (genes[middle].start < position) low = middle + 1
    else high = middle
  }
  return low
}

function parseExons(geneStart: number, text: string): [number, number][] {
  if (text === '') return []
  return text.split(',').map((exon) => {
    const [start, length] = exon.split('+')
    const from = geneStart + Number(start)
    return [from, from + Number(length)]
  })
}
