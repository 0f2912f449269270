// Writes a folder in the PRO-ACT layout as large as PRO-ACT (12,000 people, 4.5 million laboratory rows), simulated from a seed, with errors planted of every
// kind that such an export has. No row of PRO-ACT was read for it. Returns how
// often each rule of intake must be used, and the rows of each table.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A small generator of whole numbers (xorshift, 32 bits); what it draws is only to look like data. */
function drawer(seed) {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function writer(folder, name, header) {
  const handle = openSync(join(folder, name), 'w')
  let lines = [header]
  let count = 0
  const flush = () => {
    writeSync(handle, `${lines.join('\n')}\n`)
    lines = []
  }
  return {
    line(text) {
      lines.push(text)
      if (++count % 20_000 === 0) flush()
    },
    end() {
      if (lines.length > 0) flush()
      closeSync(handle)
      return count
    },
  }
}

const tests = [
  ['Albumin', 'g/L', 30, 20, 0],
  ['ALT(SGPT)', 'U/L', 8, 60, 0],
  ['AST(SGOT)', 'U/L', 8, 50, 0],
  ['Alkaline Phosphatase', 'U/L', 35, 90, 0],
  ['Bicarbonate', 'mmol/L', 20, 12, 0],
  ['Bilirubin (Total)', 'umol/L', 3, 200, 1],
  ['Blood Urea Nitrogen (BUN)', 'mmol/L', 20, 70, 1],
  ['Calcium', 'mmol/L', 200, 70, 2],
  ['Chloride', 'mmol/L', 95, 16, 0],
  ['CK', 'U/L', 30, 600, 0],
  ['Creatinine', 'umol/L', 30, 90, 0],
  ['Glucose', 'mmol/L', 350, 600, 2],
  ['Hematocrit', '%', 350, 170, 1],
  ['Hemoglobin', 'g/L', 110, 70, 0],
  ['IGF-1', 'ng/mL', 600, 1800, 1],
  ['Platelets', '10E9/L', 130, 320, 0],
  ['Potassium', 'mmol/L', 33, 21, 1],
  ['Sodium', 'mmol/L', 132, 16, 0],
  ['Triglycerides', 'mmol/L', 40, 400, 2],
  ['White Blood Cell (WBC)', '10E9/L', 300, 900, 2],
]

export function writeProActSize(folder, { people = 12_000, labRows = 4_500_000, seed = 5 } = {}) {
  mkdirSync(folder, { recursive: true })
  const draw = drawer(seed)
  const planted = {}
  const plant = (code, times = 1) => {
    planted[code] = (planted[code] ?? 0) + times
  }
  const ids = Array.from({ length: people }, (_, i) => String(100_000 + 37 * i))

  const labs = writer(folder, 'PROACT_LABS.csv', 'subject_id,Test_Name,Test_Result,Test_Unit,Laboratory_Delta')
  let written = 0
  let person = -1
  let visit = 0
  while (written < labRows) {
    // The rows are spread evenly over the people.
    const next = Math.floor((written * people) / labRows)
    visit = next === person ? visit + 1 : 0
    person = next
    const id = ids[person]
    const day = 28 * visit + (visit === 0 ? 0 : draw(5))
    for (const [test, unit, low, width, digits] of tests) {
      if (written >= labRows) break
      const units = low + draw(width)
      const value = digits === 0 ? String(units) : (units / 10 ** digits).toFixed(digits)
      const luck = draw(1000)
      const line = (result) => `${id},${test},${result},${unit},${day}`
      if (luck < 8) {
        labs.line(line(value))
        labs.line(line(value))
        plant('duplicate_exact')
        written += 2
      } else if (luck < 34) {
        labs.line(line(value))
        labs.line(line(digits === 0 ? String(units + 1) : ((units + 1) / 10 ** digits).toFixed(digits)))
        plant('lab_repeated')
        written += 2
      } else {
        if (luck < 36) plant('lab_text')
        else if (luck < 38) plant('sentinel')
        else if (luck < 44) plant('lab_qualified')
        labs.line(
          luck < 36
            ? line('trace')
            : luck < 38
              ? line('-9999')
              : luck < 44
                ? line(`<${value}`)
                : luck < 200
                  ? line('')
                  : line(value),
        )
        written++
      }
    }
  }
  const tables = { 'PROACT_LABS.csv': labs }

  const items =
    'Q1_Speech,Q2_Salivation,Q3_Swallowing,Q4_Handwriting,Q5a_Cutting_without_Gastrostomy,Q5b_Cutting_with_Gastrostomy'
  const scores = writer(
    folder,
    'PROACT_ALSFRS.csv',
    `subject_id,${items},Q6_Dressing_and_Hygiene,Q7_Turning_in_Bed,Q8_Walking,Q9_Climbing_Stairs,Q10_Respiratory,ALSFRS_Delta,ALSFRS_Total,ALSFRS_R_Total,R_1_Dyspnea,R_2_Orthopnea,R_3_Respiratory_Insufficiency,Mode_of_Administration,ALSFRS_Responded_By`,
  )
  const capacity = writer(
    folder,
    'PROACT_FVC.csv',
    'subject_id,Subject_Liters_Trial_1,pct_of_Normal_Trial_1,Subject_Liters_Trial_2,pct_of_Normal_Trial_2,Subject_Liters_Trial_3,pct_of_Normal_Trial_3,Forced_Vital_Capacity_Delta',
  )
  const vital = writer(
    folder,
    'PROACT_VITALSIGNS.csv',
    'subject_id,Blood_Pressure_Diastolic,Blood_Pressure_Systolic,Pulse,Weight,Weight_Units,Height,Height_Units,Vital_Signs_Delta',
  )
  const history = writer(
    folder,
    'PROACT_ALSHISTORY.csv',
    'subject_id,Site_of_Onset,Onset_Delta,Diagnosis_Delta,Symptom,Location,Subject_ALS_History_Delta',
  )
  const demographics = writer(
    folder,
    'PROACT_DEMOGRAPHICS.csv',
    'subject_id,Demographics_Delta,Age,Date_of_Birth,Ethnicity,Sex',
  )
  const deaths = writer(folder, 'PROACT_DEATHDATA.csv', 'subject_id,Subject_Died,Death_Days')
  const riluzole = writer(folder, 'PROACT_RILUZOLE.csv', 'subject_id,Subject_used_Riluzole,Riluzole_use_Delta')
  for (const [i, id] of ids.entries()) {
    const visits = 3 + draw(12)
    const weight = 55 + draw(40)
    for (let v = 0; v < visits; v++) {
      const day = 30 * v
      const loss = Math.floor((v * (5 + (i % 20))) / 20)
      const q = Array.from({ length: 12 }, (_, k) => Math.max(0, 4 - Math.floor((loss + k) / 12)))
      const sum = q.reduce((a, b) => a + b, 0)
      const luck = draw(2000)
      const row = (five, total, first = q[0]) =>
        `${id},${first},${q[1]},${q[2]},${q[3]},${five},${q[5]},${q[6]},${q[7]},${q[8]},,${day},,${total},${q[9]},${q[10]},${q[11]},,`
      if (luck < 10) {
        scores.line(row(`${q[4]},`, sum - 1))
        plant('total_not_sum')
      } else if (luck < 15) {
        scores.line(row(`${q[4]},`, sum))
        scores.line(row(`${q[4]},`, sum))
        plant('duplicate_exact')
      } else if (luck < 20) {
        scores.line(row(`${q[4]},`, sum))
        scores.line(row(`${q[4]},`, sum - 1, q[0] - 1))
        if (q[0] > 0) plant('duplicate_conflict', 2)
        else {
          plant('value_invalid')
          plant('total_unverified')
          plant('duplicate_merged')
        }
      } else if (luck < 22) {
        scores.line(row(`${q[4]},${q[4]}`, sum))
        plant('both_5a_5b_equal')
      } else scores.line(row(`${q[4]},`, sum))
      capacity.line(
        `${id},${(3 - v * 0.1).toFixed(2)},${90 - 2 * v},${(3.1 - v * 0.1).toFixed(2)},${91 - 2 * v},,,${day}`,
      )
      const pounds = v > 0 && luck >= 1990
      if (pounds) plant('weight_pounds')
      const kilograms = weight - v * 0.3
      const shown = pounds ? (kilograms / 0.45359237).toFixed(1) : kilograms.toFixed(1)
      vital.line(`${id},80,120,70,${shown},Kilograms,,,${day}`)
    }
    const swapped = draw(100) === 0
    if (swapped) plant('onset_diagnosis_swapped')
    for (const symptom of ['Weakness', 'Cramps'])
      history.line(
        `${id},Onset: ${i % 4 === 0 ? 'Bulbar' : 'Limb'},${swapped ? -300 : -700},${swapped ? -700 : -300},${symptom},,0`,
      )
    demographics.line(`${id},0,${40 + draw(40)},,,${i % 5 < 3 ? 'Male' : 'Female'}`)
    const died = draw(3) === 0
    deaths.line(`${id},${died ? 'Yes' : 'No'},${died ? 30 * visits + 10 + draw(300) : ''}`)
    riluzole.line(`${id},Yes,0`)
  }
  Object.assign(tables, {
    'PROACT_ALSFRS.csv': scores,
    'PROACT_FVC.csv': capacity,
    'PROACT_VITALSIGNS.csv': vital,
    'PROACT_ALSHISTORY.csv': history,
    'PROACT_DEMOGRAPHICS.csv': demographics,
    'PROACT_DEATHDATA.csv': deaths,
    'PROACT_RILUZOLE.csv': riluzole,
  })
  const rows = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.end()]))
  return { planted, rows }
}
