import { UpturnError } from '../../errors/index.ts'

export interface VcfHeader {
  /** 4.1 to 4.5. */
  readonly version: string
  /** Sample names in the order of the columns. */
  readonly samples: readonly string[]
  /** Contigs that are declared, with their lengths where given. */
  readonly contigs: ReadonlyMap<string, number | null>
  /** Lines of the header, the column line included. */
  readonly lines: number
}

const fixedColumns = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO']

/**
 * Parses the header lines of a VCF file, without their line feeds: `##fileformat`, meta-information, the column line.
 * Refuses other versions than 4.1 to 4.5, misplaced lines, missing columns, and sample names that are empty or double.
 */
export function parseVcfHeader(lines: readonly string[], file: string): VcfHeader {
  const refuse = (message: string, line: number, column?: number) =>
    new UpturnError('FormatInvalid', message, { place: { file, line, column } })
  const version = /^##fileformat=VCFv(4\.[1-5])$/.exec(lines[0] ?? '')?.[1]
  if (version === undefined)
    throw refuse('the first line must be ##fileformat=VCFv4.1 to VCFv4.5; other versions are not read', 1)
  const contigs = new Map<string, number | null>()
  for (let k = 1; k < lines.length - 1; k++) {
    const line = lines[k]
    if (!line.startsWith('##')) throw refuse('only lines that begin with ## may stand before the column line', k + 1)
    if (!/^##[^=\s]+=./.test(line)) throw refuse('a meta-information line must have the form ##key=value', k + 1)
    if (line.startsWith('##fileformat=')) throw refuse('##fileformat may stand in the first line only', k + 1)
    const contig = /^##contig=<(?:.*,)?ID=([^,>]+)/.exec(line)
    if (contig !== null) {
      const length = /[<,]length=(\d+)[,>]/.exec(line)
      contigs.set(contig[1], length === null ? null : Number(length[1]))
    }
  }
  const line = lines.length
  const columns = (lines[line - 1] ?? '').split('\t')
  if (line < 2 || columns[0] !== '#CHROM')
    throw refuse('there is no column line (#CHROM, POS, ...) before the records', line)
  for (const [c, name] of fixedColumns.entries())
    if (columns[c] !== name) throw refuse(`column ${c + 1} of the column line must be ${name}`, line)
  if (columns.length > 8 && columns[8] !== 'FORMAT') throw refuse('column 9 of the column line must be FORMAT', line)
  const samples = columns.slice(9)
  const seen = new Set<string>()
  for (const id of samples) {
    if (id === '') throw refuse('a sample name is empty', line)
    if (seen.has(id)) throw refuse(`the sample ${id} has two columns; give every sample a name of its own`, line)
    seen.add(id)
  }
  return { version, samples, contigs, lines: line }
}
