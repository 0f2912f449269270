import { expect, test } from 'vitest'
import { substitution } from './substitutions.ts'

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
})
