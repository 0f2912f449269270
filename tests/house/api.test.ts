import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const { exports: entries } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  exports: Record<string, string | { node: string; default?: string }>
}

it('the public names are these; a change is a decision', async () => {
  const names: Record<string, string[]> = {}
  for (const [entry, target] of Object.entries(entries)) {
    if (entry === './package.json') continue
    const file = typeof target === 'string' ? target : target.node
    names[entry] = Object.keys((await import(new URL(`../../${file}`, import.meta.url).href)) as object).sort()
  }
  expect(names).toMatchSnapshot()
})

it('few packages are needed at run time', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>
  }
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(9)
  for (const [name, version] of Object.entries(dependencies))
    expect(version, `${name} is pinned`).toMatch(/^\d+\.\d+\.\d+[\w.-]*$/)
})
