import type { LabValue } from '../../results/clinical.ts'
import { canonicalUnit } from './units.ts'

/** Days between a weight (or a BMI) and the sample beyond which it does not speak of the sample. */
const nearDays = 90

/** Tests that body mass is read from; a study keeps them beside the biomarkers it asks for. */
export const bodyMassTests: ReadonlySet<string> = new Set(['BMI', 'WEIGHT', 'HEIGHT'])

/** What a person was weighed and measured: days and values in kg, m and kg/m2. */
interface BodyRecord {
  bmi: { day: number; value: number }[]
  weight: { day: number; value: number }[]
  height: { day: number; value: number }[]
}

const kilograms: Readonly<Record<string, number>> = {
  kg: 1,
  kilograms: 1,
  lb: 0.45359237,
  lbs: 0.45359237,
  pounds: 0.45359237,
}
const metres: Readonly<Record<string, number>> = {
  m: 1,
  metres: 1,
  meters: 1,
  cm: 0.01,
  centimeters: 0.01,
  centimetres: 0.01,
  in: 0.0254,
  inches: 0.0254,
}

/** How far a body mass index of a living adult can lie; anything outside is a mistake in a unit and is not used. */
const plausible: readonly [number, number] = [10, 80]

/**
 * Body mass index (kg/m2) of a person around a day: a recorded BMI, else weight / height^2, the weight nearest in time and within 90 days, the height at any time. Null where
 * nothing can be had. Weights and heights in a unit that is not known are not used, nor an index outside 10 to 80.
 */
export function bodyMassIndex(labs: readonly LabValue[]): (patient: string, day: number) => number | null {
  const records = new Map<string, BodyRecord>()
  for (const lab of labs) {
    const test = lab.test.trim().toUpperCase()
    if (!bodyMassTests.has(test) || lab.qualifier !== '' || !(lab.value > 0)) continue
    const unit = canonicalUnit(lab.unit)
    const table = test === 'WEIGHT' ? kilograms : metres
    const factor =
      test === 'BMI' ? (/^(kg\/m(2|\^2|²))?$/.test(unit) ? 1 : null) : Object.hasOwn(table, unit) ? table[unit] : null
    if (factor === null) continue
    const record = records.get(lab.patient) ?? { bmi: [], weight: [], height: [] }
    records.set(lab.patient, record)
    const list = test === 'BMI' ? record.bmi : test === 'WEIGHT' ? record.weight : record.height
    list.push({ day: lab.day, value: lab.value * factor })
  }
  return (patient, day) => {
    const record = records.get(patient)
    if (record === undefined) return null
    const own = nearest(record.bmi, day, nearDays)
    if (own !== null) return checked(own)
    const weight = nearest(record.weight, day, nearDays)
    const height = nearest(record.height, day, Number.POSITIVE_INFINITY)
    return weight === null || height === null ? null : checked(weight / (height * height))
  }
}

const checked = (index: number): number | null => (index >= plausible[0] && index <= plausible[1] ? index : null)

/** The value nearest in time, the earlier of two; null when none is near enough. */
function nearest(list: readonly { day: number; value: number }[], day: number, within: number): number | null {
  let best: { day: number; value: number } | null = null
  for (const one of list) {
    const gap = Math.abs(one.day - day)
    if (gap > within) continue
    if (best === null || gap < Math.abs(best.day - day) || (gap === Math.abs(best.day - day) && one.day < best.day))
      best = one
  }
  return best?.value ?? null
}
