import { climb } from '../likelihood/climb.ts'
import { noRatioTest, type RatioTest, ratioTest } from '../likelihood/ratio-test.ts'
import { farthestOver } from '../likelihood/whitening.ts'
import { eachSet } from '../stratified/set-tables.ts'
import { conditionalFirth } from './fit.ts'
import { WeightedSets } from './weighted-sets.ts'

/** log p at which limits are those of the profile likelihood: where p < 1e-3. */
const profileBelow = (logP: number): boolean => logP < -6.907755278982137

export interface MatchedFirthData {
  /** 1 case, 0 control, one a person. */
  cases: ArrayLike<number>
  /** Number of each person's set, from 0. */
  sets: ArrayLike<number>
  /** Covariates, one finite number a person, of mean 0 and standard deviation 1 or about so. */
  columns: readonly ArrayLike<number>[]
}

/**
 * Firth's conditional test (`conditionalFirth`) of one column after another among the same people, as a scan needs it. The test is the same to
 * rounding; limits are those of the profile likelihood where p < 1e-3 or they are asked for, else Wald's.
 */
export class MatchedFirth {
  readonly #cases: ArrayLike<number>
  readonly #columns: readonly ArrayLike<number>[]
  /** People of each set, cases first. */
  readonly #members: Int32Array[]
  readonly #models = new Map<number, WeightedSets>()
  /** Coefficients of the fit on covariates alone, once it is known: where the fits start. */
  #null: Float64Array | undefined

  constructor({ cases, sets, columns }: MatchedFirthData) {
    this.#cases = cases
    this.#columns = columns
    const members: number[][] = []
    for (const wanted of [1, 0])
      for (let i = 0; i < cases.length; i++) {
        while (members.length <= sets[i]) members.push([])
        if ((cases[i] === 1 ? 1 : 0) === wanted) members[sets[i]].push(i)
      }
    this.#members = members.map((people) => Int32Array.from(people))
  }

  /** Firth's conditional fit on covariates alone; zeros where there is none. */
  #nullFit(): Float64Array {
    if (this.#null !== undefined) return this.#null
    const k = this.#columns.length
    const none = new Float64Array(k)
    const model = new WeightedSets(k)
    for (const people of this.#members) {
      const cases = people.filter((i) => this.#cases[i] === 1).length
      if (cases === 0 || cases === people.length) continue
      model.add(
        1,
        cases,
        Array.from(people, (i) => Float64Array.from(this.#columns, (column) => column[i] - column[people[0]])),
      )
    }
    this.#null = k === 0 ? none : (climb(model.penalised, none)?.coefficients ?? none)
    return this.#null
  }

  /** The test of a column, NaN where it is missing: who has none drops out of the set. */
  test(tested: ArrayLike<number>, alwaysProfile = false): RatioTest {
    const width = this.#columns.length + 1
    const all = [...this.#columns, tested]
    const sets: { cases: number; people: number[] }[] = []
    for (const members of this.#members) {
      const people: number[] = []
      let cases = 0
      for (const i of members)
        if (!Number.isNaN(tested[i])) {
          people.push(i)
          if (this.#cases[i] === 1) cases++
        }
      if (cases > 0 && cases < people.length) sets.push({ cases, people })
    }
    const varies = all.map((column) => sets.some(({ people }) => people.some((i) => column[i] !== column[people[0]])))
    if (!varies[width - 1]) return noRatioTest('collinear')
    const kept = all.filter((_, j) => varies[j])
    const k = kept.length
    const model = this.#model(k)
    const means = new Float64Array(k)
    for (const { cases, people } of sets) {
      // Less the mean; exactly 0 where all are alike, so that rounding is never taken for variation.
      for (let j = 0; j < k; j++) {
        const column = kept[j]
        const first = column[people[0]]
        let sum = 0
        let alike = true
        for (const i of people) {
          sum += column[i]
          alike &&= column[i] === first
        }
        means[j] = alike ? first : sum / people.length
      }
      model.addPeople(cases, people, kept, means)
    }
    if (k > 1 && model.dependent()) return noRatioTest('collinear')
    const null_ = this.#nullFit()
    const start = Float64Array.of(...null_.filter((_, j) => varies[j]), 0)
    // Limits of a column that varies over less than one unit are looked for as far as those of one that varies over one.
    const farthest = farthestOver(sets.flatMap(({ people }) => Array.from(people, (i) => tested[i])))
    const profile = alwaysProfile ? undefined : profileBelow
    const test = ratioTest(model.penalised, k, k - 1, { start, farthest, ...(profile && { profile }) })
    if (test.status === 'ok') return test
    // Where a tested column nearly goes along with covariates, coordinates of its own find what these do not.
    const people = [...this.#members].flatMap((members, set) => Array.from(members, (i) => ({ i, set })))
    return conditionalFirth({
      cases: people.map(({ i }) => this.#cases[i]),
      sets: people.map(({ set }) => set),
      columns: this.#columns.map((column) => people.map(({ i }) => column[i])),
      tested: people.map(({ i }) => tested[i]),
    })
  }

  /**
   * Without covariates, from the sets' tables alone: six numbers each, those that follow each other and are equal taken together. Who is
   * missing is not counted.
   */
  testTables(tables: ArrayLike<number>, sets: number): RatioTest {
    const model = this.#model(1)
    let varies = false
    eachSet(tables, sets, (at, cases, times) => {
      const people = tables[at] + tables[at + 1] + tables[at + 2]
      varies = true
      const rows: number[][] = []
      const counts: number[] = []
      if (cases === 1 || people - cases === 1) {
        // Who stands out, first or last, and the others of that genotype with that person.
        const lone = cases === 1 ? 3 : -3
        let own = 0
        for (let g = 0; g < 3; g++)
          if ((lone === 3 ? tables[at + 3 + g] : tables[at + g] - tables[at + 3 + g]) === 1) own = g
        const others = [0, 1, 2].filter((g) => g !== own && tables[at + g] > 0)
        for (const g of cases === 1 ? [own, ...others] : [...others, own]) {
          rows.push([g])
          counts.push(tables[at + g])
        }
        model.add(times, cases, rows, counts)
        return
      }
      for (const of of ['case', 'control'] as const)
        for (let g = 0; g < 3; g++) {
          const inCases = tables[at + 3 + g]
          const count = of === 'case' ? inCases : tables[at + g] - inCases
          for (let i = 0; i < count; i++) rows.push([g])
        }
      model.add(times, cases, rows)
    })
    return varies ? ratioTest(model.penalised, 1, 0, { profile: profileBelow }) : noRatioTest('collinear')
  }

  #model(k: number): WeightedSets {
    let model = this.#models.get(k)
    if (model === undefined) {
      model = new WeightedSets(k)
      this.#models.set(k, model)
    }
    model.clear()
    return model
  }
}
