import type { FindingLog, Place } from './findings.ts'
import { LabCollector } from './labs.ts'

const kilogramsInPound = 0.45359237
/** Weights of grown people in kg; above it nothing but pounds is likely, and below 20 nothing. */
const heaviest = 200
const lightest = 20
/** A person's weights that differ by less than this are one weight in one unit; a pound is less than half a kilogram. */
const sameUnit = 1.8
/** How far a weight that was in pounds may lie from the others, as a share. */
const nearOthers = 0.15

const kilograms = new Set(['kg', 'kgs', 'kilogram', 'kilograms'])
const pounds = new Set(['lb', 'lbs', 'pound', 'pounds'])

interface Weight {
  day: number
  /** As recorded. */
  value: number
  unit: 'kg' | 'lb'
  place: Place
}

/**
 * Weights of people, in which pounds pass for kilograms. Those that are called pounds are converted. Of the others a person's smallest shows the unit: what is
 * more than 1.8 times as large and, taken as pounds, lies within 15% of the median of the others was recorded in pounds and is mended. A weight above 200 kg
 * that this does not explain, or below 20, is refused: nothing tells what is right. Where all weights of a person are in pounds and below 200,
 * nothing shows it.
 */
export class Weights {
  readonly #people = new Map<string, Weight[]>()
  readonly #log: FindingLog

  constructor(log: FindingLog) {
    this.#log = log
  }

  /** `unit` as written; empty is taken as kg. False for a unit that is none of weight. */
  add(patient: string, day: number, value: number, unit: string, place: Place): boolean {
    const word = unit.trim().toLowerCase()
    if (word !== '' && !kilograms.has(word) && !pounds.has(word)) return false
    const weight: Weight = { day, value, unit: pounds.has(word) ? 'lb' : 'kg', place }
    const own = this.#people.get(patient)
    if (own === undefined) this.#people.set(patient, [weight])
    else own.push(weight)
    return true
  }

  /** The weights in kg, as the test WEIGHT; null when there are none. */
  settle(): LabCollector | null {
    let into: LabCollector | null = null
    for (const [patient, weights] of this.#people) {
      into ??= new LabCollector(weights[0].place.file, this.#log)
      this.#person(patient, weights, into)
    }
    this.#people.clear()
    return into
  }

  #person(patient: string, weights: readonly Weight[], into: LabCollector): void {
    const inKilograms = weights.map(({ value, unit }) => (unit === 'lb' ? value * kilogramsInPound : value))
    const smallest = Math.min(...inKilograms.filter((value) => value >= lightest))
    const others = inKilograms
      .filter((value) => value >= lightest && value <= sameUnit * smallest)
      .sort((a, b) => a - b)
    const median = others[others.length >> 1]
    for (const [i, { day, value, unit, place }] of weights.entries()) {
      let weight = inKilograms[i]
      if (unit === 'lb') this.#log.add('unit_converted', place, { was: `${value} lb`, now: `${rounded(weight)} kg` })
      else {
        const asPounds = value * kilogramsInPound
        if (value > sameUnit * smallest && median !== undefined && Math.abs(asPounds - median) <= nearOthers * median) {
          this.#log.add('weight_pounds', place, { was: value, now: rounded(asPounds) })
          weight = asPounds
        }
      }
      if (weight > heaviest || weight < lightest) this.#log.add('weight_impossible', place, { was: value })
      else into.add(patient, day, 'WEIGHT', rounded(weight), '', 'kg', place.line)
    }
  }
}

/** Grams; more than that no scale tells. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000
