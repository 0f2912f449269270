import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { memoryHost } from '../testing/memory-host.ts'
import { workbook } from '../testing/workbook.ts'
import { daysOfDate } from './cells.ts'
import { type ClinicalSource, readClinical } from './index.ts'

const signal = new AbortController().signal

describe('readTables', () => {
  it('reads one table for visits and people, with dates, and places every error', async () => {
    const text = `id,s1,s2,s3,s4,s5,s6,s7,s8,s9,b1,b2,b3,age_now,age_then,site,seen,died
1,4,4,3,3,4,3,4,3,4,4,4,4,60,58,bulbar,2010-01-01,2012-01-01
2,4,4,3,3,4,3,4,3,4,4,5,4,60,58,bulba,2010-01-01,9999-12-30
3,4,4,3,3,4,3,4,NA,4,4,4,4,60,160,spinal,2010-03-01,
4,4,4,3,3,4,3,4,3,4,4,4,4,60,-3,spinal,2010-03-01,2010-02-30
5,4,4,3,3,4,3,4,3,4,4,4,4,60,61,respiratory,2010-03-01,2011-03-01
6,4,4,3,3,4,3,4,3,4,4,4,4,60,50,spinal,2010-03-01,2011-03-01
6,3,4,3,3,4,3,4,3,4,4,4,4,60,51,spinal,2010-06-01,2011-03-01
7,4,4,3,3,4,3,4,3,4,4,4,4,60,50,limb,2010-06-01,
7,4,4,3,3,4,3,4,3,4,4,4,4,60,50,limb,2010-05-01,
`
    const items = {
      q1: 's1',
      q2: 's2',
      q3: 's3',
      q4: 's4',
      q5a: 's5',
      q6: 's6',
      q7: 's7',
      q8: 's8',
      q9: 's9',
      r1: 'b1',
      r2: 'b2',
      r3: 'b3',
    }
    const { patients, visits, intake } = await readClinical(
      {
        kind: 'table',
        path: 'd/clinic.csv',
        cohort: 'clinic',
        mapping: {
          visits: { patient: 'id', date: 'seen', scale: 'ALSFRS-R', items },
          patients: {
            file: 'clinic.csv',
            patient: 'id',
            age_at_onset: 'age_then',
            age_at_entry: 'age_now',
            onset_site: 'site',
            death_date: 'died',
          },
        },
      },
      memoryHost({ 'd/clinic.csv': text }),
      signal,
    )
    expect(intake.files).toEqual([{ file: 'clinic.csv', rows: 9, columnsNotRead: [] }])
    const places = intake.findings.flatMap((finding) =>
      finding.where.map((place) => `${finding.code} ${place.line} ${place.column ?? ''}`.trim()),
    )
    expect(places.sort()).toEqual([
      'age_impossible 6 age_then',
      'patient_conflict 8 age_then',
      'value_invalid 3 b2',
      'value_invalid 3 died',
      'value_invalid 3 site',
      'value_invalid 4 age_then',
      'value_invalid 5 age_then',
      'value_invalid 5 died',
    ])
    expect(patients.map((p) => [p.patient, p.age_at_onset, p.onset_site, p.death_day, p.last_visit_day])).toEqual([
      ['1', 58, 'bulbar', 730, 0],
      ['2', 58, null, null, 0],
      ['3', null, 'limb', null, 0],
      ['4', null, 'limb', null, 0],
      ['5', null, 'respiratory', 365, 0],
      ['6', null, 'limb', 365, 92],
      ['7', 50, 'limb', null, 31],
    ])
    expect(visits.map((visit) => [visit.patient, visit.day, visit.total])).toEqual([
      ['1', 0, 44],
      ['2', 0, null],
      ['3', 0, null],
      ['4', 0, 44],
      ['5', 0, 44],
      ['6', 0, 44],
      ['6', 92, 43],
      ['7', 0, 44],
      ['7', 31, 44],
    ])
  })

  it('reads canonical names from a folder without a mapping, labs included', async () => {
    const { patients, visits, labs, intake } = await readClinical(
      { kind: 'table', path: 't', cohort: 'c' },
      memoryHost({
        't/visits.tsv': 'patient\tday\tscale\ttotal\na\t0\tALSFRS-R\t40\na\t90\tALSFRS-R\t44\nb\t0\tALSFRS\t41\n',
        't/patients.csv': 'patient;sex;onset_day;death_day\na;F;-300;\nb;M;-100;50\n',
        't/labs.csv': 'patient,day,test,value,unit\na,0,igf-1,<20,ng/mL\n',
      }),
      signal,
    )
    expect(patients.map((p) => [p.patient, p.sex, p.onset_day, p.death_day])).toEqual([
      ['a', 'female', -300, null],
      ['b', 'male', -100, 50],
    ])
    expect(visits.map((v) => [v.patient, v.day, v.scale, v.total])).toEqual([
      ['a', 0, 'ALSFRS-R', 40],
      ['a', 90, 'ALSFRS-R', 44],
    ])
    expect([...labs]).toEqual([{ patient: 'a', day: 0, test: 'IGF-1', value: 20, qualifier: '<', unit: 'ng/mL' }])
    expect(intake.findings.map((finding) => [finding.code, finding.count])).toEqual([
      ['lab_qualified', 1],
      ['patient_without_visits', 1],
      ['total_unverified', 2],
      ['value_invalid', 1],
      ['visit_empty', 1],
    ])
  })

  const clinic = async (files: Record<string, string | Uint8Array>, source: Partial<ClinicalSource> = {}) => {
    const [path] = Object.keys(files)
    const records = await readClinical({ kind: 'table', path, cohort: 'c', ...source }, memoryHost(files), signal)
    const found = records.intake.findings.flatMap(({ code, where }) =>
      where.map(({ line, column }) => `${code} ${line} ${column ?? ''}`.trim()),
    )
    return { ...records, found }
  }
  const refusal = async (work: Promise<unknown>) => {
    const error = await work.catch((e: unknown) => e)
    return isUpturnError(error) ? { code: error.code, message: error.message, ...error.place } : error
  }

  it('reads plates and the limits of an assay: words for a limit, and numbers beyond it', async () => {
    const { labs } = await clinic(
      {
        'd/visits.csv': 'patient,day,total\na,0,40\n',
        'd/labs.csv':
          'patient,day,test,value,unit,plate,lod,uloq\na,0,NfL,<LOD,pg/mL,P1,5,\na,1,NfL,3,pg/mL,P1,5,400\na,2,NfL,above ULOQ,pg/mL,P2,5,400\na,3,NfL,30,pg/mL,,5,400\na,4,NfL,BLQ,pg/mL,,,\n',
      },
      { path: 'd' },
    )
    expect([...labs].map(({ day, qualifier, value, plate }) => [day, qualifier, value, plate])).toEqual([
      [0, '<', 5, 'P1'],
      [1, '<', 5, 'P1'],
      [2, '>', 400, 'P2'],
      [3, '', 30, undefined],
    ])
  })

  it('reads European numbers and dates when they are declared, and says what to declare when not', async () => {
    const mapping = {
      visits: { date: 'seen', scale: 'ALSFRS-R' },
      patients: { file: 'p.csv', age_at_onset: 'age', death_date: 'died' },
    }
    const files = {
      'd/v.csv': 'patient;seen;total\n1;1.2.2020;40\n1;01.03.2020;39\n2;15.02.2020;30\n2;2020-03-16;29\n',
      'd/p.csv': 'patient;age;died\n1;61,5;31.12.2021\n2;70,25;\n3;65.5;\n4;1.234,5;\n',
    }
    const source = { mapping, format: { decimals: 'comma', dates: 'DD.MM.YYYY' } } as const
    const { patients, visits, found } = await clinic(files, source)
    expect(visits.map(({ patient, day }) => [patient, day])).toEqual([
      ['1', 0],
      ['1', 29],
      ['2', 0],
      ['2', 30],
    ])
    expect(patients.map((p) => [p.age_at_onset, p.death_day])).toEqual([
      [61.5, 699],
      [70.25, null],
      [null, null],
      [null, null],
    ])
    expect(found.filter((place) => !/^(patient_without|total_)/.test(place))).toEqual([
      'decimal_point 4 age',
      'value_invalid 5 age',
    ])
    expect(await refusal(clinic(files, { mapping }))).toMatchObject({
      code: 'ValueInvalid',
      file: 'v.csv',
      line: 2,
      column: 2,
      message: expect.stringContaining('declare dates: DD.MM.YYYY'),
    })
    expect(await refusal(clinic(files, { mapping, format: { dates: 'DD.MM.YYYY' } }))).toMatchObject({
      code: 'ValueInvalid',
      file: 'p.csv',
      line: 2,
      column: 2,
      message: expect.stringContaining('declare decimals: comma'),
    })
  })

  it('refuses single cells where the rest of a column is written as declared', async () => {
    const mapping = { visits: { date: 'seen', scale: 'ALSFRS-R' }, patients: { file: 'v.csv', age_at_onset: 'age' } }
    const text =
      'patient,seen,total,age\na,2020-01-01,40,50.5\nb,31/12/2020,41,"50,5"\nc,43831,42,51\nd,2020-01-01T10:20,43,52.5\ne,2020-13-01,44,53\nf,2020,45,54\ng,2020-01-01,46,55\n'
    const { visits, patients, found } = await clinic({ 'd/v.csv': text }, { mapping })
    expect(visits.map(({ patient }) => patient)).toEqual(['a', 'd', 'g'])
    expect(patients.map((p) => p.age_at_onset)).toEqual([50.5, null, 51, 52.5, 53, 54, 55])
    expect(found.filter((place) => !/^(patient_without|total_|day_missing)/.test(place))).toEqual([
      'date_serial 4 seen',
      'date_undeclared 3 seen',
      'decimal_comma 3 age',
      'value_invalid 6 seen',
      'value_invalid 7 seen',
    ])
    const american = { mapping, format: { dates: 'MM/DD/YYYY' } } as const
    const other = await clinic(
      { 'd/v.csv': 'patient,seen,total,age\na,12/31/2020,40,\nb,31/12/2020,40,\nc,1/9/2020,40,\n' },
      american,
    )
    expect(other.visits.map(({ patient }) => patient)).toEqual(['a', 'c'])
    expect(other.found).toContain('date_undeclared 3 seen')
    // Most days of the other style are no months: what is declared wrongly does not pass.
    const wrong = { 'd/v.csv': 'patient,seen,total\na,01/02/2020,40\na,02/13/2020,40\na,03/20/2020,40\n' }
    expect(
      await refusal(clinic(wrong, { mapping: { visits: mapping.visits }, format: { dates: 'DD/MM/YYYY' } })),
    ).toMatchObject({
      code: 'ValueInvalid',
      line: 3,
      column: 2,
    })
  })

  it('carries on how far onset can be off where only its year or month is known', async () => {
    const mapping = {
      visits: { date: 'seen', scale: 'ALSFRS-R' },
      patients: { file: 'p.csv', onset_date: 'onset', diagnosis_date: 'diagnosed', death_day: 'death' },
    }
    const { patients, found } = await clinic(
      {
        'd/v.csv': ['patient,seen,total', ...[...'abcdef'].map((id) => `${id},2016-07-01,40`)].join('\n'),
        'd/p.csv':
          'patient,onset,diagnosed,death\na,2015,,\nb,2016,,\nc,2015-02,,\nd,2015,2015-03-01,\ne,2017,,\nf,2015,,\nf,2015-06,,\ng,2015,,\n',
      },
      { mapping },
    )
    expect(patients.map((p) => [p.patient, p.onset_day, p.onset_uncertainty_days])).toEqual([
      // 2015-01-01 is day -547, 2015-12-31 day -183.
      ['a', -365, 182],
      // 2016-01-01 is day -182; the first visit is the last day that onset can be.
      ['b', -91, 91],
      // 2015-02-01 to 2015-02-28.
      ['c', -503, 14],
      // No later than the diagnosis, day -488.
      ['d', -518, 30],
      ['e', null, null],
      // Both rows are right: June.
      ['f', -382, 15],
      ['g', null, null],
    ])
    expect(found.filter((place) => place.startsWith('onset') || place.startsWith('date'))).toEqual([
      'date_without_visits 9 onset',
      'onset_after_visit 6 onset',
      'onset_by_period 2 onset',
      'onset_by_period 3 onset',
      'onset_by_period 4 onset',
      'onset_by_period 5 onset',
      'onset_by_period 7 onset',
    ])
  })

  it('reads a workbook: sheets by role, dates, formulas and errors for what they are', async () => {
    const text = (...cells: string[]) => cells.map((cell) => `<c t="str"><v>${cell}</v></c>`).join('')
    const date = (serial: number) => `<c s="1"><v>${serial}</v></c>`
    const book = workbook({
      formats: [14],
      sheets: {
        Notes: '',
        Visits: `<row>${text('patient', 'seen', 'total')}</row><row>${text('a')}${date(43831)}<c><v>40</v></c></row><row>${text('a')}${date(43861)}<c><f>A1</f><v>39</v></c></row><row>${text('a')}${date(43891)}<c><f>A1</f></c></row>`,
        Patients: `<row>${text('patient', 'sex', 'mimic')}</row><row>${text('a', 'F')}<c t="e"><v>#REF!</v></c></row><row><c><v>1234567890123456</v></c></row>`,
      },
    })
    const { patients, visits, found, intake } = await clinic(
      { 'd/book.xlsx': book },
      { mapping: { visits: { date: 'seen', scale: 'ALSFRS-R' } } },
    )
    expect(visits.map(({ day, total }) => [day, total])).toEqual([
      [0, 40],
      [30, 39],
    ])
    expect(patients.map((p) => [p.patient, p.sex, p.mimic])).toEqual([['a', 'female', null]])
    expect(found.filter((place) => !place.startsWith('total_'))).toEqual([
      'cell_error 2 mimic',
      'cell_formula 3 total',
      'cell_formula_empty 4 total',
      'cell_rounded 3 patient',
      'patient_missing 3 patient',
      'visit_empty 4',
    ])
    expect(intake.files?.map(({ file, rows }) => [file, rows])).toEqual([
      ['book.xlsx[Visits]', 3],
      ['book.xlsx[Patients]', 2],
    ])
    expect(intake.filesNotRead).toEqual([])
  })

  it('takes one decimal comma among hundreds of whole numbers for a slip', async () => {
    const rows = (many: number) =>
      Array.from({ length: many }, (_, i) => `p${i},0,ALSFRS-R,${i === 7 ? '"4,5"' : 40}\n`)
    const text = (many: number) => `patient,day,scale,total\n${rows(many).join('')}`
    const { visits, found } = await clinic({ 'd/v.csv': text(200) })
    expect(visits.length).toBe(199)
    expect(found).toContain('decimal_comma 9 total')
    expect(await refusal(clinic({ 'd/v.csv': text(99) }))).toMatchObject({ code: 'ValueInvalid', line: 9, column: 4 })
  })

  it('refuses two tables for one role', async () => {
    const text = 'patient,day,total\na,0,40\n'
    const files = { 't/visits.csv': text, 't/visits.tsv': text }
    expect(await refusal(clinic(files, { path: 't' }))).toMatchObject({
      code: 'FormatInvalid',
      message: expect.stringContaining('visits.csv and visits.tsv'),
    })
  })

  it('counts days between dates', () => {
    expect(daysOfDate('1970-01-01')).toBe(0)
    expect(daysOfDate('2000-03-01')).toBe(11017)
    expect(daysOfDate('1999-02-29')).toBe(null)
    expect(daysOfDate('9999-12-30')).toBe(null)
    expect(daysOfDate('01/02/2003')).toBe(null)
  })
})
