/** Chromosomes of a store in its order; a rank is an index here. */
export const chromosomes: readonly string[] = [...Array.from({ length: 22 }, (_, k) => String(k + 1)), 'X', 'Y', 'MT']

/** Names that the same chromosome goes by, in lower case and without `chr`; PLINK's number codes among them. */
const ranks = new Map<string, number>([
  ...chromosomes.map((name, rank): [string, number] => [name.toLowerCase(), rank]),
  ['23', 22],
  ['24', 23],
  ['25', 22],
  ['26', 24],
  ['xy', 22],
  ['par1', 22],
  ['par2', 22],
  ['m', 24],
])

/** Rank of a chromosome by any of its names (`chr1`, `1`, `01` is none), or -1 for a contig that is not studied. */
export function chromosomeRank(name: string): number {
  const lower = name.toLowerCase()
  return ranks.get(lower.startsWith('chr') ? lower.slice(3) : lower) ?? -1
}

/** Ranks below this are autosomes. */
export const autosomes = 22
