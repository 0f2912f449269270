import { expect, test } from 'vitest'
import { isUpturnError } from '../errors/index.ts'
import { isPseudoautosomal, sexChromosomeKind } from './sex-chromosomes.ts'

test('the ends of the regions belong to them, the next base does not', () => {
  expect(isPseudoautosomal('GRCh38', 'X', 10_000)).toBe(false)
  expect(isPseudoautosomal('GRCh38', 'X', 10_001)).toBe(true)
  expect(isPseudoautosomal('GRCh38', 'X', 2_781_479)).toBe(true)
  expect(isPseudoautosomal('GRCh38', 'X', 2_781_480)).toBe(false)
  expect(isPseudoautosomal('GRCh37', 'X', 2_699_521)).toBe(false)
  expect(isPseudoautosomal('GRCh37', 'Y', 2_649_521)).toBe(false)
  expect(isPseudoautosomal('GRCh37', 'Y', 59_034_050)).toBe(true)
  expect(isPseudoautosomal('NCBI36', 'X', 154_584_237)).toBe(false)
  expect(isPseudoautosomal('NCBI35', 'X', 154_824_264)).toBe(true)
  expect(isPseudoautosomal('GRCh38', '4', 20_000)).toBe(false)
})

test('both copies of PAR2 have the same length in every build', () => {
  const length = (build: string, chromosome: string, around: number): number => {
    let first = around
    let last = around
    for (let step = 1 << 20; step >= 1; step >>= 1) {
      while (isPseudoautosomal(build, chromosome, first - step)) first -= step
      while (isPseudoautosomal(build, chromosome, last + step)) last += step
    }
    return last - first + 1
  }
  const inside: Record<string, [number, number]> = {
    GRCh38: [155_800_000, 57_000_000],
    GRCh37: [155_000_000, 59_200_000],
    NCBI36: [154_700_000, 57_500_000],
    NCBI35: [154_600_000, 57_500_000],
  }
  for (const [build, [x, y]] of Object.entries(inside)) expect(length(build, 'X', x)).toBe(length(build, 'Y', y))
})

test('kinds', () => {
  expect(sexChromosomeKind('GRCh38', 'X', 3_000_000)).toBe('X')
  expect(sexChromosomeKind('GRCh38', 'Y', 3_000_000)).toBe('Y')
  expect(sexChromosomeKind('GRCh38', 'Y', 20_000)).toBe('pseudoautosomal')
  expect(sexChromosomeKind('GRCh38', '12', 1)).toBe('autosome')
  expect(sexChromosomeKind('GRCh38', 'MT', 1)).toBe('MT')
})

test('an unknown build is refused on X, and only there', () => {
  let error: unknown
  try {
    sexChromosomeKind('T2T', 'X', 1)
  } catch (e) {
    error = e
  }
  expect(isUpturnError(error, 'BadArgument')).toBe(true)
  expect(sexChromosomeKind('T2T', '1', 1)).toBe('autosome')
  expect(() => isPseudoautosomal('__proto__', 'X', 1)).toThrow(/not known/)
})
