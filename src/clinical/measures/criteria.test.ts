import { describe, expect, it } from 'vitest'
import type { LabValue } from '../../results/clinical.ts'
import {
  awaji,
  bodyRegions,
  type DiagnosticFindings,
  findingsOf,
  gastrostomyDay,
  goldCoast,
  recordedElEscorial,
  revisedElEscorial,
} from './index.ts'

/** Regions by letter: u and l are signs, e electromyography; upper case of a letter: not known. Regions rostral first, the rest looked at and without. */
function findings(words: string, rest: Partial<DiagnosticFindings> = {}): DiagnosticFindings {
  const parts = words.split(' ')
  const known = (text: string, letter: string) =>
    text.includes(letter) ? true : text.includes(letter.toUpperCase()) ? null : false
  return {
    regions: Object.fromEntries(
      bodyRegions.map((region, i) => {
        const text = parts[i] ?? '-'
        return [region, { umn: known(text, 'u'), lmn: known(text, 'l'), emg: known(text, 'e') }]
      }),
    ) as unknown as DiagnosticFindings['regions'],
    progression: true,
    otherDiseaseExcluded: true,
    ...rest,
  }
}

describe('the revised El Escorial and Awaji criteria', () => {
  it.each<[string, string, string | null, string | null]>([
    ['both in three regions', 'ul ul - ul', 'definite', 'definite'],
    ['both in two, upper above lower', 'ul ul - -', 'probable', 'probable'],
    ['both in two that are the lowest', '- - ul ul', 'probable', 'probable'],
    ['both in one, electromyography of two', 'ul e e -', 'probable-laboratory-supported', 'possible'],
    ['upper in one, electromyography of two', 'u e - e', 'probable-laboratory-supported', 'suspected'],
    ['upper and electromyography in two and more', 'ue ue - e', 'probable-laboratory-supported', 'probable'],
    ['electromyography makes three regions', 'ul ue - ue', 'probable-laboratory-supported', 'definite'],
    ['both in one', '- ul - -', 'possible', 'possible'],
    ['upper in two', 'u u - -', 'possible', 'possible'],
    ['lower above upper', 'l u - -', 'possible', 'possible'],
    ['upper above lower alone', 'u l - -', 'suspected', 'suspected'],
    ['lower alone', '- l - l', 'suspected', 'suspected'],
    ['upper alone', 'u - - -', 'suspected', 'suspected'],
    ['nothing', '- - - -', 'none', 'none'],
    ['electromyography alone', '- e - e', 'none', 'suspected'],
    ['what is not known could make it definite', 'ul ul - UL', null, null],
    ['what is not known changes nothing', 'ul ul ul UL', 'definite', 'definite'],
    ['electromyography not known', 'ul E E -', null, 'possible'],
    ['electromyography not known, definite anyhow', 'ul ul E ul', 'definite', 'definite'],
  ])('%s', (_, words, escorial, byAwaji) => {
    const found = findings(words)
    expect([revisedElEscorial(found), awaji(found)]).toEqual([escorial, byAwaji])
  })
})

describe('the Gold Coast criteria', () => {
  it.each<[string, string, Partial<DiagnosticFindings>, boolean | null]>([
    ['both in one region', '- ul - -', {}, true],
    ['lower in two regions', '- l - l', {}, true],
    ['lower in two by electromyography', '- e - e', {}, true],
    ['lower in one', '- l - -', {}, false],
    ['upper in three', 'u u - u', {}, false],
    ['upper and lower, more than one region', 'u l - -', {}, true],
    ['progression not documented', '- ul - -', { progression: false }, false],
    ['progression not recorded', '- ul - -', { progression: null }, null],
    ['other disease not excluded', '- ul - -', { otherDiseaseExcluded: false }, false],
    ['other disease not recorded, but no signs', 'u - - -', { otherDiseaseExcluded: null }, false],
    ['a second region not known', '- l L -', {}, null],
    ['a second region not known, upper there', 'u l L -', {}, true],
  ])('%s', (_, words, rest, met) => {
    expect(goldCoast(findings(words, rest))).toBe(met)
  })
})

describe('findings among laboratory values', () => {
  const lab = (test: string, value: number, day = 0, qualifier: LabValue['qualifier'] = ''): LabValue => ({
    patient: 'a',
    day,
    test,
    value,
    qualifier,
    unit: '',
  })

  it('count when seen once, and are absent only when looked for', () => {
    const found = findingsOf([
      lab('UMN_BULBAR', 0, 10),
      lab('UMN_BULBAR', 1, 100),
      lab('UMN_BULBAR', 0, 200),
      lab('EMG_CERVICAL', 0),
      lab('LMN_THORACIC', 2),
      lab('LMN_LUMBOSACRAL', 1, 0, '<'),
      lab('OTHER_DISEASE_EXCLUDED', 1, 5),
      lab('OTHER_DISEASE_EXCLUDED', 0, 50),
      lab('PROGRESSION_DOCUMENTED', 1),
      lab('IGF-1', 120),
    ])
    expect(found?.regions.bulbar).toEqual({ umn: true, lmn: null, emg: null })
    expect(found?.regions.cervical.emg).toBe(false)
    expect([found?.regions.thoracic.lmn, found?.regions.lumbosacral.lmn]).toEqual([null, null])
    expect([found?.progression, found?.otherDiseaseExcluded]).toEqual([true, false])
    expect(findingsOf([lab('IGF-1', 120), lab('GASTROSTOMY', 1)])).toBe(null)
    expect(gastrostomyDay([lab('GASTROSTOMY', 1, 40), lab('GASTROSTOMY', 0, 3), lab('GASTROSTOMY', 1, 20)])).toBe(20)
    expect(gastrostomyDay([])).toBe(null)
  })

  it.each([
    ['Definite', 'definite'],
    ['Definite ALS', 'definite'],
    ['Probable ALS - Lab Supported', 'probable-laboratory-supported'],
    ['Probable Laboratory Supported', 'probable-laboratory-supported'],
    ['Probable', 'probable'],
    ['Possible ALS', 'possible'],
    ['Suspected', 'suspected'],
    ['PEN', null],
    [null, null],
  ])('the recorded category %s', (text, category) => {
    expect(recordedElEscorial(text)).toBe(category)
  })
})
