import { type Definition, isTest, testsOf } from '../definitions/index.ts'
import { findingTests, vitalCapacityTests } from '../measures/index.ts'

/** Whether measures or definitions look at a laboratory value of this (upper-case) name. */
export function neededTests(definitions: readonly Definition[]): (test: string) => boolean {
  const fixed = new Set([...findingTests, ...vitalCapacityTests])
  const objective = testsOf(definitions)
  return (test) => fixed.has(test) || isTest(test, objective)
}
