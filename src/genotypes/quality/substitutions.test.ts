import { expect, test } from 'vitest'
import { substitution, substitutionAt } from './substitutions.ts'

test('two transitions, four transversions, either way round; nothing else is either', () => {
  const kinds: Record<string, number> = {}
  for (const ref of 'ACGT') for (const alt of 'ACGT') if (ref !== alt) kinds[ref + alt] = substitution(ref, alt)
  expect(kinds).toEqual({
    AC: 2,
    AG: 1,
    AT: 2,
    CA: 2,
    CG: 2,
    CT: 1,
    GA: 1,
    GC: 2,
    GT: 2,
    TA: 2,
    TC: 1,
    TG: 2,
  })
  for (const [ref, alt] of [
    ['A', 'AG'],
    ['AC', 'GT'],
    ['N', 'A'],
    ['A', '<DEL>'],
  ])
    expect(substitution(ref, alt)).toBe(0)
  const lines = new TextEncoder().encode('1\t5\tA\tG\trs1\n1\t6\tAC\tG\t\n')
  expect([substitutionAt(lines, 4), substitutionAt(lines, 16)]).toEqual([1, 0])
})
