import { describe, expect, it } from 'vitest'
import { canonicalUnit, conversion, reportedUnit, testName } from './units.ts'

describe('conversion', () => {
  it('turns masses in a volume into each other, and moles of IGF-1 into grams', () => {
    expect(conversion('NFL', 'pg/mL', 'ng/L')).toBe(1)
    expect(conversion('NFL', 'ng/mL', 'pg/mL')).toBe(1000)
    expect(conversion('X', 'mg/dL', 'g/L')).toBeCloseTo(0.01, 15)
    expect(conversion('IGF-1', 'µg/l', 'ng/mL')).toBe(1)
    expect(conversion('IGF-1', 'nmol/L', 'ng/mL')).toBeCloseTo(7.649, 12)
    expect(conversion('IGF-1', 'nM', 'ng/mL')).toBeCloseTo(7.649, 12)
    expect(conversion('IGF-1', 'ng/mL', 'nmol/L')).toBeCloseTo(1 / 7.649, 12)
  })
  it('knows no other pair and guesses none', () => {
    expect(conversion('NFL', 'nmol/L', 'pg/mL')).toBeNull()
    expect(conversion('IGF-1', 'mU/L', 'ng/mL')).toBeNull()
    expect(conversion('IGF-1', '', 'ng/mL')).toBeNull()
    expect(conversion('IGF-1', 'ng', 'ng/mL')).toBeNull()
    expect(conversion('__proto__', 'nmol/L', 'ng/mL')).toBeNull()
    expect(conversion('X', 'U/L', 'u / l')).toBe(1)
  })
  it('reports in the usual unit where some value can be brought to it, else in the most frequent', () => {
    expect(reportedUnit('IGF-1', ['nmol/L', 'mU/L', 'mU/L'])).toBe('ng/mL')
    expect(reportedUnit('IGF-1', ['mU/L'])).toBe('mU/L')
    expect(reportedUnit('CK', ['U/L', 'u/l', 'ukat/L'])).toBe('U/L')
    expect(canonicalUnit(' μg / mL')).toBe('ug/ml')
    expect(testName(' igf-i')).toBe('IGF-1')
    expect(testName('Free IGF-1')).toBe('FREE IGF-1')
    expect(testName('Serum NfL')).not.toBe(testName('Plasma NfL'))
  })
})
