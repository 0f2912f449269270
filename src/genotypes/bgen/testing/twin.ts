import { dosageMissing } from '../../store/dosages.ts'
import type { StoredVariant } from './write-bgen.ts'

/** 16384 numerator / denominator, rounded to the nearest, ties to even. */
function inUnits(numerator: bigint, denominator: bigint): number {
  const doubled = 2n * 16384n * numerator
  const floor = doubled / (2n * denominator)
  const rest = doubled - floor * 2n * denominator
  return Number(rest > denominator || (rest === denominator && floor % 2n === 1n) ? floor + 1n : floor)
}

/** Pairs of alleles in the order of the specification. */
function pairs(alleles: number): [number, number][] {
  return Array.from({ length: alleles }, (_, k) =>
    Array.from({ length: k + 1 }, (_, j): [number, number] => [j, k]),
  ).flat()
}

/** Expected copies of each allele of one person, exactly, times the largest value that the bits hold; null for missing. */
function expectedCopies(variant: StoredVariant, s: number, layout: 1 | 2): { copies: bigint[]; one: bigint } | null {
  const { alleles = ['A', 'G'], phased = false, bits = 8 } = variant
  const { ploidy = 2, missing = false, values } = variant.calls[s]
  if (layout === 1) {
    const [aa, ab, bb] = values.map(BigInt)
    return aa + ab + bb === 0n ? null : { copies: [2n * aa + ab, ab + 2n * bb], one: aa + ab + bb }
  }
  if (missing || ploidy < 1 || ploidy > 2) return null
  const one = 2n ** BigInt(bits) - 1n
  const copies = alleles.map(() => 0n)
  const groups = phased ? ploidy : 1
  const each = values.length / groups
  for (let g = 0; g < groups; g++) {
    const given = values.slice(g * each, (g + 1) * each).map(BigInt)
    const all = [...given, one - given.reduce((sum, value) => sum + value, 0n)]
    if (ploidy === 2 && !phased)
      for (const [index, pair] of pairs(alleles.length).entries()) for (const a of pair) copies[a] += all[index]
    else for (const [a, value] of all.entries()) copies[a] += ploidy === 1 ? 2n * value : value
  }
  return { copies, one }
}

/** Dosages of each alternate allele and each person, straight from what was stored. */
export function twinDosages(variant: StoredVariant, reference: 'first' | 'last', layout: 1 | 2 = 2): number[][] {
  const { alleles = ['A', 'G'] } = variant
  const people = variant.calls.map((_, s) => expectedCopies(variant, s, layout))
  const alternates = alleles.map((_, a) => a).filter((a) => a !== (reference === 'first' ? 0 : alleles.length - 1))
  return alternates.map((a) =>
    people.map((person) => (person === null ? dosageMissing : inUnits(person.copies[a], person.one))),
  )
}
