import type { AlleleBytes } from '../import/batch.ts'
import { chromosomeRank } from '../import/chromosome.ts'
import { textOf } from './variant.ts'

/** Rank of a chromosome by its name, which Oxford files write with a leading zero: `01`. */
export function rankOf(name: string): number {
  return chromosomeRank(name.replace(/^(chr)?0+(?=.)/i, ''))
}

/** `rankOf` for the names of one file, most of which are that of the variant before. */
export function rankReader(): (name: AlleleBytes) => number {
  let last: AlleleBytes | undefined
  let rank = -1
  return (name) => {
    if (last === undefined || !sameBytes(name, last)) rank = rankOf(textOf(name))
    last = name
    return rank
  }
}

function sameBytes(a: AlleleBytes, b: AlleleBytes): boolean {
  const length = a.end - a.start
  if (length !== b.end - b.start) return false
  for (let k = 0; k < length; k++) if (a.text[a.start + k] !== b.text[b.start + k]) return false
  return true
}
