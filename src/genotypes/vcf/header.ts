import { UpturnError } from '../../errors/index.ts'
import { type VcfVersion, vcfVersions } from './version.ts'

export interface VcfHeader {
  readonly version: VcfVersion
  /** Sample names in the order of the columns. */
  readonly samples: readonly string[]
  /** Lines of the header, the column line included. */
  readonly lines: number
}

const fixedColumns = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO']

/**
 * Parses the header lines of a VCF file, without their line feeds: `##fileformat`, meta-information, the column line.
 * Refuses other versions than 4.1 to 4.5, misplaced lines, missing columns, and sample names that are empty or double.
 * What meta-information lines say is left to `readDeclarations`.
 */
export function parseVcfHeader(lines: readonly string[], file: string): VcfHeader {
  const refuse = (message: string, line: number, column?: number) =>
    new UpturnError('FormatInvalid', message, { place: { file, line, column } })
  const version = vcfVersions.find((known) => lines[0] === `##fileformat=VCFv${known}`)
  if (version === undefined)
    throw refuse('the first line must be ##fileformat=VCFv4.1 to VCFv4.5; other versions are not read', 1, 1)
  for (let k = 1; k < lines.length - 1; k++) {
    const line = lines[k]
    if (!line.startsWith('##')) throw refuse('only lines that begin with ## may stand before the column line', k + 1, 1)
    if (!/^##[^=\s]+=./.test(line))
      throw refuse('a meta-information line must have the form ##key=value', k + 1, line.indexOf('=') + 2 || 3)
    if (line.startsWith('##fileformat=')) throw refuse('##fileformat may stand in the first line only', k + 1, 1)
  }
  const line = lines.length
  const columns = (lines[line - 1] ?? '').split('\t')
  if (line < 2 || columns[0] !== '#CHROM')
    throw refuse('there is no column line (#CHROM, POS, ...) before the records', line, 1)
  const column = (c: number) => columns.slice(0, c).reduce((sum, name) => sum + name.length + 1, 1)
  for (const [c, name] of fixedColumns.entries())
    if (columns[c] !== name) throw refuse(`column ${c + 1} of the column line must be ${name}`, line, column(c))
  if (columns.length > 8 && columns[8] !== 'FORMAT')
    throw refuse('column 9 of the column line must be FORMAT', line, column(8))
  if (columns.length === 9)
    throw refuse(
      'there is a column FORMAT but none of a sample; leave it out where there are no genotypes',
      line,
      column(8),
    )
  const samples = columns.slice(9)
  const seen = new Set<string>()
  for (const [s, id] of samples.entries()) {
    if (id === '') throw refuse('a sample name is empty', line, column(9 + s))
    if (seen.has(id))
      throw refuse(`the sample ${id} has two columns; give every sample a name of its own`, line, column(9 + s))
    seen.add(id)
  }
  return { version, samples, lines: line }
}
