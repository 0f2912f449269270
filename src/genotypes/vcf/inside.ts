import { chromosomeRank } from '../import/chromosome.ts'
import type { RegionFilter } from '../regions/regions.ts'

/** Lines of a text that follow each other: bytes [start, end), and the number of the first. */
export interface LineRun {
  readonly start: number
  readonly end: number
  readonly line: number
}

const tab = 9
const feed = 10

/**
 * The lines of whole VCF text (each ends in a line feed) whose reference allele overlaps a region, as runs of
 * neighbours. A line whose chromosome, position or reference cannot be made out counts as inside: the scan refuses it.
 */
export function linesInside(text: Uint8Array, filter: RegionFilter): { runs: LineRun[]; lines: number } {
  const runs: LineRun[] = []
  let open: { start: number; line: number } | undefined
  let line = 0
  let name: Uint8Array = new Uint8Array(0)
  let rank = -1
  const inside = (start: number, end: number): boolean => {
    const nameEnd = text.indexOf(tab, start)
    if (text[start] === 35 || nameEnd < 0 || nameEnd >= end) return true
    if (!sameBytes(text, start, nameEnd, name)) {
      name = text.slice(start, nameEnd)
      rank = chromosomeRank(new TextDecoder().decode(name))
    }
    let position = 0
    let at = nameEnd + 1
    for (let digit = text[at] - 48; digit >= 0 && digit <= 9; digit = text[++at] - 48) position = position * 10 + digit
    if (text[at] !== tab || at === nameEnd + 1 || position > 2 ** 31) return true
    const ref = text.indexOf(tab, at + 1) + 1
    const refEnd = text.indexOf(tab, ref)
    if (ref === 0 || refEnd < 0 || refEnd >= end) return true
    return filter.overlaps(rank, position, position + refEnd - ref - 1)
  }
  for (let start = 0; start < text.length; line++) {
    const end = text.indexOf(feed, start) + 1
    if (end === 0) break
    if (inside(start, end)) open ??= { start, line }
    else if (open !== undefined) {
      runs.push({ ...open, end: start })
      open = undefined
    }
    start = end
  }
  if (open !== undefined) runs.push({ ...open, end: text.length })
  return { runs, lines: line }
}

function sameBytes(text: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false
  for (let k = 0; k < name.length; k++) if (text[start + k] !== name[k]) return false
  return true
}
