import type { Definition } from './schema.ts'

/** Whether a measurement is one of these: by name, or by the beginning before a `*`. */
export function isTest(name: string, tests: readonly string[]): boolean {
  return tests.some((test) => (test.endsWith('*') ? name.startsWith(test.slice(0, -1)) : name === test))
}

/** The measurements that definitions look at. */
export function testsOf(definitions: readonly Definition[]): string[] {
  const found = definitions.flatMap(({ rule }) => (rule.kind === 'objective-gain' ? rule.tests : []))
  return [...new Set(found)].sort()
}
