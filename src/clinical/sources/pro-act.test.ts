import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { memoryHost } from '../testing/memory-host.ts'
import { workbook } from '../testing/workbook.ts'
import { findingsTsv, readClinical, tableName } from './index.ts'

const signal = new AbortController().signal
const header =
  'subject_id,Q1_Speech,Q2_Salivation,Q3_Swallowing,Q4_Handwriting,Q5a_Cutting_without_Gastrostomy,Q5b_Cutting_with_Gastrostomy,Q6_Dressing_and_Hygiene,Q7_Turning_in_Bed,Q8_Walking,Q9_Climbing_Stairs,Q10_Respiratory,ALSFRS_Delta,ALSFRS_Total,ALSFRS_R_Total,R_1_Dyspnea,R_2_Orthopnea,R_3_Respiratory_Insufficiency,Mode_of_Administration,ALSFRS_Responded_By'

interface RowParts {
  id?: string
  q?: (number | string)[]
  a?: number | string
  b?: number | string
  rest?: (number | string)[]
  q10?: number | string
  day?: number | string
  total?: number | string
  revised?: number | string
  r?: (number | string)[]
}
/** q: items 1 to 4; rest: items 6 to 9. */
const row = ({
  id = '1',
  q = [4, 4, 4, 4],
  a = 4,
  b = '',
  rest = [4, 4, 4, 4],
  q10 = '',
  day = 0,
  total = '',
  revised = 48,
  r = [4, 4, 4],
}: RowParts) => [id, ...q, a, b, ...rest, q10, day, total, revised, ...r, '', ''].join(',')

async function read(rows: string[], more: Record<string, string> = {}) {
  const files: Record<string, string> = { 'p/PROACT_ALSFRS.csv': `${header}\n${rows.join('\n')}\n` }
  for (const [name, text] of Object.entries(more)) files[`p/${name}`] = text
  const records = await readClinical({ kind: 'pro-act', path: 'p/', cohort: 'c' }, memoryHost(files), signal)
  const counts = Object.fromEntries(records.intake.findings.map((finding) => [finding.code, finding.count]))
  return { ...records, counts }
}

describe('readProAct visits', () => {
  it('reads both scales and never mixes them', async () => {
    const { visits, counts } = await read([
      row({ day: 0 }),
      row({ day: 30, q10: 3, total: 39, revised: '', r: ['', '', ''] }),
      row({ day: 60, q10: 4 }),
    ])
    expect(visits.map((v) => [v.day, v.scale, v.total, v.q10, v.r1])).toEqual([
      [0, 'ALSFRS-R', 48, null, 4],
      [30, 'ALSFRS', 39, 3, null],
      [60, 'ALSFRS-R', 48, null, 4],
    ])
    expect(counts).toEqual({ both_scales: 1 })
  })

  it('mends a total that is not the sum, and says where', async () => {
    const { visits, intake } = await read([row({ q: [1, 4, 4, 4], revised: 44 })])
    expect(visits[0].total).toBe(45)
    expect(intake.findings).toEqual([
      expect.objectContaining({
        code: 'total_not_sum',
        action: 'mended',
        count: 1,
        where: [{ file: 'PROACT_ALSFRS.csv', line: 2 }],
      }),
    ])
  })

  it('keeps a total that items cannot check and refuses one that they exclude', async () => {
    const { visits, counts } = await read([
      row({ day: 0, q: ['', 4, 4, 4], revised: 46 }),
      row({ day: 1, q: ['', 4, 4, 4], revised: 40 }),
      row({ day: 2, q: ['', 4, 4, 4], revised: '' }),
    ])
    expect(visits.map((v) => v.total)).toEqual([46, null, null])
    expect(counts).toEqual({ total_unverified: 1, total_impossible: 1 })
  })

  it('settles 5a against 5b by the total, notes equal answers, refuses the rest', async () => {
    const { visits, counts } = await read([
      row({ day: 0, a: 4, b: 1, revised: 45 }),
      row({ day: 1, a: 4, b: 1, revised: 30 }),
      row({ day: 2, a: 2, b: 2, revised: 46 }),
    ])
    expect(visits.map((v) => [v.total, v.q5a, v.q5b])).toEqual([
      [45, null, 1],
      [null, null, null],
      [46, 2, 2],
    ])
    expect(counts).toEqual({ both_5a_5b_settled: 1, both_5a_5b: 1, both_5a_5b_equal: 1 })
  })

  it('counts exact repeats once, joins complements, refuses contradictions', async () => {
    const { visits, counts, intake } = await read([
      row({ day: 0 }),
      row({ day: 0 }),
      row({ day: 10, q: ['', 4, 4, 4], revised: '' }),
      row({ day: 10, a: '', revised: '' }),
      row({ day: 20, q: [3, 4, 4, 4], revised: 47 }),
      row({ day: 20 }),
    ])
    expect(visits.map((v) => [v.day, v.total])).toEqual([
      [0, 48],
      [10, 48],
    ])
    expect(counts).toEqual({ duplicate_exact: 1, duplicate_merged: 1, duplicate_conflict: 2 })
    const conflict = intake.findings.find((finding) => finding.code === 'duplicate_conflict')
    expect(conflict?.where.map((place) => place.line)).toEqual([6, 7])
  })

  it('reads missing-data codes as missing and refuses impossible values with file, line and column', async () => {
    const { visits, intake, counts } = await read([
      row({ day: 0, q: [-5555, 'PEN', 'N/D', -9999], revised: '' }),
      row({ day: 1, q: [5, 4, 4, 2.5], revised: '' }),
      row({ day: 'soon' }),
      row({ day: '' }),
      row({ day: -14, revised: 49 }),
      row({ day: 70, q: ['', '', '', ''], a: '', rest: ['', '', '', ''], r: ['', '', ''], revised: '' }),
      row({ day: 80, r: ['', '', ''], revised: '' }),
      row({ id: '', day: 90 }),
    ])
    expect(visits.map((v) => [v.day, v.total, v.q1, v.q4])).toEqual([
      [-14, 48, 4, 4],
      [0, null, null, null],
      [1, null, null, null],
    ])
    expect(counts).toEqual({
      sentinel: 4,
      value_invalid: 4,
      day_missing: 2,
      day_before_entry: 1,
      visit_empty: 1,
      scale_unknown: 1,
      patient_missing: 1,
    })
    const invalid = intake.findings.find((finding) => finding.code === 'value_invalid')
    expect(invalid?.where[0]).toEqual({ file: 'PROACT_ALSFRS.csv', line: 3, column: 'Q1_Speech' })
    expect(invalid?.action).toBe('refused')
  })
})

describe('readProAct people', () => {
  it('joins the tables of a person', async () => {
    const { patients, labs, counts } = await read([row({ id: '1' }), row({ id: '__proto__', day: 5 })], {
      'PROACT_DEMOGRAPHICS.csv':
        'subject_id,Demographics_Delta,Age,Date_of_Birth,Sex\n1,0,60,,Male\n__proto__,0,,-21915,f\n',
      'alshistory.csv':
        'subject_id,Site_of_Onset,Onset_Delta,Diagnosis_Delta\n1,Onset: Limb,-200,-400\n1,,,\n1,Onset: Limb,-200,\n__proto__,Onset: Limb and Bulbar,-365,-100\n',
      'PROACT_DEATHDATA.csv': 'subject_id,Subject_Died,Death_Days\n1,Yes,700\n__proto__,No,\n',
      'F_PROACT_RILUZOLE.csv': 'subject_id,Subject_used_Riluzole,Riluzole_use_Delta\n1,No,0\n1,Yes,30\n',
      'PROACT_ELESCORIAL.csv': 'subject_id,el_escorial,delta_days\n1,Definite,30\n1,Probable,0\n',
      'GENOTYPED.csv': 'subject_id,sample_id,DNA_Source,Mimic,Known_Mutation\n1,S-1,saliva,,SOD1\n',
      'PROACT_LABS.csv':
        'subject_id,Test_Name,Test_Result,Test_Unit,Laboratory_Delta\n1,IGF-1,<25,ng/mL,0\n1,igf-1,> 500,ng/mL,3\n1,IGF-1,101.5,ng/mL,7\n1,IGF-1,101.5,ng/mL,7\n1,IGF-1,103,ng/mL,7\n1,IGF-1,trace,,8\n1,IGF-1,1o1,,9\n1,IGF-1,12,,\n',
      'PROACT_FVC.csv':
        'subject_id,Subject_Liters_Trial_1,Subject_Liters_Trial_2,Subject_Liters_Trial_3,pct_of_Normal_Trial_1,Forced_Vital_Capacity_Delta\n1,3.1,3.4,,80,0\n',
    })
    expect(patients[0]).toEqual({
      patient: '1',
      cohort: 'c',
      sex: 'male',
      age_at_onset: 60 - 400 / 365.25,
      onset_site: 'limb',
      onset_day: -400,
      onset_uncertainty_days: null,
      diagnosis_day: -200,
      first_visit_day: 0,
      last_visit_day: 0,
      death_day: 700,
      el_escorial: 'Probable',
      riluzole: true,
      dna_source: 'saliva',
      mimic: null,
      known_mutation: 'SOD1',
      sample: 'S-1',
    })
    expect(patients[1]).toMatchObject({
      patient: '__proto__',
      sex: 'female',
      age_at_onset: 21915 / 365.25 - 365 / 365.25,
      onset_site: 'other',
    })
    expect([...labs].filter((lab) => lab.test === 'IGF-1').map((lab) => [lab.day, lab.qualifier, lab.value])).toEqual([
      [0, '<', 25],
      [3, '>', 500],
      [7, '', 101.5],
      [7, '', 103],
    ])
    expect([...labs].filter((lab) => lab.test.startsWith('FVC')).map((lab) => [lab.test, lab.value, lab.unit])).toEqual(
      [
        ['FVC', 3.4, 'L'],
        ['FVC_PERCENT', 80, '% of normal'],
      ],
    )
    expect(counts).toEqual({
      age_from_birth: 1,
      onset_diagnosis_swapped: 1,
      lab_qualified: 2,
      lab_repeated: 1,
      lab_text: 1,
      duplicate_exact: 1,
      value_invalid: 1,
      day_missing: 1,
    })
  })

  it('refuses contradictions: two sexes, a visit after death, onset after a visit, one sample for two', async () => {
    const { patients, counts } = await read([row({ id: '1', day: 100 }), row({ id: '2', day: 0 })], {
      'DEMOGRAPHICS.csv': 'subject_id,Age,Sex\n1,150,Male\n1,,Female\n2,50,unknown\n3,40,M\n',
      'DEATHDATA.csv': 'subject_id,Subject_Died,Death_Days\n1,Yes,50\n2,Yes,\n3,No,4\n',
      'ALSHISTORY.csv': 'subject_id,Site_of_Onset,Onset_Delta,Diagnosis_Delta\n2,Knee,10,20\n',
      'GENOTYPED.csv': 'subject_id,sample_id\n1,S\n2,S\n',
    })
    expect(patients.map((p) => [p.patient, p.sex, p.death_day, p.onset_day, p.sample, p.first_visit_day])).toEqual([
      ['1', null, null, null, null, 100],
      ['2', null, null, null, null, 0],
      ['3', 'male', null, null, null, null],
    ])
    expect(counts).toEqual({
      patient_conflict: 1,
      visit_after_death: 1,
      death_without_day: 1,
      onset_after_visit: 1,
      sample_shared: 2,
      patient_without_visits: 1,
      value_invalid: 4,
    })
  })

  it('tells of every change what was read and what is used, all rows of it', async () => {
    const { findings, intake } = await read(
      [row({ id: '1', q: [1, 4, 4, 4], revised: 44 }), row({ id: '2', day: 3 }), row({ id: '2', day: 3, revised: 47 })],
      {
        'ALSHISTORY.csv': 'subject_id,Onset_Delta,Diagnosis_Delta\n1,-200,-400\n2,-100,-50\n2,-101,\n',
        'DEMOGRAPHICS.csv': 'subject_id,Age,Date_of_Birth,Sex\n1,60,,=cmd\n1,61,,\n2,61,-22000,\n',
        'CONMEDS.csv': 'subject_id,Medication_Coded,Start_Delta,Stop_Delta\n1,x,-10,73299\n1,x,1096331,\n',
        'NOTES.csv': 'x\n',
      },
    )
    const rows = [...findings.rows()].map(({ code, file, line, column, was, now }) =>
      [code, file, line, column, was, now].join('|'),
    )
    expect(rows.sort()).toEqual(
      [
        'onset_diagnosis_swapped|ALSHISTORY.csv|2|Onset_Delta|onset -200, diagnosis -400|onset -400, diagnosis -200',
        'patient_conflict|ALSHISTORY.csv|4|Onset_Delta|-101, but -100 in line 3|',
        'patient_conflict|DEMOGRAPHICS.csv|3|Age|61, but 60 in line 2|',
        'sentinel|CONMEDS.csv|2|Stop_Delta|73299|',
        'sentinel|CONMEDS.csv|3|Start_Delta|1096331|',
        'total_not_sum|PROACT_ALSFRS.csv|2||44|45',
        'total_not_sum|PROACT_ALSFRS.csv|4||47|48',
        'duplicate_exact|PROACT_ALSFRS.csv|4||as line 3|',
        'value_invalid|DEMOGRAPHICS.csv|2|Sex|=cmd|',
      ].sort(),
    )
    expect(findings.size).toBe(rows.length)
    const text = [...findingsTsv(findings)].join('')
    expect(text.split('\n').length).toBe(rows.length + 2)
    expect(text).toContain("\trefused\tvalue_invalid\tDEMOGRAPHICS.csv\t2\tSex\t'=cmd\t\n")
    expect(intake.files?.map(({ file, rows }) => [file, rows])).toEqual([
      ['DEMOGRAPHICS.csv', 3],
      ['ALSHISTORY.csv', 3],
      ['PROACT_ALSFRS.csv', 3],
      ['CONMEDS.csv', 2],
    ])
    expect(intake.files?.[3].columnsNotRead).toEqual(['Medication_Coded'])
    expect(intake.filesNotRead).toEqual(['NOTES.csv'])
  })

  it('says which rows contradict each other, and where', async () => {
    const { findings } = await read([
      row({ day: 1 }),
      row({ day: 1, q: [3, 4, 4, 4], revised: 47 }),
      row({ day: 2, a: 3, b: 4 }),
    ])
    expect([...findings.rows()].map(({ code, line, was }) => [code, line, was])).toEqual([
      ['duplicate_conflict', 2, 'total 48, q1 4'],
      ['duplicate_conflict', 3, 'total 47, q1 3'],
      ['both_5a_5b_settled', 4, '5a 3, 5b 4'],
    ])
  })

  it('takes the earliest El Escorial category, whatever the order of rows, and none that is contradicted', async () => {
    const category = async (rows: string) =>
      (await read([row({})], { 'ELESCORIAL.csv': `subject_id,el_escorial,delta_days\n${rows}` })).patients[0]
        .el_escorial
    expect(await category('1,Definite,30\n1,Probable,0\n1,Possible,60\n')).toBe('Probable')
    expect(await category('1,Probable,0\n1,Definite,0\n')).toBe(null)
    expect(await category('1,Probable,30\n1,Definite,30\n1,Possible,0\n')).toBe('Possible')
    expect(await category('1,Probable,30\n1,Probable,30\n1,Definite,\n')).toBe('Probable')
  })

  it('reads vital capacity both ways, weights in kilograms, and strength', async () => {
    const { labs, counts, findings } = await read([row({})], {
      'SVC.csv':
        'subject_id,Subject_Liters_Trial_1,pct_of_Normal_Trial_1,Slow_vital_Capacity_Delta\n1,2.5,70,0\n1,2.4,,\n',
      'VITALSIGNS.csv':
        'subject_id,Weight,Weight_Units,Vital_Signs_Delta\n1,70,Kilograms,0\n1,152.1,Kilograms,30\n1,68,,60\n1,150,lbs,90\n1,11,stone,95\n2,220,kg,0\n3,110,kg,0\n3,120,kg,30\n3,65,kg,60\n4,150,,0\n4,151,,30\n5,220,,0\n5,99,,30\n',
      'MUSCLESTRENGTH.csv':
        'subject_id,Test_Name,Test_Location,Test_Result,Test_Unit,MS_Delta\n1,Elbow flexion,Left,12.5,kg,0\n',
    })
    const shown = [...labs].map(({ patient, day, test, value, unit }) => `${patient} ${day} ${test} ${value} ${unit}`)
    expect(shown).toEqual([
      '1 0 SVC 2.5 L',
      '1 0 SVC_PERCENT 70 % of normal',
      '1 0 MUSCLE ELBOW FLEXION LEFT 12.5 kg',
      '1 0 WEIGHT 70 kg',
      '1 30 WEIGHT 68.991 kg',
      '1 60 WEIGHT 68 kg',
      '1 90 WEIGHT 68.039 kg',
      // Who loses so much weight may have lost it.
      '3 0 WEIGHT 110 kg',
      '3 30 WEIGHT 120 kg',
      '3 60 WEIGHT 65 kg',
      '4 0 WEIGHT 150 kg',
      '4 30 WEIGHT 151 kg',
      '5 0 WEIGHT 99.79 kg',
      '5 30 WEIGHT 99 kg',
    ])
    expect(counts).toMatchObject({
      weight_pounds: 2,
      weight_impossible: 1,
      unit_converted: 1,
      unit_unknown: 1,
      day_missing: 1,
    })
    expect([...findings.rows()].find(({ code }) => code === 'weight_pounds')).toMatchObject({
      line: 3,
      column: 'Weight',
      was: '152.1',
      now: '68.991',
    })
  })

  it('reads the three releases alike, as text, tab-separated text or in a workbook', async () => {
    const rows = [row({ id: '1', q: [1, 4, 4, 4], revised: 44 }), row({ id: '1', day: 30, a: '', b: 2, revised: 46 })]
    const history = 'subject_id,Site_of_Onset,Onset_Delta,Diagnosis_Delta\n1,Onset: Bulbar,-200,-100\n'
    const text = `${header}\n${rows.join('\n')}\n`
    const sheet = text
      .trim()
      .split('\n')
      .map(
        (line) =>
          `<row>${line
            .split(',')
            .map((cell) => `<c t="str"><v>${cell}</v></c>`)
            .join('')}</row>`,
      )
      .join('')
    const releases: Record<string, string | Uint8Array>[] = [
      { 'p/alsfrs.csv': text, 'p/AlsHistory.csv': history },
      { 'p/PROACT_ALSFRS.csv': text, 'p/PROACT_ALSHISTORY.csv': history },
      { 'p/F_PROACT_ALSFRS.csv': text.replaceAll('\n', '\r\n'), 'p/F_PROACT_ALSHISTORY.csv': `\ufeff${history}` },
      { 'p/ALSFRS.tsv': text.replaceAll(',', '\t'), 'p/ALSHISTORY.txt': history.replaceAll(',', '|') },
      { 'p/PROACT_ALSFRS.xlsx': workbook({ sheets: { S: sheet } }), 'p/ALSHISTORY.csv': history },
    ]
    const read = await Promise.all(
      releases.map((files) => readClinical({ path: 'p', cohort: 'c' }, memoryHost(files), signal)),
    )
    for (const { patients, visits, intake } of read) {
      expect(intake.source).toBe('pro-act')
      expect([patients, visits]).toEqual([read[0].patients, read[0].visits])
      expect(intake.findings.map(({ code, count, where }) => [code, count, where[0].line])).toEqual([
        ['total_not_sum', 1, 2],
      ])
    }
    expect(read[0].visits.map(({ day, total }) => [day, total])).toEqual([
      [0, 45],
      [30, 46],
    ])
  })

  it('takes no name that a spreadsheet cut short, and no death that another row denies', async () => {
    const { patients, counts } = await read([row({ id: '1.23457E+15' }), row({ id: '1' })], {
      'DEATHDATA.csv': 'subject_id,Subject_Died,Death_Days\n1,Yes,700\n1,No,\n',
    })
    expect(patients.map((p) => [p.patient, p.death_day])).toEqual([['1', null]])
    expect(counts).toEqual({ cell_rounded: 1, patient_missing: 1, patient_conflict: 1 })
  })

  it('matches release names and refuses ambiguity, absence and missing columns', async () => {
    expect(['F_PROACT_ALSFRS.csv', 'PROACT_ALSFRS.csv', 'alsfrs.csv', 'Fvc.csv'].map(tableName)).toEqual([
      'ALSFRS',
      'ALSFRS',
      'ALSFRS',
      'FVC',
    ])
    expect(tableName('notes.docx')).toBe(null)
    const failure = async (files: Record<string, string>) => {
      try {
        await readClinical({ kind: 'pro-act', path: 'p', cohort: 'c' }, memoryHost(files), signal)
      } catch (error) {
        if (isUpturnError(error)) return error.code
      }
      return undefined
    }
    expect(await failure({ 'p/alsfrs.csv': header, 'p/PROACT_ALSFRS.csv': header })).toBe('FormatInvalid')
    expect(await failure({ 'p/LABS.csv': 'a' })).toBe('FileNotFound')
    expect(await failure({ 'p/ALSFRS.csv': 'subject_id,Q1_Speech\n' })).toBe('ColumnMissing')
  })
})
